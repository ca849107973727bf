"""Short titles for runs in a list: they name only what differs between these runs.

A list has little room, and a full title often differs from the next one only at its end.
"""

from __future__ import annotations

from collections.abc import Sequence

from ui.core.run_rows import Row
from ui.workbench import run_history


def short_titles(rows: Sequence[Row]) -> dict[str, str]:
    """Return a title for each run, by the rows' keys.

    A run with a name has that. For any other run, settings that all runs of its lesson share are
    left out, and so is the lesson if it is the same for all rows.
    """
    settings = {row.key: run_history.changed_settings(row) for row in rows}
    shared = {page: _shared_settings(rows, page, settings) for page in {row.page for row in rows}}
    return {
        row.key: _title(row, settings[row.key], shared[row.page], with_lesson=len(shared) > 1)
        for row in rows
    }


def _shared_settings(rows: Sequence[Row], page: str, settings: dict[str, list[str]]) -> set[str]:
    """Return what all unnamed runs of a lesson change alike; nothing for a single run."""
    found = [set(settings[row.key]) for row in rows if row.page == page and not row.mark.name]
    return set.intersection(*found) if len(found) > 1 else set()


def _title(row: Row, settings: Sequence[str], shared: set[str], *, with_lesson: bool) -> str:
    number = f"#{row.number} " if row.number else ""
    if row.mark.name:
        return number + row.mark.name
    lesson = f"{run_history.where(row.page)}: " if with_lesson else ""
    distinct = [setting for setting in settings if setting not in shared]
    return number + lesson + (", ".join(distinct or settings) or run_history.OWN_SETTINGS)
