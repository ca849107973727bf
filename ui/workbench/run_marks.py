"""Names, stars and archive marks of runs, in the session and kept by this browser.

No other learner sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from ui.components import keep
from ui.components.keep.shapes import Entries, Fields, Flag, Text
from ui.core import page_runs
from ui.core.run_ledger import Mark
from ui.core.run_rows import Row

#: Marks that this browser keeps at most, and characters of a name.
MOST_KEPT, LONGEST = 200, 60
#: Marks that this browser keeps, by the keys that runs have in the store.
SLOT = keep.Slot[Mapping[str, Any]](
    "runs.marks",
    Entries(
        Text(130, "[0-9a-f]{1,64}-[0-9a-f]{1,64}"),
        Fields({"name": Text(LONGEST), "starred": Flag(), "away": Flag()}),
        MOST_KEPT,
    ),
    "Names, stars and archive marks of runs",
)


def add_kept_mark(row: Row, kept: Mapping[str, Any]) -> Row:
    """Return a run with the mark that this browser keeps from an earlier session."""
    if row.entry is not None and row.mark == Mark() and row.is_plain and row.store_key in kept:
        return replace(row, mark=Mark(**kept[row.store_key]))
    return row


def mark(rows: Iterable[Row], **changes: Any) -> None:
    """Change the name, star or archive mark of some runs.

    Args:
        rows: The runs.
        **changes: Fields of `Mark`.
    """
    for row in rows:
        fresh = replace(row.mark, **changes)
        noted = tuple(
            replace(one, mark=fresh) if one.number == row.number else one
            for one in page_runs.get_ledger()
        )
        page_runs.set_ledger(noted)
        if row.is_plain:
            _keep(row.store_key, fresh)


def _keep(key: str, fresh: Mark) -> None:
    """Have the browser keep a mark; the oldest goes if there are too many."""
    if fresh != Mark():
        keep.add(SLOT, key, asdict(fresh))
    else:
        others = {name: value for name, value in (keep.get(SLOT) or {}).items() if name != key}
        keep.put(SLOT, others)


def clear_marks() -> dict[int, Mark]:
    """Take the marks off all runs of the tab, and return them by the runs' numbers."""
    noted = page_runs.get_ledger()
    page_runs.set_ledger(tuple(replace(one, mark=Mark()) for one in noted))
    return {one.number: one.mark for one in noted if one.mark != Mark()}


def restore_marks(marks: Mapping[int, Mark]) -> None:
    """Put marks back that `clear_marks` took off, on runs that have none since."""
    page_runs.set_ledger(
        tuple(
            replace(one, mark=marks[one.number])
            if one.number in marks and one.mark == Mark()
            else one
            for one in page_runs.get_ledger()
        )
    )
