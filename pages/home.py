"""The start page: what the lab is, its lessons and the learner's progress, and its data."""

from ui.core import navigation

navigation.guard("home")  # before the imports that take long

from collections.abc import Sequence

import streamlit as st

from ui.components.glossary import listed
from ui.content.lesson import Lesson, glossary, glossary_links, load
from ui.home.data import draw_data
from ui.home.lesson_cards import draw_cards
from ui.home.next_lesson import show_next_lesson
from ui.home.tour import show_tour
from ui.membership.joining import show_join
from ui.workbench.lesson_progress import LessonProgress, read_progress


def show_page(home: Lesson, progress: Sequence[LessonProgress]) -> None:
    st.markdown(home.aim)
    show_join()
    show_tour(home)
    show_next_lesson(home, progress)
    draw_cards(home, progress)
    st.markdown(home.text("teachers"))
    draw_data(home)
    with st.expander("**Glossary** · every term that the lessons explain"):
        listed(glossary(), glossary_links())


show_page(load("home"), read_progress())
