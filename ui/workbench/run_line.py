"""The line on a run: its state, its progress, its time, and what was changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.timing import estimate, update_count
from ui.content.settings import word_value
from ui.core import page_runs, server
from ui.core.wording import count, describe_seconds
from ui.workbench import lost_run
from ui.workbench.lesson_page import LessonPage
from ui.workbench.lost_run import show_lost_run
from ui.workbench.run_controls import seconds_left
from ui.workbench.run_view import View, steps

#: Seconds from which a page says how a run gets shorter.
LONG = 60.0
_STATES = {
    State.QUEUED: "Waiting for the worker",
    State.RUNNING: "Training",
    State.PAUSED: "Paused",
    State.STOPPED: "Stopped",
    State.FINISHED: "Trained",
    State.FAILED: "Ended early",
}


def show_run_line(page: LessonPage, shown: View) -> None:
    """Draw the progress of the run that is shown, and what there is to know about it."""
    checkpoint = shown.checkpoint
    if checkpoint is None:
        expected = describe_expected(page.experiment, page.dataset)
        st.progress(0.0, f"Not trained yet: press **Train**. {expected}")
        show_lost_run(page.name, lost_run.NOT_STORED)
        return
    st.progress(_share_done(checkpoint), " · ".join(_describe(page.name, shown, checkpoint)))
    if shown.stored:
        show_lost_run(page.name, lost_run.STORED)
    if shown.stale:
        differences = "; ".join(shown.stale)
        st.caption(f":material/history: This run is older than the settings: {differences}")
    if checkpoint.edits:
        edits = describe_edits(checkpoint.edits)
        st.caption(f":material/fork_right: A branch: {edits}. It is not kept.")
    if shown.note:
        st.warning(shown.note, icon=":material/warning:")


def _share_done(checkpoint: Checkpoint) -> float:
    if checkpoint.stopped_early:
        return 1.0
    epochs = checkpoint.epoch + checkpoint.step / steps(checkpoint)
    return min(1.0, epochs / checkpoint.experiment.fit.epochs)


def describe_expected(experiment: Experiment, dataset: Dataset) -> str:
    """Return the updates of a run, the time where it is known, and how it gets shorter.

    Args:
        experiment: What would be trained.
        dataset: Its data.
    """
    lab = server.lab()
    others = lab.runner.others(page_runs.get_owner())
    timings = lab.timings.recent()
    expected = estimate([experiment], dataset, timings, max(1, lab.slots), others)
    updates = count(update_count(experiment, dataset), "update")
    if expected is None:
        return f"{updates}."
    hint = " Fewer epochs or a larger batch size make it shorter." if expected.high > LONG else ""
    return f"About {describe_seconds(expected.high)}: {updates}.{hint}"


def _describe(page: str, shown: View, checkpoint: Checkpoint) -> Iterator[str]:
    """Return the parts of the line: the state, the place in the run, the time."""
    yield f"**{_state_word(shown, checkpoint)}**"
    if checkpoint.finished and not checkpoint.failure:
        yield from describe_end(checkpoint)
        yield count(checkpoint.updates, "update")
    else:
        epochs = checkpoint.experiment.fit.epochs
        yield f"epoch {min(checkpoint.epoch + 1, epochs):,} of {epochs:,}"
        yield f"batch {checkpoint.step:,} of {steps(checkpoint):,}"
    yield f"{checkpoint.seconds:.1f} s"
    left = seconds_left(page, checkpoint)
    if shown.state is not None and shown.state.active and left is not None and left >= 2:
        yield f"about {describe_seconds(left)} left"


def _state_word(shown: View, checkpoint: Checkpoint) -> str:
    if shown.state is None:
        return "From the store"
    if shown.state is State.FAILED and not checkpoint.weights:
        return "Not trained"
    is_between_slices = shown.state is State.QUEUED and bool(checkpoint.weights)
    return _STATES[State.RUNNING if is_between_slices else shown.state]


def describe_end(checkpoint: Checkpoint) -> Iterator[str]:
    """Return the epochs that a finished run went through, and the epoch of its weights."""
    if not checkpoint.stopped_early:
        yield count(checkpoint.epoch, "epoch")
    else:
        epochs = checkpoint.experiment.fit.epochs
        yield f"stopped early after epoch {checkpoint.epoch:,} of {epochs:,}"
    if checkpoint.kept_epoch != checkpoint.epoch:
        yield f"the weights of epoch {checkpoint.kept_epoch:,} are kept"


def describe_edits(edits: Iterable[tuple[int, str, float]]) -> str:
    """Return in words what was changed by hand on the way of a branch.

    Args:
        edits: (update, setting or weight, new value) in order.
    """
    words = []
    for (update, target), group in groupby(edits, lambda edit: (edit[0], edit[1].split("[")[0])):
        changes = list(group)
        if target == "fit.epochs":
            words.append(f"{count(int(changes[-1][2]), 'epoch')} in all from update {update:,} on")
        elif target == "weights":
            weights = len({place for _, place, _ in changes})
            when = f"after update {update:,}" if update else "before the first update"
            words.append(f"{count(weights, 'weight')} set by hand {when}")
        else:
            rate = word_value("fit.learning_rate", changes[-1][2])
            words.append(f"learning rate {rate} from update {update:,} on")
    return ", ".join(words)
