"""A learner's own digits, as a value: 28 x 28 pixels each, with the label that the learner gave.

A `Hand` never changes: each change makes another, so that the one before can be had again. It is
written as JSON, and as PNG files in a ZIP; both can be read again, and so can a PNG of anybody's.
What is read may come from anybody: it is bounded in size and number, and checked in each field.

This file does not know who reads the digits, nor where a hand is kept.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nncore.digits.png import png_bytes
from nncore.digits.preprocess import FIELD, Pixels, to_mnist

#: Digits that a hand can hold, and classes that they can be of.
MOST, CLASSES = 500, 10
#: What the JSON says of itself.
FORMAT, VERSION = "nncore.digits.collection", 1
#: Characters of JSON that are read at all: noise instead of digits takes 1,060 for its pixels.
LONGEST = MOST * 1200 + 100
#: Bytes of a PNG file, and pixels along its sides, that are read at all.
HEAVIEST, LARGEST = 2**20, 4000
#: To this many pixels along its longer side a picture is reduced before its ink is looked for.
_ENOUGH = 560
_PIXELS = FIELD * FIELD
_FIELDS = {"label", "when", "pixels"}
#: Standard deviations to either side that hold 95 % of a normal distribution.
_Z = 1.96


class HandError(ValueError):
    """What was given is no hand, no digit, or more than a hand can hold. One sentence."""


@dataclass(frozen=True)
class Digit:
    """One digit of a learner.

    Args:
        pixels: 784 bytes, row by row, 0 for paper: what a network is given.
        label: Which digit it is, 0 to 9.
        when: When it was drawn, to the second.

    Raises:
        HandError: If one of these is not so.
    """

    pixels: bytes
    label: int
    when: datetime

    def __post_init__(self) -> None:
        if len(self.pixels) != _PIXELS:
            raise HandError(f"pixels must be {_PIXELS} bytes. Received: {len(self.pixels)}")
        if type(self.label) is not int or not 0 <= self.label < CLASSES:
            raise HandError(f"label must be a digit from 0 to 9. Received: {self.label!r:.40}")
        if self.when.tzinfo is None:
            raise HandError(f"when must say its time zone. Received: {self.when.isoformat()!r}")

    @classmethod
    def of(cls, image: Pixels, label: int, when: datetime | None = None) -> Digit:
        """A digit of an image.

        Args:
            image: (28, 28) uint8, 0 for paper, as in MNIST.
            label: Which digit it is.
            when: When it was drawn; by default now.

        Raises:
            HandError: If the image is of another shape or dtype, or the label is none.
        """
        if image.shape != (FIELD, FIELD) or image.dtype != np.uint8:
            raise HandError(
                f"image must be uint8 of shape ({FIELD}, {FIELD}). "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        moment = (when or datetime.now(UTC)).replace(microsecond=0)
        return cls(image.tobytes(), label, moment)

    @property
    def image(self) -> Pixels:
        """(28, 28) uint8, read-only."""
        return np.frombuffer(self.pixels, np.uint8).reshape(FIELD, FIELD)

    @cached_property
    def value(self) -> dict[str, Any]:
        """The digit as what `json` can write."""
        packed = base64.b64encode(zlib.compress(self.pixels, 9)).decode()
        return {"label": self.label, "when": self.when.isoformat(), "pixels": packed}

    @classmethod
    def from_value(cls, value: object) -> Digit:
        """Reads what `value` gave.

        Raises:
            HandError: If it is anything else.
        """
        if not isinstance(value, dict) or set(value) != _FIELDS:
            raise HandError(f"a digit must have the fields {sorted(_FIELDS)}")
        when, pixels = value["when"], value["pixels"]
        if not isinstance(when, str) or len(when) > 40:
            raise HandError(f"when must be a date and time. Received: {when!r:.40}")
        try:
            moment = datetime.fromisoformat(when)
        except ValueError as error:
            raise HandError(f"when must be a date and time. Received: {when!r}") from error
        return cls(_unpacked(pixels), value["label"], moment)


def _unpacked(text: object) -> bytes:
    """The 784 bytes of a text; never more than that, whatever the text would unfold to."""
    if not isinstance(text, str):
        raise HandError(f"pixels must be text. Received: {text!r:.40}")
    try:
        unpacker = zlib.decompressobj()
        pixels = unpacker.decompress(base64.b64decode(text, validate=True), _PIXELS + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise HandError(f"pixels must be zlib's bytes in base64: {error}") from error
    if len(pixels) != _PIXELS or not unpacker.eof or unpacker.unused_data:
        raise HandError(f"pixels must unfold to {_PIXELS} bytes, and nothing after them")
    return pixels


@dataclass(frozen=True)
class Hand:
    """Digits of one learner, in the order in which they came.

    Args:
        digits: At most 500.

    Raises:
        HandError: If there are more.
    """

    digits: tuple[Digit, ...] = ()

    def __post_init__(self) -> None:
        if len(self.digits) > MOST:
            raise HandError(
                f"A hand holds at most {MOST} digits; these would be {len(self.digits)}. "
                "Remove some first."
            )

    def __len__(self) -> int:
        return len(self.digits)

    @cached_property
    def images(self) -> Pixels:
        """(n, 28, 28) uint8, read-only."""
        joined = b"".join(digit.pixels for digit in self.digits)
        return np.frombuffer(joined, np.uint8).reshape(-1, FIELD, FIELD)

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(n,) uint8."""
        return np.array([digit.label for digit in self.digits], np.uint8)

    # Changes.

    def added(self, *digits: Digit) -> Hand:
        """The hand with further digits; those that it has already are left out.

        Raises:
            HandError: If they do not fit.
        """
        return Hand(tuple(dict.fromkeys((*self.digits, *digits))))

    def without(self, place: int) -> Hand:
        """The hand without the digit at a place, from 0."""
        return Hand((*self.digits[:place], *self.digits[place + 1 :]))

    def relabelled(self, place: int, label: int) -> Hand:
        """The hand with another label on the digit at a place, from 0."""
        was = self.digits[place]
        new = Digit(was.pixels, label, was.when)
        return Hand((*self.digits[:place], new, *self.digits[place + 1 :]))

    def merged(self, other: Hand) -> Hand:
        """All digits of two hands, each once, the oldest first; no more than a hand holds."""
        both = dict.fromkeys((*self.digits, *other.digits))
        return Hand(tuple(sorted(both, key=lambda digit: digit.when)[:MOST]))

    # As JSON.

    @property
    def value(self) -> dict[str, Any]:
        """The hand as what `json` can write."""
        digits = [digit.value for digit in self.digits]
        return {"format": FORMAT, "version": VERSION, "digits": digits}

    @classmethod
    def from_value(cls, value: object) -> Hand:
        """Reads what `value` gave.

        Raises:
            HandError: If it is anything else; it says which digit is at fault.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise HandError(f'This is no hand: it has no "format": "{FORMAT}".')
        if value.get("version") != VERSION or set(value) != {"format", "version", "digits"}:
            raise HandError(
                f"A hand of version {VERSION} has format, version and digits. "
                f"Received: version {value.get('version')!r:.20}, {sorted(map(str, value))!r:.80}"
            )
        listed = value["digits"]
        if not isinstance(listed, list) or len(listed) > MOST:
            raise HandError(f"digits must be a list of at most {MOST}.")
        found = []
        for number, entry in enumerate(listed, 1):
            try:
                found.append(Digit.from_value(entry))
            except HandError as error:
                raise HandError(f"Digit {number} of {len(listed)}: {error}") from error
        return cls(tuple(dict.fromkeys(found)))

    def to_json(self) -> str:
        """The hand as a file of its own."""
        return json.dumps(self.value, separators=(",", ":"))

    @classmethod
    def from_json(cls, data: str | bytes) -> Hand:
        """Reads what `to_json` wrote.

        Raises:
            HandError: If it is anything else.
        """
        if len(data) > LONGEST:
            raise HandError(
                f"A file of {MOST} digits has at most {LONGEST:,} characters. "
                f"Received: {len(data):,}"
            )
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise HandError(f"This is no JSON: {error}") from error
        return cls.from_value(value)

    # As pictures.

    def to_zip(self) -> bytes:
        """A PNG file for each digit, light on dark as in MNIST; the name begins with its label."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for number, digit in enumerate(self.digits, 1):
                name = f"{digit.label}-{number:03}.png"
                archive.writestr(zipfile.ZipInfo(name), png_bytes(digit.image))
        return file.getvalue()


