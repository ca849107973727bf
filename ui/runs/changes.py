"""What differs between the chosen runs: settings, results, and the weights they started from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.charts.run_comparison import SIGNS
from ui.content.lesson import Lesson
from ui.content.settings import find_changes
from ui.core.keys import Key
from ui.core.run_rows import Row
from ui.runs.measures import result_columns
from ui.runs.same_start import draw_start
from ui.runs.selection import escape_markdown
from ui.workbench import tables

RESULTS_TABLE = Key("runs.results", None)


def draw_changes(lesson: Lesson, rows: Sequence[Row]) -> None:
    """Draw which settings differ between the first run and each other one, and their results.

    Args:
        lesson: The page's texts.
        rows: The chosen runs, at least one.
    """
    first = rows[0]
    for place, row in enumerate(rows[1:], 1):
        st.markdown(f"**What changed** from {SIGNS[0]} to {SIGNS[place]}: {_describe(first, row)}.")
    tables.show_table(result_columns(rows), key=RESULTS_TABLE.name)
    if len(rows) == 1:
        st.caption(lesson.text("one_chosen"))
    if len(rows) == 2:
        draw_start(lesson, first, rows[1])


def _describe(one: Row, other: Row) -> str:
    """Return the differences between two runs, separated by semicolons."""
    found = [(c.name, c.old, c.new) for c in find_changes(one.experiment, other.experiment)]
    if one.edits != other.edits:
        by_hand = ["edited by hand" if row.edits else "as the settings say" for row in (one, other)]
        found.append(("Training:", by_hand[0], by_hand[1]))
    parts = [
        f"{escape_markdown(name)} {escape_markdown(old)} → **{escape_markdown(new)}**"
        for name, old, new in found
    ]
    if one.fingerprint != other.fingerprint and one.experiment.data == other.experiment.data:
        parts.append("other data files")
    return "; ".join(parts) or "no setting"
