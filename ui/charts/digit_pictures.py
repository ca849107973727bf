"""Digits as pictures: one, several of each label, and one as the grid of its numbers."""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from ui.charts.images import mosaic, png_data_uri, to_grey

Array: TypeAlias = NDArray[Any]

#: Side of a cell of the number grid, in pixels.
_CELL = 22


def image_png(image: Array, is_dark: bool = False, scale: int = 4) -> str:
    """Return one image, ink on paper, as a PNG data URI.

    Args:
        image: (28, 28) uint8.
        is_dark: True for dark paper.
        scale: Pixels of the PNG for each pixel of the image, along one side.
    """
    return png_data_uri(to_grey(image, dark=is_dark), scale)


def draw_examples(dataset: Dataset, labels: list[int], *, columns: int, dark: bool) -> str:
    """Return the first training images of some labels: a picture with at least a row for each."""
    rows = [np.flatnonzero(dataset.y_train == label)[:columns] for label in labels]
    images = dataset.x_train[[place for row in rows for place in row]]
    return png_data_uri(to_grey(mosaic(images, columns, gap=2), dark=dark), scale=2)


def number_grid_svg(image: Array, is_dark: bool = False) -> str:
    """Return one image as its numbers, each on its own shade of grey, as an SVG data URI.

    Args:
        image: (28, 28) uint8.
        is_dark: True for dark paper.
    """
    side = _CELL * len(image)
    cells = "".join(_cell(int(v), r, c, is_dark) for (r, c), v in np.ndenumerate(image) if v)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}"'
        f' height="{side}" font-family="sans-serif" font-size="10.5" text-anchor="middle">'
        f'<pattern id="z" width="{_CELL}" height="{_CELL}" patternUnits="userSpaceOnUse">'
        f"{_square(0, 0, 0, is_dark)}"
        f'<text x="{_CELL / 2}" y="{_CELL * 0.66}" fill="#8C8C8C">0</text></pattern>'
        f'<rect width="{side}" height="{side}" fill="url(#z)"/>{cells}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _cell(value: int, row: int, column: int, is_dark: bool) -> str:
    ink = "#FFFFFF" if (value > 115) != is_dark else "#000000"
    x, y = _CELL * (column + 0.5), _CELL * (row + 0.66)
    text = f'<text x="{x:g}" y="{y:.1f}" fill="{ink}">{value}</text>'
    return _square(value, row, column, is_dark) + text


def _square(value: int, row: int, column: int, is_dark: bool) -> str:
    red, green, blue = to_grey(np.array([[value]], np.uint8), dark=is_dark)[0, 0]
    edge = f'width="{_CELL}" height="{_CELL}" stroke="#8C8C8C" stroke-opacity="0.25"'
    x, y = column * _CELL, row * _CELL
    return f'<rect x="{x}" y="{y}" {edge} fill="rgb({red},{green},{blue})"/>'
