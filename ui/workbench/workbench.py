"""The bench that all lessons share: the panel, the settings, live pictures and curves.

A fragment looks at the run's progress for as long as it goes on, and redraws the pictures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, pairwise
from typing import TypeAlias

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress, State
from nncore.runtime.runner import Run
from ui.charts import learning_curves
from ui.components import clock
from ui.core import resources, state
from ui.core.run_view import View, steps, view_of
from ui.workbench import run_controls
from ui.workbench.lesson_page import LessonPage

#: Seconds between two looks at a run, before its curve begins and after.
FIRST_LOOK, LOOK = 0.05, 0.15
#: Seconds that a page waits for a curve to draw: it is there sooner than with the next look.
PATIENCE = 0.15
#: Where many train, a run comes forward this many seconds times their number: looks go with it.
TURN = 0.1

Picture: TypeAlias = Callable[[LessonPage, View], None]


def show_workbench(
    page: LessonPage,
    *,
    settings: Callable[[LessonPage], None],
    pictures: tuple[Picture, Picture],
    speed: str = "full speed",
) -> View:
    """Draw the run buttons, the settings, two live pictures and the curves.

    Args:
        page: The page.
        settings: Draws the settings' widgets.
        pictures: Draw the two cards to the right of the settings, above the curves.
        speed: One of `run_controls.SPEEDS`, for a learner who has not chosen one.

    Returns:
        The run that is shown, for the parts of the page below.
    """
    run = state.run(page.name)
    moving = run is not None and not _settled(run.peek())  # before the run is looked at below
    shown = view_of(run, page.experiment, page.dataset)
    line = run_controls.show_run_controls(page, run, shown, speed)
    build, live = st.columns([1, 2.2], gap="small")
    with build, card("2 Build"):
        settings(page)
        st.caption(arithmetic(page.experiment, page.dataset))
    with live:
        _show_live(page, run if moving else None, shown, pictures, line)
    return shown


def arithmetic(experiment: Experiment, dataset: Dataset) -> str:
    """Parameters and updates counted aloud, in Markdown."""
    sizes = experiment.layer_sizes
    terms = " + ".join(f"{b:,} × ({a:,} + 1)" for a, b in pairwise(sizes))
    rows = training_rows(len(dataset.x_train), experiment.fit)
    samples, batch = rows.stop - rows.start, experiment.fit.batch_size
    epochs = experiment.fit.epochs
    updates = updates_per_epoch(len(dataset.x_train), experiment.fit)
    most = "at most " * bool(experiment.fit.patience)
    return (
        f"{terms} = **{experiment.parameters:,} parameters**  \n"
        f"{samples:,} samples / {batch:,} a batch = {updates:,} updates an epoch; "
        f"× {epochs:,} = **{most}{updates * epochs:,} updates**"
    )


def curves(shown: View) -> None:
    """Loss and accuracy over the epochs, side by side."""
    checkpoint, fit = shown.checkpoint, shown.experiment.fit
    for column, field in zip(st.columns(2, gap="small"), ("loss", "accuracy"), strict=True):
        chart = learning_curves.learning_curve(
            field,
            checkpoint.history if checkpoint else {},
            checkpoint.trace if checkpoint else (),
            epochs=fit.epochs,
            validated=fit.validation != "none",
        )
        with column:
            st.vega_lite_chart(*chart, key=f"bench.{field}")


@contextmanager
def card(title: str) -> Iterator[None]:
    """A bordered card of the bench."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{title}**")
        yield


def _show_live(
    page: LessonPage,
    moving: Run | None,
    settled: View,
    pictures: tuple[Picture, Picture],
    line: DeltaGenerator,
) -> None:
    """Draw pictures, curves and the line on the run, again and again while a run is moving.

    Args:
        page: The page.
        moving: The page's run while it trains; None where nothing moves.
        settled: What the page shows where nothing moves.
        pictures: Draw the two cards.
        line: The place of the line on the run.
    """

    @st.fragment
    def frame() -> None:
        shown = settled if moving is None else _look_at(page, moving)
        with line.container():
            _say(shown)
        for column, picture in zip(st.columns(2, gap="small"), pictures, strict=True):
            with column:
                picture(page, shown)
        with st.container(border=True):
            curves(shown)
        if moving is not None:
            progress = moving.peek()
            if _settled(progress):
                st.rerun()
            clock.again(f"{page.name}.clock", _wait(progress))

    frame()


