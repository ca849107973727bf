"""What lesson 4 shows of a drawing and says to it: pictures, and the answer in words.

The session holds:

    draw.read     the image that was read last, what was answered, and what to the one before
"""

# NumPy's own annotations give Any for most of what is computed here.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.placement import FIELD
from nncore.digits.preprocess import Stages
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.core import state

#: The grey around pictures.
FRAME = 140
#: The ink of the lines between images that stand side by side.
LINES = 110
#: From here on the answer is given as one digit, below as a choice of two.
SURE = 0.8
_SPACE = "\N{NO-BREAK SPACE}"


def dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def view(stages: Stages) -> None:
    """Shows what the network is given: 28 x 28 pixels, enlarged.

    Args:
        stages: The drawing on its way there.
    """
    blank = stages.image is None
    pixels = np.zeros((FIELD, FIELD), np.uint8) if stages.image is None else stages.image
    words = "nothing yet" if blank else "your drawing, centred"
    picture(pixels, 7 * FIELD, f"What the network sees, {FIELD} by {FIELD} pixels: {words}")


def former(stages: Stages, outputs: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    """What was answered before the last stroke; None on a new sheet.

    Args:
        stages: The drawing as it is now.
        outputs: What is answered to it.
    """
    if stages.image is None:
        state.drop("draw.read")
        return None
    now = stages.image.tobytes()
    image, last, before = state.get("draw.read", (b"", None, None))
    if image != now:
        before = last
    state.put("draw.read", (now, outputs, before))
    return before


def picture(pixels: NDArray[Any], side: int, words: str) -> None:
    """Shows ink in a frame; pixels stay squares.

    Args:
        pixels: (height, width), uint8 0..255 or float 0..1; 0 is paper.
        side: How long the longer side is on the page.
        words: What it shows, for those who do not see it.
    """
    show(to_grey(pixels, dark=dark()), side, words)


def tiles(images: NDArray[np.uint8], columns: int, caption: str, scale: int = 1) -> None:
    """Shows many images as one picture, with lines between them.

    Args:
        images: (n, height, width), 0..255; 0 is paper.
        columns: How many stand side by side.
        caption: What stands below.
        scale: How many times as large they are shown.
    """
    grid = to_grey(mosaic(images, columns, fill=LINES), dark=dark())
    st.image(png_data_uri(grid, scale), caption, width=scale * grid.shape[1])


def show(colours: NDArray[np.uint8], side: int, words: str) -> None:
    """Shows colours in a frame; pixels stay squares.

    Args:
        colours: (height, width, 3).
        side: How long the longer side is on the page.
        words: What it shows, for those who do not see it.
    """
    height, width, _ = colours.shape
    scale = max(1, side // max(height, width))
    enlarged = colours.repeat(scale, 0).repeat(scale, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME)
    shown = max(1, round(side * width / max(height, width)))
    st.image(png_data_uri(framed), width=shown, alt=words)


def verdict(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """The answer in words.

    Args:
        outputs: (classes,) one number for each class, probabilities or not.
        names: What the classes are called.
    """
    if not np.isfinite(outputs).all():
        return "I cannot answer: my numbers have grown out of bounds. Choose another network."
    second, first = (int(i) for i in np.argsort(outputs, kind="stable")[-2:])
    if not are_probabilities(outputs):
        return f"My largest output is that for {_one(names[first])}."
    if outputs[first] >= SURE:
        return f"I read {_one(names[first])}, {percent(outputs[first])} sure."
    likely = f"{_one(names[first])} ({percent(outputs[first])})"
    return f"Perhaps {likely} or {_one(names[second])} ({percent(outputs[second])})."


def runner_up(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """The answer that comes second.

    Args:
        outputs: (classes,) probabilities.
        names: What the classes are called.
    """
    second = int(np.argsort(outputs, kind="stable")[-2])
    return f"Next comes {_one(names[second])}: {percent(outputs[second])}."


def are_probabilities(outputs: NDArray[np.float32]) -> bool:
    """Whether outputs lie from 0 to 1 and add up to 1, as those of softmax do."""
    return bool((outputs >= 0).all() and abs(float(outputs.sum()) - 1) < 1e-3)


def _one(name: str) -> str:
    return f"an **{name}**" if name == "8" else f"a **{name}**"


def percent(share: float) -> str:
    """A probability in whole percents; none is quite certain."""
    if 0.01 <= share <= 0.99:
        return f"{100 * share:.0f}{_SPACE}%"
    return f"more than 99{_SPACE}%" if share > 0.5 else f"less than 1{_SPACE}%"
