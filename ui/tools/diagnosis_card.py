"""The card that says what went wrong with a run, with one change to try for each fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from nncore.analysis.faults import Fault
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, load
from ui.content.settings import word_value
from ui.core import resources, state
from ui.perceptron.single_output import number
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Faults shown at most: the worst; others are often consequences of these.
MOST = 3
#: Evidence that the texts write in per cent.
_SHARES = ("accuracy", "baseline", "commonest", "share")


def show_diagnosis(page: LessonPage, shown: View) -> None:
    """Draw what went wrong with the run that is shown; one quiet line where nothing did.

    Args:
        page: Its settings may differ from those of the run by now.
        shown: What the page shows. Nothing is said of a run that is still under way.
    """
    if not shown.trained or shown.checkpoint is None:
        return
    found = resources.findings(shown.checkpoint)
    texts = load("diagnosis")
    if not found:
        st.caption(texts.text("well"))
        return
    with workbench.card(f":material/troubleshoot: {texts.title}"):
        for place, finding in enumerate(found[:MOST]):
            before = [earlier.remedy for earlier in found[:place]]
            offered = {} if finding.remedy in before else finding.remedy
            _fault(page, texts, replace(finding, remedy=offered), shown.experiment)


def _fault(page: LessonPage, texts: Lesson, finding: Fault, ran: Experiment) -> None:
    left, right = st.columns([3.4, 1], gap="small", vertical_alignment="center")
    left.markdown(texts.text(finding.name, **worded(finding.evidence)))
    if not finding.remedy:
        return
    mended = ran.updated(finding.remedy)
    if mended == page.experiment:
        right.caption(texts.text("ready"))
        return
    label, why = remedy_label(texts, finding.remedy)
    right.button(
        label,
        key=f"{page.name}.remedy.{finding.name}",
        icon=":material/build:",
        help=why,
        on_click=_mend,
        args=(page.name, mended, texts.text("toast", remedy=label)),
        width="stretch",
    )


def worded(evidence: Mapping[str, float]) -> dict[str, Any]:
    """Evidence as the texts take it: shares and counts as they are, other numbers in few digits."""
    return {
        name: value if name in _SHARES or isinstance(value, int) else _plain(value)
        for name, value in evidence.items()
    }


def remedy_label(texts: Lesson, remedy: Mapping[str, Any]) -> tuple[str, str]:
    """What a remedy's button says, and why it may help.

    Args:
        texts: The lesson file "diagnosis".
        remedy: One setting, by its dotted name.
    """
    ((name, value),) = remedy.items()
    words = word_value(name, value)
    return texts.text(name, value=words), texts.text(f"why.{name}")


def _plain(value: float) -> str:
    """A number in few digits, also one near 0: `-28.6`, `0.00001`, `40`."""
    if isinstance(value, int):
        return f"{value:,}"
    if 0 < abs(value) < 0.01:
        return f"{float(f'{value:.2g}'):.7f}".rstrip("0")
    return number(value)


def _mend(page: str, mended: Experiment, said: str) -> None:
    state.set_experiment(page, mended)
    st.toast(said, icon=":material/build:")
