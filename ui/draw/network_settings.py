"""The settings of lesson 4's own network, and a picture of the writing styles it learns from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits import synthetic
from nncore.experiment import AUGMENTATIONS
from ui.content.lesson import Lesson
from ui.draw import pictures
from ui.workbench import tables, widgets, workbench
from ui.workbench.lesson_page import LessonPage

#: The number of styles shown of each digit; each digit has at least this many.
STYLES = 3


def show_settings(page: LessonPage) -> None:
    """Draw the settings; what is inside only while the card is open, to keep strokes fast."""
    title = "**2 Build** · the network of this page"
    box = st.expander(title, key="draw.build", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(page.text("build"))
        left, right = st.columns(2)
        with left:
            _show_controls(page)
        with right:
            tables.show_model_summary(page.experiment)


def _show_controls(page: LessonPage) -> None:
    widgets.hidden_layers(page)
    if not widgets.is_hidden(page, "fit.augment"):
        _show_augmentation(page)
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.length(page, most_epochs=1000)
    widgets.pair(page, {"fit.seed": widgets.seed, "model.activation": widgets.activation})
    st.caption(workbench.describe_size(page.experiment, page.dataset))


def _show_augmentation(page: LessonPage) -> None:
    widgets.choice(page, "fit.augment", AUGMENTATIONS)
    if page.experiment.fit.augment == "styles":
        show(page.lesson)


def show(lesson: Lesson) -> None:
    """Draw them, one column for each digit.

    Args:
        lesson: The lesson, for its texts.
    """
    pictures.show_tiles(_digits(), 10, lesson.text("styles"))


@lru_cache(maxsize=1)
def _digits() -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    styles = [(label, style) for style in range(STYLES) for label in range(10)]
    digits = [synthetic.draw_digit(label, style, random) for label, style in styles]
    return np.stack(digits).reshape(-1, 28, 28)
