"""Assignments: a teacher's instruction, a target, and settings that are fixed.

An assignment is written into a link and read from one. Links come from anybody, so only three
things are read: plain text of bounded length, a number within bounds, and names of settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from nncore.experiment import Experiment
from nncore.validation import Number, SettingError, raise_first

#: The most characters of an instruction.
LONGEST = 200
#: Prefix of the assignment's parameters in a link.
PREFIX = "class."
_TEXT, _TARGET, _LOCKED, _HIDDEN, _CLOSED = (
    f"{PREFIX}{name}" for name in ("instruction", "target", "locked", "hidden", "closed")
)
_SETTINGS = tuple(Experiment().settings())
#: Unicode categories that are not shown: control, direction, unassigned, surrogate, separators.
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
#: Joiners, which some scripts need.
_JOINERS = "\u200c\u200d"
#: The most combining marks on one letter.
_MARKS = 3
#: A target as people write it: "95", "95 %", "95%", "0.95", "0,95".
_NUMBER = re.compile(r"([0-9]{0,3})(?:[.,]([0-9]{0,8}))?\s*(%?)", re.ASCII)
_SHARE = Number(0.0, 1.0)
_EXPECTED = "Write the target as a percentage such as 95%, or as a share such as 0.95."


@dataclass(frozen=True)
class Assignment:
    """A task for a class.

    Args:
        instruction: One line of plain text, at most 200 characters.
        target: The test accuracy to reach, up to 1, in millionths; 0 for none.
        locked: Settings, by dotted name, whose controls are shown but cannot be changed.
        hidden: Settings whose controls are not shown; they cannot be changed either.
        is_closed: Finished runs of others do not open by themselves: each learner trains.

    Raises:
        ValueError: If an argument is out of bounds; the message says which. For the target it is a
            `nncore.validation.SettingError`.
    """

    instruction: str = ""
    target: float = 0.0
    locked: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    is_closed: bool = False

    def __post_init__(self) -> None:
        if self.instruction != plain(self.instruction):
            raise ValueError(
                f"instruction must be one line of plain text, at most {LONGEST} characters. "
                f"Received: {self.instruction!r}"
            )
        raise_first(_SHARE.problems("target", self.target))
        for name in (*self.locked, *self.hidden):
            if name not in _SETTINGS:
                raise ValueError(f"{name!r} is not a setting.")
        # In the settings' order, and each once: equal assignments are written alike.
        object.__setattr__(self, "hidden", _in_order(self.hidden))
        object.__setattr__(self, "locked", _in_order({*self.locked} - {*self.hidden}))
        object.__setattr__(self, "target", round(float(self.target), 6) + 0.0)

    def __bool__(self) -> bool:
        return self != Assignment()

    @property
    def fixed(self) -> tuple[str, ...]:
        """Settings that cannot be changed: the locked and the hidden ones."""
        return _in_order((*self.locked, *self.hidden))

    def changes(self, own: Experiment, wanted: Experiment) -> tuple[str, ...]:
        """Return the fixed settings that another experiment would change.

        Args:
            own: The link's experiment.
            wanted: The other experiment.
        """
        before, after = own.settings(), wanted.settings()
        return tuple(name for name in self.fixed if before[name] != after[name])

    def held(self, own: Experiment, now: Experiment, wanted: Experiment) -> Experiment:
        """Return another experiment with the fixed settings put back.

        Args:
            own: The link's experiment, which has the fixed settings.
            now: The present experiment; returned where the two do not go together.
            wanted: The other experiment.
        """
        fixed: dict[str, Any] = {name: own.settings()[name] for name in self.fixed}
        try:
            return wanted.updated(fixed)
        except SettingError:
            return now

    def to_query(self) -> str:
        """Return the assignment as part of a query string; empty where nothing is asked."""
        parts = {
            _TEXT: self.instruction,
            _TARGET: f"{self.target:.6f}".rstrip("0") if self.target else "",
            _LOCKED: ",".join(self.locked),
            _HIDDEN: ",".join(self.hidden),
            _CLOSED: "1" if self.is_closed else "",
        }
        return urlencode({name: text for name, text in parts.items() if text})

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Assignment, list[str]]:
        """Read the assignment of a link.

        Args:
            query: The link's parameters; those without `PREFIX` are ignored.

        Returns:
            The assignment, empty where the link has none, and a sentence for each part that could
            not be used. The sentences repeat nothing from the link.
        """
        complaints: list[str] = []
        text = query.get(_TEXT, "")
        instruction = plain(text)
        if instruction != text:
            complaints.append(
                "The link's instruction is shown as one line of plain text, "
                f"of at most {LONGEST} characters."
            )
        target = _target(query.get(_TARGET, ""), complaints)
        locked = _names(query.get(_LOCKED, ""), complaints)
        hidden = _names(query.get(_HIDDEN, ""), complaints)
        unknown = [key for key in query if key.startswith(PREFIX) and key not in _KEYS]
        if unknown:
            complaints.append("The link asks something of a class that this lab does not know.")
        is_closed = query.get(_CLOSED, "") == "1"
        return cls(instruction, target, locked, hidden, is_closed), complaints


_KEYS = (_TEXT, _TARGET, _LOCKED, _HIDDEN, _CLOSED)


def plain(text: str) -> str:
    """Return one line of visible text, cut off after 200 characters.

    Control characters, direction marks and surrogates become spaces; of many combining marks on one
    letter a few are kept.
    """
    seen = "".join(_visible(text[: 20 * LONGEST]))  # more is not even looked at
    return " ".join(seen.split())[:LONGEST].strip()


def _visible(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind in _UNSEEN and character not in _JOINERS:
            yield " "
        elif marks <= _MARKS:
            yield character


def read_target(text: str) -> float:
    """Return a target as people write it: "95", "95 %", "95%", "0.95" and "0,95" are the same.

    Numbers up to 1 are shares, larger ones are percentages, and so is any number with a "%".

    Args:
        text: The target; an empty text is no target.

    Returns:
        A share from 0 to 1; 0 for no target.

    Raises:
        nncore.validation.SettingError: If it is not a share or a percentage; it says what to write.
    """
    written = text.strip()
    match = _NUMBER.fullmatch(written)
    if not written:
        return 0.0
    if match is None or not (match[1] or match[2]):
        raise SettingError("target", _EXPECTED)
    value = float(f"{match[1] or 0}.{match[2] or 0}")
    share = value / 100 if match[3] or value > 1 else value
    if any(_SHARE.problems("target", share)):
        raise SettingError("target", _EXPECTED)
    return round(share, 6)


def _target(text: str, complaints: list[str]) -> float:
    try:
        return read_target(text)
    except SettingError:
        complaints.append("The link's target cannot be used; a number from 0 to 1 is expected.")
        return 0.0


def _names(text: str, complaints: list[str]) -> tuple[str, ...]:
    names = text[:2_000].split(",") if text else []
    known = [name for name in names if name in _SETTINGS]
    if len(known) < len(names) or len(text) > 2_000:
        complaints.append("The link locks or hides something that is not a setting.")
    return tuple(known)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    chosen = set(names)
    return tuple(name for name in _SETTINGS if name in chosen)
