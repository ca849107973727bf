"""Pictures of the network's input, framed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.placement import FIELD
from nncore.digits.preprocess import Stages
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.components import pixels

#: The grey level of frames around pictures, and of lines between pictures side by side.
FRAME, LINES = 140, 110


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
