"""What a run is called in lists: its name, its lesson, or what it changes in the settings."""

from __future__ import annotations

from nncore.data.datasets import DataUnavailable
from ui.content.lesson import load
from ui.content.settings import find_changes
from ui.content.toml_file import LessonError
from ui.core.catalog import find_lesson
from ui.core.run_rows import Row
from ui.core.wording import lower_first

#: Said of a run that changes nothing in its lesson's settings.
OWN_SETTINGS = "its own settings"


def title(row: Row) -> str:
    """Return a run's name, or what it changes in its lesson's own settings."""
    number = f"#{row.number} " if row.number else ""
    return number + (row.mark.name or f"{where(row.page)}: {changed(row)}")


def where(page: str) -> str:
    """Return the short name of a page, such as `"Lesson 3"`."""
    if (lesson := find_lesson(page)) is not None:
        return f"Lesson {lesson.number}"
    try:
        return load(page).title
    except LessonError:  # that page shows the error
        return page


def changed(row: Row) -> str:
    """Return what a run changes in its lesson's own settings, in words."""
    return ", ".join(changed_settings(row)) or OWN_SETTINGS


def changed_settings(row: Row) -> list[str]:
    """Return each setting that a run changes in its lesson's own, such as `"epochs 2"`."""
    try:
        default = load(row.page).on_data().default
    except (LessonError, DataUnavailable):  # its page shows the error
        return ["-".join(map(str, row.experiment.layer_sizes))]
    found = [f"{lower_first(c.label)} {c.new}" for c in find_changes(default, row.experiment)]
    return [*found, "edited by hand"] if row.edits else found
