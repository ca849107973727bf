"""Some of the digits in other ways of writing that lesson 4's reader learns from, as a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nncore.digits import synthetic
from ui.content.lesson import Lesson
from ui.draw import answer

#: How many ways of writing each digit are shown; there are at least so many.
WAYS = 3


def show(lesson: Lesson) -> None:
    """Draws them, a column a digit.

    Args:
        lesson: Whose words.
    """
    answer.tiles(_digits(), 10, lesson.text("styles"))


@lru_cache(maxsize=1)
def _digits() -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    digits = [synthetic.drawn(label, way, random) for way in range(WAYS) for label in range(10)]
    return np.stack(digits).reshape(-1, 28, 28)
