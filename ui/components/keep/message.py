"""What a browser says of the values that it keeps, without anything that cannot be trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ui.components.keep.slot import Slot

#: Entries that were set aside and are listed at most, and the form of their names.
MOST_ASIDE = 100
_ASIDE = re.compile(r"([a-z][a-z0-9_.]{0,63})\.[0-9]{1,6}")


@dataclass(frozen=True)
class AsideEntry:
    """A text in the browser that its slot could not use.

    Args:
        name: The slot's name with a number, such as `"handwriting.1"`.
        size: Its length in characters.
    """

    name: str
    size: int

    @property
    def slot(self) -> str:
        """The name of the slot that it was found in."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Message:
    """A message of the browser.

    Args:
        is_keeping: Whether values outlive a reload.
        stamp: The message's number; later ones are higher.
        texts: The texts of slots that this session does not know yet; None for an empty slot.
        bases: Texts that the tab knew of them before, in the same way.
        moved: Slots whose text the browser has set aside because it is too long.
        aside: All that was set aside; None where the message does not say it.
    """

    is_keeping: bool = True
    stamp: int = 0
    texts: Mapping[str, str | None] = field(default_factory=dict)
    bases: Mapping[str, str | None] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    aside: tuple[AsideEntry, ...] | None = None


def read_message(message: object, slots: Sequence[Slot[Any]]) -> Message:
    """Return what a browser's message says of the slots of the lab.

    Args:
        message: Anything.
        slots: All slots of the lab.
    """
    match message:
        case {"works": bool(is_keeping), "held": dict(held), **more}:
            limits = {slot.name: slot.limit for slot in slots}
            moved = more.get("moved")
            listed = moved if isinstance(moved, list) else []
            return Message(
                is_keeping,
                _read_stamp(more.get("stamp")),
                _read_texts(held, limits),
                _read_texts(more.get("base"), limits),
                tuple(slot.name for slot in slots if slot.name in listed),
                _read_aside(more.get("aside")),
            )
    return Message()


def _read_stamp(stamp: object) -> int:
    """Return a whole number; JavaScript's may arrive as 3.0."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return 0
    return int(stamp) if 0 <= stamp < 2**53 else 0


def _read_texts(held: object, limits: Mapping[str, int]) -> dict[str, str | None]:
    if not isinstance(held, dict):
        return {}
    return {
        name: held[name]
        for name, limit in limits.items()
        if name in held and _is_text(held[name], limit)
    }


def _is_text(text: object, limit: int) -> bool:
    return text is None or (isinstance(text, str) and len(text) <= limit)


def _read_aside(aside: object) -> tuple[AsideEntry, ...] | None:
    if not isinstance(aside, list):
        return None
    entries = []
    for item in aside[:MOST_ASIDE]:
        match item:
            case [str(name), int() | float() as size] if _ASIDE.fullmatch(name):
                entries.append(AsideEntry(name, _read_stamp(size)))
    return tuple(entries)
