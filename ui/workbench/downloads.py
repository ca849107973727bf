"""A finished run to take home: network, program, notebook, history; figures as PNG or SVG."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ui.core import resources, state
from ui.workbench.run_view import View

#: The forms in which a Plotly figure can be saved, by what the switch calls them.
FORMS = {"PNG": "png", "SVG": "svg"}
_FORM = "pieces.form"


def plotly_config(name: str) -> dict[str, Any]:
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


def show_downloads(shown: View) -> None:
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
