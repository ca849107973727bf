"""What the page *Runs* shows before there is a run: the ways to train one."""

from __future__ import annotations

import streamlit as st

from ui.content.lesson import Lesson
from ui.core.catalog import LESSONS


def show_no_runs(lesson: Lesson) -> None:
    """Say how runs come about, with a link to each lesson."""
    with st.container(border=True):
        st.markdown(lesson.text("empty"))
        with st.container(horizontal=True):
            for page in LESSONS:
                st.page_link(page.path, label=page.title, icon=page.icon)
