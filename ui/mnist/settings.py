"""Lesson 3, Build: the widgets of its settings."""

from __future__ import annotations

import streamlit as st

from ui.mnist.overfitting_settings import show_overfitting_settings
from ui.workbench import controls
from ui.workbench.lesson_page import LessonPage

OUTPUTS = ("softmax", "sigmoid", "linear", "relu", "tanh")


def show_settings(page: LessonPage) -> None:
    """Draw the settings: the most used ones in the open, the others in two expanders."""
    controls.pair(
        lambda: controls.choice(page, "data.name", ("digits", "fashion")),
        lambda: controls.choice(page, "data.scaled", (True, False)),
    )
    controls.hidden_layers(page)
    controls.pair(lambda: controls.epochs(page), lambda: controls.batch_size(page))
    controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
    with st.expander("Against overfitting"):
        show_overfitting_settings(page)
    with st.expander("More settings"):
        _show_more_settings(page)


def _show_more_settings(page: LessonPage) -> None:
    experiment = page.experiment
    if experiment.fit.optimizer == "sgd":  # the only optimizer with momentum
        controls.slider(page, "fit.momentum", 0.0, 0.99)
    controls.activation(page)
    controls.output_activation(page, OUTPUTS)
    controls.labels(page)
    st.caption(page.text(f"labels_{experiment.labels}"))
    controls.validation(page)
    st.caption(page.text(f"validation_{experiment.fit.validation}"))
    controls.whole(page, "data.samples", 0, 60_000)
    controls.seed(page)
