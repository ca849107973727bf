"""Words for a run's state, lesson and data, shared by the filters, the table and the actions."""

from __future__ import annotations

from nncore.runtime.jobs import State
from ui.core.catalog import find_lesson
from ui.core.run_rows import Row
from ui.workbench import run_history

_STATES = {
    None: "stored",
    State.QUEUED: "waiting",
    State.RUNNING: "training",
    State.PAUSED: "paused",
    State.STOPPED: "stopped",
    State.FINISHED: "trained",
    State.FAILED: "ended early",
}


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
    return lesson.label if lesson is not None else run_history.where(page)
