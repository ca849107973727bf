"""The tutorials' errors, made for real by a worker and fixed step by step."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, term
from ui.core import resources, state


class Error(NamedTuple):
    """One of the tutorials' mistakes.

    Attributes:
        name: What `resources.mistake` calls it.
        call: The line of Keras that fails.
        array: Which array is at fault.
        cure: Which of `CURES` mends it.
    """

    name: str
    call: str
    array: str
    cure: str


ERRORS = (
    Error("train_images", "network.fit(train_images, train_labels)", "train_images", "reshape"),
    Error(
        "train_labels", "network.fit(train_images, train_labels)", "train_labels", "to_categorical"
    ),
    Error("test_images", "network.evaluate(test_images, test_labels)", "test_images", "reshape"),
    Error(
        "test_labels",
        "network.evaluate(test_images, test_labels)",
        "test_labels",
        "to_categorical",
    ),
)
#: The cures, and what their buttons say.
CURES = {"reshape": "reshape the images", "to_categorical": "to_categorical for the labels"}


def errors(lesson: Lesson, dataset: Dataset) -> None:
    """The tutorials' four errors, made for real by a worker, each mended with a click.

    Args:
        lesson: Whose texts, and whose network: its default.
        dataset: Images whose shapes are shown.
    """
    aside = st.expander("**The errors on the way**", key="mnist.errors", on_change="rerun")
    if aside.open:
        with aside:
            _errors(lesson, dataset)


@st.fragment
def _errors(lesson: Lesson, dataset: Dataset) -> None:
    st.markdown(lesson.text("errors"))
    mended = state.get("mnist.mended", 0)
    _shapes(dataset, mended)
    for number, error in enumerate(ERRORS[:mended], 1):
        st.markdown(f"{number}. :material/check: `{_cure_line(error, dataset)}`")
    if mended < len(ERRORS):
        _error(lesson, dataset, mended)
    else:
        st.success(lesson.text("errors_done"), icon=":material/check_circle:")
    if mended or state.get("mnist.said", ""):
        st.button(
            "From the beginning",
            key="mnist.errors.restart",
            icon=":material/restart_alt:",
            on_click=_mend_to,
            args=(0,),
        )


def _shapes(dataset: Dataset, mended: int) -> None:
    """The shapes of the four arrays as they are after so many cures."""
    cured = {error.array for error in ERRORS[:mended]}
    names = ("train_images", "train_labels", "test_images", "test_labels")
    arrays = (dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    lines = []
    for name, array in zip(names, arrays, strict=True):
        shape = str(cured_shape(array.shape) if name in cured else array.shape)
        mark = "✓ mended" if name in cured else ""
        lines.append(f"{name + '.shape':<18}  {shape:<16}  {mark}".rstrip())
    st.code("\n".join(lines), language=None)


def cured_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """What `reshape` makes of images' shape, and `to_categorical` of labels'."""
    return (shape[0], 28 * 28) if len(shape) == 3 else (shape[0], 10)


def _cure_line(error: Error, dataset: Dataset) -> str:
    """The line of Python that mends an error."""
    count = len(dataset.x_train if error.array.startswith("train") else dataset.x_test)
    if error.cure == "reshape":
        return f"{error.array} = {error.array}.reshape(({count}, 28 * 28))"
    return f"{error.array} = to_categorical({error.array})"


def _error(lesson: Lesson, dataset: Dataset, mended: int) -> None:
    """The next error: the line that fails, what Keras says of it, and the two cures."""
    error = ERRORS[mended]
    st.markdown(f"**{mended + 1} of {len(ERRORS)}**")
    st.code(error.call, language="python")
    asked = st.button(
        "Run this line", key=f"mnist.errors.run.{error.name}", icon=":material/play_arrow:"
    )
    if asked:
        with st.spinner("A worker runs it in Keras."):
            said = resources.mistake(_network_of(lesson), error.name)
        state.put("mnist.said", said or "")
        if said is None:
            st.info("The worker is still starting. Press again in a moment.")
    if not state.get("mnist.said", ""):
        return
    st.caption("Keras's own words:")
    st.code(state.get("mnist.said", ""), language=None, wrap_lines=True)
    st.markdown(lesson.text("errors_cure"))
    with st.container(horizontal=True):
        for cure in CURES:
            st.button(
                CURES[cure],
                key=f"mnist.errors.{cure}.{error.name}",
                on_click=_try_cure,
                args=(cure, mended),
                help=term("one-hot") if cure == "to_categorical" else None,
            )
    if state.get("mnist.miscured", "") == error.name:
        st.warning(lesson.text(f"errors_not_{error.cure}"), icon=":material/undo:")


def _network_of(lesson: Lesson) -> Experiment:
    """The lesson's own network, with the loss that wants one-hot labels."""
    return lesson.default.updated({"fit.loss": "categorical_crossentropy"})


def _try_cure(cure: str, mended: int) -> None:
    if cure == ERRORS[mended].cure:
        _mend_to(mended + 1)
    else:
        state.put("mnist.miscured", ERRORS[mended].name)


def _mend_to(mended: int) -> None:
    state.put("mnist.mended", mended)
    state.drop("mnist.said")
    state.drop("mnist.miscured")
