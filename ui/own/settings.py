"""Build: the widgets of lesson 5's settings, augmentation first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage

#: Distortions that suit any drawing; "styles" is made for digits.
KINDS = ("none", "affine", "affine_thickness", "elastic")


def show_settings(page: LessonPage) -> None:
    """Draw the settings: the most used ones in the open, the others in an expander."""
    widgets.choice(page, "fit.augment", KINDS)
    widgets.hidden_layers(page)
    widgets.length(page, most_epochs=300)
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.expander(page, "More settings", _MORE_SETTINGS)


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.momentum": widgets.momentum,
    "model.activation": widgets.activation,
    "model.dropout": partial(widgets.slider, setting="model.dropout", low=0.0, high=0.9, step=0.05),
    "model.l2": partial(widgets.choice, setting="model.l2", options=(0.0, 0.0001, 0.001, 0.01)),
    "data.samples": partial(widgets.whole, setting="data.samples", low=0, high=200),
    "data.seed": partial(widgets.whole, setting="data.seed", low=0, high=1000),
    "fit.seed": widgets.seed,
}
