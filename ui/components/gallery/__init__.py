"""A row of small images to choose one from, by a click or with Tab and the arrow keys.

The browser gets all images as one picture; each tile shows its part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.components.component import register
from ui.core import state
from ui.core.keys import Key

Array: TypeAlias = NDArray[Any]

#: Screen pixels for one pixel of an image.
SCALE = 2
#: Images in a row of the picture that is sent.
_COLUMNS = 10


class Tile(NamedTuple):
    """The texts and the mark of an image.

    Attributes:
        caption: A few letters below it.
        words: A description, for screen readers and on hover.
        wrong: True for the mark of a wrong answer.
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
    scale: int = SCALE,
) -> None:
    """Draw images, or change those that exist under the same key.

    Args:
        images: (n, 28, 28) uint8.
        tiles: Texts and mark of each image.
        key: The gallery's key.
        label: A few words that name the images.
        chosen: Index of the chosen image; None for none.
        dark: Whether the page is dark.
        on_choose: Called with the index of the image that the learner chose.
        scale: Screen pixels for one pixel of an image.
    """
    picture = to_grey(mosaic(images, _COLUMNS), dark=dark)
    sent = {
        "picture": png_data_uri(picture, scale),
        "size": [scale * picture.shape[1], scale * picture.shape[0]],
        "side": scale * images.shape[1],
        "places": [_place(i, scale * (images.shape[1] + 1)) for i in range(len(images))],
        "tiles": [tile._asdict() for tile in tiles],
        "label": label,
        "chosen": chosen,
    }

    def choose() -> None:
        number = read_choice(state.get(Key[object](key, None)), len(images))
        if number is not None:
            on_choose(number)

    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=key, data=[sent], on_chosen_change=choose)


def read_choice(message: object, count: int) -> int | None:
    """Return the chosen index of a browser's message; None unless it is one of `count`."""
    match message:
        case {"chosen": int(number)} if 0 <= number < count and not isinstance(number, bool):
            return number
    return None


def _place(number: int, pitch: int) -> list[int]:
    """Return the upper left corner of an image in the picture, in pixels of the page.

    Args:
        number: The image's number.
        pitch: Distance of two images in pixels of the page.
    """
    row, column = np.divmod(number, _COLUMNS)
    return [pitch * int(column), pitch * int(row)]
