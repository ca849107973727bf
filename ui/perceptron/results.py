"""Step 4 of lesson 2: predictions on the test set, for one output or ten."""

from __future__ import annotations

import streamlit as st

from ui.perceptron.ladder_progress import LadderProgress
from ui.perceptron.run_outputs import compute_outputs, dataset_of, has_diverged
from ui.perceptron.single_output.activation_curve import show_activation
from ui.perceptron.single_output.results import UnitResults
from ui.perceptron.single_output.results import show_results as show_unit_results
from ui.perceptron.ten_outputs.results import DigitResults
from ui.perceptron.ten_outputs.results import show_results as show_digit_results
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


def show_test(page: LessonPage, shown: View, progress: LadderProgress) -> None:
    """Draw the results on the test set once the run is finished.

    Args:
        page: The page.
        shown: The run that the page shows.
        progress: While the question of the rung is open, nothing gives the answer away.
    """
    st.header("4 Test", anchor=False)
    outputs = compute_outputs(shown) if shown.trained else None
    if outputs is None:
        st.info(page.text("test_untrained"), icon=":material/arrow_upward:")
        return
    is_diverged = has_diverged(shown, outputs)
    if is_diverged:
        st.error(page.text("diverged"), icon=":material/trending_up:")
    if shown.stale:
        st.caption(f":material/history: {page.text('test_stale')}")
    dataset = dataset_of(shown)
    if shown.experiment.outputs > 1:
        show_digit_results(DigitResults(page, dataset, outputs))
        return
    activation = shown.experiment.model.output_activation
    results = UnitResults(page, dataset, outputs, activation, is_diverged)
    show_unit_results(results)
    show_activation(results, is_open=progress.hides_answer)
