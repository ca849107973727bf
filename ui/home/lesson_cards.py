"""A card for each lesson: its question, its picture, its time, and how far the learner is."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import streamlit as st

from ui.content.lesson import FOLDER, Lesson
from ui.core.keys import Key
from ui.workbench.lesson_progress import LessonProgress

CARD = Key("home.card", None)
#: Width of a picture in pixels.
PICTURE_WIDTH = 112


def draw_cards(home: Lesson, progress: Sequence[LessonProgress]) -> None:
    """Draw the cards in rows of two.

    Args:
        home: The start page's texts.
        progress: The lessons in their order, each with the learner's progress.
    """
    for first in range(0, len(progress), 2):
        columns = st.columns(2, gap="small")
        for lesson, column in zip(progress[first : first + 2], columns, strict=False):
            key = CARD.of(lesson.page.name).name
            with column, st.container(border=True, height="stretch", key=key):
                _draw_card(home, lesson)


def _draw_card(home: Lesson, progress: LessonProgress) -> None:
    page = progress.page
    picture, words = st.columns([1, 2.4], gap="small", wrap=False)
    address = picture_address(page.name)
    if address:
        picture.image(address, width=PICTURE_WIDTH, alt="")
    with words:
        st.header(page.label, anchor=False)
        st.markdown(progress.lesson.card)
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption(_describe(home, progress), width="content")
            st.page_link(
                page.path,
                label=f"**Open lesson {page.number}**",
                icon=":material/arrow_forward:",
                icon_position="right",
            )


def _describe(home: Lesson, progress: LessonProgress) -> str:
    """Return how long a lesson takes, and how much of it is done."""
    takes = home.text("takes", minutes=progress.lesson.minutes)
    if progress.is_done:
        return f"{takes} · {home.text('done')}"
    if progress.answered:
        counts = {"answered": progress.answered, "count": progress.questions}
        return f"{takes} · {home.text('partly_done', **counts)}"
    return takes


def picture_address(name: str) -> str:
    """Return a lesson's picture as a data URI, drawn in the theme's text colour.

    Returns:
        An empty text if the lesson has no picture.
    """
    file = FOLDER / "pictures" / f"{name}.svg"
    if not file.is_file():
        return ""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    ink = str(st.get_option(f"theme.{theme}.textColor"))
    text = file.read_text(encoding="utf-8").replace("currentColor", ink)
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()
