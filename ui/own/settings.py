"""Lesson 5, Build: its settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nncore.experiment import AUGMENTATIONS
from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage

#: All but "styles", which only suits digits.
KINDS = tuple(kind for kind in AUGMENTATIONS if kind != "styles")


def show_settings(page: LessonPage) -> None:
    """Draw the widgets of the settings."""
    widgets.choice(page, "fit.augment", KINDS)
    widgets.hidden_layers(page)
    widgets.pair(
        page,
        {"fit.epochs": partial(widgets.epochs, high=300), "fit.batch_size": widgets.batch_size},
    )
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.expander(page, "More settings", _MORE_SETTINGS)


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.momentum": widgets.momentum,
    "model.activation": widgets.activation,
    "model.dropout": partial(widgets.slider, setting="model.dropout", low=0.0, high=0.9),
    "data.samples": partial(widgets.whole, setting="data.samples", low=0, high=200),
    "data.seed": partial(widgets.whole, setting="data.seed", low=0, high=99),
    "fit.seed": widgets.seed,
}
