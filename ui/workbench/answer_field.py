"""The field in which somebody answers a lesson's question: choices, or a number."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.content.questions import Question

#: Answers of at most so many characters are drawn in one row of buttons.
SHORT = 3


def draw_answer_field(question: Question, key: str, *, is_disabled: bool = False) -> float | None:
    """Draw the widget for an answer; return the index of the chosen one, or a number.

    Args:
        question: The question.
        key: The widget's key, unique on a page.
        is_disabled: True where the answer can no longer change.
    """
    number = question.number
    if number is None:
        texts = [answer.text for answer in question.answers]
        options = range(len(texts))
        more: Any = {"disabled": is_disabled, "label_visibility": "collapsed"}
        write = texts.__getitem__
        if all(len(text) <= SHORT for text in texts):
            chosen = st.segmented_control("Answer", options, key=key, format_func=write, **more)
        else:
            chosen = st.radio("Answer", options, None, write, key=key, **more)
        return None if chosen is None else int(chosen)
    bounds = (number.low, number.high, number.step)
    kind: Any = int if all(value == int(value) for value in bounds) else float
    low, high, step = map(kind, bounds)
    given: float | None = st.number_input(
        number.label, low, high, None, step, key=key, width=220, disabled=is_disabled
    )
    return given
