"""The question of the learner's rung, with the figures of the run that it is about."""

from __future__ import annotations

import streamlit as st

from ui.perceptron.ladder import ANCHOR, show_question
from ui.perceptron.ladder_progress import LadderProgress
from ui.perceptron.run_outputs import compute_outputs
from ui.perceptron.single_output import scores as unit_scores
from ui.perceptron.ten_outputs import scores as digit_scores
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


def show_rung_question(progress: LadderProgress, page: LessonPage, shown: View) -> None:
    """Draw the question once a run of this rung is finished.

    Args:
        progress: The learner's place on the ladder.
        page: The page.
        shown: The run that the page shows.
    """
    outputs = compute_outputs(shown)
    if not progress.can_ask(shown) or outputs is None:
        return
    if shown.experiment.outputs > 1:
        summary = page.text("rung_run_ten", **digit_scores.summarize_outputs(outputs))
    else:
        summary = page.text("rung_run", **unit_scores.summarize_outputs(outputs))
    with st.container(border=True, gap="small"):
        st.subheader(f"Rung {progress.place + 1} · {progress.rung.name}", anchor=ANCHOR)
        show_question(progress, summary)
