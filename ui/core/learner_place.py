"""The learner's place on each page, as the pages note it: for the progress that a class sees."""

from __future__ import annotations

from ui.core import page_settings, state
from ui.core.keys import PageKey

_STAGE = PageKey("place.stage", "", "tab")


def note_stage(page: str, stage: str) -> None:
    """Note the rung or the stage that the learner has reached.

    Args:
        page: The page.
        stage: A few words, such as `"rung 3 of 9"`.
    """
    state.put(_STAGE.on(page), stage)


def get_stage(page: str) -> str:
    """Return the rung or the stage that was noted last; empty if none was."""
    return state.get(_STAGE.on(page))


def has_changed_settings(page: str) -> bool:
    """Return True if the page's settings are not those that it was opened with."""
    return page_settings.has_changes(page)
