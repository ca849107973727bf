"""Digits in files that a learner brings or takes along: pictures, sheets, ZIPs, collections."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from nncore.digits.archives import Archive, is_zip
from nncore.digits.collection import MOST, DigitCollection, DigitError
from nncore.digits.decoding import MOST_BYTES, decode
from nncore.digits.ink import Pixels
from nncore.digits.pictures import is_field, read_many, read_one, read_picture
from nncore.digits.png import png_bytes
from nncore.digits.sheet import read_sheet

#: The longest file name that is shown.
_LONGEST_NAME = 40
_DIGITS = frozenset("0123456789")


class FoundDigit(NamedTuple):
    """A digit in a file, before its label is confirmed.

    Attributes:
        image: (28, 28) uint8, 0 for paper.
        source: The file's name, shortened, and the digit's place in it.
        label: A label that is certain, from the lab's own files or a sheet's row; or None.
        suggestion: A label that the name of the file or its folder suggests; or None.
    """

    image: Pixels
    source: str
    label: int | None = None
    suggestion: int | None = None


def to_zip(collection: DigitCollection) -> bytes:
    """Write a PNG file for each digit, light on dark; its name begins with its label."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, digit in enumerate(collection.digits, 1):
            name = f"{digit.label}-{number:03}.png"
            archive.writestr(zipfile.ZipInfo(name), png_bytes(digit.image))
        archive.writestr(zipfile.ZipInfo(_INDEX), collection.to_json())
    return file.getvalue()


#: The file in the lab's own ZIP that holds the labels.
_INDEX = "digits.json"


def read_file(name: str, data: bytes, *, may_have_several: bool = False) -> list[FoundDigit]:
    """Read the digits in a file.

    Args:
        name: The file's name; a folder before it may suggest a label.
        data: Its bytes; they may be anything.
        may_have_several: True to cut a picture into several digits.

    Returns:
        One digit of a picture, several of a sheet, a ZIP or a collection.

    Raises:
        DigitError: If there is no digit, or more than one in a picture, or the file cannot be read.
    """
    if is_zip(name, data):
        return list(_read_zip(data))
    if name.lower().endswith(".json"):
        return _read_collection(data, name)
    pixels = decode(data)
    cells = None if is_field(pixels) else read_sheet(pixels)
    if cells is not None:
        if not cells:
            raise DigitError("The boxes of this sheet are empty.")
        return [FoundDigit(cell.image, f"row {cell.label}", cell.label) for cell in cells]
    if not may_have_several:
        return [FoundDigit(read_one(pixels), shorten(name), suggestion=suggest_label(name))]
    images = read_many(pixels)
    if not images:
        raise DigitError("There is no digit in this picture.")
    return [FoundDigit(image, f"{shorten(name)}, no. {n}") for n, image in enumerate(images, 1)]


def shorten(name: str) -> str:
    """Return a file's name without its folders, shortened to be shown."""
    short = name.replace("\\", "/").rsplit("/", 1)[-1]
    return short if len(short) <= _LONGEST_NAME else f"{short[: _LONGEST_NAME - 3]}…"


def suggest_label(name: str) -> int | None:
    """Return the label that a file's name or its folder suggests: `7-012.png`, `7/scan.png`."""
    *folders, file = name.replace("\\", "/").split("/")
    first, mark = file[:1], file[1:2]
    if first in _DIGITS and mark in ("-", "_", "."):
        return int(first)
    return int(folders[-1]) if folders and folders[-1] in _DIGITS else None


def _read_collection(data: bytes, name: str) -> list[FoundDigit]:
    digits = DigitCollection.from_json(data).digits
    return [FoundDigit(digit.image, shorten(name), digit.label) for digit in digits]


def _read_zip(data: bytes) -> Iterator[FoundDigit]:
    """Yield the digits of all pictures in a ZIP; files that are no pictures are left out."""
    archive = Archive(data, MOST)
    if _INDEX in archive.names:  # the lab's own ZIP
        yield from _read_collection(archive.read(_INDEX, MOST_BYTES), _INDEX)
        return
    if len(archive.names) > MOST:
        raise DigitError(f"A ZIP may have {MOST} pictures. This one has {len(archive.names):,}.")
    count = 0
    for name in archive.names:
        content = archive.read(name)
        try:
            image = read_picture(content)
        except DigitError:
            continue
        count += 1
        yield FoundDigit(image, shorten(name), suggestion=suggest_label(name))
    if not count:
        raise DigitError("There is no picture of a digit in this ZIP.")
