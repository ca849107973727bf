"""What a learner's browser keeps over reloads: small JSON values in named slots.

A slot has a name and the shape of its value, which bounds it:

    ANSWERS = keep.Slot[Mapping[str, bool]]("answers.mnist", by_name(Flag()))

`ui/app.py` lists all slots; it mounts them once a page. Then

    keep.put(ANSWERS, {...})             # kept from now on, by this session and this browser
    keep.add(ANSWERS, "Where", True)     # one entry more; the oldest goes where there are too many
    keep.get(ANSWERS)                    # the value; None where there is none
    keep.put(ANSWERS, None)              # forgotten

In the browser the value is the entry `nncore.answers.mnist` of `localStorage`. Anybody can change
it there: `read_message` takes only known slots, and values that match their shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from ui.components.component import register
from ui.components.keep.shapes import Entries, Shape
from ui.core import state
from ui.core.keys import Key

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")
#: Values by slot.
_VALUES = Key[Mapping[str, Any]]("keep.held", {})
#: Texts by slot that the browser must write; None for a slot that it must empty.
_WRITTEN = Key[Mapping[str, str | None]]("keep.written", {})
#: The part of `_WRITTEN` that the browser has been given.
_SENT = Key[Mapping[str, str | None]]("keep.sent", {})
#: Whether the browser keeps anything; None until it has answered.
_IS_KEEPING = Key[bool | None]("keep.works", None)
_BROWSER = Key[Mapping[str, object]]("keep.browser", {})


@dataclass(frozen=True)
class Slot(Generic[T]):
    """A place for one JSON value.

    Args:
        name: Lower-case letters, digits, points and underscores; a letter first.
        shape: The values that it may hold.
        merge: Return this session's value and one that another window has kept, combined; either
            may be None. Without it the window that writes last wins.
        version: Raise it when the shape changes its meaning: values of other versions are ignored.

    Raises:
        ValueError: If the name is not of that form.
    """

    name: str
    shape: Shape
    merge: Callable[[T | None, T | None], T] | None = None
    version: int = 1

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
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if self.version > 1:
            is_ours = isinstance(value, dict) and value.get("version") == self.version
            value = value.get("value") if is_ours else None
        return value if self.shape.matches(value) else None


_component = register("keep")


def mount(slots: Sequence[Slot[Any]]) -> None:
    """Put the invisible component on the page: once a page, before everything else.

    The browser answers with the values that it holds, which runs the page once more. From then on
    each run begins by sending it what `put` was given.

    Args:
        slots: All slots of the lab.
    """
    is_keeping = state.get(_IS_KEEPING)
    written = state.get(_WRITTEN)
    sent: dict[str, Any] = {
        "limits": {slot.name: slot.limit for slot in slots},
        "write": written,
        "merge": [slot.name for slot in slots if slot.merge is not None],
        # Also where something is written already: other slots may hold more.
        "ask": is_keeping is None,
        "works": is_keeping,
    }
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=_BROWSER.name, data=[sent], on_found_change=partial(_receive, slots))
    state.put(_SENT, written)


def has_unsent() -> bool:
    """Return True if something was put since the component was mounted: the next run sends it."""
    return state.get(_WRITTEN) != state.get(_SENT)


def get(slot: Slot[T]) -> T | None:
    """Return a slot's value; None if it has none, or the browser has not answered yet."""
    value: T | None = state.get(_VALUES).get(slot.name)
    return value


def put(slot: Slot[T], value: T | None) -> None:
    """Give a slot a new value.

    Args:
        slot: The slot.
        value: The value; None empties the slot.

    Raises:
        ValueError: If the value does not match the slot's shape.
    """
    text = None if value is None else slot.to_json(value)
    values, written = state.get(_VALUES), state.get(_WRITTEN)
    state.put(_VALUES, {**values, slot.name: value})
    state.put(_WRITTEN, {**written, slot.name: text})


def add(slot: Slot[Mapping[str, T]], key: str, entry: T) -> None:
    """Put an entry into a slot that holds a `Entries`; the oldest goes where there are too many.

    Args:
        slot: The slot.
        key: The entry's key; an older entry under it goes.
        entry: The entry.

    Raises:
        ValueError: If the entry does not match the slot's shape.
        TypeError: If the slot holds something other than a table.
    """
    if not isinstance(slot.shape, Entries):
        raise TypeError(f"slot must hold a Entries. Received: {slot.shape!r}")
    others = [item for item in (get(slot) or {}).items() if item[0] != key]
    put(slot, dict([*others, (key, entry)][-slot.shape.most :]))


def is_lasting() -> bool:
    """Return True if values outlive a reload; assumed until the browser has answered."""
    return state.get(_IS_KEEPING) is not False


def has_answered() -> bool:
    """Return True once the browser has sent the values that it holds."""
    return state.get(_IS_KEEPING) is not None


def read_message(message: object, slots: Sequence[Slot[Any]]) -> tuple[bool, dict[str, Any]]:
    """Return what a browser's message says, without anything that cannot be trusted.

    Args:
        message: Anything.
        slots: All slots of the lab.

    Returns:
        Whether the browser keeps values, and the values that it holds by slot.
    """
    match message:
        case {"works": bool(is_keeping), "held": dict(held)}:
            values = {slot.name: slot.from_json(held.get(slot.name)) for slot in slots}
            return is_keeping, {name: value for name, value in values.items() if value is not None}
    return True, {}


def _receive(slots: Sequence[Slot[Any]]) -> None:
    """Take over what the browser holds; this session's own values are newer."""
    is_keeping, values = read_message(state.get(_BROWSER).get("found"), slots)
    mine = state.get(_VALUES)
    state.put(_IS_KEEPING, is_keeping)
    state.put(_VALUES, {**values, **mine})
    for slot in slots:
        if slot.merge is not None and slot.name in mine and slot.name in values:
            put(slot, slot.merge(mine[slot.name], values[slot.name]))
