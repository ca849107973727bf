"""Downloads of a finished run: history, network, program, notebook; the format of saved figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ui.core import resources, state
from ui.workbench.run_view import View

#: Formats of a saved Plotly figure, by the switch's label.
FORMS = {"PNG": "png", "SVG": "svg"}
_FORM = "pieces.form"


def plotly_config(name: str) -> dict[str, Any]:
    """Return the config of a Plotly figure: its toolbar has only the button that saves it.

    Args:
        name: Name of the saved file, without its ending.
    """
    form = FORMS[state.get(_FORM, "PNG")]
    saved = {"format": form, "filename": name, "scale": 2 if form == "png" else 1}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def _figure_form() -> None:
    """Draw the switch for the format of saved figures."""
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
            "The camera at a chart's corner saves it in this format. Curves and bars have a "
            "download button of their own, which always saves PNG.",
            width="content",
        )


def show_downloads(shown: View) -> None:
    """Draw the downloads of a finished run, and the format of saved figures."""
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


#: Media types by the endings of files.
_KINDS = {
    "csv": "text/csv",
    "keras": "application/octet-stream",
    "py": "text/x-python",
    "ipynb": "application/x-ipynb+json",
}


def _download(label: str, file: str, made: Callable[[], str | bytes]) -> None:
    """Draw a button that makes a file when it is pressed."""
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
