"""Digits in a decoded picture, as 28 x 28 pixels by MNIST's recipe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.digits.collection import DigitError
from nncore.digits.decoding import decode
from nncore.digits.ink import Pixels
from nncore.digits.paper import find_paper_ink
from nncore.digits.placement import FIELD
from nncore.digits.preprocess import to_mnist
from nncore.digits.segments import cut_digits


def read_picture(data: bytes) -> Pixels:
    """Read the only digit in a picture, as 28 x 28 pixels by MNIST's recipe.

    Args:
        data: The bytes of a picture file of any kind: dark on light or light on dark, a scan, a
            photo, or one from `to_zip`.

    Returns:
        (28, 28) uint8.

    Raises:
        DigitError: If it cannot be decoded, or shows no digit or several.
    """
    return read_one(decode(data))


def read_one(pixels: NDArray[np.uint8]) -> Pixels:
    """Read the only digit of a decoded picture, see `read_picture`."""
    images = read_many(pixels)
    if not images:
        raise DigitError("There is no digit in this picture.")
    if len(images) > 1:
        count = {2: "two", 3: "three", 4: "four"}.get(len(images), str(len(images)))
        raise DigitError(
            f"There are {count} digits in this picture. Switch on “Several digits in a picture” "
            "to read all."
        )
    return images[0]


def read_many(pixels: NDArray[np.uint8]) -> list[Pixels]:
    """Read all digits of a decoded picture, in reading order."""
    if is_field(pixels):
        image = to_mnist(pixels).image
        return [] if image is None else [image]
    digits = cut_digits(find_paper_ink(pixels))
    images = (to_mnist(digit, invert=False).image for digit in digits)
    return [image for image in images if image is not None]


def is_field(pixels: NDArray[np.uint8]) -> bool:
    """Return True for a picture of MNIST's own size: it has no paper to look for."""
    return max(pixels.shape[:2]) <= FIELD
