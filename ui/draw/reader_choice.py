"""The list from which a learner chooses a reader, and the button that trains the page's own."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.runtime.jobs import State
from ui.core import address, page_runs, server, state
from ui.core.keys import Key
from ui.draw.reader import Reader
from ui.draw.reader_list import PAGE, label_all

#: The select box.
READER = Key("draw.reader", "")


def choose_reader(readers: Mapping[str, Reader]) -> Reader:
    """Draw the list of readers and, where it is needed, the button that trains the page's own.

    Args:
        readers: All readers by key, the page's own first.
    """
    own = next(iter(readers.values()))
    chosen = address.read_view(PAGE, "reader")  # a change of settings takes it out of the address
    key = chosen if chosen in readers else own.key
    labels = label_all(readers)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Read by**", width="content")
        state.put(READER, key)
        st.selectbox(
            "Read by",
            list(readers),
            key=READER.name,
            format_func=labels.__getitem__,
            on_change=_choose,
            args=(own.key,),
            label_visibility="collapsed",
            width="stretch",
        )
        if key == own.key:
            _show_button(own)
    return readers[key]


def _choose(own: str) -> None:
    chosen = state.get(READER)
    read_with("" if chosen == own else chosen)


def read_with(key: str) -> None:
    """Make a reader the chosen one, until the page's settings change.

    Args:
        key: Its key; empty for the page's own reader.
    """
    address.write_view(PAGE, "reader", key)


def _show_button(own: Reader) -> None:
    progress = own.progress
    is_shared = own.run is not None and own.run is not page_runs.get_run(PAGE)
    if own.is_learning and not is_shared:
        st.button("Stop", icon=":material/stop:", key="draw.stop", on_click=_stop)
    elif own.record is None and not own.is_learning:
        is_finished = progress is not None and progress.state is State.FINISHED
        if not is_finished:
            st.button(
                "Train",
                icon=":material/play_arrow:",
                type="primary",
                key="draw.train",
                on_click=_train,
                args=(own, is_shared),
            )


def _train(own: Reader, is_shared: bool) -> None:
    if is_shared:
        server.lab().shared(own.experiment, own.fingerprint, again=True)
        return
    _stop()
    start = Checkpoint(own.experiment, own.fingerprint)
    run = server.lab().runner.submit(page_runs.get_owner(), start)
    page_runs.set_run(PAGE, run)
    page_runs.note_run(run, PAGE)


def _stop() -> None:
    run = page_runs.get_run(PAGE)
    if run is not None:
        run.stop()
