"""A slot: the name and the shape of one value that a browser keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from ui.components.keep.merging import merge_entries
from ui.components.keep.shapes import Entries, Shape
from ui.core.keys import Key

T = TypeVar("T")
Fault: TypeAlias = Literal["", "damaged", "another version"]

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")


@dataclass(frozen=True)
class Slot(Generic[T]):
    """A place for one JSON value.

    Args:
        name: Lower-case letters, digits, points and underscores; a letter first.
        shape: The values that it may hold.
        title: What the value is, for the learner, such as `"Your digits"`.
        merge: Return the value that two tabs make of one: from the value that both began with, this
            tab's and the other tab's; each may be None. Entries are merged one by one without it.
        version: Raise it when the shape changes its meaning: values of other versions are set
            aside.
        count: Return how many things a value holds.
        leftovers: Entries of the session's state that repeat the value: forgotten with it.

    Raises:
        ValueError: If the name is not of that form.
    """

    name: str
    shape: Shape
    title: str = ""
    merge: Callable[[T | None, T | None, T | None], T | None] | None = None
    version: int = 1
    count: Callable[[T], int] = len  # type: ignore[assignment]
    leftovers: tuple[Key[Any], ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must be lower-case, such as 'a.b'. Received: {self.name!r}")

    @property
    def limit(self) -> int:
        """Characters that the text in the browser has at most."""
        return self.shape.limit + 40

    def to_json(self, value: T) -> str:
        """Return the text that the browser keeps; version 1 is the value alone.

        Raises:
            ValueError: If the value does not match the slot's shape, or is too long.
        """
        content = value if self.version == 1 else {"version": self.version, "value": value}
        text = json.dumps(content, separators=(",", ":"), allow_nan=False)
        if not self.shape.matches(value) or len(text) > self.limit:
            raise ValueError(
                f"value must be valid for the slot {self.name!r} and have at most "
                f"{self.limit:,} characters. Received: {len(text):,} characters"
            )
        return text

    def from_json(self, text: object) -> T | None:
        """Return the value of a text from a browser; None if it is not one of this slot."""
        if not isinstance(text, str) or len(text) > self.limit:
            return None
        value = _parse(text)
        if self.version > 1:
            is_ours = isinstance(value, dict) and value.get("version") == self.version
            value = value.get("value") if is_ours else None
        return value if self.shape.matches(value) else None

    def find_fault(self, text: str) -> Fault:
        """Return why a text is none of this slot's; empty if it is one."""
        if self.from_json(text) is not None:
            return ""
        value = _parse(text)
        version = value.get("version") if isinstance(value, dict) else None
        is_number = isinstance(version, int) and not isinstance(version, bool)
        return "another version" if is_number and version != self.version else "damaged"

    def combine(self, base: T | None, mine: T | None, other: T | None) -> T | None:
        """Return the value that two tabs make of one, which matches the shape; None for nothing.

        Args:
            base: The value that both began with.
            mine: The value in this tab.
            other: The value in the other tab.
        """
        if self.merge is not None:
            return self.merge(base, mine, other)
        if not isinstance(self.shape, Entries):
            return other if mine == base else mine
        merged = merge_entries(_entries(base), _entries(mine), _entries(other))
        kept: Any = dict([*merged.items()][-self.shape.most :]) or None
        return kept


def _entries(value: Any) -> Mapping[str, Any]:
    entries: Mapping[str, Any] = value or {}
    return entries


def _parse(text: str) -> Any:
    """Return what a JSON text holds; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
