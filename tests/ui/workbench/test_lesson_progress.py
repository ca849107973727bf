"""How far a learner is in the lessons, and the way on at the end of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import streamlit as st

from ui.content.lesson import load
from ui.core.catalog import LESSONS
from ui.workbench.lesson_progress import LessonProgress, draw_next, next_lesson

LESSON = load(LESSONS[0].name)


def progress(answered: int, has_run: bool = False) -> LessonProgress:
    return LessonProgress(LESSONS[0], LESSON, answered, has_run)


def test_a_lesson_is_done_when_all_its_questions_are_answered() -> None:
    count = len(LESSON.questions)
    assert not progress(count - 1, has_run=True).is_done
    assert progress(count).is_done
    assert progress(count).minutes_left == 0
    assert progress(0).minutes_left == LESSON.minutes


def test_a_lesson_without_questions_is_done_with_its_first_run() -> None:
    silent = replace(progress(0), lesson=replace(LESSON, questions=()))
    assert not silent.is_done
    assert replace(silent, has_run=True).is_done


def test_the_next_lesson_is_the_first_that_is_not_done() -> None:
    done, begun = progress(len(LESSON.questions)), progress(1)
    assert next_lesson([done, begun]) is begun
    assert next_lesson([done]) is None


@pytest.mark.parametrize("number", range(len(LESSONS)))
def test_a_lesson_ends_with_the_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    linked: list[str] = []
    monkeypatch.setattr(st, "page_link", lambda path, **_: linked.append(path))
    draw_next(LESSONS[number])
    paths: list[Any] = [lesson.path for lesson in LESSONS[1:]]
    assert linked == [[*paths, "pages/runs.py"][number]]
