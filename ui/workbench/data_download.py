"""The button that downloads all images of a data set, and how far the download is."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.components import clock
from ui.core import resources, state
from ui.core.keys import Key

#: Seconds between two looks at a download.
POLL_SECONDS = 0.5
BUTTON = Key("data.download", False)
#: The attempt that this session has asked for: others' failures are not its own.
ATTEMPT = Key("data.download.attempt", 0)
#: What is downloaded, by `DataConfig.name`.
_TITLES = {"digits": "all of MNIST (11 MB)", "fashion": "Fashion-MNIST (31 MB)"}


def offer_download(name: Literal["digits", "fashion"]) -> None:
    """Draw a button that downloads all images of a data set, or the progress of the download.

    Args:
        name: The data set.
    """
    download = resources.download(name)
    key = BUTTON.of(name)
    is_running = download.state.status == "running"

    @clock.every(POLL_SECONDS if is_running else None, key=key.of("clock").name)
    def watch() -> None:
        now = download.state
        if now.status == "running":
            st.progress(now.share, f"Downloading: {now.share:.0%}")
            return
        if is_running:
            st.rerun()
        if now.status == "failed" and _is_ours(name, download.attempts):
            st.warning(now.sentence, icon=":material/cloud_off:")

    watch()
    if not is_running:
        st.button(
            f"Download {_TITLES[name]}",
            key=key.name,
            icon=":material/download:",
            on_click=_start,
            args=(name,),
        )


def _is_ours(name: str, attempt: int) -> bool:
    """Return True for the attempt of this session, and for the lab's own when it started."""
    own = resources.fetch_digits() if name == "digits" else 0
    return attempt in (state.get(ATTEMPT.of(name)), own)


def _start(name: str) -> None:
    download = resources.download(name)
    download.start()
    state.put(ATTEMPT.of(name), download.attempts)
