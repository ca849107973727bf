"""Words for runs in a list: short titles that name what differs, state, lesson and data."""

from __future__ import annotations

from collections.abc import Sequence

from nncore.runtime.jobs import State
from ui.core.catalog import find_lesson
from ui.core.run_rows import Row
from ui.workbench import run_names

_STATES = {
    None: "stored",
    State.QUEUED: "waiting",
    State.RUNNING: "training",
    State.PAUSED: "paused",
    State.STOPPED: "stopped",
    State.FINISHED: "trained",
    State.FAILED: "ended early",
}


def short_titles(rows: Sequence[Row]) -> dict[str, str]:
    """Return a title for each run, by the rows' keys.

    A run with a name has that. For any other run, settings that all runs of its lesson share are
    left out, and so is the lesson if it is the same for all rows.
    """
    settings = {row.key: run_names.changed_settings(row) for row in rows}
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
    lesson = f"{run_names.where(row.page)}: " if with_lesson else ""
    distinct = [setting for setting in settings if setting not in shared]
    return number + lesson + (", ".join(distinct or settings) or run_names.OWN_SETTINGS)


def state_word(row: Row) -> str:
    """Return a run's state as one or two words, such as `"trained"`."""
    is_between_slices = row.status is State.QUEUED and bool(row.updates)
    return _STATES[State.RUNNING if is_between_slices else row.status]


def state_text(row: Row) -> str:
    """Return a run's state, whether it was edited by hand, and what it was run for."""
    words = state_word(row) + (", edited by hand" if row.edits else "")
    return f"{words} · {row.label}" if row.label else words


def lesson_label(page: str) -> str:
    """Return a lesson's number and title; another page's title."""
    lesson = find_lesson(page)
    return lesson.label if lesson is not None else run_names.where(page)
