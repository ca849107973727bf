"""The filters above the table of runs, and what the page shows where no run is left."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.content.lesson import Lesson
from ui.content.settings import SETTINGS, word_value
from ui.core import page_runs, state
from ui.core.catalog import LESSONS
from ui.core.keys import Key
from ui.core.run_rows import Row
from ui.runs.titles import lesson_label, state_word
from ui.workbench import run_history

OWN, EVERYONES = "This session", "Everyone's"
WHOSE = Key("runs.whose", OWN)
#: Name of the chosen lesson; empty for all.
LESSON = Key("runs.lesson", "")
WORDS = Key("runs.words", "")
STARRED = Key("runs.starred", False)
ARCHIVED = Key("runs.away", False)


def draw_filters(rows: Sequence[Row]) -> list[Row]:
    """Draw the filters, and return the rows that pass them, in the same order."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Whose runs",
            (OWN, EVERYONES),
            default=OWN if _has_own(rows) else EVERYONES,
            key=WHOSE.name,
            label_visibility="collapsed",
            required=True,
            persist_state="session",
        )
        st.selectbox(
            "Lesson",
            ("", *(lesson.name for lesson in LESSONS)),
            key=LESSON.name,
            format_func=lambda name: lesson_label(name) if name else "All lessons",
            label_visibility="collapsed",
            width=190,
            persist_state="session",
        )
        st.text_input(
            "Filter",
            key=WORDS.name,
            placeholder="Filter: adam, seed 3, a name …",
            label_visibility="collapsed",
            width=230,
            persist_state="session",
        )
        st.toggle("Starred", key=STARRED.name, persist_state="session")
        st.toggle("Archived", key=ARCHIVED.name, persist_state="session")
    return [row for row in rows if _passes(row)]


def _passes(row: Row) -> bool:
    return (
        row.mark.away == state.get(ARCHIVED)
        and (row.mark.starred or not state.get(STARRED))
        and (row.entry is not None or state.get(WHOSE) == EVERYONES)
        and state.get(LESSON) in ("", row.page)
        and _has_words(row, state.get(WORDS))
    )


def explain_empty(rows: Sequence[Row]) -> str:
    """Return the name of the text that says why no run passes the filters."""
    if _has_own(rows) or state.get(WHOSE) == EVERYONES:
        return "no_match"
    return "only_sweep" if "sweep" in page_runs.list_started() else "none_of_session"


def _has_own(rows: Sequence[Row]) -> bool:
    return any(row.entry is not None for row in rows)


def _has_words(row: Row, words: str) -> bool:
    """Return True if each of the words occurs in a run's title, state, lesson or settings."""
    wanted = words.casefold().split()
    if not wanted:
        return True
    values = [
        f"{SETTINGS[name].label} {word_value(name, value)} {value}"
        for name, value in row.experiment.settings().items()
    ]
    units = "-".join(map(str, row.experiment.layer_sizes))
    title, lesson = run_history.title(row), lesson_label(row.page)
    text = " ".join((title, state_word(row), row.label, lesson, units, *values)).casefold()
    return all(word in text for word in wanted)


def show_no_runs(lesson: Lesson) -> None:
    """Say how runs come about, with a link to each lesson."""
    with st.container(border=True):
        st.markdown(lesson.text("empty"))
        with st.container(horizontal=True):
            for page in LESSONS:
                st.page_link(page.path, label=page.title, icon=page.icon)
