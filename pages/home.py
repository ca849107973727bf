"""The start page: what the lab is, its lessons and the learner's progress, and its data."""

from ui.core import navigation

navigation.guard("home")  # before the imports that take long

from collections.abc import Sequence

import streamlit as st

from ui.components.glossary import listed
from ui.content.lesson import Lesson, glossary, glossary_links, load
from ui.home.lesson_cards import draw_cards
from ui.home.mnist_download import draw_data
from ui.home.tour import offer_tour, show_tour
from ui.membership.joining import show_join
from ui.workbench.lesson_progress import LessonProgress, next_lesson, read_progress


def show_page(home: Lesson, progress: Sequence[LessonProgress]) -> None:
    st.markdown(home.aim)
    show_join()
    show_tour(home)
    show_progress(home, progress)
    draw_cards(home, progress)
    st.markdown(home.text("teachers"))
    draw_data(home)
    with st.expander("**Glossary** · every term that the lessons explain"):
        listed(glossary(), glossary_links())


def show_progress(home: Lesson, progress: Sequence[LessonProgress]) -> None:
    following = next_lesson(progress)
    done = sum(lesson.is_done for lesson in progress)
    minutes = sum(lesson.minutes_left for lesson in progress)
    numbers = {"done": done, "lessons": len(progress), "minutes": minutes}
    if following is None:
        st.success(home.text("all_done", **numbers), icon=":material/celebration:")
        return
    is_new = not any(lesson.answered or lesson.is_done for lesson in progress)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = "not_started" if is_new else "on_the_way"
        st.markdown(home.text(text, **numbers), width="content")
        if not is_new:
            st.page_link(
                following.page.path,
                label=f"**Next: {following.page.label}**",
                icon=":material/arrow_forward:",
            )
        offer_tour()


show_page(load("home"), read_progress())
