"""Step 2 of lesson 2: an explanation of the network that follows the settings."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from nncore.experiment import Experiment
from ui.perceptron.ladder_progress import LadderProgress
from ui.tools.epoch_log import show_epoch_log
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


def show_explanation(page: LessonPage, shown: View, progress: LadderProgress) -> None:
    """Draw what the network computes, how it learns, and what its switches do.

    Args:
        page: The page.
        shown: The run that the page shows.
        progress: While the question of the rung is open, nothing gives the answer away.
    """
    with st.expander("**More on 2 and 3** · the network, its switches, and how it learns"):
        left, right = st.columns(2, gap="medium")
        with left:
            for name in _network_texts(page.experiment):
                st.markdown(page.text(name))
            st.markdown(page.text("learning"))
            if page.experiment.fit.validation == "test":
                st.markdown(page.text("curves"))
        with right:
            st.markdown(page.text("switches"))
            for name in _switch_texts(page.experiment):
                st.markdown(explain_switch(page, name, is_open=progress.hides_answer))
            show_epoch_log(page.name, shown)
        tables.show_model_summary(page.experiment)  # wider than a column


def _network_texts(experiment: Experiment) -> Iterator[str]:
    if experiment.outputs == 1:
        yield "unit"
    else:
        yield "unit_hidden" if experiment.model.units else "unit_ten"


def _switch_texts(experiment: Experiment) -> Iterator[str]:
    """Yield the names of the texts about activation, loss and pixels."""
    activation = experiment.model.output_activation
    is_ten = activation == "sigmoid" and experiment.outputs > 1
    yield f"activation_{activation}" + ("_ten" if is_ten else "")
    yield f"loss_{experiment.fit.loss}"
    yield "pixels_scaled" if experiment.data.scaled else "pixels_raw"


def explain_switch(page: LessonPage, name: str, *, is_open: bool) -> str:
    """Return a text about a switch; with its effect on training once no question is open."""
    text, fault = page.text(name).strip(), f"{name}_fault"
    if is_open or fault not in page.lesson.texts:
        return text
    return f"{text} {page.text(fault)}"
