"""The file of *Download all*: what a browser keeps, written as JSON and read from anybody.

A file of what was set aside has the same form, with the texts as they were found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ui.components.keep import AsideEntry, Slot

#: The name and version that a file carries. Learners keep such files: never rename it.
FORMAT, VERSION = "nncore.browser", 1
#: The format of a file of digits, which lesson 4 reads.
DIGITS = "nncore.handwriting"
FILE_NAME = "neural-network-lab.json"


class BackupError(ValueError):
    """The file cannot be read. The message is one sentence for the learner."""


@dataclass(frozen=True)
class Backup:
    """The content of a file.

    Args:
        values: Values by slot, all of them valid.
        unread: Titles of parts that no slot of this lab can use.
        unknown: The number of parts that this lab does not know.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unknown: int = 0


def write_file(values: Iterable[tuple[Slot[Any], Any]]) -> str:
    """Return a file with these values."""
    slots = {slot.name: json.loads(slot.to_json(value)) for slot, value in values}
    return json.dumps({"format": FORMAT, "version": VERSION, "slots": slots}, indent=1)


def most_bytes(slots: Sequence[Slot[Any]]) -> int:
    """Return how long a file may be: twice what all slots can hold, for blanks and line ends."""
    return 2 * sum(slot.limit for slot in slots) + 10_000


def read_file(data: bytes, slots: Sequence[Slot[Any]]) -> Backup:
    """Read a file that `write_file` wrote, or one of what was set aside.

    Args:
        data: The file; it may be anything.
        slots: All slots of the lab.

    Raises:
        BackupError: If it is no such file, or is made by another version.
    """
    if len(data) > most_bytes(slots):
        most = most_bytes(slots) / 1e6
        raise BackupError(f"This file is too large: a file of this lab has at most {most:.0f} MB.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise BackupError("This file is damaged, or it is not a file of this lab.") from None
    _check_head(content)
    return _read_parts([*_list_parts(content)], slots)


def _check_head(content: object) -> None:
    found = content.get("format") if isinstance(content, dict) else None
    if found == DIGITS:
        raise BackupError("This file holds only digits. Add it in lesson 4, with your own digits.")
    if not isinstance(content, dict) or found != FORMAT:
        raise BackupError("This is not a file that *Download all* has written.")
    version = content.get("version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise BackupError("This file is damaged: it names no version.")
    if version != VERSION:
        raise BackupError(
            f"This file is of version {version:.0f}. This lab reads version {VERSION}."
            if abs(version) < 10**6
            else "This file is damaged: its version is not possible."
        )
    tables = [content.get("slots", {}), content.get("aside", {})]
    if not all(isinstance(table, dict) for table in tables):
        raise BackupError("This file is damaged: it holds no list of parts.")


def _list_parts(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield the name of a slot and its text for each part of a file."""
    for name, text in content.get("aside", {}).items():
        yield AsideEntry(name, 0).slot, text if isinstance(text, str) else ""
    for name, value in content.get("slots", {}).items():
        yield name, json.dumps(value, separators=(",", ":"))


def _read_parts(parts: Sequence[tuple[str, str]], slots: Sequence[Slot[Any]]) -> Backup:
    known = {slot.name: slot for slot in slots}
    values: dict[str, Any] = {}
    unread: dict[str, None] = {}
    for name, text in parts:
        slot = known.get(name)
        if slot is None:
            continue
        value = slot.from_json(text)
        if value is None:
            unread[slot.title] = None
        else:
            values[name] = slot.combine(None, value, values.get(name))
    return Backup(values, tuple(unread), sum(name not in known for name, _ in parts))
