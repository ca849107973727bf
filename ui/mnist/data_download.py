"""What lesson 3 shows if images are missing, and the button that downloads them."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.components import clock
from ui.core import resources, state
from ui.core.keys import Key
from ui.workbench import widgets

#: Seconds between two looks at a download.
POLL_SECONDS = 0.5
BACK = Key("mnist.back", False)
DOWNLOAD = Key("mnist.download", False)
#: The attempt that this session has asked for: others' failures are not its own.
ATTEMPT = Key("mnist.download.attempt", 0)


def show_missing_data(error: DataUnavailable) -> None:
    """Show how to get Fashion-MNIST, in place of the page.

    Args:
        error: Its message says how to get the images.
    """
    st.warning(str(error), icon=":material/cloud_off:")
    for note in error.notes:
        st.caption(f":material/warning: {note}")
    st.button(
        "Back to digits",
        key=BACK.name,
        icon=":material/undo:",
        on_click=widgets.set_experiment,
        args=("mnist", {"data.name": "digits"}),
        type="primary",
    )
    offer_download("fashion")


def offer_download(name: Literal["digits", "fashion"]) -> None:
    """Draw a button that downloads all images of a data set, and the progress of the download.

    Args:
        name: The data set.
    """
    download = resources.download(name)
    key = DOWNLOAD.of(name)
    is_running = download.state.status == "running"

    @clock.every(POLL_SECONDS if is_running else None, key=key.of("clock").name)
    def watch() -> None:
        now = download.state
        if now.status == "running":
            st.progress(now.share, f"Downloading: {now.share:.0%}")
            return
        if is_running:
            st.rerun()
        if now.sentence and download.attempts == state.get(ATTEMPT.of(name)):
            st.error(now.sentence, icon=":material/error:")

    watch()
    if not is_running:
        title = "Fashion-MNIST (31 MB)" if name == "fashion" else "all 70,000 images (11 MB)"
        st.button(
            f"Download {title}",
            key=key.name,
            icon=":material/download:",
            on_click=_start_download,
            args=(name,),
        )


def _start_download(name: str) -> None:
    download = resources.download(name)
    download.start()
    state.put(ATTEMPT.of(name), download.attempts)
