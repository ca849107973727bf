"""Lesson 1's held-out numbers: what validation is for, and whether this run overfits."""

from __future__ import annotations

import math

import streamlit as st

from nncore.data.splits import held_out
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Training accuracy may be this much better than validation accuracy by chance.
GAP = 0.02


def show_held_out(page: LessonPage, shown: View) -> None:
    """Draw what the held-out numbers are, and how the run does on them."""
    with st.expander("**Held-out numbers** and overfitting"):
        rows = held_out(len(page.dataset.x_train), page.experiment.fit)
        held = rows.stop - rows.start
        if not held:
            st.markdown(page.text("no_validation"))
            return
        st.markdown(page.text("overfitting", held=held))
        if shown.trained:
            st.markdown(compare_accuracies(page, shown))
        samples = len(page.dataset.x_train) - held
        parameters = page.experiment.parameters
        if parameters < samples:
            st.markdown(page.text("overfitting_room", samples=samples, parameters=parameters))


def compare_accuracies(page: LessonPage, shown: View) -> str:
    """Return the run's last training and validation accuracy, and what they say; empty if none."""
    history = shown.checkpoint.kept_history if shown.checkpoint else {}
    accuracy, val_accuracy = (
        float(history[name][-1]) if history.get(name) else math.nan
        for name in ("accuracy", "val_accuracy")
    )
    gap = accuracy - val_accuracy
    if math.isnan(gap):
        return ""
    verdict = "some" if gap > GAP else "better" if gap < 0 else "none"
    return page.text(
        "overfitting_run",
        accuracy=accuracy,
        val_accuracy=val_accuracy,
        verdict=page.text(f"overfitting_{verdict}"),
    )
