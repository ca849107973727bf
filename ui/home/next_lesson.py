"""The line above the cards: how far the learner is, the next lesson, the tour."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.content.lesson import Lesson
from ui.home.tour import offer_tour
from ui.workbench.lesson_progress import LessonProgress, next_lesson


def show_next_lesson(home: Lesson, progress: Sequence[LessonProgress]) -> None:
    """Say how far the learner is, and offer the next lesson and the tour.

    Args:
        home: The start page's texts.
        progress: The lessons in their order, each with the learner's progress.
    """
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
