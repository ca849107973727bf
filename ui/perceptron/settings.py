"""Step 2 of lesson 2: the settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nncore.experiment import Experiment
from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage, Repair

#: Output activations and losses to choose from, by the number of outputs.
ACTIVATIONS = {1: ("linear", "sigmoid", "tanh", "relu"), 10: ("linear", "sigmoid", "softmax")}
LOSSES = {
    1: ("mean_squared_error", "binary_crossentropy"),
    10: ("mean_squared_error", "categorical_crossentropy", "sparse_categorical_crossentropy"),
}


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
    widgets.pair(
        page,
        {"fit.epochs": partial(widgets.epochs, high=200), "fit.batch_size": widgets.batch_size},
    )
    widgets.expander(page, "More settings", _MORE_SETTINGS)


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.momentum": widgets.momentum,
    "fit.validation": widgets.validation,
    "fit.validation_split": widgets.validation_split,
    "data.samples": partial(widgets.whole, setting="data.samples", low=0, high=60_000),
    "fit.seed": widgets.seed,
}
