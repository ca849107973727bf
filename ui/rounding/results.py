"""Step 4 of lesson 1: a table of numbers to edit, with the network's predictions beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.core import state, wording
from ui.core.keys import Key
from ui.rounding.pictures import explain_outputs
from ui.rounding.typed_numbers import TypedNumbers, apply_edits, read_cells, write_cells
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]
#: The table's edits as Streamlit keeps them: `{"edited_rows": {0: {"x": "7.5"}}, ...}`.
EDITS: Key[Mapping[str, Any]] = Key("rounding.test", {})
#: Digits that tell any two float32 apart.
DIGITS = 9


def show_test(page: LessonPage, shown: View) -> None:
    """Draw the table of test numbers and predictions, and how many of them are right."""
    st.header("4 Test", anchor=False)
    st.markdown(page.text("test"))
    start = write_cells(page.dataset.x_test[:, 0])
    numbers = read_cells(apply_edits(start, state.get(EDITS)))
    outputs = None
    if shown.network is None:
        st.info(page.text("test_untrained"), icon=":material/arrow_upward:")
    else:
        outputs = shown.network.predict(np.nan_to_num(numbers.values)[:, np.newaxis])
    _show_table(page, shown, start, numbers, outputs)
    if numbers.unreadable:
        cells = ", ".join(f"`{cell}`" for cell in numbers.unreadable)
        st.warning(page.text("test_unreadable", cells=cells), icon=":material/edit_off:")
    if outputs is not None:
        _show_summary(page, shown, numbers, outputs)


def _show_table(
    page: LessonPage,
    shown: View,
    start: Sequence[str],
    numbers: TypedNumbers,
    outputs: Array | None,
) -> None:
    import pyarrow as pa

    names, threshold = page.dataset.class_names, shown.experiment.data.threshold
    predicted = tabulate_predictions(numbers, outputs, threshold, names)
    labels = {f"output {i}": f"output {i}: {name}" for i, name in enumerate(names)}
    st.data_editor(
        pa.table({"x": list(start), **predicted}),
        key=EDITS.name,
        num_rows="fixed",
        hide_index=True,
        disabled=list(predicted),
        column_config={
            "x": st.column_config.TextColumn("x", max_chars=40, width="small"),
            **{key: st.column_config.TextColumn(label) for key, label in labels.items()},
        },
        height="content",
        alt="Test numbers, the network's two outputs for each, and its prediction",
    )


def tabulate_predictions(
    numbers: TypedNumbers, outputs: Array | None, threshold: float, names: Sequence[str]
) -> dict[str, list[str]]:
    """Return outputs, argmax, prediction and verdict for each number, as columns of texts.

    Args:
        numbers: The numbers. Rows without one stay empty.
        outputs: `(n, 2)`; None before the network is trained.
        threshold: The labels change from class 0 to class 1 here.
        names: Names of the two classes.
    """
    columns = ("output 0", "output 1", "argmax", "prediction", "verdict")
    rows = list(_tabulate_rows(numbers, outputs, threshold, names))
    return {column: [row[place] for row in rows] for place, column in enumerate(columns)}


def _tabulate_rows(
    numbers: TypedNumbers, outputs: Array | None, threshold: float, names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    empty = ("",) * 5
    for place, value in enumerate(numbers.values.tolist()):
        if outputs is None or not math.isfinite(value):
            yield empty
            continue
        texts = [wording.number(output, DIGITS) for output in outputs[place].tolist()]
        if np.isnan(outputs[place]).any():
            yield (*texts, "", "", "")
            continue
        answer = int(outputs[place].argmax())
        verdict = "✓ right" if answer == (np.float32(value) >= threshold) else "✗ wrong"
        yield (*texts, str(answer), names[answer], verdict)


def _show_summary(page: LessonPage, shown: View, numbers: TypedNumbers, outputs: Array) -> None:
    readable = numbers.readable
    if np.isnan(outputs[readable]).any():
        st.error(page.text("test_nan"), icon=":material/trending_up:")
        return
    answers = outputs[readable].argmax(axis=1)
    labels = numbers.values[readable].astype(np.float32) >= shown.experiment.data.threshold
    st.markdown(f"**{int((answers == labels).sum())} of {len(labels)}** are right.")
    shape = (int(readable.sum()), outputs.shape[1])
    st.caption(f"{explain_outputs(page, shown)} {page.text('test_shape', shape=shape)}")
