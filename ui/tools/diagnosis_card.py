"""The card that names what went wrong with a run, and offers one change to try for each fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from nncore.analysis.faults import Fault
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, load
from ui.content.settings import word_value
from ui.core import cached_results, page_settings
from ui.core.wording import number
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Faults shown at most, the worst first; further ones are often consequences of these.
MAX_FAULTS = 3
#: Evidence that the texts write in per cent.
_SHARES = ("accuracy", "baseline", "commonest", "share")


def show_diagnosis(page: LessonPage, view: View) -> None:
    """Show what went wrong with the run on the page, or one quiet line if nothing did.

    Args:
        page: The page; its settings may have changed since the run.
        view: The run on the page. While it is under way, nothing is shown.
    """
    if not view.trained or view.checkpoint is None:
        return
    faults = cached_results.findings(view.checkpoint)
    texts = load("diagnosis")
    if not faults:
        st.caption(texts.text("well"))
        return
    with workbench.card(f":material/troubleshoot: {texts.title}"):
        for place, fault in enumerate(faults[:MAX_FAULTS]):
            offered = [earlier.remedy for earlier in faults[:place]]
            remedy = {} if fault.remedy in offered else fault.remedy
            _show_fault(page, texts, replace(fault, remedy=remedy), view.experiment)


def _show_fault(page: LessonPage, texts: Lesson, fault: Fault, ran: Experiment) -> None:
    left, right = st.columns([3.4, 1], gap="small", vertical_alignment="center")
    left.markdown(texts.text(fault.name, **write_evidence(fault.evidence)))
    if not fault.remedy:
        return
    fixed = ran.updated(fault.remedy)
    if fixed == page.experiment:
        right.caption(texts.text("ready"))
        return
    label, reason = describe_remedy(texts, fault.remedy)
    right.button(
        label,
        key=f"{page.name}.remedy.{fault.name}",
        icon=":material/build:",
        help=reason,
        on_click=_apply_remedy,
        args=(page.name, fixed, texts.text("toast", remedy=label)),
        width="stretch",
    )


def write_evidence(evidence: Mapping[str, float]) -> dict[str, Any]:
    """Return evidence as the texts take it: shares and counts unchanged, others in few digits."""
    return {
        name: value if name in _SHARES or isinstance(value, int) else number(value)
        for name, value in evidence.items()
    }


def describe_remedy(texts: Lesson, remedy: Mapping[str, Any]) -> tuple[str, str]:
    """Return the label of a remedy's button, and why the remedy may help.

    Args:
        texts: The lesson file "diagnosis".
        remedy: One setting, by its dotted name.
    """
    ((name, value),) = remedy.items()
    words = word_value(name, value)
    return texts.text(name, value=words), texts.text(f"why.{name}")


def _apply_remedy(page: str, fixed: Experiment, message: str) -> None:
    page_settings.set_experiment(page, fixed)
    st.toast(message, icon=":material/build:")
