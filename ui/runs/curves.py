"""The chosen runs' accuracy or loss in one chart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.charts.run_comparison import SIGNS, Line, run_curves
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.core.run_rows import Row
from ui.runs.titles import short_titles
from ui.workbench import run_history
from ui.workbench.plotly_figure import show_figure

QUANTITY = Key("runs.quantity", "accuracy")
ALONG = Key("runs.along", "epochs")
CHART = Key("runs.curves", None)

#: Title of the horizontal axis, by the name of its button.
AXIS_TITLES = {"epochs": "epoch", "updates": "gradient updates"}
#: A run of at most so many epochs is also drawn within its epochs.
SHORT_RUN = 2
#: Column of a checkpoint's trace, by quantity.
_TRACE_COLUMNS = {"loss": 1, "accuracy": 2}


def draw_curves(lesson: Lesson, rows: Sequence[Row], *, dark: bool) -> None:
    """Draw the curves, and buttons that choose the quantity and the horizontal axis.

    Args:
        lesson: The page's texts.
        rows: The chosen runs.
        dark: Whether the page is dark.
    """
    with st.container(horizontal=True, gap="small", horizontal_alignment="distribute"):
        quantity = _segments("Quantity", tuple(_TRACE_COLUMNS)[::-1], QUANTITY)
        along = _segments("Horizontal axis", tuple(AXIS_TITLES), ALONG)
    titles = short_titles(rows)
    lines = [
        _line(row, f"{SIGNS[place]} {titles[row.key]}", place, quantity, along)
        for place, row in enumerate(rows)
    ]
    if not any(line.training or line.within for line in lines):
        st.info("There is nothing to draw before the first epoch is done.", icon=":material/timer:")
        return
    figure = run_curves(lines, quantity, AXIS_TITLES[along], dark=dark)
    show_figure(
        figure,
        key=CHART.name,
        saved_as="curves",
        theme=None,
        alt=f"The {quantity} of the chosen runs; the table has their last values",
    )
    st.caption(lesson.text("curves"))


def _segments(label: str, options: Sequence[str], key: Key[str]) -> str:
    chosen: str = st.segmented_control(
        label,
        options,
        default=key.default,
        key=key.name,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen


def _line(row: Row, title: str, place: int, quantity: str, along: str) -> Line:
    history = run_history.history(row)
    checkpoint = run_history.checkpoint(row) if row.epochs <= SHORT_RUN else None
    trace = checkpoint.trace if checkpoint is not None else ()
    column = _TRACE_COLUMNS[quantity]
    by_updates = along == "updates" and row.updates and row.epochs
    return Line(
        title,
        place,
        history.get(quantity, ()),
        history.get(f"val_{quantity}", ()),
        (row.updates or 0) / row.epochs if by_updates else 1.0,
        [(step[0], step[column]) for step in trace],
    )
