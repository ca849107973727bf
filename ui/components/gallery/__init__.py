"""A row of small images, one of which is chosen: by a click, or with Tab and the arrow keys.

All images reach the browser as one picture, of which each tile shows its part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.components.component import register
from ui.core import state

Array: TypeAlias = NDArray[Any]

#: Pixels of a tile's sides for one of the image.
SCALE = 2
#: How many images stand side by side in the picture that is sent.
_COLUMNS = 10


class Tile(NamedTuple):
    """What stands with an image.

    Attributes:
        caption: A few letters below it.
        words: What it shows, for those who do not see it, and on hover.
        wrong: Whether it gets the mark of a wrong answer.
    """

    caption: str
    words: str
    wrong: bool = False


_component = register("gallery", html='<div class="gallery" role="radiogroup"></div>')


def draw(
    images: Array,
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    chosen: int | None,
    dark: bool,
    on_choose: Callable[[int], None],
) -> None:
    """Draws images here, or changes those that are here under the same key.

    Args:
        images: (n, 28, 28) uint8.
        tiles: What stands with each.
        key: The gallery's key.
        label: What the images are, in a few words.
        chosen: Which one is marked as chosen; None for none.
        dark: Whether the page is dark.
        on_choose: Called with the number of the image that was chosen.
    """
    picture = to_grey(mosaic(images, _COLUMNS), dark=dark)
    sent = {
        "picture": png_data_uri(picture, SCALE),
        "size": [SCALE * picture.shape[1], SCALE * picture.shape[0]],
        "side": SCALE * images.shape[1],
        "places": [_place(i, images.shape[1] + 1) for i in range(len(images))],
        "tiles": [tile._asdict() for tile in tiles],
        "label": label,
        "chosen": chosen,
    }

    def heard() -> None:
        number = told(state.get(key, None), len(images))
        if number is not None:
            on_choose(number)

    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=key, data=[sent], on_chosen_change=heard)


def told(message: object, count: int) -> int | None:
    """Which image the browser names, if it is one of `count`: anybody can send anything."""
    match message:
        case {"chosen": int(number)} if 0 <= number < count and not isinstance(number, bool):
            return number
    return None


def _place(number: int, pitch: int) -> list[int]:
    """The left upper corner of an image in the picture, in pixels of the page."""
    row, column = np.divmod(number, _COLUMNS)
    return [SCALE * pitch * int(column), SCALE * pitch * int(row)]
