"""A learner's own classes and drawings as a value: what lesson 5 trains on.

`OwnDrawings` never changes: each change returns a new value, so the previous one can be restored
(`Change`, `undo`). A class is a name; a drawing is 28 x 28 pixels with the number of its class. No
time and no person is kept with a drawing.

`nncore.digits.own_files` writes and reads the value as a file, `nncore.data.datasets` makes a data
set of it, and `nncore.digits.starters` has ready-made sets. This module knows none of them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
#: The pixels along a side of a drawing.
FIELD = 28
#: The fewest and the most classes, the most drawings of all classes together, and the most
#: characters of a class's name.
LEAST_CLASSES, MOST_CLASSES, MOST_DRAWINGS, LONGEST_NAME = 2, 10, 200, 24
#: Drawings of each class that training needs: one to learn from, and one that is held out.
LEAST = 2
_PIXELS = FIELD * FIELD
#: Invisible characters that are part of emoji; all other control characters are refused.
_EMOJI_JOINERS = "\u200d\ufe0f"


class DrawingError(ValueError):
    """The input is no drawing, class or collection, or does not fit. The message is a sentence."""


@dataclass(frozen=True)
class Drawing:
    """One drawing of a class.

    Args:
        pixels: 784 bytes, row by row, 0 for paper: the network's input.
        label: The number of its class, from 0.

    Raises:
        DrawingError: If a field is invalid.
    """

    pixels: bytes
    label: int

    def __post_init__(self) -> None:
        if len(self.pixels) != _PIXELS:
            raise DrawingError(f"A drawing must have {FIELD} × {FIELD} pixels.")
        if type(self.label) is not int or not 0 <= self.label < MOST_CLASSES:
            raise DrawingError(f"A drawing's class must be a number. Received: {self.label!r:.40}")

    @classmethod
    def from_image(cls, image: Pixels, label: int) -> Drawing:
        """Make a drawing of an image.

        Args:
            image: (28, 28) uint8, 0 for paper, as `nncore.digits.preprocess` makes it.
            label: The number of its class, from 0.

        Raises:
            DrawingError: If the image has another shape or dtype, or the label is invalid.
        """
        if image.shape != (FIELD, FIELD) or image.dtype != np.uint8:
            raise DrawingError(
                f"image must be uint8 of shape ({FIELD}, {FIELD}). "
                f"Received: {image.dtype} of shape {image.shape}"
            )
        return cls(image.tobytes(), label)

    @property
    def image(self) -> Pixels:
        """(28, 28) uint8, read-only."""
        return np.frombuffer(self.pixels, np.uint8).reshape(FIELD, FIELD)


@dataclass(frozen=True)
class OwnDrawings:
    """The classes of one learner, and their drawings in the order in which they were added.

    Args:
        names: The classes' names, 2 to 10, all different: plain text of up to 24 characters,
            shown as typed (pages must escape it).
        drawings: At most 200, each once.

    Raises:
        DrawingError: If something does not fit; the message is a sentence for the learner.
    """

    names: tuple[str, ...]
    drawings: tuple[Drawing, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self.names)
        if len(self.drawings) > MOST_DRAWINGS:
            raise DrawingError(
                f"There is room for {MOST_DRAWINGS} drawings; these would be "
                f"{len(self.drawings):,}. Remove some first."
            )
        if any(drawing.label >= len(self.names) for drawing in self.drawings):
            raise DrawingError("A drawing belongs to a class that is not there.")

    def __len__(self) -> int:
        """Return the number of drawings."""
        return len(self.drawings)

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.names)

    @cached_property
    def images(self) -> Pixels:
        """(n, 28, 28) uint8, read-only."""
        joined = b"".join(drawing.pixels for drawing in self.drawings)
        return np.frombuffer(joined, np.uint8).reshape(-1, FIELD, FIELD)

    @property
    def labels(self) -> NDArray[np.int64]:
        """(n,) int64: each drawing's class."""
        return np.array([drawing.label for drawing in self.drawings], np.int64)

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of drawings of each class."""
        return tuple(np.bincount(self.labels, minlength=self.classes).tolist())

    @cached_property
    def fingerprint(self) -> str:
        """The number of classes and 32 hexadecimal digits, such as `"3-0f…"`.

        It names the content: the same classes and drawings in another order have the same
        fingerprint. It is the value of `DataConfig.drawings`.
        """
        digest = hashlib.sha256()
        for name in self.names:
            digest.update(name.encode() + b"\0")
        for label, pixels in sorted((drawing.label, drawing.pixels) for drawing in self.drawings):
            digest.update(bytes([label]) + pixels)
        return f"{self.classes}-{digest.hexdigest()[:32]}"

    def add(self, *drawings: Drawing) -> OwnDrawings:
        """Return the value with further drawings; duplicates are left out.

        Raises:
            DrawingError: If they do not fit.
        """
        return replace(self, drawings=tuple(dict.fromkeys((*self.drawings, *drawings))))

    def remove(self, place: int) -> OwnDrawings:
        """Return the value without the drawing at a place, counted from 0."""
        return replace(self, drawings=(*self.drawings[:place], *self.drawings[place + 1 :]))

    def move(self, place: int, label: int) -> OwnDrawings:
        """Return the value with the drawing at a place, counted from 0, in another class.

        Raises:
            DrawingError: If there is no such class.
        """
        moved = replace(self.drawings[place], label=label)
        drawings = (*self.drawings[:place], moved, *self.drawings[place + 1 :])
        return replace(self, drawings=tuple(dict.fromkeys(drawings)))

    def add_class(self, name: str) -> OwnDrawings:
        """Return the value with one more class, without drawings.

        Raises:
            DrawingError: If there are ten already, or the name cannot be used.
        """
        return replace(self, names=(*self.names, clean_name(name)))

    def rename(self, label: int, name: str) -> OwnDrawings:
        """Return the value with another name for a class.

        Raises:
            DrawingError: If the name cannot be used.
        """
        return replace(
            self, names=(*self.names[:label], clean_name(name), *self.names[label + 1 :])
        )

    def remove_class(self, label: int) -> OwnDrawings:
        """Return the value without a class and its drawings.

        Raises:
            DrawingError: If fewer than two classes would be left.
        """
        names = (*self.names[:label], *self.names[label + 1 :])
        kept = (drawing for drawing in self.drawings if drawing.label != label)
        return OwnDrawings(
            names, tuple(replace(one, label=one.label - (one.label > label)) for one in kept)
        )

    def with_classes(self, names: Sequence[str]) -> OwnDrawings:
        """Return the value with exactly these classes; drawings of other classes are left out.

        Raises:
            DrawingError: If the names cannot be used.
        """
        places = {name: label for label, name in enumerate(names)}
        kept = (one for one in self.drawings if self.names[one.label] in places)
        return OwnDrawings(
            tuple(names), tuple(replace(one, label=places[self.names[one.label]]) for one in kept)
        )

    def merge(self, other: OwnDrawings, base: OwnDrawings | None = None) -> OwnDrawings:
        """Return the classes and drawings of two values, each once, up to the limits.

        Classes are matched by name. A class that one side removed stays if the other side drew for
        it since.

        Args:
            other: The other value.
            base: The value that both were changed from: what one of them has removed of it is left
                out. Without it nothing is.
        """
        begun = base._named() if base is not None else {}
        mine, others = self._named(), other._named()
        kept = [
            one
            for one in dict.fromkeys((*mine, *others))
            if one not in begun or (one in mine and one in others)
        ]
        names = self._merge_names(other, base, {name for name, _ in kept})
        places = {name: label for label, name in enumerate(names)}
        drawings = [Drawing(pixels, places[name]) for name, pixels in kept if name in places]
        return OwnDrawings(names, tuple(drawings[:MOST_DRAWINGS]))

    def _named(self) -> dict[tuple[str, bytes], None]:
        """Return the drawings as pairs of their class's name and their pixels, in order."""
        return dict.fromkeys((self.names[one.label], one.pixels) for one in self.drawings)

    def _merge_names(
        self, other: OwnDrawings, base: OwnDrawings | None, used: set[str]
    ) -> tuple[str, ...]:
        """Return the names of both sides, without those that one of them removed."""
        removed = set(base.names) - (set(self.names) & set(other.names)) if base else set()
        names = [
            name
            for name in dict.fromkeys((*self.names, *other.names))
            if name not in removed or name in used
        ][:MOST_CLASSES]
        return tuple(names) if len(names) >= LEAST_CLASSES else self.names


