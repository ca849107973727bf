"""How far a learner is in the lessons, and the way to the next one.

A lesson is done when all its questions are answered; the browser keeps the answers. A lesson
without questions is done when one of its runs has finished.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from nncore.experiment import Experiment
from ui.content.lesson import Lesson, load
from ui.content.toml_file import LessonError
from ui.core import page_runs
from ui.core.catalog import LESSONS, LessonInfo
from ui.core.wording import count
from ui.workbench import predictions


@dataclass(frozen=True)
class LessonProgress:
    """A lesson, and how much of it the learner has done.

    Args:
        page: Its entry in the catalogue.
        lesson: Its texts.
        answered: How many of its questions are answered.
        has_run: Whether one of its runs has finished in this session.
    """

    page: LessonInfo
    lesson: Lesson
    answered: int
    has_run: bool

    @property
    def questions(self) -> int:
        """The number of its questions."""
        return len(self.lesson.questions)

    @property
    def is_done(self) -> bool:
        """Return True if all questions are answered, or a run has finished if there are none."""
        return self.answered >= self.questions if self.questions else self.has_run

    @property
    def minutes_left(self) -> int:
        """About how many minutes the rest of the lesson takes."""
        if self.is_done:
            return 0
        share = self.answered / self.questions if self.questions else 0.0
        return math.ceil(self.lesson.minutes * (1 - share))


def read_progress() -> list[LessonProgress]:
    """Return the learner's progress in each lesson, in the catalogue's order."""
    finished = {run.page for run in page_runs.get_ledger() if run.is_plain}
    found = []
    for page in LESSONS:
        lesson = _load(page)
        answered = len(predictions.answers(lesson))
        found.append(LessonProgress(page, lesson, answered, page.name in finished))
    return found


def _load(page: LessonInfo) -> Lesson:
    """Return a lesson; if its file is broken, one whose card says what is wrong."""
    try:
        return load(page.name)
    except LessonError as error:
        card = f":material/edit_off: {error}"
        return Lesson(page.name, page.title, "", Experiment(), {}, (), card=card)


def next_lesson(progress: Sequence[LessonProgress]) -> LessonProgress | None:
    """Return the first lesson that is not done; None if all are."""
    return next((lesson for lesson in progress if not lesson.is_done), None)


def draw_next(lesson: LessonInfo) -> None:
    """Draw the way on at the end of a lesson: the next one, or the notebook after the last."""
    following = LESSONS[lesson.number :]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if following:
            page = following[0]
            minutes = count(_load(page).minutes, "minute")
            st.markdown(f"**Next:** lesson {page.number}, {minutes}", width="content")
            st.page_link(page.path, label=f"**{page.title}**", icon=":material/arrow_forward:")
        else:
            st.markdown("**This was the last lesson.** Compare all your runs:", width="content")
            st.page_link("pages/runs.py", label="**Runs**", icon=":material/arrow_forward:")
