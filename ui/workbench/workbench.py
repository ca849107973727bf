"""The bench that all lessons share: the panel, the settings, live pictures and curves.

A fragment looks at the run's progress for as long as it goes on, and redraws the pictures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, pairwise

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress, State
from ui.charts import learning_curves
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.core.run_view import View, steps, view_of
from ui.workbench import run_controls

#: Seconds between two looks at a run, before its curve begins and after.
FIRST_LOOK, LOOK = 0.05, 0.15
#: Seconds that a page waits for a curve to draw: it is there sooner than with the next look.
PATIENCE = 0.15
#: Where many train, a run comes forward this many seconds times their number: looks go with it.
TURN = 0.1

Picture = Callable[[View], None]


def bench(
    lesson: Lesson,
    experiment: Experiment,
    dataset: Dataset,
    *,
    settings: Callable[[], None],
    pictures: tuple[Picture, Picture],
    speed: str = "full speed",
) -> View:
    """Draws the panel, the settings, two live pictures and the curves; gives back what is shown.

    Args:
        lesson: The page's lesson.
        experiment: The page's settings.
        dataset: The data that they ask for.
        settings: Draws the settings' widgets.
        pictures: Draw the two cards beside the settings; the curves stand below them.
        speed: One of `SPEEDS`, where the learner has not chosen.
    """
    run = state.run(lesson.name)
    moving = run is not None and not _settled(run.peek())  # before the run is looked at below
    shown = view_of(lesson, experiment, dataset)
    line = run_controls.draw(lesson, experiment, dataset, shown, speed)
    build, live = st.columns([1, 2.2], gap="small")
    with build, card("2 Build"):
        settings()
        st.caption(arithmetic(experiment, dataset))
    with live:
        _live(lesson, experiment, dataset, pictures, line, moving=moving)
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


def _live(
    lesson: Lesson,
    experiment: Experiment,
    dataset: Dataset,
    pictures: tuple[Picture, Picture],
    line: DeltaGenerator,
    *,
    moving: bool,
) -> None:
    run = state.run(lesson.name)

    @st.fragment
    def frame() -> None:
        if moving and run is not None and resources.lab().runner.active() == 1:
            run.wait_for_first(PATIENCE)
        shown = view_of(lesson, experiment, dataset)
        with line.container():
            _say(shown)
        for column, picture in zip(st.columns(2, gap="small"), pictures, strict=True):
            with column:
                picture(shown)
        with st.container(border=True):
            curves(shown)
        if moving and run is not None:
            progress = run.peek()
            if _settled(progress):
                st.rerun()
            clock.again(f"{lesson.name}.clock", _wait(progress))

    frame()


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
