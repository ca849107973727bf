"""Step 2 of lesson 1: the settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage

#: Most hidden units that the slider offers: more lines could not be told apart in the drawing.
MAX_UNITS = 32
OUTPUT_ACTIVATIONS = ("softmax", "sigmoid", "linear")
#: The test set is ten numbers, too few to validate on.
VALIDATIONS = ("none", "last", "first")


def show_settings(page: LessonPage) -> None:
    """Draw the widgets of the settings."""
    if len(page.experiment.model.units) == 1:
        widgets.units(page, MAX_UNITS)
    else:  # a link may bring more layers, or none
        widgets.hidden_layers(page)
    widgets.pair(
        page,
        {
            "model.activation": widgets.activation,
            "model.output_activation": partial(
                widgets.output_activation, options=OUTPUT_ACTIVATIONS
            ),
        },
    )
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.pair(
        page,
        {"fit.epochs": partial(widgets.epochs, high=200), "fit.batch_size": widgets.batch_size},
    )
    widgets.expander(page, "More settings", _MORE_SETTINGS)


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.loss": widgets.loss,
    "fit.metric": widgets.metric,
    "fit.momentum": widgets.momentum,
    "fit.validation": partial(widgets.validation, options=VALIDATIONS),
    "fit.validation_split": widgets.validation_split,
    "data.samples": partial(widgets.whole, setting="data.samples", low=2, high=100_000),
    "data.threshold": partial(widgets.slider, setting="data.threshold", low=0.0, high=1.0),
    "data.label_noise": partial(widgets.slider, setting="data.label_noise", low=0.0, high=0.5),
    "fit.seed": widgets.seed,
}
