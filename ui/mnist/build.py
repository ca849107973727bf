"""Lesson 3, Build: its settings, those against overfitting, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from nncore.experiment import AUGMENTATIONS, SCHEDULES
from ui.core.keys import Key
from ui.workbench import tables, widgets
from ui.workbench.lesson_page import LessonPage

BUILD = Key("mnist.build", False)
OUTPUTS = ("softmax", "sigmoid", "linear", "relu", "tanh")
#: All but "styles", which was made for lesson 4's reader and only suits digits.
KINDS = tuple(kind for kind in AUGMENTATIONS if kind != "styles")
#: Factors of the L1 and L2 penalties to choose from.
PENALTIES = (0.0, 0.00001, 0.0001, 0.001, 0.01)


def show_build_notes(page: LessonPage) -> None:
    """Draw the expander on the settings; its content only while it is open."""
    title = "**What the settings mean**, and Keras's own summary"
    expander = st.expander(title, key=BUILD.name, on_change="rerun")
    if expander.open:
        left, right = expander.columns(2, gap="medium")
        left.markdown(page.text("build"))
        with right:
            tables.show_model_summary(page.experiment)


def show_settings(page: LessonPage) -> None:
    """Draw the settings: the most used ones in the open, the others in two expanders."""
    widgets.choice(page, "data.name", ("digits", "fashion"))  # too long for half the width
    widgets.segments(page, "data.scaled", (False, True))
    widgets.hidden_layers(page)
    widgets.length(page)
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


def show_overfitting_settings(page: LessonPage) -> None:
    """Draw dropout, L2, L1, augmentation, early stopping and the learning-rate schedule."""
    explained = {name: partial(_show_explained, name=name) for name in _CONTROLS}
    widgets.expander(page, "Against overfitting", explained)


def _show_explained(page: LessonPage, name: str) -> None:
    _CONTROLS[name](page)
    st.caption(page.text(f"for_{name.partition('.')[2]}"))


_CONTROLS: Mapping[str, widgets.Control] = {
    "model.dropout": partial(widgets.slider, setting="model.dropout", low=0.0, high=0.9, step=0.05),
    "model.l2": partial(widgets.choice, setting="model.l2", options=PENALTIES),
    "model.l1": partial(widgets.choice, setting="model.l1", options=PENALTIES),
    "fit.augment": partial(widgets.choice, setting="fit.augment", options=KINDS),
    "fit.patience": partial(widgets.slider, setting="fit.patience", low=0, high=20),
    "fit.schedule": partial(widgets.choice, setting="fit.schedule", options=SCHEDULES),
}
