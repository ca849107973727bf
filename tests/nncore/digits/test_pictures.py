"""Digits in picture files: the lab's own, other people's, and decompression bombs."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nncore.digits import pictures
from nncore.digits.collection import Digit, DigitCollection, DigitError
from nncore.digits.pictures import label_from_name, read_picture
from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import render_strokes

SEVEN = [[(75, 60), (205, 60), (160, 140), (115, 225)]]


def png(pixels: NDArray[Any], **more: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", **more)
    return file.getvalue()


def test_pictures_from_the_zip_are_read_as_what_they_were() -> None:
    drawn = to_mnist(render_strokes(SEVEN), invert=False).image
    assert drawn is not None
    collection = DigitCollection((Digit.from_image(drawn, 7),))
    with zipfile.ZipFile(io.BytesIO(pictures.to_zip(collection))) as archive:
        (name,) = archive.namelist()
        np.testing.assert_array_equal(read_picture(archive.read(name)), drawn)
    assert label_from_name(name) == 7


def test_a_picture_of_any_kind_is_read() -> None:
    ink = render_strokes(SEVEN)
    expected = to_mnist(ink, invert=False).image
    assert expected is not None
    paper = 255 - ink
    clear = np.dstack([np.zeros_like(ink)] * 3 + [ink])
    colour = np.dstack([paper] * 3)
    kinds: list[NDArray[Any]] = [
        ink,
        paper,
        clear,
        colour,
        paper.astype(np.uint16) * 257,
        paper < 128,
    ]
    for pixels in kinds:
        found = read_picture(png(pixels))
        assert abs(found.astype(int) - expected).mean() < 8, pixels.dtype
    large = paper.repeat(8, 0).repeat(8, 1)  # 2,240 pixels along each side
    assert abs(read_picture(png(large)).astype(int) - expected).mean() < 8


def header(width: int, height: int) -> bytes:
    """A PNG's first bytes, which promise a picture of this size."""
    sizes = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + sizes + b"\x08\0\0\0\0" + b"\0" * 40


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no PNG"),
        (b"GIF89a" + b"\0" * 40, "no PNG"),
        (header(100_000, 100_000), "4,000 pixels along each side"),
        (header(0, 10), "4,000 pixels along each side"),
        (header(28, 28), "damaged"),
        (png(np.zeros((28, 28), np.uint8))[:-30], "damaged"),
        (b"\0" * (pictures.HEAVIEST + 1), "bytes"),
        (png(np.full((28, 28), 255, np.uint8)), "no ink"),
    ],
)
def test_what_is_no_picture_of_a_digit_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(DigitError, match=complaint):
        read_picture(data)


@pytest.mark.parametrize(
    ("name", "label"), [("7-012.png", 7), ("3.png", 3), ("12.png", None), ("scan.png", None)]
)
def test_a_files_name_may_say_the_label(name: str, label: int | None) -> None:
    assert label_from_name(name) == label
