"""Lesson 3, Build: the settings that are used against overfitting, each with what it is for."""

from __future__ import annotations

import streamlit as st

from nncore.experiment import AUGMENTATIONS, SCHEDULES
from ui.content.lesson import term
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
    dropout = {"step": 0.05, "help": term("dropout")}
    controls.slider(page, "model.dropout", "Dropout", 0.0, 0.9, **dropout)
    _purpose(page, "model.dropout")
    penalty = {"format_func": _factor, "help": term("L2")}
    controls.choice(page, "model.l2", "L2 penalty", PENALTIES, **penalty)
    _purpose(page, "model.l2")
    controls.choice(page, "fit.augment", "Augmentation", KINDS, help=term("augmentation"))
    _purpose(page, "fit.augment")
    patience = {"help": term("early stopping")}
    controls.slider(page, "fit.patience", "Early stopping: patience", 0, 20, **patience)
    _purpose(page, "fit.patience")
    schedule = {"help": term("learning-rate schedule")}
    controls.choice(page, "fit.schedule", "Learning-rate schedule", SCHEDULES, **schedule)
    _purpose(page, "fit.schedule")


def _purpose(page: LessonPage, name: str) -> None:
    if not controls.is_hidden(page, name):
        st.caption(page.text(f"for_{name.partition('.')[2]}"))


def _factor(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".") if value >= 1e-5 else f"{value:g}"
