"""On this browser: what it keeps for its learner, to download, to bring back or to forget."""

from ui.core import navigation

navigation.guard("browser")  # before the imports that take long

import streamlit as st

from ui.browser.bring_back import draw_bring_back
from ui.browser.kept import draw_aside, draw_kept
from ui.content.lesson import Lesson, load


def show_page(lesson: Lesson) -> None:
    st.caption(lesson.aim)
    draw_kept(lesson)
    draw_aside(lesson)
    draw_bring_back(lesson)


show_page(load("browser"))
