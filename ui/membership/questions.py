"""Names of a class's questions: a lesson's question under one name in the whole lab."""

from __future__ import annotations

from ui.class_store.values import MOST_NAME
from ui.content.lesson import Lesson, load
from ui.content.questions import Question
from ui.content.toml_file import LessonError
from ui.core.catalog import find_lesson


def name_question(page: str, question: str) -> str:
    """Return the name under which a class votes on a lesson's question."""
    return f"{page}/{question}"[:MOST_NAME]


def find_question(name: str) -> tuple[Lesson, Question] | None:
    """Return the lesson and the question of a name; None if this lab has no such question."""
    page = name.partition("/")[0]
    if find_lesson(page) is None:
        return None
    try:
        lesson = load(page).on_data()
    except LessonError:
        return None
    asked = (q for q in lesson.questions if name_question(page, q.name) == name)
    question = next(asked, None)
    return None if question is None else (lesson, question)