def _look_at(page: LessonPage, run: Run) -> View:
    """Return what is to be shown of a run that moves; wait a moment for its first numbers."""
    if resources.lab().runner.active() == 1:
        run.wait_for_first(PATIENCE)
    return view_of(run, page.experiment, page.dataset)


def _wait(progress: Progress) -> float:
    """Seconds until it is worth looking at a run again."""
    crowd = resources.lab().runner.active()
    return max(LOOK if progress.checkpoint.trace else FIRST_LOOK, TURN * (crowd - 1))


def _settled(progress: Progress) -> bool:
    return not progress.state.active and not progress.stepping


def _say(shown: View) -> None:
    """One line on the run, and how far it is."""
    checkpoint = shown.checkpoint
    if checkpoint is None:
        st.progress(0.0, "Not trained yet: press **Train**.")
        return
    epochs = checkpoint.experiment.fit.epochs
    updates = steps(checkpoint)
    share = min(1.0, (checkpoint.epoch + checkpoint.step / updates) / epochs)
    share = 1.0 if checkpoint.stopped_early else share
    st.progress(share, " · ".join(_said(shown, checkpoint, updates)))
    if shown.stale:
        st.caption(
            ":material/history: This run is older than the settings: " + _listed(shown.stale)
        )
    if checkpoint.edits:
        st.caption(f":material/fork_right: A branch: {told(checkpoint.edits)}. It is not kept.")
    if shown.note:
        st.warning(shown.note, icon=":material/warning:")


def told(edits: Iterable[tuple[int, str, float]]) -> str:
    """What was changed by hand on the way of a branch, in words."""
    words = []
    for (at, what), group in groupby(edits, lambda edit: (edit[0], edit[1].split("[")[0])):
        changes = list(group)
        if what == "fit.epochs":
            words.append(f"{changes[-1][2]:,.0f} epochs in all from update {at:,} on")
        elif what == "weights":
            count = len({place for _, place, _ in changes})
            when = f"after update {at:,}" if at else "before the first update"
            words.append(f"{count:,} weight{'s' * (count > 1)} set by hand {when}")
        else:
            words.append(f"learning rate {changes[-1][2]:g} from update {at:,} on")
    return ", ".join(words)


def _said(shown: View, checkpoint: Checkpoint, updates: int) -> Iterator[str]:
    """The parts of the line: state, place in the run, seconds."""
    epochs = checkpoint.experiment.fit.epochs
    words = {
        State.QUEUED: "Waiting for the worker",
        State.RUNNING: "Training",
        State.PAUSED: "Paused",
        State.STOPPED: "Stopped",
        State.FINISHED: "Trained",
        State.FAILED: "Ended early",
    }
    if shown.state is None:
        yield "**From the store**"
    else:
        begun = shown.state is State.QUEUED and checkpoint.weights  # between two slices
        yield f"**{words[State.RUNNING if begun else shown.state]}**"
    if checkpoint.finished and not checkpoint.failure:
        yield from ended(checkpoint)
        yield f"{checkpoint.updates:,} updates"
    else:
        yield f"epoch {min(checkpoint.epoch + 1, epochs)} of {epochs}"
        yield f"batch {checkpoint.step:,} of {updates:,}"
    yield f"{checkpoint.seconds:.1f} s"


def ended(checkpoint: Checkpoint) -> Iterator[str]:
    """How many epochs a finished run went through, and of which of them the weights are."""
    if not checkpoint.stopped_early:
        yield f"{checkpoint.epoch:,} epoch{'s' * (checkpoint.epoch > 1)}"
    else:
        epochs = checkpoint.experiment.fit.epochs
        yield f"stopped early after epoch {checkpoint.epoch:,} of {epochs:,}"
    if checkpoint.kept_epoch != checkpoint.epoch:
        yield f"the weights of epoch {checkpoint.kept_epoch:,} are kept"


def _listed(parts: tuple[str, ...]) -> str:
    return "; ".join(parts)
