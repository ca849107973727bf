"""Every run: a table of them, the curves of those chosen, what changed, and whether it is real."""

from ui.core import navigation

navigation.guard("runs")  # before all that takes long to import

import streamlit as st

from ui.content.lesson import load
from ui.core.catalog import LESSONS
from ui.runs import comparison as compare
from ui.runs import table as runs
from ui.workbench import run_history

PAGE = "runs"


def empty() -> None:
    with st.container(border=True):
        st.markdown(lesson.text("empty"))
        with st.container(horizontal=True):
            for page in LESSONS:
                st.page_link(page.path, label=page.title, icon=page.icon)


def comparison() -> None:
    left, right = st.columns([1.35, 1], gap="medium")
    with left, st.container(border=True):
        compare.curves(lesson, chosen, dark=dark)
    with right:
        compare.what_changed(lesson, chosen)
        if len(chosen) == 1:
            st.caption(lesson.text("one_chosen"))
    st.header("Is it real?", anchor=False)
    compare.is_it_real(lesson, everything, chosen, dark)


lesson = load(PAGE)
dark = st.context.theme.type == "dark"
st.caption(lesson.aim)
everything = run_history.rows()
if not everything:
    empty()
else:
    runs.under_way(everything)
    passing = runs.filtered(everything)
    if passing:
        runs.table(passing)
    else:
        st.info(lesson.text(runs.why_none(everything)), icon=":material/filter_alt_off:")
    chosen = runs.chosen(lesson, everything, passing)
    if chosen:
        comparison()
    elif passing:
        st.markdown(lesson.text("nothing_chosen"))
