"""What a setting's value may be: constraints, and the errors for values that break them.

Experiments, sweeps and links are all checked with these constraints; which setting has which is
in `nncore.experiment.CONSTRAINTS` and `nncore.sweep`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

#: The number of classes and a digest: see `nncore.own_drawings.OwnDrawings.fingerprint`.
OWN_FINGERPRINT = re.compile(r"([2-9]|10)-[0-9a-f]{32}")


class Problem(NamedTuple):
    """A setting that cannot be accepted: its dotted name, and a sentence that says why."""

    name: str
    sentence: str


class SettingError(ValueError):
    """A setting is out of bounds, or does not go with the others.

    Attributes:
        name: The setting's dotted name, such as `"fit.epochs"`.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name

    def __reduce__(self) -> tuple[type[SettingError], tuple[str, str]]:
        return type(self), (self.name, str(self))  # it travels between processes


class Constraint(Protocol):
    """The constraint on a value."""

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        """Yield a `Problem` if the value breaks the constraint.

        Args:
            name: The setting's dotted name.
            value: Anything.
        """


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        if value not in self.options:
            listed = ", ".join(self.options)
            yield Problem(name, f"{name} must be one of {listed}. Received: {name}={value!r}")


@dataclass(frozen=True)
class Drawings:
    """The drawings to learn from: a starter set's name, or the fingerprint of somebody's own."""

    starters: tuple[str, ...]

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        is_text = isinstance(value, str)
        if not is_text or not (value in ("", *self.starters) or OWN_FINGERPRINT.fullmatch(value)):
            yield Problem(
                name,
                f"{name} must be one of {', '.join(self.starters)}, or the fingerprint of your own "
                f"drawings. Received: {name}={value!r:.60}",
            )


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        if type(value) is not int or not self.low <= value <= self.high:
            yield Problem(
                name,
                f"{name} must be a whole number from {self.low:,} to {self.high:,}. "
                f"Received: {name}={value!r}",
            )


@dataclass(frozen=True)
class Number:
    """A finite number from `low` to `high`, both included."""

    low: float
    high: float

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        is_number = type(value) in (int, float) and math.isfinite(value)
        if not is_number or not self.low <= value <= self.high:
            yield Problem(
                name,
                f"{name} must be a number from {self.low:g} to {self.high:g}. "
                f"Received: {name}={value!r}",
            )


@dataclass(frozen=True)
class Flag:
    """True or False."""

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        if type(value) is not bool:
            yield Problem(name, f"{name} must be true or false. Received: {name}={value!r}")


@dataclass(frozen=True)
class LayerSizes:
    """A tuple of hidden layers' units, possibly empty."""

    most_layers: int
    units: Whole

    def problems(self, name: str, value: Any) -> Iterator[Problem]:
        if type(value) is not tuple or len(value) > self.most_layers:
            yield Problem(
                name,
                f"{name} must be a tuple of at most {self.most_layers} hidden layers' units. "
                f"Received: {name}={value!r}",
            )
        else:
            for units in value:
                yield from self.units.problems(name, units)


def raise_first(problems: Iterator[Problem]) -> None:
    """Raise a `SettingError` for the first problem, if there is one."""
    for problem in problems:
        raise SettingError(*problem)
