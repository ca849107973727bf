"""The list from which a learner chooses a reader, the button that trains it, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from ui.components import clock
from ui.core import address, page_runs, server, state
from ui.core.keys import Key
from ui.draw.reader import Reader
from ui.draw.reader_list import PAGE, label_all
from ui.workbench.run_line import describe_end, describe_expected

GONE = (
    ":material/link_off: The reader that the address names is not kept here: it was of another "
    "visit, or has made room. This page's own reads instead."
)
#: The select box.
READER = Key("draw.reader", "")
#: The place of the line on its training.
PROGRESS: Key[None] = Key("draw.progress", None)
#: Seconds between two looks at a reader that is learning.
POLL = 0.5


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
        name = state.bind_widget(READER, key)
        st.selectbox(
            "Read by",
            list(readers),
            key=name,
            format_func=labels.__getitem__,
            on_change=_choose,
            args=(own.key, name),
            label_visibility="collapsed",
            width="stretch",
        )
        if key == own.key:
            _show_button(own)
    if chosen and key != chosen:
        st.caption(GONE)
    return readers[key]


def _choose(own: str, name: str) -> None:
    if (chosen := state.read_bound(name)) is not None:
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
    start_own_run(own)


def start_own_run(reader: Reader) -> Run:
    """Start a reader's training as the learner's own run on this page; the one before it ends."""
    _stop()
    start = Checkpoint(reader.experiment, reader.fingerprint)
    run = server.lab().runner.submit(page_runs.get_owner(), start)
    page_runs.set_run(PAGE, run)
    page_runs.note_run(run, PAGE)
    return run


def _stop() -> None:
    run = page_runs.get_run(PAGE)
    if run is not None:
        run.stop()


def show_progress(reader: Reader, dataset: Dataset) -> None:
    """Draw one line on the reader's training, and follow it while it is learning.

    Args:
        reader: The chosen reader.
        dataset: The page's data.
    """
    was_learning = reader.is_learning

    @clock.every(POLL if was_learning else None, key="draw.status.clock")
    def show_line() -> None:
        with st.container(key=PROGRESS.name):
            st.progress(*_describe(reader, dataset))
        progress = reader.progress
        if progress is not None and progress.note:
            st.warning(progress.note, icon=":material/warning:")
        if was_learning and not reader.is_learning:
            st.rerun()

    show_line()


def _describe(reader: Reader, dataset: Dataset) -> tuple[float, str]:
    """Return the share of the training that is done, and a line that describes it."""
    checkpoint, progress = reader.checkpoint, reader.progress
    if checkpoint is None:
        has_started = progress is not None and progress.state is State.RUNNING
        step = "**Getting ready**" if has_started else "**Waiting for the worker**"
        if reader.is_learning:
            return 0.0, f"{step} · you can already draw"
        expected = describe_expected(reader.experiment, dataset)
        return 0.0, f"**Not trained yet** · {expected[0].lower()}{expected[1:]}"
    fit = checkpoint.experiment.fit
    if reader.is_learning or not checkpoint.finished:
        done = checkpoint.epoch + checkpoint.step / updates_per_epoch(len(dataset.x_train), fit)
        return min(1.0, done / fit.epochs), describe_unfinished(reader)
    parameters = f"{checkpoint.experiment.parameters:,} parameters"
    outcome = " · ".join(describe_end(checkpoint))
    return 1.0, f"**Trained** · {outcome} · {checkpoint.seconds:.1f} s · {parameters}"


def describe_stand_in(other: Reader, reader: Reader) -> str:
    """Say that another reader is used while the chosen one is learning.

    Args:
        other: The reader that is used now.
        reader: The chosen reader.
    """
    checkpoint = reader.checkpoint
    place = "has not started yet" if checkpoint is None else f"is at {_epoch_of(checkpoint)}"
    return f"**For now {other.sizes} reads your drawing.** Your chosen network {place}."


def _epoch_of(checkpoint: Checkpoint) -> str:
    epochs = checkpoint.experiment.fit.epochs
    return f"epoch {min(checkpoint.epoch + 1, epochs):,} of {epochs:,}"


def describe_unfinished(reader: Reader) -> str:
    """Say how far a reader's unfinished training is.

    Args:
        reader: A reader with weights.

    Raises:
        LookupError: If it has no weights.
    """
    checkpoint, progress = reader.checkpoint, reader.progress
    if checkpoint is None:
        raise LookupError(reader.key)
    place = _epoch_of(checkpoint)
    if progress is not None and progress.state.active:
        hint = "you can already draw" if reader.is_from_lab else "it already reads, as best it can"
        return f"**Still learning** · {place} · {hint}"
    word = "Paused" if progress is not None and progress.state is State.PAUSED else "Stopped"
    return f"**{word}** · {place} · it reads with the weights it has"
