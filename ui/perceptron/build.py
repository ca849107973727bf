"""Step 2 of lesson 2: the settings, and an explanation of the network that follows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import streamlit as st

from nncore.experiment import Experiment
from ui.perceptron.ladder_progress import LadderProgress
from ui.tools.epoch_log import show_epoch_log
from ui.workbench import tables, widgets
from ui.workbench.lesson_page import LessonPage, Repair
from ui.workbench.run_view import View

#: Output activations and losses to choose from, by the number of outputs.
ACTIVATIONS = {1: ("linear", "sigmoid", "tanh", "relu"), 10: ("linear", "sigmoid", "softmax")}
LOSSES = {
    1: ("mean_squared_error", "binary_crossentropy"),
    10: ("mean_squared_error", "categorical_crossentropy", "sparse_categorical_crossentropy"),
}


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


def remove_hidden_layers(experiment: Experiment) -> Repair | None:
    """Remove hidden layers in front of a single output: a link may ask for them."""
    if experiment.model.units and experiment.outputs == 1:
        return Repair({"model.units": ()}, "only_one")
    return None


def show_settings(page: LessonPage) -> None:
    """Draw the widgets of the settings."""
    outputs = page.experiment.outputs
    widgets.output_activation(page, ACTIVATIONS[outputs])
    widgets.loss(page, LOSSES[outputs])
    widgets.segments(page, "data.scaled", (False, True))
    if outputs > 1:
        widgets.hidden_layers(page)
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.length(page, most_epochs=200)
    widgets.expander(page, "More settings", _MORE_SETTINGS)


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.momentum": widgets.momentum,
    "fit.validation": widgets.validation,
    "fit.validation_split": widgets.validation_split,
    "data.samples": partial(widgets.whole, setting="data.samples", low=0, high=60_000),
    "fit.seed": widgets.seed,
}
