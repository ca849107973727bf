"""Lesson 3, Build: the settings that are used against overfitting, each with what it is for."""

from __future__ import annotations

import streamlit as st

from nncore.experiment import AUGMENTATIONS, SCHEDULES
from ui.workbench import controls
from ui.workbench.lesson_page import LessonPage

#: All but the one that is made for lesson 4's reader, and goes with digits only.
KINDS = tuple(kind for kind in AUGMENTATIONS if kind != "styles")
#: Factors of the L2 penalty to choose from.
PENALTIES = (0.0, 0.00001, 0.0001, 0.001, 0.01)


def settings(page: LessonPage) -> None:
    """Dropout, L2, augmentation, early stopping and the learning rate's schedule.

    Args:
        page: Its settings; its texts say what each is for.
    """
    controls.slider(page, "model.dropout", 0.0, 0.9, step=0.05)
    _purpose(page, "model.dropout")
    controls.choice(page, "model.l2", PENALTIES)
    _purpose(page, "model.l2")
    controls.choice(page, "fit.augment", KINDS)
    _purpose(page, "fit.augment")
    controls.slider(page, "fit.patience", 0, 20)
    _purpose(page, "fit.patience")
    controls.choice(page, "fit.schedule", SCHEDULES)
    _purpose(page, "fit.schedule")


def _purpose(page: LessonPage, name: str) -> None:
    if not controls.is_hidden(page, name):
        st.caption(page.text(f"for_{name.partition('.')[2]}"))
