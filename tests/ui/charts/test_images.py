"""Weights and digits as images, against Pillow and pixels worked out by hand."""

from __future__ import annotations

import base64
import io
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ui.charts.images import mosaic, signed_png, to_grey, to_rgb, weight_images

Array: TypeAlias = NDArray[Any]
BLUE, RED = "#0072B2", "#D55E00"


def test_weight_images_take_a_column_of_the_kernel_each() -> None:
    kernel = np.random.default_rng(0).normal(size=(784, 3))
    images = weight_images(kernel)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[2], kernel[:, 2].reshape(28, 28), rtol=1e-6)


def test_mosaic_of_three_images_in_two_columns() -> None:
    images = np.stack([np.full((2, 2), n, np.uint8) for n in (1, 2, 3)])
    assert mosaic(images, columns=2, gap=1).tolist() == [
        [1, 1, 0, 2, 2],
        [1, 1, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [3, 3, 0, 0, 0],
        [3, 3, 0, 0, 0],
    ]


def test_mosaic_without_a_gap_keeps_the_dtype() -> None:
    whole = mosaic(np.ones((4, 28, 28), np.float32), columns=4, gap=0)
    assert (whole.shape, whole.dtype) == ((28, 112), np.float32)


def test_colours_are_symmetrical_about_0() -> None:
    picture = to_rgb(np.array([[-2, -1, 0, 1, 2]], np.float32), BLUE, RED)
    assert picture[0].tolist() == [
        [213, 94, 0],
        [234, 174, 128],
        [255, 255, 255],
        [128, 184, 216],
        [0, 114, 178],
    ]


def test_colours_on_dark_start_near_black() -> None:
    picture = to_rgb(np.array([[0, 5]], np.float32), BLUE, RED, dark=True)
    assert picture[0].tolist() == [[23, 22, 20], [0, 114, 178]]


def test_a_limit_makes_pictures_comparable() -> None:
    assert to_rgb(np.array([[1, 9]], np.float32), BLUE, RED, limit=4)[0, 1].tolist() == [
        0,
        114,
        178,
    ]
    assert to_rgb(np.array([[1, 9]], np.float32), BLUE, RED, limit=4)[0, 0].tolist() == [
        191,
        220,
        236,
    ]


def test_what_is_no_number_is_grey_and_no_weight_is_lost_to_it() -> None:
    picture = to_rgb(np.array([[np.nan, np.inf, 1.0, 0.0]], np.float32), BLUE, RED)
    assert picture[0].tolist() == [[128] * 3, [0, 114, 178], [0, 114, 178], [255] * 3]


def decode(uri: str) -> Array:
    """Return the colours of a PNG data URI, (height, width, 3) uint8."""
    file = io.BytesIO(base64.b64decode(uri.split(",")[1]))
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize("dark", [False, True])
def test_a_png_of_signed_numbers_has_their_colours_but_for_half_a_step(dark: bool) -> None:
    values = np.append(np.linspace(-3, 3, 997), [np.nan, np.inf, -np.inf])[np.newaxis]
    colours = to_rgb(values, BLUE, RED, limit=2.5, dark=dark).astype(int)
    picture = decode(signed_png(values, BLUE, RED, limit=2.5, dark=dark))
    assert np.abs(picture - colours).max() <= 2  # a step is two greys at most
    np.testing.assert_array_equal(picture[0, -3:], colours[0, -3:])


def test_a_png_of_signed_numbers_is_enlarged_and_may_be_all_zero() -> None:
    picture = decode(signed_png(np.zeros((2, 3)), BLUE, RED, scale=2))
    assert picture.shape == (4, 6, 3)
    assert (picture == 255).all()


def test_a_picture_of_zeros_is_paper() -> None:
    assert (to_rgb(np.zeros((3, 3)), BLUE, RED) == 255).all()


def test_pixels_are_ink_on_paper() -> None:
    pixels = np.array([[0, 51, 255]], np.uint8)
    assert to_grey(pixels)[0].tolist() == [[255] * 3, [204] * 3, [0] * 3]
    assert to_grey(pixels / 255, dark=True)[0, [0, 2]].tolist() == [[23, 22, 20], [255] * 3]
