"""Lesson 3, Build: the settings against overfitting, each with one sentence on when it helps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from nncore.experiment import AUGMENTATIONS, SCHEDULES
from ui.workbench import widgets
from ui.workbench.lesson_page import LessonPage

#: All but "styles", which was made for lesson 4's reader and only suits digits.
KINDS = tuple(kind for kind in AUGMENTATIONS if kind != "styles")
#: Factors of the L1 and L2 penalties to choose from.
PENALTIES = (0.0, 0.00001, 0.0001, 0.001, 0.01)


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
