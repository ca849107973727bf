"""Lesson 3, Ask: the tutorial's four errors, made for real by a worker and fixed one by one."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, term
from ui.core import cached_results, state
from ui.core.keys import Key
from ui.mnist.array_facts import ArrayFacts, facts_as_loaded, fixed_facts, write_facts
from ui.workbench.lesson_page import LessonPage

FIT = "model.fit(x_train, y_train, epochs=2, batch_size=10)"
EVALUATE = "model.evaluate(x_test, y_test)"


class ShapeError(NamedTuple):
    """One of the tutorial's errors.

    Attributes:
        name: Its name for `resources.mistake`.
        call: The line of Keras that fails.
        array: The array that causes it.
        fix: The name of its fix, one of `FIXES`.
        old_message: What the tutorial's older Keras printed.
    """

    name: str
    call: str
    array: str
    fix: str
    old_message: str


ERRORS = (
    ShapeError(
        "train_images",
        FIT,
        "x_train",
        "reshape",
        "Error when checking input: expected dense_1_input to have 2 dimensions, "
        "but got array with shape (60000, 28, 28)",
    ),
    ShapeError(
        "train_labels",
        FIT,
        "y_train",
        "to_categorical",
        "Error when checking target: expected dense_2 to have shape (10,) "
        "but got array with shape (1,)",
    ),
    ShapeError(
        "test_images",
        EVALUATE,
        "x_test",
        "reshape",
        "Error when checking input: expected dense_1_input to have 2 dimensions, "
        "but got array with shape (10000, 28, 28)",
    ),
    ShapeError(
        "test_labels",
        EVALUATE,
        "y_test",
        "to_categorical",
        "Error when checking target: expected dense_2 to have shape (10,) "
        "but got array with shape (1,)",
    ),
)
#: The fixes, and the labels of their buttons.
FIXES = {"reshape": "reshape the images", "to_categorical": "to_categorical for the labels"}

OPEN = Key("mnist.errors", False)
#: How many errors are fixed.
FIXED = Key("mnist.errors.fixed", 0)
#: What Keras printed for the error that the learner is on; empty before it was run.
MESSAGE = Key("mnist.errors.message", "")
#: The error for which the learner chose the wrong fix.
WRONG_FIX = Key("mnist.errors.wrong_fix", "")
#: True once the pixels are divided by 255, after the last error.
IS_SCALED = Key("mnist.errors.scaled", False)


def show_shape_errors(page: LessonPage) -> None:
    """Draw the expander on the tutorial's errors; its content only while it is open."""
    title = "**The errors on the way**"
    expander = st.expander(title, key=OPEN.name, on_change="rerun")
    if expander.open:
        with expander:
            _show_errors(page)


@st.fragment
def _show_errors(page: LessonPage) -> None:
    st.markdown(page.text("errors"))
    fixed = state.get(FIXED)
    facts = facts_after(page.dataset, fixed, is_scaled=state.get(IS_SCALED))
    st.code(write_facts(facts.values()), language=None)
    for number, error in enumerate(ERRORS[:fixed], 1):
        st.markdown(f"{number}. :material/check: `{_fix_line(error, page.dataset)}`")
    if fixed < len(ERRORS):
        _show_error(page, fixed)
    else:
        _show_scaling(page)
    if fixed or state.get(MESSAGE):
        st.button(
            "Start again",
            key=OPEN.of("restart").name,
            icon=":material/restart_alt:",
            on_click=_set_fixed,
            args=(0,),
        )


def facts_after(dataset: Dataset, fixed: int, *, is_scaled: bool) -> dict[str, ArrayFacts]:
    """Return the facts of the four arrays after some fixes.

    Args:
        dataset: The images.
        fixed: How many of `ERRORS` are fixed.
        is_scaled: True if all pixels are also divided by 255.
    """
    facts = facts_as_loaded(dataset)
    for error in ERRORS[:fixed]:
        facts[error.array] = fixed_facts(facts[error.array], error.fix)
    if is_scaled:
        facts |= {name: fixed_facts(facts[name], "scale") for name in ("x_train", "x_test")}
    return facts


def _fix_line(error: ShapeError, dataset: Dataset) -> str:
    """Return the line of Python that fixes an error."""
    count = len(dataset.x_train if error.array == "x_train" else dataset.x_test)
    if error.fix == "reshape":
        return f"{error.array} = {error.array}.reshape(({count}, 28 * 28))"
    return f"{error.array} = to_categorical({error.array})"


def _show_error(page: LessonPage, fixed: int) -> None:
    """Draw the next error: the line that fails, what Keras prints, and the two fixes."""
    error = ERRORS[fixed]
    st.markdown(f"**Error {fixed + 1} of {len(ERRORS)}**")
    st.code(error.call, language="python", wrap_lines=True)
    is_run = st.button(
        "Run this line", key=OPEN.of("run", error.name).name, icon=":material/play_arrow:"
    )
    if is_run:
        with st.spinner("A worker runs it in Keras."):
            message = cached_results.mistake(_tutorial_network(page.lesson), error.name)
        state.put(MESSAGE, message or "")
        if message is None:
            st.info("The worker is still starting. Press again in a moment.")
    if state.get(MESSAGE):
        _show_messages(error)
        _show_fixes(page, fixed)


def _show_messages(error: ShapeError) -> None:
    """Draw today's message of Keras beside the one that the tutorial printed."""
    left, right = st.columns(2, gap="medium")
    left.caption("Keras today prints")
    left.code(state.get(MESSAGE), language=None, wrap_lines=True)
    right.caption("The tutorial's Keras printed")
    right.code(error.old_message, language=None, wrap_lines=True)


def _show_fixes(page: LessonPage, fixed: int) -> None:
    error = ERRORS[fixed]
    st.markdown(page.text("errors_cure"))
    with st.container(horizontal=True):
        for fix, label in FIXES.items():
            st.button(
                label,
                key=OPEN.of(fix, error.name).name,
                on_click=_try_fix,
                args=(fix, fixed),
                help=term("one-hot") if fix == "to_categorical" else None,
            )
    if state.get(WRONG_FIX) == error.name:
        st.warning(page.text(f"errors_not_{error.fix}"), icon=":material/undo:")


def _show_scaling(page: LessonPage) -> None:
    """Draw the last preparation, which fixes no error: division by 255."""
    st.success(page.text("errors_done"), icon=":material/check_circle:")
    if state.get(IS_SCALED):
        for name in ("x_train", "x_test"):
            st.markdown(f":material/check: `{name} = {name}.astype('float32') / 255`")
        st.markdown(page.text("errors_scaled"))
    else:
        st.button(
            "Divide the pixels by 255",
            key=OPEN.of("scale").name,
            icon=":material/contrast:",
            on_click=state.put,
            args=(IS_SCALED, True),
        )


def _tutorial_network(lesson: Lesson) -> Experiment:
    """Return the lesson's own network, with the loss that needs one-hot labels."""
    return lesson.default.updated({"fit.loss": "categorical_crossentropy"})


def _try_fix(fix: str, fixed: int) -> None:
    if fix == ERRORS[fixed].fix:
        _set_fixed(fixed + 1)
    else:
        state.put(WRONG_FIX, ERRORS[fixed].name)


def _set_fixed(fixed: int) -> None:
    state.put(FIXED, fixed)
    for key in (MESSAGE, WRONG_FIX, IS_SCALED):
        state.drop(key)
