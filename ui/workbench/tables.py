"""Small tables and printed facts that several lessons show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.core import resources
from ui.core.keys import Key

PREDICTIONS_TABLE = Key("rounding.verdicts", None)


def show_table(columns: Mapping[str, Any], *, key: str, **more: Any) -> Any:
    """Draw a table of a few rows from columns by name; return what `st.dataframe` returns."""
    import pyarrow as pa

    return st.dataframe(pa.table(dict(columns)), hide_index=True, key=key, **more)


def show_model_summary(experiment: Experiment) -> None:
    """Draw the summary that Keras prints of a network; a worker makes it."""
    text = resources.summary(experiment)
    if text is None:
        st.caption("Keras's own `model.summary()` appears here when the worker is ready.")
        return
    st.caption("Keras's own summary: `model.summary()`")
    st.code(text, language=None)


def show_source(dataset: Dataset) -> None:
    """Draw the source of the data, and the sources that could not be used."""
    st.caption(dataset.source)
    for note in dataset.notes:
        st.caption(f":material/info: {note}")


def edit_numbers(key: str, start: NDArray[np.float32]) -> NDArray[np.float32]:
    """Draw a column of numbers to edit; return those that are finite.

    Args:
        key: The widget's key.
        start: The numbers before any edit, float32 `(n,)`.
    """
    import pyarrow as pa

    edited = st.data_editor(
        pa.table({"x": start.astype(float).round(4)}),
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={"x": st.column_config.NumberColumn("number x", format="%.3g")},
    )
    kept = [x for x in edited.column("x").to_pylist() if x is not None and np.isfinite(x)]
    return np.array(kept, np.float32)


def tabulate_predictions(
    numbers: NDArray[np.float32], outputs: ArrayLike, threshold: float, names: Sequence[str]
) -> None:
    """Draw the `(n, 2)` predictions for some numbers, their argmax, and whether it is correct."""
    values = np.asarray(outputs)
    answers = values.argmax(axis=1)
    right = answers == (numbers >= threshold)
    columns = {
        "x": numbers.astype(float).round(4),
        f"P({names[0]})": values[:, 0].astype(float).round(3),
        f"P({names[1]})": values[:, 1].astype(float).round(3),
        "argmax": answers,
        "answer": [names[i] for i in answers],
        "verdict": ["✓ right" if ok else "✗ wrong" for ok in right],
    }
    st.caption(
        f"The predictions have the shape `{values.shape}`: a row per number, a column per class."
    )
    show_table(columns, key=PREDICTIONS_TABLE.name)
    st.markdown(f"**{int(right.sum())} of {len(right)}** are right.")
