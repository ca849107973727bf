"""The training panel: train, pause, one batch, one epoch, stop, speed, more epochs.

Nothing here trains: buttons tell the session's run what to do, and when its next slice may begin.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.runner import Run
from ui.content.lesson import term
from ui.core import resources, state
from ui.core.run_view import View, steps
from ui.workbench.lesson_page import LessonPage

#: How fast to train, by what the select box says: seconds an epoch, or batches a second.
SPEEDS: dict[str, tuple[str, float]] = {
    "full speed": ("", 0.0),
    "0.3 s an epoch": ("seconds an epoch", 0.3),
    "2 s an epoch": ("seconds an epoch", 2.0),
    "10 batches a second": ("batches a second", 10.0),
    "1 batch a second": ("batches a second", 1.0),
}
MORE_EPOCHS = 10


def show_run_controls(
    opened: LessonPage, run: Run | None, shown: View, speed: str
) -> DeltaGenerator:
    """Draw the buttons and the speed.

    Args:
        opened: The page.
        run: Its run, if there is one.
        shown: What the page shows.
        speed: One of `SPEEDS`, for a learner who has not chosen one.

    Returns:
        An empty place to their right, for the line on how far the run is.
    """
    page, experiment, dataset = opened.name, opened.experiment, opened.dataset
    now = run.peek().state if run is not None else None
    alive = now is not None and not now.over
    start = (page, experiment, dataset.fingerprint)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _main_button(page, now, start, shown)
        off = now is not None and now.active
        _button(page, "batch", "", "skip_next", _step_batch, *start, off=off, tip="One batch")
        _button(page, "epoch", "", "fast_forward", _step_epoch, *start, off=off, tip="One epoch")
        _button(page, "stop", "", "stop", _stop, page, off=not alive, tip="Stop")
        _speed_box(page, speed)
        if run is not None and alive and _only_the_rate_differs(run, experiment):
            rate = experiment.fit.learning_rate
            tip = "Changes the run under way. It becomes a branch, which is not kept for others."
            label = f"Go on at {rate:g}"
            _button(page, "rate", label, "fork_right", run.set_learning_rate, rate, tip=tip)
        early = shown.checkpoint is not None and shown.checkpoint.stopped_early
        if shown.done and not early and not shown.stale and shown.checkpoint is not None:
            more = (page, shown.checkpoint)
            tip = f"Trains on from here, as calling fit() again does: {MORE_EPOCHS} times more."
            off = "fit.epochs" in state.assignment(page).fixed
            _button(page, "more", f"{MORE_EPOCHS} epochs", "add", go_on, *more, tip=tip, off=off)
        with st.container(width="stretch"):
            return st.empty()


def _main_button(
    page: str, now: State | None, start: tuple[str, Experiment, str], shown: View
) -> None:
    """The one that a learner looks for first: what it says depends on what the run is doing."""
    if now is not None and now.active:
        _button(page, "pause", "Pause", "pause", _pause, page, primary=True)
    elif now is State.PAUSED:
        _button(page, "resume", "Go on", "play_arrow", _resume, page, primary=True)
    elif shown.stored:
        tip = "Somebody trained exactly this before. This trains it again."
        _button(
            page, "train", "Watch it train", "play_arrow", _train, *start, primary=True, tip=tip
        )
    else:
        label = "Train again" if shown.done else "Train"
        _button(page, "train", label, "play_arrow", _train, *start, primary=True)


def _speed_box(page: str, default: str) -> None:
    state.put(f"{page}.speed", state.get(f"{page}.chosen_speed", default))
    st.selectbox(
        "Speed",
        SPEEDS,
        key=f"{page}.speed",
        on_change=_change_speed,
        args=(page,),
        label_visibility="collapsed",
        width=155,
        help=term("speed"),
    )


def _only_the_rate_differs(run: Run, experiment: Experiment) -> bool:
    rate = {"fit.learning_rate": experiment.fit.learning_rate}
    same_otherwise = run.experiment.updated(rate) == experiment
    return same_otherwise and run.peek().checkpoint.base_rate != experiment.fit.learning_rate


def _button(
    page: str,
    name: str,
    label: str,
    icon: str,
    action: Callable[..., None],
    *args: object,
    primary: bool = False,
    off: bool = False,
    tip: str | None = None,
) -> None:
    st.button(
        label,
        key=f"{page}.{name}",
        icon=f":material/{icon}:",
        on_click=action,
        args=args,
        type="primary" if primary else "secondary",
        disabled=off,
        help=tip,
    )


def train(page: str, experiment: Experiment) -> None:
    """Begins a run of these settings, in place of the run that the page has.

    What a teacher's link has fixed stays as it is.
    """
    experiment = state.held(page, experiment)
    _train(page, experiment, resources.dataset(experiment.data).fingerprint)


def _train(page: str, experiment: Experiment, fingerprint: str) -> None:
    _start(page, Checkpoint(experiment, fingerprint))


def _start(page: str, checkpoint: Checkpoint, *, paused: bool = False) -> Run:
    old = state.run(page)
    if old is not None:
        old.stop()
    run = resources.lab().runner.submit(
        state.session(), checkpoint, rate=_rate(page, checkpoint), paused=paused
    )
    state.set_run(page, run)
    state.note_run(run, page)
    return run


def begin(page: str, experiment: Experiment, fingerprint: str) -> None:
    """Gives the page a run that has its starting weights, and waits."""
    _steppable(page, experiment, fingerprint).step(batches=0)


def go_on(page: str, checkpoint: Checkpoint) -> None:
    """Trains on from a checkpoint as the page's run; one that is finished gets more epochs.

    Not where a teacher's link has fixed what that would change.
    """
    experiment = checkpoint.experiment
    if checkpoint.finished:
        experiment = experiment.updated({"fit.epochs": experiment.fit.epochs + MORE_EPOCHS})
    fixed = state.fixed_changes(page, experiment)
    state.set_experiment(page, experiment)
    if not fixed:
        _start(page, checkpoint.extended(experiment))


def _pause(page: str) -> None:
    _told(page, Run.pause)


def _resume(page: str) -> None:
    _told(page, Run.resume)


def _stop(page: str) -> None:
    _told(page, Run.stop)


def _told(page: str, order: Callable[[Run], None]) -> None:
    run = state.run(page)
    if run is not None:
        order(run)


def _step_batch(page: str, experiment: Experiment, fingerprint: str) -> None:
    _steppable(page, experiment, fingerprint).step(batches=1)


def _step_epoch(page: str, experiment: Experiment, fingerprint: str) -> None:
    _steppable(page, experiment, fingerprint).step(epochs=1)


def _steppable(page: str, experiment: Experiment, fingerprint: str) -> Run:
    """The page's paused run, or a new one that waits for its steps."""
    run = state.run(page)
    if run is not None and run.peek().state is State.PAUSED and run.experiment == experiment:
        return run
    return _start(page, Checkpoint(experiment, fingerprint), paused=True)


def _change_speed(page: str) -> None:
    state.put(f"{page}.chosen_speed", state.get(f"{page}.speed", "full speed"))
    run = state.run(page)
    if run is not None:
        run.set_rate(_rate(page, run.peek().checkpoint))


def _rate(page: str, checkpoint: Checkpoint) -> float | None:
    """Batches a second, as the speed that is chosen asks for; None is as fast as possible."""
    unit, amount = SPEEDS[state.get(f"{page}.speed", "full speed")]
    if unit == "seconds an epoch":
        return steps(checkpoint) / amount
    return amount if unit else None
