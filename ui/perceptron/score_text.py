"""Scores as lesson 2 shows them: against the baseline, as facts, and as a metric."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ui.content.lesson import term

#: Accuracies closer than this count as the same.
SAME = 0.005
NO_VALUE = "**–**"


def compare_with_baseline(accuracy: float, baseline: float) -> str:
    """Return `"better"`, `"same"` or `"worse"`: the name of the lesson's text about it."""
    difference = accuracy - baseline
    return "same" if abs(difference) < SAME else "better" if difference > 0 else "worse"


def write_accuracy(accuracy: float, baseline: float) -> str:
    """Return an accuracy with a sign for above or below the baseline, in Markdown."""
    sign = {
        "better": ":green[:material/check: above]",
        "same": ":orange[≈ same]",
        "worse": ":violet[:material/close: below]",
    }[compare_with_baseline(accuracy, baseline)]
    return f"**{accuracy:.1%}** {sign}"


def write_facts(facts: Mapping[str, str]) -> str:
    """Return facts in Markdown, each below its name."""
    return "  \n".join(f":small[{name}]  \n{value}" for name, value in facts.items())


def show_accuracy(accuracy: float, baseline: float) -> None:
    """Draw an accuracy, and how far it is above or below the baseline."""
    is_same = compare_with_baseline(accuracy, baseline) == "same"
    st.metric(
        "Accuracy",
        f"{accuracy:.2%}",
        f"{100 * (accuracy - baseline):+.1f} vs baseline",
        delta_color="off" if is_same else "normal",
        delta_arrow="off" if is_same else "auto",
        help=term("accuracy"),
    )
