"""Shapes of values: each slot declares what it may hold, and values are checked against it.

A browser's storage is anybody's: whatever comes from it must match its slot's shape, which bounds
every text, number and table. From the bounds follows how long the JSON of a value can get.

    by_name(Flag())                                  # {"Ten times the batch": true, ...}
    Fields({"name": Text(60), "is_starred": Flag()})
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

#: Characters that JSON may take for one of a text: `\\ud83d\\ude00` is one smiling face.
_PER_CHARACTER = 12
#: Characters of the longest number that JSON writes for a float, `-1.7976931348623157e+308`.
_LONGEST_NUMBER = 25


class Shape(Protocol):
    """A set of JSON values, with a bound on their length."""

    @property
    def limit(self) -> int:
        """Return the most characters that a value's JSON can have."""

    def matches(self, value: object) -> bool:
        """Return True if the shape has this value; it is asked about anything that JSON can be."""


@dataclass(frozen=True)
class Flag:
    """True or false."""

    limit: int = len("false")

    def matches(self, value: object) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int
    limit: int = _LONGEST_NUMBER

    def matches(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`, both included."""

    low: float
    high: float
    limit: int = _LONGEST_NUMBER

    def matches(self, value: object) -> bool:
        return type(value) in (int, float) and self.low <= value <= self.high  # type: ignore[operator]


@dataclass(frozen=True)
class Text:
    """A text of at most `longest` characters that matches `pattern` as a whole."""

    longest: int
    pattern: str = "(?s:.*)"

    @property
    def limit(self) -> int:
        return _PER_CHARACTER * self.longest + len('""')

    def matches(self, value: object) -> bool:
        is_text = isinstance(value, str) and len(value) <= self.longest
        return is_text and re.fullmatch(self.pattern, str(value)) is not None


@dataclass(frozen=True)
class Fields:
    """An object with exactly these fields."""

    fields: Mapping[str, Shape]

    @property
    def limit(self) -> int:
        names = sum(Text(len(name)).limit + len(":,") for name in self.fields)
        return names + sum(field.limit for field in self.fields.values()) + len("{}")

    def matches(self, value: object) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() == self.fields.keys()
            and all(shape.matches(value[name]) for name, shape in self.fields.items())
        )


@dataclass(frozen=True)
class Entries:
    """An object with at most `most` entries, all of the same shape."""

    key: Text
    entry: Shape
    most: int

    @property
    def limit(self) -> int:
        return self.most * (self.key.limit + self.entry.limit + len(":,")) + len("{}")

    def matches(self, value: object) -> bool:
        return (
            isinstance(value, dict)
            and len(value) <= self.most
            and all(self.key.matches(key) for key in value)
            and all(self.entry.matches(entry) for entry in value.values())
        )


@dataclass(frozen=True)
class Checked:
    """Values that a function knows better than a declaration.

    Args:
        limit: Return the most characters that a value's JSON can have.
        check: Return True for a value of this shape.
    """

    limit: int
    check: Callable[[object], bool]

    def matches(self, value: object) -> bool:
        return self.check(value)


def by_name(entry: Shape, most: int = 100) -> Entries:
    """Return the shape of entries by a name that a lesson gives them, such as a question's."""
    return Entries(Text(80), entry, most)
