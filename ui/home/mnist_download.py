"""The data that the lab has, and the button that downloads all of MNIST."""

from __future__ import annotations

import streamlit as st

from nncore import environment
from nncore.data.download import Download
from nncore.experiment import DataConfig
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.core.keys import Key

DOWNLOAD_BUTTON = Key("home.download", False)
#: The attempt that this session has asked for.
ATTEMPT = Key("home.download.attempt", 0)

#: Seconds between two updates of the progress bar.
POLL_SECONDS = 0.5


def draw_data(home: Lesson) -> None:
    """Draw which images the lab has, and how to get the rest.

    Args:
        home: The start page's texts.
    """
    dataset = resources.dataset(DataConfig())
    st.markdown(f":material/database: **Data.** {dataset.source}")
    for note in dataset.notes:
        st.warning(note, icon=":material/warning:")
    if dataset.embedded and environment.offline():
        st.caption(home.text("how_to_get"))
    elif dataset.embedded:
        st.caption(home.text("download"))
        _draw_download(resources.download("digits"))


def _draw_download(download: Download) -> None:
    is_running = download.state.status == "running"

    @clock.every(POLL_SECONDS if is_running else None, key="home.clock")
    def progress() -> None:
        now = download.state
        if now.status == "running":
            st.progress(now.share, f"Downloading MNIST: {now.share:.0%}")
        elif is_running:
            st.rerun()

    progress()
    if download.state.status == "failed" and _is_ours(download.attempts):
        st.warning(download.state.sentence, icon=":material/cloud_off:")
    if not is_running:
        st.button(
            "Download all of MNIST",
            icon=":material/download:",
            key=DOWNLOAD_BUTTON.name,
            on_click=_start,
            args=(download,),
        )


def _is_ours(attempt: int) -> bool:
    """Return True for the attempt of this session, and for the lab's own when it started."""
    return attempt in (state.get(ATTEMPT), resources.fetch_digits())


def _start(download: Download) -> None:
    download.start()
    state.put(ATTEMPT, download.attempts)
