"""Train a network further on the learner's own digits.

The page requests each slice when it finds the previous one done. So a session has at most one slice
in progress, and a session that was closed requests no more.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.runtime import tasks
from nncore.runtime.cluster import is_lost
from nncore.runtime.errors import is_unsent, sentence_of
from nncore.training.branch import EPOCHS, LEAST, TESTED, Branch, begin
from ui.charts import digit_gallery
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import page_runs, server, state
from ui.core.keys import Key
from ui.draw import digit_collection, reader_list
from ui.draw.fine_tuning_outcome import show_outcome
from ui.draw.reader import Reader, from_branch
from ui.draw.reader_choice import read_with
from ui.draw.reader_list import BRANCH
from ui.workbench.lesson_page import LessonPage

#: Seconds after which a slice starts no further epoch, and seconds between two looks at it.
SLICE, POLL = 0.25, 0.4
#: How often a slice is tried whose worker was lost.
TRIES = 3


@dataclass(frozen=True, eq=False)
class Tuning:
    """The state of further training.

    Args:
        parent: The checkpoint that it started from.
        name: The name of that network.
        branch: The current result.
        slice: The slice in progress; None between two slices, and at the end.
        lost: How often the current slice's worker was lost.
        is_stopped: True if the learner stopped it.
        failure: A sentence on what went wrong, or empty.
    """

    parent: Checkpoint
    name: str
    branch: Branch
    slice: Future[Branch] | None = None
    lost: int = 0
    is_stopped: bool = False
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """True if it will not go on."""
        return self.branch.finished or self.is_stopped or bool(self.failure)


#: The state of further training, if there is any.
TUNING = Key[Tuning | None]("draw.tuning", None, "tab")


def show_section(page: LessonPage, reader: Reader) -> None:
    """Draw the part that trains a network further on the learner's digits.

    Args:
        page: The page.
        reader: The chosen reader, which would be trained further.
    """
    st.markdown(page.text("tune"))
    tuning = state.get(TUNING)
    if tuning is None or tuning.is_over:
        _show_start(page.lesson, reader, page.dataset)
    if tuning is None:
        return
    if tuning.is_over:
        _show_progress(tuning)
        show_outcome(page.lesson, tuning.parent, tuning.branch, tuning.name, page.dataset)
        _show_choices(reader, tuning)
    else:
        _follow()


def _show_start(lesson: Lesson, reader: Reader, dataset: Dataset) -> None:
    count = len(digit_collection.load())
    has_same_data = reader.fingerprint == dataset.fingerprint
    is_ready = count >= LEAST and reader.is_final and has_same_data
    st.button(
        "Train further on my digits",
        icon=":material/play_arrow:",
        key="draw.tune",
        disabled=not is_ready,
        on_click=_begin,
        args=(reader,),
    )
    if count < LEAST:
        st.caption(lesson.text("tune_few", least=LEAST, count=count))
    elif not has_same_data:
        st.caption(lesson.text("tune_elsewhere"))
    elif reader.is_learning:
        st.caption(lesson.text("tune_learning"))


def _begin(reader: Reader) -> None:
    """Start from the chosen reader; where it was trained further already, from its parent.

    Otherwise digits that it was trained on could be among those that are now held out.
    """
    tuning = state.get(TUNING)
    parent, name = reader.checkpoint, reader_list.label(reader, None)
    if reader.branch is not None and tuning is not None:
        parent, name = tuning.parent, tuning.name
    if parent is not None:
        state.put(TUNING, Tuning(parent, name, begin(parent, digit_collection.load())))
        page_runs.note_start(reader_list.PAGE)


def _stop() -> None:
    tuning = state.get(TUNING)
    if tuning is not None:
        branch = tuning.branch.without_rest()
        state.put(TUNING, replace(tuning, branch=branch, is_stopped=True, slice=None))


def drop() -> None:
    """Forget the further training; the network that it started from reads again."""
    state.drop(TUNING)
    state.drop(BRANCH)
    read_with("")


def _follow() -> None:
    @clock.every(POLL, key="draw.tune.clock")
    def show_live() -> None:
        tuning = _advance(state.get(TUNING))
        if tuning is None or tuning.is_over:
            st.rerun()
        _show_progress(tuning)
        st.button("Stop", icon=":material/stop:", key="draw.tune.stop", on_click=_stop)

    show_live()


def _advance(tuning: Tuning | None) -> Tuning | None:
    """Collect the slice that is done, and request the next one."""
    if tuning is None or tuning.is_over:
        return tuning
    if tuning.slice is not None and tuning.slice.done():
        tuning = _collect(replace(tuning, slice=None), tuning.slice)
    if tuning.slice is None and not tuning.is_over:
        tuning = _request_slice(tuning)
    state.put(TUNING, tuning)
    return tuning


def _collect(tuning: Tuning, done: Future[Branch]) -> Tuning:
    try:
        branch = done.result()
    except Exception as error:  # noqa: BLE001 - a worker may raise anything
        if is_unsent(error):
            return tuning
        lost = tuning.lost + 1
        if is_lost(error) and lost < TRIES:
            return replace(tuning, lost=lost)
        return replace(tuning, failure=sentence_of(error))
    if branch.epoch:  # before, it is the network that it started from
        state.put(BRANCH, branch.checkpoint)
    return replace(tuning, branch=branch, lost=0)


def _request_slice(tuning: Tuning) -> Tuning:
    """Send the next slice; it waits for the session's turn, and for a worker."""
    runner = server.lab().runner
    future = runner.enqueue(page_runs.get_owner(), tasks.go_on, tuning.branch, SLICE)
    return replace(tuning, slice=future)


def _show_progress(tuning: Tuning) -> None:
    branch = tuning.branch
    place = f"epoch {branch.epoch} of {EPOCHS}"
    if tuning.failure:
        st.error(f"Training stopped: {tuning.failure}", icon=":material/error:")
    elif not tuning.is_over:
        words = "**Training further**" if branch.scores else "**Waiting for the worker**"
        st.progress(branch.epoch / EPOCHS, f"{words} · {place}")
    if branch.epoch:
        chart = digit_gallery.draw_tuning_curves(branch.scores, EPOCHS, TESTED)
        st.vega_lite_chart(*chart, key="draw.tune.curves", height=200)


def _show_choices(reader: Reader, tuning: Tuning) -> None:
    """Draw the buttons that make the result the reader, or forget it."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "It reads your drawings" if reader.branch is not None else "Read with it",
            icon=":material/check:",
            key="draw.tune.read",
            disabled=reader.branch is not None or not tuning.branch.epoch,
            on_click=_read_with_it,
        )
        st.button("Drop it", icon=":material/delete:", key="draw.tune.drop", on_click=drop)


def _read_with_it() -> None:
    branch = state.get(BRANCH)
    if branch is not None:
        read_with(from_branch(branch).key)
