"""Ask the learner which digit a drawing shows, and add it to the collection."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import CLASSES
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.draw import canvas
from ui.draw.digit_collection import (
    IS_CHANGED,
    PROBLEM,
    add,
    find_label,
    load,
    name_digit,
    show_undo,
)

#: How many labels were chosen: a new number closes the popover with the labels.
ASKED = Key("draw.digits.asked", 0)
#: The label that was chosen in the popover.
TRUTH = Key[int | None]("draw.truth", None)


def ask_for_label(lesson: Lesson, image: NDArray[np.uint8] | None, answer: int | None) -> None:
    """Ask whether the prediction is right, and add the drawing to the collection.

    Args:
        lesson: The lesson, for its texts.
        image: The drawing, (28, 28) uint8; None for none.
        answer: The predicted digit; None where there is no prediction.
    """
    if state.get(IS_CHANGED):  # only the whole page sends the browser what it is to keep
        st.rerun()
    if problem := state.get(PROBLEM):
        st.warning(problem, icon=":material/inventory_2:")
        state.drop(PROBLEM)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if canvas.has_foreign_start():
            st.caption(lesson.text("digits_not_yours"))
        elif image is not None and (label := find_label(image)) is not None:
            added = lesson.text("digits_added", digit=name_digit(label), count=len(load()))
            st.caption(added, width="content")
            show_undo("draw.confirm.undo", type="tertiary")
        else:
            _show_labels(lesson, image, answer)


def _show_labels(lesson: Lesson, image: NDArray[np.uint8] | None, answer: int | None) -> None:
    st.button(
        "Right" if answer is None else f"Right, {name_digit(answer)}",
        icon=":material/check:",
        key="draw.right",
        disabled=image is None or answer is None,
        on_click=add,
        args=(image, answer),
        help=lesson.text("digits_why"),
    )
    asked = state.get(ASKED)
    with st.popover(
        "No, it is …",
        icon=":material/close:",
        key=f"draw.wrong.{asked}",
        disabled=image is None,
    ):
        st.pills(
            "Which digit is it?",
            range(CLASSES),
            key=TRUTH.of(asked).name,
            on_change=_correct,
            args=(image, asked),
        )


def _correct(image: NDArray[np.uint8], asked: int) -> None:
    label = state.get(TRUTH.of(asked))
    if label is not None and asked == state.get(ASKED):  # otherwise it is a repeated message
        state.put(ASKED, asked + 1)
        add(image, int(label))
