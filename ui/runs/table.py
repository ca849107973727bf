"""The ledger's table: filters, the runs, which are chosen, and what can be done with those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.runtime.jobs import State
from ui.charts import run_comparison
from ui.components import clock, keep
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.catalog import LESSONS, find_lesson
from ui.core.run_ledger import Noted, Row, history_csv, noted_row, table_csv
from ui.workbench import controls, run_history

#: Rows that the table shows at most: newest first, before they are sorted.
MOST = 200
#: Seconds between two looks at what is under way, or still to be measured.
POLL = 1.0
#: Runs under way that can be stopped one by one.
MOST_STOPS = 12
WHOSE = ("This session", "Everyone's")
WORDS = {
    None: "stored",
    State.QUEUED: "waiting",
    State.RUNNING: "training",
    State.PAUSED: "paused",
    State.STOPPED: "stopped",
    State.FINISHED: "trained",
    State.FAILED: "ended early",
}
DATA = {"rounding": "numbers", "five": "five or not", "digits": "digits", "fashion": "clothes"}

Accuracies = Mapping[str, float]
#: A number to sort by; the lowest comes first, and what has none comes last.
Rank = Callable[[Row, Accuracies], float | None]

SORTS: dict[str, Rank] = {
    "newest first": lambda row, test: -row.when.timestamp(),
    "best on the test set": lambda row, test: _minus(test.get(row.key)),
    "best on training": lambda row, test: _minus(row.last.get("accuracy")),
    "lowest loss": lambda row, test: row.last.get("loss"),
    "fastest": lambda row, test: row.seconds,
    "fewest parameters": lambda row, test: row.experiment.parameters,
    "fewest updates": lambda row, test: row.updates,
}


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


# What is under way.


def under_way(rows: Sequence[Row]) -> None:
    """A line on the runs that are under way; the page runs anew as soon as one is over."""
    moving = [row.noted for row in rows if not row.over and row.noted is not None]
    if not moving:
        return

    @clock.every(POLL, key="runs.clock")
    def line() -> None:
        if any(one.over for one in moving):
            st.rerun()
        shares = [_share(one.progress.checkpoint) for one in moving]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            count = f"{len(moving):,} run{'s' * (len(moving) > 1)}"
            st.progress(sum(shares) / len(shares), f"{count} of this session under way")
            with st.popover("Stop", icon=":material/stop:", key="runs.stopping"):
                st.caption("What a run has learnt until then is kept.")
                for one in moving[:MOST_STOPS]:
                    _stop(one)

    line()


def _share(checkpoint: Checkpoint) -> float:
    epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)


def _stop(one: Noted) -> None:
    assert one.run is not None
    st.button(
        plain(run_history.title(noted_row(one))),
        key=f"runs.stop.{one.number}",
        on_click=one.run.stop,
        width="stretch",
    )


# Which are shown.


def filtered(rows: Sequence[Row]) -> list[Row]:
    """Draws the filters.

    Args:
        rows: All runs.

    Returns:
        Those that pass, newest first.
    """
    own = any(row.noted is not None for row in rows)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        whose = st.segmented_control(
            "Whose",
            WHOSE,
            default=WHOSE[0] if own else WHOSE[1],
            key="runs.whose",
            label_visibility="collapsed",
            required=True,
            persist_state="session",
        )
        home = st.selectbox(
            "Lesson",
            (None, *(lesson.name for lesson in LESSONS)),
            key="runs.lesson",
            format_func=lambda name: _lesson(name) if name else "All lessons",
            label_visibility="collapsed",
            width=190,
            persist_state="session",
        )
        words = st.text_input(
            "Filter",
            key="runs.words",
            placeholder="Filter: adam, seed 3, a name …",
            label_visibility="collapsed",
            width=230,
            persist_state="session",
        )
        starred = st.toggle("Starred", key="runs.starred", persist_state="session")
        away = st.toggle("Put away", key="runs.away", persist_state="session")
    passing = [row for row in rows if row.mark.away == away and (row.mark.starred or not starred)]
    passing = [row for row in passing if row.noted is not None or whose == WHOSE[1]]
    return [row for row in passing if home in (None, row.page) and _has(row, words)]


def why_none(rows: Sequence[Row]) -> str:
    """Which text says why no run passes the filters."""
    own = any(row.noted is not None for row in rows)
    return "no_match" if own or state.get("runs.whose", "") == WHOSE[1] else "none_of_session"


def _has(row: Row, words: str) -> bool:
    """Whether each of the words is in what a row says."""
    wanted = words.casefold().split()
    if not wanted:
        return True
    values = (
        controls.shown(v) if isinstance(v, str) else str(v)
        for v in row.experiment.settings().values()
    )
    units = "-".join(map(str, row.experiment.layer_sizes))
    said = (run_history.title(row), _word(row), row.label, _lesson(row.page), units, *values)
    text = " ".join(said).casefold()
    return all(word in text for word in wanted)


def ordered(rows: Sequence[Row], test: Accuracies, by: str) -> list[Row]:
    """The rows, sorted; those that lack the number come last, newest first.

    Args:
        rows: Newest first.
        test: Accuracies on the test set.
        by: One of `SORTS`.
    """
    ranks = {row.key: SORTS[by](row, test) for row in rows}
    known = [row for row in rows if ranks[row.key] is not None]
    return [
        *sorted(known, key=lambda row: ranks[row.key] or 0.0),
        *(row for row in rows if ranks[row.key] is None),
    ]


# The table.


def table(rows: Sequence[Row]) -> None:
    """Draws the runs, the newest of them, in which some can be chosen.

    Args:
        rows: Those that pass the filters, newest first.
    """
    shown = list(rows[:MOST])
    test, missing = run_history.accuracies(shown)
    by = state.get("runs.sort", next(iter(SORTS)))
    shown = ordered(shown, test, by)
    keys = [row.key for row in shown]
    chosen: tuple[str, ...] = state.get("runs.chosen", ())
    places = [place for place, key in enumerate(keys) if key in chosen]
    state.put("runs.table", {"selection": {"rows": places, "columns": [], "cells": []}})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            "Sort",
            SORTS,
            key="runs.sort",
            label_visibility="collapsed",
            width=190,
            persist_state="session",
        )
        st.download_button(
            "Table as CSV",
            lambda: table_csv(rows, test),
            "runs.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="runs.csv",
            help="A row a run, with every setting.",
        )
        st.caption(_counted(len(rows), len(shown), missing), width="stretch")
    st.dataframe(
        _arrow(shown, test),
        key="runs.table",
        hide_index=True,
        height=35 * min(len(shown), 9) + 38,
        column_config=_columns(),
        on_select=lambda: _ticked(keys),
        selection_mode="multi-row",
        placeholder="–",
        alt="Runs with their settings and results; they can also be chosen by name below.",
    )
    if missing:
        _measure_on()


def _counted(count: int, shown: int, missing: int) -> str:
    words = f"{count:,} run{'s' * (count != 1)}"
    if shown < count:
        words += f"; the newest {shown:,} are shown: narrow the filter to see others"
    return words + (f" · measuring {missing:,} on the test set" if missing else "")


def _measure_on() -> None:
    """Runs the page once more, soon: so that the rest is measured."""

    @st.fragment
    def again() -> None:
        if clock.again("runs.measuring.clock", POLL):
            st.rerun()

    again()


def _ticked(keys: Sequence[str]) -> None:
    """Takes over what is ticked; those chosen that the table does not show stay chosen."""
    told: Mapping[str, Any] = state.get("runs.table", {})
    places = told.get("selection", {}).get("rows", ())
    ticked = [keys[place] for place in places if place < len(keys)]
    before: tuple[str, ...] = state.get("runs.chosen", ())
    kept = [key for key in before if key in ticked or key not in keys]
    choose([*kept, *(key for key in ticked if key not in kept)])


def choose(keys: Sequence[str]) -> None:
    """Makes these the chosen runs, as many of them as one plot can tell apart."""
    if len(keys) > run_comparison.MOST:
        st.toast(f"At most {run_comparison.MOST} at a time.", icon=":material/checklist:")
    state.put("runs.chosen", tuple(keys[: run_comparison.MOST]))


def _arrow(rows: Sequence[Row], test: Accuracies) -> Any:
    import pyarrow as pa

    moment, percent = pa.timestamp("s", tz="UTC"), _percent
    settings = [row.experiment for row in rows]
    columns: dict[str, Any] = {
        "★": ["★" if row.mark.starred else "" for row in rows],
        "Run": [run_history.title(row) for row in rows],
        "Test": pa.array([percent(test.get(row.key)) for row in rows], pa.float64()),
        "Training": pa.array([percent(row.last.get("accuracy")) for row in rows], pa.float64()),
        "Valid.": pa.array([percent(row.last.get("val_accuracy")) for row in rows], pa.float64()),
        "Loss": pa.array([row.last.get("loss") for row in rows], pa.float64()),
        "Seconds": pa.array([row.seconds for row in rows], pa.float64()),
        "Parameters": [e.parameters for e in settings],
        "Updates": pa.array([row.updates for row in rows], pa.int64()),
        "When": pa.array([row.when.astimezone(UTC) for row in rows], moment),
        "State": [_said(row) for row in rows],
        "Lesson": [_lesson(row.page) for row in rows],
        "Data": [DATA[e.data.name] for e in settings],
        "Layers": ["-".join(map(str, e.layer_sizes)) for e in settings],
        "Activation": [controls.shown(e.model.activation) for e in settings],
        "Output": [controls.shown(e.model.output_activation) for e in settings],
        "Loss function": [controls.shown(e.fit.loss) for e in settings],
        "Optimizer": [controls.shown(e.fit.optimizer) for e in settings],
        "Learning rate": [e.fit.learning_rate for e in settings],
        "Batch size": [e.fit.batch_size for e in settings],
        "Epochs": [f"{row.epochs} of {row.experiment.fit.epochs}" for row in rows],
        "Seed": [e.fit.seed for e in settings],
    }
    return pa.table(columns)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _said(row: Row) -> str:
    words = _word(row) + (", a branch" if row.edits else "")
    return f"{words} · {row.label}" if row.label else words


def _lesson(page: str) -> str:
    found = find_lesson(page)
    return found.label if found is not None else run_history.where(page)


def _word(row: Row) -> str:
    between_slices = row.status is State.QUEUED and bool(row.updates)
    return WORDS[State.RUNNING if between_slices else row.status]


def _columns() -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    shares = {name: number(format="%.2f %%", width=75) for name in ("Test", "Training", "Valid.")}
    return {
        **shares,
        "★": text(width=32),
        "Run": text(width=240, help="Its name, or what it changes of its lesson's own settings"),
        "Loss": number(format="%.4g", width=70, help="The mean loss of the last epoch"),
        "Seconds": number(format="%.1f", width=70),
        "Parameters": number(format="localized", width=80),
        "Updates": number(format="localized", width=75),
        "When": st.column_config.DatetimeColumn(format="distance", width=110),
        "Learning rate": number(format="%g"),
        "Seed": number(format="%d"),
    }


# What is chosen.


def chosen(lesson: Lesson, rows: Sequence[Row], shown: Sequence[Row]) -> list[Row]:
    """Draws which runs are chosen, and what can be done with them.

    Args:
        lesson: The page's texts.
        rows: All runs.
        shown: Those that pass the filters.

    Returns:
        Those chosen, in the order in which they were.
    """
    by_key = {row.key: row for row in rows}
    before: tuple[str, ...] = state.get("runs.chosen", ())
    keys = [key for key in before if key in by_key]
    state.put("runs.names", keys)
    offered = list(dict.fromkeys([*keys, *(row.key for row in shown[:MOST])]))
    st.multiselect(
        lesson.text("choose", most=run_comparison.MOST),
        offered,
        key="runs.names",
        format_func=lambda key: _named(by_key[key], keys),
        max_selections=run_comparison.MOST,
        on_change=lambda: choose(state.get("runs.names", [])),
        placeholder="Choose runs by name",
    )
    found = [by_key[key] for key in keys]
    if found:
        _actions(lesson, found)
    return found


def _named(row: Row, keys: Sequence[str]) -> str:
    """A run in the list of those chosen, with its sign in the figures."""
    sign = f"{run_comparison.SIGNS[keys.index(row.key)]} " if row.key in keys else ""
    return sign + run_history.title(row)


def _actions(lesson: Lesson, rows: list[Row]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(rows) == 1:
            _open(rows[0])
            _name(rows[0])
        starred = all(row.mark.starred for row in rows)
        _mark_button("Take the star off" if starred else "Star", "star", rows, starred=not starred)
        away = all(row.mark.away for row in rows)
        icon = "unarchive" if away else "archive"
        _mark_button("Take back" if away else "Put away", icon, rows, away=not away)
        st.download_button(
            "History as CSV",
            lambda: history_csv({row.key: run_history.history(row) for row in rows}),
            "histories.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="runs.histories",
            help="A row an epoch of each chosen run, named as in the table as CSV.",
        )
    st.caption(lesson.text("marks" if keep.lasting() else "marks_lost"))


def _open(row: Row) -> None:
    why = run_history.closed(row)
    pressed = st.button(
        "Open in its lesson",
        key="runs.open",
        icon=":material/open_in_new:",
        type="primary",
        disabled=bool(why),
        help=why or f"Shows it under {_lesson(row.page)}.",
    )
    if pressed:
        run_history.open_on_page(row)
        st.switch_page(f"pages/{row.page}.py")


def _name(row: Row) -> None:
    key = f"runs.name.{row.key}"
    with st.popover("Name", icon=":material/edit:", key="runs.naming"):
        state.put(key, row.mark.name)
        st.text_input(
            "What to call it",
            key=key,
            max_chars=run_history.LONGEST,
            on_change=lambda: run_history.mark([row], name=" ".join(state.get(key, "").split())),
        )


def _mark_button(label: str, icon: str, rows: list[Row], **marks: bool) -> None:
    st.button(
        label,
        key=f"runs.{icon}",
        icon=f":material/{icon}:",
        on_click=lambda: _mark(rows, marks),
    )


def _mark(rows: list[Row], marks: dict[str, bool]) -> None:
    run_history.mark(rows, **marks)
    if "away" in marks:
        state.put("runs.chosen", ())


def plain(text: str) -> str:
    """A text in which Markdown finds nothing to do."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+!|~$:" else c for c in text)
