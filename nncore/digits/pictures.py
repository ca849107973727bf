"""Digits in picture files: the lab's own ZIP of PNG files, and a PNG from anyone."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncore.digits.collection import DigitCollection, DigitError
from nncore.digits.ink import Pixels
from nncore.digits.png import png_bytes
from nncore.digits.preprocess import to_mnist

#: The largest PNG file that is read, in bytes, and its longest side in pixels.
HEAVIEST, LARGEST = 2**20, 4000
#: A picture is reduced to this many pixels along its longer side before its ink is looked for.
_ENOUGH = 560


def to_zip(collection: DigitCollection) -> bytes:
    """Write a PNG file for each digit, light on dark; its name begins with its label."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, digit in enumerate(collection.digits, 1):
            name = f"{digit.label}-{number:03}.png"
            archive.writestr(zipfile.ZipInfo(name), png_bytes(digit.image))
    return file.getvalue()


def read_picture(data: bytes) -> Pixels:
    """Read the digit in a PNG picture and turn it into 28 x 28 pixels by MNIST's recipe.

    Args:
        data: The bytes of a PNG file of any kind: dark on light or light on dark, a scan, a
            photograph, or one from `to_zip`.

    Returns:
        (28, 28) uint8.

    Raises:
        DigitError: If it is not a PNG, or is too large, damaged or blank.
    """
    _check_size(data)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.thumbnail((_ENOUGH, _ENOUGH), Image.Resampling.BOX)
            pixels = _eight_bits(image)
    except (OSError, ValueError, SyntaxError) as error:
        raise DigitError(f"This PNG is damaged: {error}") from error
    found = to_mnist(pixels).image
    if found is None:
        raise DigitError("There is no ink on this picture.")
    return found


def _check_size(data: bytes) -> None:
    """Look at a PNG's first chunk before anything is unpacked."""
    if len(data) > HEAVIEST:
        raise DigitError(f"A picture may have {HEAVIEST:,} bytes. Received: {len(data):,}")
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        raise DigitError("This is no PNG picture.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise DigitError(
            f"A picture may have {LARGEST:,} pixels along each side. Received: {width:,} x "
            f"{height:,}"
        )


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture of any mode as grey or RGBA, uint8."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGBA"))


def label_from_name(name: str) -> int | None:
    """Return the label that a file's name begins with, as `to_zip` writes it; None without one."""
    first, mark = name[:1], name[1:2]
    return int(first) if first in set("0123456789") and mark in ("-", "_", ".") else None