def clean_name(text: str) -> str:
    """Return a class's name without blanks at its ends, in Unicode's composed form (NFC).

    Raises:
        DrawingError: If it is empty, too long, or has characters that are not shown.
    """
    if not isinstance(text, str):
        raise DrawingError(f"A class's name must be text. Received: {text!r:.40}")
    if len(text) > 4 * LONGEST_NAME:  # before work that grows with its length
        raise DrawingError(f"A class's name may have {LONGEST_NAME} characters.")
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise DrawingError("A class needs a name.")
    if len(name) > LONGEST_NAME:
        raise DrawingError(
            f"A class's name may have {LONGEST_NAME} characters. This one has {len(name)}."
        )
    if any(unicodedata.category(c)[0] == "C" and c not in _EMOJI_JOINERS for c in name):
        raise DrawingError("A class's name may not have characters that are not shown.")
    return name


def _check_names(names: Sequence[str]) -> None:
    if not LEAST_CLASSES <= len(names) <= MOST_CLASSES:
        raise DrawingError(
            f"There must be {LEAST_CLASSES} to {MOST_CLASSES} classes. Received: {len(names)}"
        )
    for name in names:
        if clean_name(name) != name:
            raise DrawingError("A class's name must not begin or end with a blank.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DrawingError(f"Two classes have the same name: {twice}")


class Change(NamedTuple):
    """A change to a learner's drawings.

    Attributes:
        title: The change in a few words, such as `"added a drawing of smiley"`.
        before: The drawings before it.
        after: The drawings after it.
    """

    title: str
    before: OwnDrawings
    after: OwnDrawings


def undo(now: OwnDrawings, change: Change) -> OwnDrawings:
    """Return the drawings without a change; what another tab has changed since stays.

    Args:
        now: The present drawings.
        change: The last change that this tab made.
    """
    return change.before if now == change.after else now.merge(change.before, change.after)


def join(names: tuple[str, ...], drawings: Iterable[tuple[Pixels, int]]) -> OwnDrawings:
    """Return the value made of images and the numbers of their classes."""
    return OwnDrawings(names, tuple(Drawing.from_image(image, label) for image, label in drawings))
