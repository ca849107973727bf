"""The learner's own digits in lesson 4: how a drawing joins them, and how a step is taken back.

The hand lives in the session, and this browser keeps it over reloads (see
`ui/components/keep`). The session holds, beside widgets:

    draw.hand     what the browser's value was read as: that value, and the `DigitCollection`
    draw.undo     what was done and the hand before it, the last step at the end
    draw.full     a sentence on what could not be done, shown once

This file knows neither who reads the digits nor how they are shown.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import CLASSES, LONGEST, MOST, Digit, DigitCollection, DigitError
from ui.components import keep
from ui.components.keep.shapes import Checked
from ui.content.lesson import Lesson
from ui.core import state
from ui.draw import canvas

#: How many steps can be taken back.
STEPS = 50


class Step(NamedTuple):
    """What was done, and the hand before it."""

    done: str
    before: DigitCollection


# Where it is kept.


def _is_hand(value: object) -> bool:
    try:
        DigitCollection.from_value(value)
    except DigitError:
        return False
    return True


def _together(mine: Any, other: Any) -> Any:
    """Two windows' hands as one: a digit that either has is not lost."""
    hands = [DigitCollection.from_value(value) for value in (other, mine) if value is not None]
    return hands[0].merge(hands[-1]).value


SLOT = keep.Slot[Any]("handwriting", Checked(LONGEST, _is_hand), _together)


def hand() -> DigitCollection:
    """The learner's digits."""
    kept = keep.get(SLOT)
    value, found = state.get("draw.hand", (None, DigitCollection()))
    if kept is not value:
        found = DigitCollection() if kept is None else DigitCollection.from_value(kept)
        state.put("draw.hand", (kept, found))
    return found


def change(done: str, new: DigitCollection) -> None:
    """Makes `new` the learner's hand; it can be taken back.

    Args:
        done: What this does, in a few words.
        new: The hand from now on.
    """
    steps: tuple[Step, ...] = state.get("draw.undo", ())
    state.put("draw.undo", (*steps, Step(done, hand()))[-STEPS:])
    _set(new)


def _set(new: DigitCollection) -> None:
    value = new.value if len(new) else None
    keep.put(SLOT, value)
    state.put("draw.hand", (value, new))


def add(image: NDArray[np.uint8], label: int, *, what: str = "added") -> None:
    """Puts a digit into the learner's hand; where it is full, the page says so.

    Args:
        image: (28, 28) uint8.
        label: Which digit it is.
        what: The verb of the step.
    """
    try:
        change(f"{what} a {label}", hand().add(Digit.from_image(image, label)))
    except DigitError as error:
        state.put("draw.full", str(error))


def last() -> Step | None:
    """The step that can be taken back."""
    steps: tuple[Step, ...] = state.get("draw.undo", ())
    return steps[-1] if steps else None


def undo() -> None:
    """Takes the last step back."""
    step = last()
    if step is not None:
        state.put("draw.undo", state.get("draw.undo", ())[:-1])
        _set(step.before)


def undo_button(key: str, **more: Any) -> None:
    """A button that takes the last step back, and says which that is."""
    step = last()
    words = f"Undo: {step.done}" if step is not None else "Undo"
    st.button(words, icon=":material/undo:", key=key, disabled=step is None, on_click=undo, **more)


# Joining it.


def confirm(lesson: Lesson, image: NDArray[np.uint8] | None, answer: int | None) -> None:
    """Asks whether the answer is right, and puts the drawing into the learner's hand.

    Args:
        lesson: Whose texts.
        image: What was read, (28, 28) uint8; None where nothing is drawn.
        answer: What it was read as; None where it was not.
    """
    if complaint := state.get("draw.full", ""):
        st.warning(complaint, icon=":material/inventory_2:")
        state.drop("draw.full")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if canvas.begun_with_a_test_image():
            st.caption(lesson.text("hand_not_yours"))
        elif image is not None and (held := _held(image)) is not None:
            st.caption(lesson.text("hand_joined", label=held, count=len(hand())), width="content")
            undo_button("draw.confirm.undo", type="tertiary")
        else:
            _ask(lesson, image, answer)
    if state.get("draw.joined", False):  # outside this fragment there is more to be drawn anew
        state.drop("draw.joined")
        st.rerun()


def _ask(lesson: Lesson, image: NDArray[np.uint8] | None, answer: int | None) -> None:
    st.button(
        "Right" if answer is None else f"Right, a {answer}",
        icon=":material/check:",
        key="draw.right",
        disabled=image is None or answer is None,
        on_click=_join,
        args=(image, answer),
        help=lesson.text("hand_why"),
    )
    asked = _asked()  # another key closes it after a choice
    with st.popover(
        "No, it is …",
        icon=":material/close:",
        key=f"draw.wrong.{asked}",
        disabled=image is None,
    ):
        st.pills(
            "Which digit is it?",
            range(CLASSES),
            key=f"draw.truth.{asked}",
            on_change=_correct,
            args=(image, f"draw.truth.{asked}"),
        )


def _held(image: NDArray[np.uint8]) -> int | None:
    """The label under which the hand has this very image."""
    pixels = image.tobytes()
    return next((d.label for d in reversed(hand().digits) if d.pixels == pixels), None)


def _join(image: NDArray[np.uint8], label: int) -> None:
    add(image, label)
    state.put("draw.joined", True)


def _correct(image: NDArray[np.uint8], key: str) -> None:
    label = state.get(key, None)
    if label is not None and key == f"draw.truth.{_asked()}":  # else it was told again, and late
        state.put("draw.asked", _asked() + 1)
        _join(image, int(label))


def _asked() -> int:
    return state.get("draw.asked", 0)


# How full it is, and whether it lasts.


def kept() -> str:
    """A sentence on where the hand is kept."""
    if not keep.is_lasting():
        return "This browser keeps nothing over a reload: download the digits to have them again."
    return f"This browser keeps them, nobody else; {len(hand())} of at most {MOST}."
