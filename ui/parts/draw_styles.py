"""Some of the digits in other ways of writing that lesson 4's reader learns from, as a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from nncore import styles
from nncore.analysis import mosaic, png_data_uri, to_grey
from ui.lesson import Lesson
from ui.parts import draw_answer

#: How many ways of writing each digit are shown, where there are so many; and of each how many.
WAYS = 3
#: The ink between the images.
GAP = 110


def show(lesson: Lesson) -> None:
    """Draws them, a column a digit.

    Args:
        lesson: Whose words.
    """
    picture, width = _picture(draw_answer.dark())
    st.image(picture, lesson.text("styles"), width=width)


@lru_cache(maxsize=2)
def _picture(dark: bool) -> tuple[str, int]:
    random = np.random.default_rng(0)
    digits = [
        styles.drawn(label, way % len(styles.SKELETONS[label]), random).reshape(28, 28)
        for way in range(WAYS)
        for label in range(10)
    ]
    grid = to_grey(mosaic(np.stack(digits), 10, fill=GAP), dark=dark)
    return png_data_uri(grid), grid.shape[1]
