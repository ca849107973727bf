"""The network's prediction in words, and pictures of its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.placement import FIELD
from nncore.digits.preprocess import Stages
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.components import pixels
from ui.core import state
from ui.core.keys import Key

#: The grey level of frames around pictures, and of lines between pictures side by side.
FRAME, LINES = 140, 110
#: From this probability on one digit is named, below it two.
SURE = 0.8
#: What the prediction says, for Python and for the browser: `ui/components/verdict` fills the
#: places likewise.
SENTENCES = {
    "sure": "I read {first}, {share} sure.",
    "unsure": "Perhaps {first} ({share}) or {second} ({other}).",
    "largest": "The largest output is the one for {first}.",
    "diverged": "The outputs became NaN: training diverged. Choose another network.",
    "next": "Next comes {second}: {other}.",
}


class LastReading(NamedTuple):
    """The drawing that was read last.

    Attributes:
        image: Its 784 bytes.
        outputs: (classes,), or None where no network could read it.
        before: The outputs before the last stroke, or None.
    """

    image: bytes = b""
    outputs: NDArray[np.float32] | None = None
    before: NDArray[np.float32] | None = None


READ = Key("draw.read", LastReading())


def is_dark() -> bool:
    """Return True where the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def show_input(stages: Stages, greys: tuple[int, int]) -> None:
    """Show the network's input, 28 x 28 pixels, enlarged; it follows the pen.

    Args:
        stages: The drawing's stages.
        greys: The grey levels of ink and paper, 0 to 255.
    """
    title = f"The network's input, {FIELD} by {FIELD} pixels"
    pixels.draw(
        stages.image,
        key="draw.input",
        greys=greys,
        words=f"{title}: your drawing, centred",
        blank=f"{title}: nothing yet",
    )


def remember_outputs(
    stages: Stages, outputs: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """Keep the outputs, and return those before the last stroke; None for a new drawing.

    Args:
        stages: The drawing's stages.
        outputs: The outputs for it.
    """
    if stages.image is None:
        state.drop(READ)
        return None
    image = stages.image.tobytes()
    last = state.get(READ)
    before = last.before if last.image == image else last.outputs
    state.put(READ, LastReading(image, outputs, before))
    return before


def show_ink(pixels: NDArray[Any], side: int, words: str) -> None:
    """Show ink in a frame; pixels stay squares.

    Args:
        pixels: (height, width), uint8 from 0 to 255 or float from 0 to 1; 0 is paper.
        side: The longer side on the page, in pixels.
        words: A description for people who do not see it.
    """
    show_colours(to_grey(pixels, dark=is_dark()), side, words)


def show_tiles(images: NDArray[np.uint8], columns: int, caption: str, scale: int = 1) -> None:
    """Show many images as one picture, with lines between them.

    Args:
        images: (n, height, width), 0 to 255; 0 is paper.
        columns: The number of images in a row.
        caption: The text below.
        scale: The factor by which they are enlarged.
    """
    grid = to_grey(mosaic(images, columns, fill=LINES), dark=is_dark())
    st.image(png_data_uri(grid, scale), caption, width=scale * grid.shape[1])


def show_colours(colours: NDArray[np.uint8], side: int, words: str) -> None:
    """Show a colour picture in a frame; pixels stay squares.

    Args:
        colours: (height, width, 3) uint8.
        side: The longer side on the page, in pixels.
        words: A description for people who do not see it.
    """
    height, width, _ = colours.shape
    scale = max(1, side // max(height, width))
    enlarged = colours.repeat(scale, 0).repeat(scale, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME)
    shown = max(1, round(side * width / max(height, width)))
    st.image(png_data_uri(framed), width=shown, alt=words)


def describe_prediction(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return the prediction in words.

    Args:
        outputs: (classes,), probabilities or not.
        names: The classes' names.
    """
    if not np.isfinite(outputs).all():
        return SENTENCES["diverged"]
    if not are_probabilities(outputs):
        return _fill("largest", outputs, names)
    return _fill("sure" if outputs.max() >= SURE else "unsure", outputs, names)


def describe_runner_up(outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return the second most likely class in words.

    Args:
        outputs: (classes,) probabilities.
        names: The classes' names.
    """
    return _fill("next", outputs, names)


def _fill(sentence: str, outputs: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return one of `SENTENCES` with the two largest outputs in their places."""
    second, first = (int(i) for i in np.argsort(outputs, kind="stable")[-2:])
    return SENTENCES[sentence].format(
        first=_with_article(names[first]),
        share=format_percent(outputs[first]),
        second=_with_article(names[second]),
        other=format_percent(outputs[second]),
    )


def are_probabilities(outputs: NDArray[np.float32]) -> bool:
    """Return True if outputs lie from 0 to 1 and add up to 1, as softmax's do."""
    return bool((outputs >= 0).all() and abs(float(outputs.sum()) - 1) < 1e-3)


def with_article(name: str) -> str:
    """Return a digit with its article: `"a 7"`, `"an 8"`."""
    return f"an {name}" if name.strip("*") == "8" else f"a {name}"


def _with_article(name: str) -> str:
    return with_article(f"**{name}**")


def format_percent(probability: float) -> str:
    """Return a probability as a whole percentage; none is fully certain."""
    if 0.01 <= probability <= 0.99:
        return f"{100 * probability:.0f}%"
    return "more than 99%" if probability > 0.5 else "less than 1%"
