"""Lesson 3, Build: the settings against overfitting, each with one sentence on when it helps."""

from __future__ import annotations

import streamlit as st

from nncore.experiment import AUGMENTATIONS, SCHEDULES
from ui.workbench import controls
from ui.workbench.lesson_page import LessonPage

#: All but "styles", which was made for lesson 4's reader and only suits digits.
KINDS = tuple(kind for kind in AUGMENTATIONS if kind != "styles")
#: Factors of the L1 and L2 penalties to choose from.
PENALTIES = (0.0, 0.00001, 0.0001, 0.001, 0.01)


def show_overfitting_settings(page: LessonPage) -> None:
    """Draw dropout, L2, L1, augmentation, early stopping and the learning-rate schedule."""
    controls.slider(page, "model.dropout", 0.0, 0.9, step=0.05)
    _show_purpose(page, "model.dropout")
    controls.choice(page, "model.l2", PENALTIES)
    _show_purpose(page, "model.l2")
    controls.choice(page, "model.l1", PENALTIES)
    _show_purpose(page, "model.l1")
    controls.choice(page, "fit.augment", KINDS)
    _show_purpose(page, "fit.augment")
    controls.slider(page, "fit.patience", 0, 20)
    _show_purpose(page, "fit.patience")
    controls.choice(page, "fit.schedule", SCHEDULES)
    _show_purpose(page, "fit.schedule")


def _show_purpose(page: LessonPage, name: str) -> None:
    if not controls.is_hidden(page, name):
        st.caption(page.text(f"for_{name.partition('.')[2]}"))
