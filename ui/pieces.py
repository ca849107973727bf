"""Small pieces that several lessons show: tables, Keras's summary, downloads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from nncore.experiment import Experiment
from ui import resources
from ui.view import View


def table(columns: Mapping[str, Any], *, key: str, **more: Any) -> None:
    """A table of a few rows, each column by its name."""
    import pyarrow as pa

    st.dataframe(pa.table(dict(columns)), hide_index=True, key=key, **more)


def summary(experiment: Experiment) -> None:
    """What Keras prints of the network, from a worker."""
    text = resources.summary(experiment)
    if text is None:
        st.caption("Keras's own `model.summary()` appears here when the worker is ready.")
        return
    st.caption("The same, as Keras prints it: `model.summary()`")
    st.code(text, language=None)


def editable_numbers(key: str, start: NDArray[np.float32]) -> NDArray[np.float32]:
    """A column of numbers that the learner can change; what is no number is left out.

    Args:
        key: The widget's key.
        start: The numbers at first, float32 `(n,)`.
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


def verdicts(
    numbers: NDArray[np.float32], outputs: ArrayLike, threshold: float, names: Sequence[str]
) -> None:
    """The `(n, 2)` predictions for some numbers, their argmax, and whether that is right."""
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
        f"The predictions have the shape `{values.shape}`: a row a number, a column a class."
    )
    table(columns, key="rounding.verdicts")
    st.markdown(f"**{int(right.sum())} of {len(right)}** are right.")


def downloads(shown: View) -> None:
    """The trained network as a `.keras` file, and its history as CSV."""
    checkpoint = shown.checkpoint
    if checkpoint is None or not checkpoint.finished:
        return
    page = checkpoint.experiment.data.name
    with st.container(horizontal=True):
        st.download_button(
            "History as CSV",
            history_csv(checkpoint.history),
            f"{page}-history.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{page}.history_csv",
        )
        st.download_button(
            "Network as .keras",
            lambda: resources.keras_file(checkpoint),
            f"{page}.keras",
            "application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key=f"{page}.keras_file",
        )


def history_csv(history: Mapping[str, Sequence[float]]) -> str:
    """A history as CSV: a row an epoch, a column each number that was watched."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *history])
    writer.writerows(
        [epoch, *row] for epoch, row in enumerate(zip(*history.values(), strict=True), 1)
    )
    return text.getvalue()
