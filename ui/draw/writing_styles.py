"""A picture of some synthetic digits that lesson 4's reader also learns from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nncore.digits import synthetic
from ui.content.lesson import Lesson
from ui.draw import pictures

#: The number of styles shown of each digit; each digit has at least this many.
STYLES = 3


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
