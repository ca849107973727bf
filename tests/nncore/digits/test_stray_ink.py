"""Ink that nobody sees leaves the 28 x 28 pixels of a drawing as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.digits.preprocess import to_mnist
from nncore.digits.stray_ink import drop_stray_ink
from nncore.digits.strokes import render_strokes

#: A seven in the middle of the canvas, with room around it.
SEVEN = [[[110, 90], [180, 95], [150, 140], [130, 190]]]


def seven() -> NDArray[np.uint8]:
    return render_strokes(SEVEN, width=14)


def two_faint_pixels(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink[3, 5] = ink[270, 275] = 1
    return ink


def eraser_fringe(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A stroke that was erased along its own path leaves its half-covered edge."""
    erased = render_strokes([[[30, 30], [30, 250]]], width=20).astype(float) / 255
    fringe = np.rint(255 * erased * (1 - erased)).astype(np.uint8)
    return np.maximum(ink, fringe)


def speck(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink[20:24, 30:34] = 255  # a stray tap
    return ink


def noise(levels: float) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    def add(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
        scan = np.abs(np.random.default_rng(0).normal(0, levels, ink.shape))
        return np.clip(ink + scan, 0, 255).astype(np.uint8)

    return add


@pytest.mark.parametrize(
    "spoil",
    [two_faint_pixels, eraser_fringe, speck, noise(0.5), noise(2), noise(4)],
    ids=["two faint pixels", "fringe", "speck", "noise 0.5", "noise 2", "noise 4"],
)
@pytest.mark.parametrize("is_paper_known", [True, False])
def test_invisible_ink_sets_no_crop(
    spoil: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], is_paper_known: bool
) -> None:
    paper = False if is_paper_known else None
    clean, spoilt = (to_mnist(ink, invert=paper).image for ink in (seven(), spoil(seven())))
    assert clean is not None
    assert spoilt is not None
    assert np.corrcoef(clean.ravel(), spoilt.ravel())[0, 1] > 0.95


def test_the_parts_of_a_digit_all_count() -> None:
    five = [[[100, 80], [95, 130], [150, 140], [140, 200], [90, 205]], [[105, 70], [185, 66]]]
    dots = [[[60 + 20 * i, 60 + 20 * i]] for i in range(8)]
    for strokes in (five, dots):
        ink = np.divide(render_strokes(strokes, width=8), 255, dtype=np.float32)
        assert np.abs(drop_stray_ink(ink) - ink).max() <= 0.08


def test_a_picture_of_mnists_own_size_stays_as_it_is() -> None:
    ink = np.zeros((28, 28), np.float32)
    ink[5:20, 10:14], ink[2, 2] = 1, 0.01
    np.testing.assert_array_equal(drop_stray_ink(ink), ink)