def read_picture(data: bytes) -> Pixels:
    """The digit on a PNG picture, made what MNIST's makers would have made of it.

    Args:
        data: The bytes of a PNG file of any kind: dark on light or light on dark, a scan, a
            photograph, or one of `Hand.to_zip`.

    Returns:
        (28, 28) uint8.

    Raises:
        HandError: If it is no PNG, too large, damaged, or blank.
    """
    _check_size(data)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.thumbnail((_ENOUGH, _ENOUGH), Image.Resampling.BOX)
            pixels = _eight_bits(image)
    except (OSError, ValueError, SyntaxError) as error:
        raise HandError(f"This PNG is damaged: {error}") from error
    found = to_mnist(pixels).image
    if found is None:
        raise HandError("There is no ink on this picture.")
    return found


def _check_size(data: bytes) -> None:
    """Looks at a PNG's first chunk, before anything unfolds."""
    if len(data) > HEAVIEST:
        raise HandError(f"A picture may have {HEAVIEST:,} bytes. Received: {len(data):,}")
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        raise HandError("This is no PNG picture.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise HandError(
            f"A picture may have {LARGEST:,} pixels along each side. Received: {width:,} x "
            f"{height:,}"
        )


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """A picture of any mode as grey or RGBA, uint8."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return (np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGBA"))


def label_of(name: str) -> int | None:
    """The label that a file's name begins with, as those of `Hand.to_zip`; None without one."""
    first, mark = name[:1], name[1:2]
    return int(first) if first in set("0123456789") and mark in ("-", "_", ".") else None


def likely_range(right: int, count: int) -> tuple[float, float]:
    """Where a share probably lies of which one knows a sample: Wilson's interval, 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927. Unlike the usual plus or minus it
    holds for few samples, and for all or none right.

    Args:
        right: How many of the sample are right.
        count: How many there are, at least 1.

    Returns:
        The lowest and the highest share, each from 0 to 1.

    Raises:
        ValueError: If there are none, or more right than there are.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"right must be from 0 to count. Received: {right} of {count}")
    share, spread = right / count, _Z * _Z / count
    middle = share + spread / 2
    reach = _Z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return max(0.0, low), min(1.0, high)


def split(labels: NDArray[Any], share: int = 4, seed: int = 0) -> NDArray[np.bool_]:
    """Which digits are held out of training: one in so many, of each label about as many.

    Args:
        labels: (n,) the digits' labels.
        share: One in so many, over all labels.
        seed: Another one holds out others.

    Returns:
        (n,) bool: True for those held out.
    """
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held = np.zeros(len(labels), np.bool_)
    held[by_label[share - 1 :: share]] = True
    return held
