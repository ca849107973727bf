"""A learner's own digits as a value: 28 x 28 pixels each, with the label that the learner gave.

A `DigitCollection` never changes: each change returns a new one, so the previous one can be
restored. It is written as JSON and read again. The input may come from anyone: it is bounded in
size and number, and every field is checked.

This module does not know who reads the digits, nor where a collection is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.digits.placement import FIELD

#: Digits that a collection can hold, and their classes.
MOST, CLASSES = 500, 10
#: The name and version that the JSON carries. Files and browsers keep it: never rename it.
FORMAT, VERSION = "nncore.handwriting", 1
#: The longest JSON that is read, in characters: a digit of pure noise takes 1,060 for its pixels.
LONGEST = MOST * 1200 + 100
_PIXELS = FIELD * FIELD
_FIELDS = {"label", "when", "pixels"}


class DigitError(ValueError):
    """The input is not a digit or a collection, or is too large. The message is one sentence."""


@dataclass(frozen=True)
class Digit:
    """One digit of a learner.

    Args:
        pixels: 784 bytes, row by row, 0 for paper: the network's input.
        label: The digit, 0 to 9.
        when: The time it was drawn, to the second.

    Raises:
        DigitError: If a field is invalid.
    """

    pixels: bytes
    label: int
    when: datetime

    def __post_init__(self) -> None:
        if len(self.pixels) != _PIXELS:
            raise DigitError(f"pixels must be {_PIXELS} bytes. Received: {len(self.pixels)}")
        if type(self.label) is not int or not 0 <= self.label < CLASSES:
            raise DigitError(f"label must be a digit from 0 to 9. Received: {self.label!r:.40}")
        if self.when.tzinfo is None:
            raise DigitError(f"when must have a time zone. Received: {self.when.isoformat()!r}")

    @classmethod
    def from_image(cls, image: Pixels, label: int, when: datetime | None = None) -> Digit:
        """Make a digit of an image.

        Args:
            image: (28, 28) uint8, 0 for paper, as in MNIST.
            label: The digit, 0 to 9.
            when: The time it was drawn; now by default.

        Raises:
            DigitError: If the image has another shape or dtype, or the label is invalid.
        """
        if image.shape != (FIELD, FIELD) or image.dtype != np.uint8:
            raise DigitError(
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
        """The digit in a form that `json` can write."""
        packed = pack_pixels(self.pixels)
        return {"label": self.label, "when": self.when.isoformat(), "pixels": packed}

    @classmethod
    def from_value(cls, value: object) -> Digit:
        """Read a digit from its `value`.

        Raises:
            DigitError: If the value is anything else.
        """
        if not isinstance(value, dict) or set(value) != _FIELDS:
            raise DigitError(f"a digit must have the fields {sorted(_FIELDS)}")
        when, pixels = value["when"], value["pixels"]
        if not isinstance(when, str) or len(when) > 40:
            raise DigitError(f"when must be a date and time. Received: {when!r:.40}")
        try:
            moment = datetime.fromisoformat(when)
        except ValueError as error:
            raise DigitError(f"when must be a date and time. Received: {when!r}") from error
        return cls(unpack_pixels(pixels), value["label"], moment)


def pack_pixels(pixels: bytes) -> str:
    """Return pixels packed by zlib, as text; `unpack_pixels` reads them back."""
    return base64.b64encode(zlib.compress(pixels, 9)).decode()


def unpack_pixels(text: object) -> bytes:
    """Return the 784 bytes of a text; never unpack more, however large the text would become."""
    if not isinstance(text, str):
        raise DigitError(f"pixels must be text. Received: {text!r:.40}")
    try:
        unpacker = zlib.decompressobj()
        pixels = unpacker.decompress(base64.b64decode(text, validate=True), _PIXELS + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise DigitError(f"pixels must be zlib's bytes in base64: {error}") from error
    if len(pixels) != _PIXELS or not unpacker.eof or unpacker.unused_data:
        raise DigitError(f"pixels must unpack to {_PIXELS} bytes, and nothing after them")
    return pixels


@dataclass(frozen=True)
class DigitCollection:
    """The digits of one learner, in the order in which they were added.

    Args:
        digits: At most 500.

    Raises:
        DigitError: If there are more.
    """

    digits: tuple[Digit, ...] = ()

    def __post_init__(self) -> None:
        if len(self.digits) > MOST:
            raise DigitError(
                f"A collection holds at most {MOST} digits; these would be {len(self.digits)}. "
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

    def add(self, *digits: Digit) -> DigitCollection:
        """Return the collection with further digits; duplicates are left out.

        Raises:
            DigitError: If they do not fit.
        """
        return DigitCollection(tuple(dict.fromkeys((*self.digits, *digits))))

    def remove(self, place: int) -> DigitCollection:
        """Return the collection without the digit at a place, counted from 0."""
        return DigitCollection((*self.digits[:place], *self.digits[place + 1 :]))

    def relabel(self, place: int, label: int) -> DigitCollection:
        """Return the collection with another label on the digit at a place, counted from 0."""
        old = self.digits[place]
        new = Digit(old.pixels, label, old.when)
        return DigitCollection((*self.digits[:place], new, *self.digits[place + 1 :]))

    def merge(self, other: DigitCollection, base: DigitCollection | None = None) -> DigitCollection:
        """Return the digits of two collections, each once, the oldest first, up to the limit.

        Args:
            other: The other collection.
            base: The collection that both were changed from: what one of them has removed of it is
                left out. Without it nothing is.
        """
        begun = {*base.digits} if base is not None else set()
        removed = begun - ({*self.digits} & {*other.digits})
        both = dict.fromkeys(d for d in (*self.digits, *other.digits) if d not in removed)
        return DigitCollection(tuple(sorted(both, key=lambda digit: digit.when)[:MOST]))

    @property
    def value(self) -> dict[str, Any]:
        """The collection in a form that `json` can write."""
        digits = [digit.value for digit in self.digits]
        return {"format": FORMAT, "version": VERSION, "digits": digits}

    @classmethod
    def from_value(cls, value: object) -> DigitCollection:
        """Read a collection from its `value`.

        Raises:
            DigitError: If the value is anything else; the message names the faulty digit.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise DigitError(f'This is not a digit collection: it has no "format": "{FORMAT}".')
        if value.get("version") != VERSION or set(value) != {"format", "version", "digits"}:
            raise DigitError(
                f"A collection of version {VERSION} has format, version and digits. "
                f"Received: version {value.get('version')!r:.20}, {sorted(map(str, value))!r:.80}"
            )
        listed = value["digits"]
        if not isinstance(listed, list) or len(listed) > MOST:
            raise DigitError(f"digits must be a list of at most {MOST}.")
        digits = []
        for number, entry in enumerate(listed, 1):
            try:
                digits.append(Digit.from_value(entry))
            except DigitError as error:
                raise DigitError(f"Digit {number} of {len(listed)}: {error}") from error
        return cls(tuple(dict.fromkeys(digits)))

    def to_json(self) -> str:
        """Write the collection as a file."""
        return json.dumps(self.value, separators=(",", ":"))

    @classmethod
    def from_json(cls, data: str | bytes) -> DigitCollection:
        """Read a file that `to_json` wrote.

        Raises:
            DigitError: If it is anything else.
        """
        if len(data) > LONGEST:
            raise DigitError(
                f"A file of {MOST} digits has at most {LONGEST:,} characters. "
                f"Received: {len(data):,}"
            )
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise DigitError(f"This is not JSON: {error}") from error
        return cls.from_value(value)
