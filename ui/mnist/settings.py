"""Lesson 3, Build: the widgets of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from ui.mnist.overfitting_settings import show_overfitting_settings
from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage

OUTPUTS = ("softmax", "sigmoid", "linear", "relu", "tanh")


def show_settings(page: LessonPage) -> None:
    """Draw the settings: the most used ones in the open, the others in two expanders."""
    widgets.choice(page, "data.name", ("digits", "fashion"))  # too long for half the width
    widgets.segments(page, "data.scaled", (False, True))
    widgets.hidden_layers(page)
    widgets.pair(page, {"fit.epochs": widgets.epochs, "fit.batch_size": widgets.batch_size})
    widgets.pair(page, widgets.STEP_SIZE)
    show_overfitting_settings(page)
    widgets.expander(page, "More settings", _MORE_SETTINGS)


def _show_labels(page: LessonPage) -> None:
    widgets.labels(page)
    st.caption(page.text(f"labels_{page.experiment.labels}"))


def _show_validation(page: LessonPage) -> None:
    widgets.validation(page)
    st.caption(page.text(f"validation_{page.experiment.fit.validation}"))


_MORE_SETTINGS: Mapping[str, widgets.Control] = {
    "fit.momentum": widgets.momentum,
    "model.activation": widgets.activation,
    "model.output_activation": partial(widgets.output_activation, options=OUTPUTS),
    "fit.loss": _show_labels,
    "fit.validation": _show_validation,
    "fit.validation_split": widgets.validation_split,
    "data.samples": partial(widgets.whole, setting="data.samples", low=0, high=60_000),
    "fit.seed": widgets.seed,
}
