"""The network's input as a picture of 28 x 28 pixels, which follows the pen.

While the pen of `ui.components.pen` moves, the picture shows what the browser reads; otherwise
what the server has read.
"""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.components.component import register

Frame: TypeAlias = dict[str, Any]

_component = register(
    "pixels", html='<canvas class="pixels" role="img" width="28" height="28"></canvas>'
)


def draw(
    image: NDArray[np.uint8] | None, *, key: str, greys: tuple[int, int], words: str, blank: str
) -> None:
    """Draw the picture, or change the one that exists under the same key.

    Args:
        image: (28, 28) uint8, or None for an empty picture.
        key: The picture's key.
        greys: The grey levels of ink and paper, 0 to 255.
        words: A description of a picture with ink.
        blank: A description of an empty picture.
    """
    _component(key=key, data=[frame(image, greys, words, blank)])


def frame(image: NDArray[np.uint8] | None, greys: tuple[int, int], words: str, blank: str) -> Frame:
    """Return the data that `pixels.js` draws, ready for JSON: arguments as for `draw`."""
    pixels = None if image is None else base64.b64encode(image.tobytes()).decode()
    return {"pixels": pixels, "greys": list(greys), "words": words, "blank": blank}
