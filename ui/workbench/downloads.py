"""Downloads of a run: history, network, program, notebook."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.core import resources
from ui.core.keys import Key
from ui.core.run_csv import write_history_csv
from ui.workbench.plotly_figure import show_figure_format
from ui.workbench.run_view import View

DOWNLOAD_BUTTON = Key("download", False)


def show_downloads(shown: View) -> None:
    """Draw the downloads of a run that is finished, stopped or paused, and the figures' format."""
    if shown.checkpoint is None or not shown.trained:
        return
    # Streamlit keeps the functions below for as long as it keeps the session. While the lab's
    # reader trains, each page has another state of it, and each is 6 MB with Adam's moments.
    checkpoint = shown.checkpoint.without_training_state()
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
    show_figure_format()


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
