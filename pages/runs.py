"""Every run: a table, the curves of the chosen runs, what changed, and whether it is real."""

from ui.core import navigation

navigation.guard("runs")  # before the imports that take long

from collections.abc import Sequence

import streamlit as st

from ui.content.lesson import Lesson, load
from ui.core.run_rows import Row
from ui.runs.changes import draw_changes
from ui.runs.curves import draw_curves
from ui.runs.filters import draw_filters, explain_empty, show_no_runs
from ui.runs.seeds import draw_seed_test
from ui.runs.selection import draw_selection, follow_address
from ui.runs.table import draw_table
from ui.runs.under_way import draw_under_way
from ui.workbench import run_history
from ui.workbench.lost_run import show_lost_runs


def show_page(lesson: Lesson, rows: Sequence[Row]) -> None:
    st.caption(lesson.aim)
    follow_address()
    show_lost_runs()
    if not rows:
        show_no_runs(lesson)
        return
    draw_under_way(rows)
    shown = draw_filters(rows)
    if shown:
        draw_table(shown)
    else:
        st.info(lesson.text(explain_empty(rows)), icon=":material/filter_alt_off:")
    chosen = draw_selection(lesson, rows, shown)
    if chosen:
        show_comparison(lesson, rows, chosen, dark=st.context.theme.type == "dark")
    elif shown:
        st.markdown(lesson.text("nothing_chosen"))


def show_comparison(
    lesson: Lesson, rows: Sequence[Row], chosen: Sequence[Row], *, dark: bool
) -> None:
    left, right = st.columns([1.35, 1], gap="medium")
    with left, st.container(border=True):
        draw_curves(lesson, chosen, dark=dark)
    with right:
        draw_changes(lesson, chosen)
    st.header("Is it real?", anchor=False)
    draw_seed_test(lesson, rows, chosen, dark=dark)


show_page(load("runs"), run_history.rows())
