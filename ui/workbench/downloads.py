"""Downloads of a run: history, network, program, notebook; the format of saved figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.core import resources, state
from ui.core.keys import Key
from ui.core.run_csv import write_history_csv
from ui.workbench.run_view import View

#: Formats of a saved Plotly figure, by the switch's label.
FORMATS = {"PNG": "png", "SVG": "svg"}
FIGURE_FORMAT = Key("pieces.form", "PNG")
DOWNLOAD_BUTTON = Key("download", False)


def plotly_config(name: str) -> dict[str, Any]:
    """Return the config of a Plotly figure: its toolbar has only the button that saves it.

    Args:
        name: Name of the saved file, without its ending.
    """
    form = FORMATS[state.get(FIGURE_FORMAT)]
    saved = {"format": form, "filename": name, "scale": 2 if form == "png" else 1}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def _show_figure_format() -> None:
    """Draw the switch for the format of saved figures."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Save figures as",
            list(FORMATS),
            default="PNG",
            required=True,
            key=FIGURE_FORMAT.name,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.caption(
            "The camera at a chart's corner saves it in this format. Curves and bars have a "
            "download button of their own, which always saves PNG.",
            width="content",
        )


def show_downloads(shown: View) -> None:
    """Draw the downloads of a run that is finished, stopped or paused, and the figures' format."""
    checkpoint = shown.checkpoint
    if checkpoint is None or not shown.trained:
        return
    page, experiment = checkpoint.experiment.data.name, checkpoint.experiment
    with st.container(horizontal=True):
        _download(
            "History as CSV",
            f"{page}-history.csv",
            lambda: write_history_csv({page: checkpoint.history}),
        )
        _download("Network as .keras", f"{page}.keras", lambda: resources.keras_file(checkpoint))
        _download("Program as .py", f"{page}.py", lambda: resources.keras_program(experiment))
        _download("Notebook", f"{page}.ipynb", lambda: resources.keras_notebook(experiment))
    _show_figure_format()


#: Media types by the endings of files.
_MEDIA_TYPES = {
    "csv": "text/csv",
    "keras": "application/octet-stream",
    "py": "text/x-python",
    "ipynb": "application/x-ipynb+json",
}


def _download(label: str, file: str, make: Callable[[], str | bytes]) -> None:
    """Draw a button that makes a file when it is pressed."""
    st.download_button(
        label,
        make,
        file,
        _MEDIA_TYPES[file.rpartition(".")[2]],
        icon=":material/download:",
        on_click="ignore",
        key=DOWNLOAD_BUTTON.of(file).name,
    )
