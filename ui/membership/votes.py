"""A class's question: its name, the bars of its answers, the second vote beside the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.class_store.values import MOST_NAME, Tally
from ui.content.lesson import Lesson, load
from ui.content.questions import Number, Question
from ui.content.toml_file import LessonError
from ui.core.catalog import find_lesson
from ui.core.wording import number as word_number
from ui.core.wording import percent

#: Ranges that the answers to a question for a number are counted in.
RANGES = 8
#: Begins what happened when a question was run, in front of the right answer.
_CORRECT = "It is: **"


def write_outcome(correct: str, numbers: str, why: str) -> str:
    """Return what happened when a question was run, in Markdown.

    Args:
        correct: The right answer in words; empty where the run does not decide.
        numbers: The measures of the run.
        why: The explanation.
    """
    first = f"{_CORRECT}{correct}**" if correct else "This run does not decide it."
    return "\n\n".join(part.strip() for part in (first, numbers, why) if part.strip())


def read_correct(outcome: str) -> str:
    """Return the right answer of what `write_outcome` wrote; empty where there is none."""
    first = outcome.split("\n")[0]
    is_decided = first.startswith(_CORRECT) and first.endswith("**")
    return first[len(_CORRECT) : -2] if is_decided else ""


def count_answers(question: Question, counts: Mapping[float, int]) -> dict[str, int]:
    """Return how often each answer was given, by its words, in the question's order.

    Answers that the question does not offer are left out: anybody can send any number.

    Args:
        question: The question.
        counts: How often each value was given.
    """
    if question.number is None:
        return {
            answer.text: counts.get(float(place), 0)
            for place, answer in enumerate(question.answers)
        }
    return _count_ranges(question.number, counts)


def _count_ranges(number: Number, counts: Mapping[float, int]) -> dict[str, int]:
    """Return the counts of a few values, each with its own bar; of many values by ranges."""
    given = {v: n for v, n in counts.items() if number.low <= v <= number.high}
    if len(given) <= RANGES:
        return {word_number(value, 6): given[value] for value in sorted(given)}
    low, high = min(given), max(given)
    width = (high - low) / RANGES
    bars: dict[str, int] = {}
    for place in range(RANGES):
        start, end = low + place * width, low + (place + 1) * width
        inside = sum(
            n for v, n in given.items() if min(RANGES - 1, int((v - low) / width)) == place
        )
        bars[f"{word_number(start)} to {word_number(end)}"] = inside
    return bars


def draw_votes(
    question: Question, tallies: Sequence[Tally], correct: str = "", own: str = ""
) -> None:
    """Draw the spread of each vote, one answer below the other.

    Args:
        question: The question.
        tallies: The votes, the first one first.
        correct: The right answer in words, which gets a mark; empty where it is not known yet.
        own: The learner's own answer in words; empty for none.
    """
    votes = [count_answers(question, tally.counts) for tally in tallies]
    totals = [max(1, sum(vote.values())) for vote in votes]
    for text in dict.fromkeys(text for vote in votes for text in vote):
        mark = ":green[✓] " if text == correct else ""
        yours = " · your answer" if text == own else ""
        st.markdown(f"{mark}**{text}**{yours}")
        for place, (vote, total) in enumerate(zip(votes, totals, strict=True), 1):
            count = vote.get(text, 0)
            label = f"{percent(count / total, 0)} ({count})"
            name = f"Vote {place}: " if len(votes) > 1 else ""
            st.progress(count / total, f"{name}{label}")


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
