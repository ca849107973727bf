"""The table of runs: sorted, downloadable, and with boxes that choose runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

import streamlit as st

from ui.components import clock
from ui.content.settings import word_value
from ui.core import state
from ui.core.keys import Key
from ui.core.run_csv import write_table_csv
from ui.core.run_rows import Row
from ui.runs.selection import CHOSEN, choose
from ui.runs.titles import lesson_label, short_titles, state_text
from ui.workbench import run_history
from ui.workbench.view_choice import read_choice, write_choice

#: Test accuracies, 0 to 1, by the keys of the rows.
Accuracies = Mapping[str, float]
#: A number to sort by: the lowest comes first, rows without it come last.
SortKey = Callable[[Row, Accuracies], float | None]


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


SORT_KEYS: Mapping[str, SortKey] = {
    "newest first": lambda row, test: -row.when.timestamp(),
    "best on the test set": lambda row, test: _negative(test.get(row.key)),
    "best on training": lambda row, test: _negative(row.last.get("accuracy")),
    "lowest loss": lambda row, test: row.last.get("loss"),
    "fastest": lambda row, test: row.seconds,
    "fewest parameters": lambda row, test: row.experiment.parameters,
    "fewest updates": lambda row, test: row.updates,
}

SORT = Key("runs.sort", next(iter(SORT_KEYS)))
CSV_BUTTON = Key("runs.csv", False)
TABLE = Key[Mapping[str, Any]]("runs.table", {})

#: Rows that the table shows at most: the newest, before they are sorted.
MOST_ROWS = 200
#: Rows that are seen without scrolling.
VISIBLE_ROWS = 9
#: Height of a row and of the header in pixels.
ROW_HEIGHT, HEADER_HEIGHT = 35, 38
#: Seconds until the page measures more test accuracies.
POLL_SECONDS = 1.0


def draw_table(rows: Sequence[Row]) -> None:
    """Draw the newest runs with their settings and results.

    Args:
        rows: The runs that pass the filters, newest first.
    """
    newest = list(rows[:MOST_ROWS])
    test, unmeasured = run_history.accuracies(newest)
    order = read_choice("runs", "runs.sort", tuple(SORT_KEYS))
    shown = sort_rows(newest, test, order)
    keys = [row.key for row in shown]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _draw_sort_and_download(rows, test, order)
        st.caption(_describe_count(len(rows), len(shown), unmeasured), width="stretch")
    ticked = [place for place, key in enumerate(keys) if key in state.get(CHOSEN)]
    state.put(TABLE, {"selection": {"rows": ticked, "columns": [], "cells": []}})
    st.dataframe(
        _columns(shown, test),
        key=TABLE.name,
        hide_index=True,
        height=ROW_HEIGHT * min(len(shown), VISIBLE_ROWS) + HEADER_HEIGHT,
        column_config=_column_formats(),
        on_select=lambda: _choose_ticked(keys),
        selection_mode="multi-row",
        placeholder="–",
        alt="Runs with their settings and results. You can also choose them by name below.",
    )
    if unmeasured:
        _measure_more()


def _draw_sort_and_download(rows: Sequence[Row], test: Accuracies, order: str) -> None:
    name = state.bind_widget(SORT, order)
    st.selectbox(
        "Sort",
        SORT_KEYS,
        key=name,
        on_change=write_choice,
        args=("runs", "runs.sort", SORT.default, name),
        label_visibility="collapsed",
        width=190,
    )
    st.download_button(
        "Table as CSV",
        lambda: write_table_csv(rows, test),
        "runs.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=CSV_BUTTON.name,
        help="A row for each run, with every setting.",
    )


def sort_rows(rows: Sequence[Row], test: Accuracies, by: str) -> list[Row]:
    """Return the rows sorted; those without the number come last, newest first.

    Args:
        rows: The rows, newest first.
        test: Their test accuracies.
        by: A name in `SORT_KEYS`.
    """
    numbers = {row.key: SORT_KEYS[by](row, test) for row in rows}
    with_number = [row for row in rows if numbers[row.key] is not None]
    without_number = [row for row in rows if numbers[row.key] is None]
    return sorted(with_number, key=lambda row: numbers[row.key] or 0.0) + without_number


def _describe_count(count: int, shown: int, unmeasured: int) -> str:
    words = f"{count:,} run{'s' * (count != 1)}"
    if shown < count:
        words += f"; the newest {shown:,} are shown. Filter to see others"
    return words + (f" · measuring {unmeasured:,} on the test set" if unmeasured else "")


def _measure_more() -> None:
    """Rerun the page soon, so that more test accuracies are measured."""

    @st.fragment
    def again() -> None:
        if clock.again("runs.measuring.clock", POLL_SECONDS):
            st.rerun()

    again()


def _choose_ticked(keys: Sequence[str]) -> None:
    """Choose the ticked runs; chosen runs that the table does not show stay chosen."""
    places = state.get(TABLE).get("selection", {}).get("rows", ())
    ticked = [keys[place] for place in places if place < len(keys)]
    kept = [key for key in state.get(CHOSEN) if key in ticked or key not in keys]
    choose([*kept, *(key for key in ticked if key not in kept)])


def _columns(rows: Sequence[Row], test: Accuracies) -> Any:
    """Return the table as Arrow, which loads faster than pandas."""
    import pyarrow as pa

    def number(values: Sequence[float | None]) -> Any:
        return pa.array(values, pa.float64())

    titles = short_titles(rows)
    moment = pa.timestamp("s", tz="UTC")
    settings = [row.experiment for row in rows]
    columns: dict[str, Any] = {
        "★": ["★" if row.mark.starred else "" for row in rows],
        "Run": [titles[row.key] for row in rows],
        "When": pa.array([row.when.astimezone(UTC) for row in rows], moment),
        "Test": number([_percent(test.get(row.key)) for row in rows]),
        "Training": number([_percent(row.last.get("accuracy")) for row in rows]),
        "Validation": number([_percent(row.last.get("val_accuracy")) for row in rows]),
        "Loss": number([row.last.get("loss") for row in rows]),
        "Seconds": number([row.seconds for row in rows]),
        "Parameters": [e.parameters for e in settings],
        "Updates": pa.array([row.updates for row in rows], pa.int64()),
        "State": [state_text(row) for row in rows],
        "Lesson": [lesson_label(row.page) for row in rows],
        "Data": [word_value("data.name", e.data.name) for e in settings],
        "Layers": ["-".join(map(str, e.layer_sizes)) for e in settings],
        "Activation": [word_value("model.activation", e.model.activation) for e in settings],
        "Output": [
            word_value("model.output_activation", e.model.output_activation) for e in settings
        ],
        "Loss function": [word_value("fit.loss", e.fit.loss) for e in settings],
        "Optimizer": [word_value("fit.optimizer", e.fit.optimizer) for e in settings],
        "Learning rate": [e.fit.learning_rate for e in settings],
        "Batch size": [e.fit.batch_size for e in settings],
        "Epochs": [f"{row.epochs} of {row.experiment.fit.epochs}" for row in rows],
        "Seed": [e.fit.seed for e in settings],
    }
    return pa.table(columns)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _column_formats() -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    shares = {"Test": 75, "Training": 80, "Validation": 90}
    return {
        **{name: number(format="%.2f%%", width=width) for name, width in shares.items()},
        "★": text(width=32),
        "Run": text(width=250, help="Its name, or the settings that differ from the other runs"),
        "When": st.column_config.DatetimeColumn(format="distance", width=130),
        "Loss": number(format="%.4g", width=70, help="Mean loss of the last epoch"),
        "Seconds": number(format="%.1f", width=75),
        "Parameters": number(format="localized", width=95),
        "Updates": number(format="localized", width=80),
        "Learning rate": number(format="%g"),
        "Seed": number(format="%d"),
    }
