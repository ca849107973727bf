"""The chosen runs: which they are, the box that lists them, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.charts import run_comparison
from ui.components import keep
from ui.content.lesson import Lesson
from ui.core import address, resources, state
from ui.core.keys import Key
from ui.core.run_csv import write_history_csv
from ui.core.run_rows import Row
from ui.core.wording import count
from ui.runs.titles import short_titles
from ui.workbench import run_history, run_marks, run_names

#: Keys of the chosen runs, in the order in which they were chosen.
CHOSEN = Key[tuple[str, ...]]("runs.chosen", ())
#: The box that lists the chosen runs by name.
NAMES = Key[Sequence[str]]("runs.names", ())
OPEN_BUTTON = Key("runs.open", False)
NAME_POPOVER = Key("runs.naming", False)
#: A family, one for each run.
NAME = Key("runs.name", "")
STAR_BUTTON = Key("runs.star", False)
ARCHIVE_BUTTON = Key("runs.archive", False)
HISTORY_BUTTON = Key("runs.histories", False)
NETWORK_BUTTON = Key("runs.network", False)

#: Runs that the box offers at most.
MOST_OFFERED = 200


def choose(keys: Sequence[str]) -> None:
    """Choose these runs, up to as many as one chart can tell apart."""
    if len(keys) > run_comparison.MOST:
        st.toast(f"You can choose {run_comparison.MOST} runs at most.", icon=":material/checklist:")
    chosen = tuple(keys[: run_comparison.MOST])
    state.put(CHOSEN, chosen)
    address.write_view("runs", "chosen", ",".join(chosen))


def follow_address() -> None:
    """Choose the runs that the page's address names, where the browser brought one."""
    with address.take_up("runs") as is_fresh:
        if is_fresh:
            named = address.read_view("runs", "chosen").split(",")
            state.put(CHOSEN, tuple(filter(None, named))[: run_comparison.MOST])


def draw_selection(lesson: Lesson, rows: Sequence[Row], shown: Sequence[Row]) -> list[Row]:
    """Draw the box of chosen runs and the actions for them.

    Args:
        lesson: The page's texts.
        rows: All runs.
        shown: The runs that pass the filters.

    Returns:
        The chosen runs, in the order in which they were chosen.
    """
    by_key = {row.key: row for row in rows}
    named = state.get(CHOSEN)
    keys = [key for key in named if key in by_key]
    name = state.bind_widget(NAMES, keys)
    offered = list(dict.fromkeys([*keys, *(row.key for row in shown[:MOST_OFFERED])]))
    titles = short_titles([by_key[key] for key in offered])
    st.multiselect(
        lesson.text("choose", most=run_comparison.MOST),
        offered,
        key=name,
        format_func=lambda key: _sign(key, keys) + titles[key],
        max_selections=run_comparison.MOST,
        on_change=_choose_named,
        args=(name,),
        placeholder="Choose runs by name",
        wrap=True,
    )
    if len(keys) < len(named):
        gone = count(len(named) - len(keys), "chosen run")
        st.caption(f":material/link_off: {lesson.text('gone', runs=gone)}")
    chosen = [by_key[key] for key in keys]
    if chosen:
        _draw_actions(lesson, chosen)
    return chosen


def _choose_named(name: str) -> None:
    if (keys := state.read_bound(name)) is not None:
        choose(keys)


def _sign(key: str, chosen: Sequence[str]) -> str:
    """Return the sign that a chosen run has in the charts; nothing for any other run."""
    return f"{run_comparison.SIGNS[chosen.index(key)]} " if key in chosen else ""


def _draw_actions(lesson: Lesson, rows: Sequence[Row]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(rows) == 1:
            _open_button(rows[0])
            _name_field(rows[0])
        _star_button(rows)
        _archive_button(rows)
        _history_button(rows)
        if len(rows) == 1:
            _network_button(rows[0])
    st.caption(lesson.text("marks" if keep.is_lasting() else "marks_lost"))


def _open_button(row: Row) -> None:
    obstacle = run_history.closed(row)
    pressed = st.button(
        "Open in its lesson",
        key=OPEN_BUTTON.name,
        icon=":material/open_in_new:",
        type="primary",
        disabled=bool(obstacle),
        help=obstacle or f"Opens the run in {run_names.where(row.page)}.",
    )
    if pressed:
        run_history.open_on_page(row)
        st.switch_page(f"pages/{row.page}.py")


def _name_field(row: Row) -> None:
    key = NAME.of(row.key)

    def rename() -> None:
        run_marks.mark([row], name=" ".join(state.get(key).split()))

    with st.popover("Name", icon=":material/edit:", key=NAME_POPOVER.name):
        state.put(key, row.mark.name)
        st.text_input(
            "Name of the run", key=key.name, max_chars=run_marks.LONGEST, on_change=rename
        )


def _star_button(rows: Sequence[Row]) -> None:
    are_starred = all(row.mark.starred for row in rows)
    st.button(
        "Remove the star" if are_starred else "Star",
        key=STAR_BUTTON.name,
        icon=":material/star:",
        on_click=lambda: run_marks.mark(rows, starred=not are_starred),
    )


def _archive_button(rows: Sequence[Row]) -> None:
    are_archived = all(row.mark.away for row in rows)

    def toggle() -> None:
        run_marks.mark(rows, away=not are_archived)
        choose(())

    st.button(
        "Take out of the archive" if are_archived else "Archive",
        key=ARCHIVE_BUTTON.name,
        icon=":material/unarchive:" if are_archived else ":material/archive:",
        on_click=toggle,
    )


def _history_button(rows: Sequence[Row]) -> None:
    st.download_button(
        "History as CSV",
        lambda: write_history_csv({row.key: run_history.history(row) for row in rows}),
        "histories.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=HISTORY_BUTTON.name,
        help="A row for each epoch of each chosen run, named as in the table's CSV.",
    )


def _network_button(row: Row) -> None:
    """Draw the button that downloads a run's network, also of a run that was stopped."""
    if not row.over or run_history.checkpoint(row) is None:
        return

    def keras_file() -> bytes:
        checkpoint = run_history.checkpoint(row)
        if checkpoint is None:
            raise LookupError(row.key)
        return resources.keras_file(checkpoint)

    st.download_button(
        "Network as .keras",
        keras_file,
        f"{row.key}.keras",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key=NETWORK_BUTTON.name,
        help="The network with the weights that it has now.",
    )


def escape_markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it is: `"a_b"` becomes `"a\_b"`."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+!|~$:" else c for c in text)
