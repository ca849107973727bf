"""Lesson 3, Build: the widgets of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from ui.mnist.overfitting_settings import show_overfitting_settings
from ui.workbench import controls
from ui.workbench.lesson_page import LessonPage

OUTPUTS = ("softmax", "sigmoid", "linear", "relu", "tanh")


def show_settings(page: LessonPage) -> None:
    """Draw the settings: the most used ones in the open, the others in two expanders."""
    controls.pair(
        page,
        {
            "data.name": partial(
                controls.choice, setting="data.name", options=("digits", "fashion")
            ),
            "data.scaled": partial(controls.choice, setting="data.scaled", options=(True, False)),
        },
    )
    controls.hidden_layers(page)
    controls.pair(page, {"fit.epochs": controls.epochs, "fit.batch_size": controls.batch_size})
    controls.pair(page, controls.STEP_SIZE)
    show_overfitting_settings(page)
    controls.expander(page, "More settings", _MORE_SETTINGS)


def _show_labels(page: LessonPage) -> None:
    controls.labels(page)
    st.caption(page.text(f"labels_{page.experiment.labels}"))


def _show_validation(page: LessonPage) -> None:
    controls.validation(page)
    st.caption(page.text(f"validation_{page.experiment.fit.validation}"))


_MORE_SETTINGS: Mapping[str, controls.Control] = {
    "fit.momentum": controls.momentum,
    "model.activation": controls.activation,
    "model.output_activation": partial(controls.output_activation, options=OUTPUTS),
    "fit.loss": _show_labels,
    "fit.validation": _show_validation,
    "fit.validation_split": controls.validation_split,
    "data.samples": partial(controls.whole, setting="data.samples", low=0, high=60_000),
    "fit.seed": controls.seed,
}
