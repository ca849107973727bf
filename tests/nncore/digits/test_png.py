"""PNG files of small images, read again by Pillow."""

from __future__ import annotations

import base64
import io
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nncore.digits.png import png_bytes
from ui.charts.images import png_data_uri

Array: TypeAlias = NDArray[Any]


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 3)])
def test_png_holds_each_pixel_enlarged(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = np.asarray(Image.open(io.BytesIO(png_bytes(picture, scale=3))))
    np.testing.assert_array_equal(read, picture.repeat(3, axis=0).repeat(3, axis=1))


def test_data_uri_holds_the_same_png() -> None:
    picture = np.eye(5, dtype=np.uint8)
    kind, text = png_data_uri(picture, scale=2).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(text) == png_bytes(picture, scale=2)


def test_a_picture_of_numbers_has_the_palettes_colours() -> None:
    palette = np.array([[255, 0, 0], [0, 9, 200]], np.uint8)
    png = png_bytes(np.array([[0, 1], [1, 1]], np.uint8), scale=2, palette=palette)
    read = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    np.testing.assert_array_equal(read[::2, ::2], palette[[[0, 1], [1, 1]]])
    assert read.shape == (4, 4, 3)


@pytest.mark.parametrize("picture", [np.zeros((2, 2)), np.zeros((2, 2, 5), np.uint8)])
def test_png_refuses_what_is_no_picture(picture: Array) -> None:
    with pytest.raises(ValueError, match="must be uint8 of shape"):
        png_bytes(picture)
