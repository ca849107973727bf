"""Small pieces that several lessons show: tables, Keras's summary, downloads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.core import resources, state
from ui.core.run_view import View


def table(columns: Mapping[str, Any], *, key: str, **more: Any) -> Any:
    """A table of a few rows, each column by its name; gives back what `st.dataframe` does."""
    import pyarrow as pa

    return st.dataframe(pa.table(dict(columns)), hide_index=True, key=key, **more)


#: The forms in which a Plotly figure can be saved, by what the switch calls them.
FORMS = {"PNG": "png", "SVG": "svg"}
_FORM = "pieces.form"


def plotly(name: str) -> dict[str, Any]:
    """How a Plotly figure is shown: of its toolbar, only the button that saves it is left.

    Args:
        name: What the saved file is called, without its ending.
    """
    form = FORMS[state.get(_FORM, "PNG")]
    saved = {"format": form, "filename": name, "scale": 2 if form == "png" else 1}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def _figure_form() -> None:
    """The switch for the form in which figures are saved, and where they are saved."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Save figures as",
            list(FORMS),
            default="PNG",
            required=True,
            key=_FORM,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.caption(
            "Figures: a camera at a chart's corner saves it in this form. The download button at "
            "the corner of curves and bars saves PNG alone: Streamlit has no SVG of these.",
            width="content",
        )


def summary(experiment: Experiment) -> None:
    """What Keras prints of the network, from a worker."""
    text = resources.summary(experiment)
    if text is None:
        st.caption("Keras's own `model.summary()` appears here when the worker is ready.")
        return
    st.caption("The same, as Keras prints it: `model.summary()`")
    st.code(text, language=None)


def source(dataset: Dataset) -> None:
    """Where the data come from, and what was passed over."""
    st.caption(dataset.source)
    for note in dataset.notes:
        st.caption(f":material/info: {note}")


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
    """A finished run to take home: network, program, notebook, history; figures as PNG or SVG."""
    checkpoint = shown.checkpoint
    if checkpoint is None or not checkpoint.finished:
        return
    page, experiment = checkpoint.experiment.data.name, checkpoint.experiment
    with st.container(horizontal=True):
        _download("History as CSV", f"{page}-history.csv", lambda: history_csv(checkpoint.history))
        _download("Network as .keras", f"{page}.keras", lambda: resources.keras_file(checkpoint))
        _download("Program as .py", f"{page}.py", lambda: resources.keras_program(experiment))
        _download("Notebook", f"{page}.ipynb", lambda: resources.keras_notebook(experiment))
    _figure_form()


#: What a browser is told of a file, by its ending.
_KINDS = {
    "csv": "text/csv",
    "keras": "application/octet-stream",
    "py": "text/x-python",
    "ipynb": "application/x-ipynb+json",
}


def _download(label: str, file: str, made: Callable[[], str | bytes]) -> None:
    """A button that makes a file when it is pressed."""
    st.download_button(
        label,
        made,
        file,
        _KINDS[file.rpartition(".")[2]],
        icon=":material/download:",
        on_click="ignore",
        key=f"download.{file}",
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
