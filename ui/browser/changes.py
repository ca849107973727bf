"""Forget all and bring back: changes to everything that the browser keeps, each with its undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.browser.backup import Backup
from ui.components import keep
from ui.core import state
from ui.core.keys import Key
from ui.core.run_ledger import Mark
from ui.workbench import run_marks


@dataclass(frozen=True)
class Change:
    """A change that can be undone.

    Args:
        title: The change in a few words, such as `"forgot all"`.
        before: The values before it, by slot.
        after: The values after it.
        leftovers: What the session held besides of the values, by the entry that held it.
        marks: Names and stars that the tab's runs had, by the runs' numbers.
        had_aside: Whether what was set aside has gone, too.
    """

    title: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    leftovers: Mapping[Key[Any], Any] = field(default_factory=dict)
    marks: Mapping[int, Mark] = field(default_factory=dict)
    had_aside: bool = False


#: The last change; gone as soon as another page is shown, for the next person at this computer.
_CHANGE: Key[Change | None] = Key("browser.change", None)


def get_change() -> Change | None:
    """Return the change that can be undone; None for none."""
    return state.get(_CHANGE)


def drop_change() -> None:
    """Forget the last change: it cannot be undone any more."""
    state.drop(_CHANGE)


def list_kept() -> list[tuple[keep.Slot[Any], Any]]:
    """Return every slot that holds something, with its value."""
    found = ((slot, keep.get(slot)) for slot in keep.list_slots())
    return [(slot, value) for slot, value in found if value]


def forget_all() -> None:
    """Empty all slots, here and in the browser, with what was set aside."""
    kept = list_kept()
    keys = [key for slot in keep.list_slots() for key in slot.leftovers]
    had_aside = bool(keep.list_aside())
    change = Change(
        "forgot all",
        {slot.name: value for slot, value in kept},
        {slot.name: None for slot, _ in kept},
        {key: state.get(key) for key in keys},
        run_marks.clear_marks(),
        had_aside,
    )
    for slot, _ in kept:
        keep.put(slot, None)
    for key in keys:
        state.drop(key)
    if had_aside:
        keep.order("forget")
    state.put(_CHANGE, change)


def bring_back(backup: Backup) -> None:
    """Add what a file holds to what the browser keeps; where both differ, the file's is kept."""
    slots = [slot for slot in keep.list_slots() if slot.name in backup.values]
    before = {slot.name: keep.get(slot) for slot in slots}
    for slot in slots:
        keep.put(slot, slot.combine(None, backup.values[slot.name], keep.get(slot)))
    after = {slot.name: keep.get(slot) for slot in slots}
    state.put(_CHANGE, Change("brought back a file", before, after))


def undo() -> None:
    """Undo the last change; what was added since stays."""
    change = state.get(_CHANGE)
    if change is None:
        return
    for slot in keep.list_slots():
        if slot.name in change.before:
            before, after = change.before[slot.name], change.after[slot.name]
            keep.put(slot, slot.combine(after, keep.get(slot), before))
    for key, value in change.leftovers.items():
        state.put(key, value)
    run_marks.restore_marks(change.marks)
    if change.had_aside:
        keep.order("restore")
    drop_change()
