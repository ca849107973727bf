"""The filters above the table of runs, and what the page shows where no run is left.

The filters stand in the page's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui.content.lesson import Lesson
from ui.content.settings import SETTINGS, word_value
from ui.core import address, page_runs, state
from ui.core.catalog import LESSONS
from ui.core.keys import Key
from ui.core.run_rows import Row
from ui.runs.titles import lesson_label, state_word
from ui.workbench import run_names

OWN, EVERYONES = "This session", "Everyone's"
#: What the address says for them.
_WHOSE_TEXTS = {OWN: "own", EVERYONES: "everyone"}
WHOSE = Key("runs.whose", OWN)
#: Name of the chosen lesson; empty for all.
LESSON = Key("runs.lesson", "")
WORDS = Key("runs.words", "")
STARRED = Key("runs.starred", False)
ARCHIVED = Key("runs.away", False)


@dataclass(frozen=True)
class _Filters:
    """A choice of runs.

    Args:
        whose: `OWN` or `EVERYONES`.
        lesson: A lesson's name; empty for all.
        words: Words that a run must have; empty for any.
        starred: True for starred runs only.
        archived: True for the archived runs instead of the others.
    """

    whose: str
    lesson: str
    words: str
    starred: bool
    archived: bool


def _read_filters(rows: Sequence[Row]) -> _Filters:
    """Return the filters that the address names, else the page's own."""
    view = address.read("runs")
    usual = OWN if _has_own(rows) else EVERYONES
    named = [whose for whose, text in _WHOSE_TEXTS.items() if text == view.get("runs.whose")]
    lesson = view.get("runs.lesson", "")
    return _Filters(
        named[0] if named else usual,
        lesson if lesson in _list_lessons() else "",
        view.get("runs.filter", ""),
        "runs.starred" in view,
        "runs.archived" in view,
    )


def _list_lessons() -> tuple[str, ...]:
    """Return the names of the lessons to choose from; an empty one for all."""
    return ("", *(lesson.name for lesson in LESSONS))


def draw_filters(rows: Sequence[Row]) -> list[Row]:
    """Draw the filters, and return the rows that pass them, in the same order."""
    filters = _read_filters(rows)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = state.bind_widget(WHOSE, filters.whose)
        st.segmented_control(
            "Whose runs",
            (OWN, EVERYONES),
            key=key,
            on_change=_write,
            args=("runs.whose", key),
            label_visibility="collapsed",
            required=True,
        )
        key = state.bind_widget(LESSON, filters.lesson)
        st.selectbox(
            "Lesson",
            _list_lessons(),
            format_func=lambda name: lesson_label(name) if name else "All lessons",
            key=key,
            on_change=_write,
            args=("runs.lesson", key),
            label_visibility="collapsed",
            width=190,
        )
        key = state.bind_widget(WORDS, filters.words)
        st.text_input(
            "Filter",
            key=key,
            on_change=_write,
            args=("runs.filter", key),
            placeholder="Filter: adam, seed 3, a name …",
            label_visibility="collapsed",
            width=230,
        )
        key = state.bind_widget(STARRED, filters.starred)
        st.toggle("Starred", key=key, on_change=_write, args=("runs.starred", key))
        key = state.bind_widget(ARCHIVED, filters.archived)
        st.toggle("Archived", key=key, on_change=_write, args=("runs.archived", key))
    return [row for row in rows if _passes(row, filters)]


def _write(parameter: str, key: str) -> None:
    """Write a changed filter into the address."""
    value = state.read_bound(key)
    if value is not None:
        text = value if isinstance(value, str) else "yes" * value
        address.write_view("runs", parameter, _WHOSE_TEXTS.get(text, text))


def _passes(row: Row, filters: _Filters) -> bool:
    return (
        row.mark.away == filters.archived
        and (row.mark.starred or not filters.starred)
        and (row.entry is not None or filters.whose == EVERYONES)
        and filters.lesson in ("", row.page)
        and _has_words(row, filters.words)
    )


def explain_empty(rows: Sequence[Row]) -> str:
    """Return the name of the text that says why no run passes the filters."""
    if _has_own(rows) or _read_filters(rows).whose == EVERYONES:
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
    title, lesson = run_names.title(row), lesson_label(row.page)
    text = " ".join((title, state_word(row), row.label, lesson, units, *values)).casefold()
    return all(word in text for word in wanted)


def show_no_runs(lesson: Lesson) -> None:
    """Say how runs come about, with a link to each lesson."""
    with st.container(border=True):
        st.markdown(lesson.text("empty"))
        with st.container(horizontal=True):
            for page in LESSONS:
                st.page_link(page.path, label=page.title, icon=page.icon)
