"""The row of run buttons: train, pause, step, stop and the speed; then what a result allows.

Each button keeps its place, its size and its meaning whatever the run is doing, so a second click
in the same place never does something else. None is ever disabled: a disabled button loses the
keyboard's focus. A button that has nothing to do says so.

Nothing here trains. The buttons tell the session's run when its next slice may begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from ui.components import assist
from ui.content.lesson import term
from ui.content.settings import word_value
from ui.core import page_runs, page_settings, resources, server, state
from ui.core.keys import Key, PageKey
from ui.workbench.lesson_page import LessonPage
from ui.workbench.predictions import REVEALED
from ui.workbench.run_view import View, steps

#: Speeds as the select box words them: a unit, and seconds an epoch or batches a second.
SPEEDS: Mapping[str, tuple[str, float]] = {
    "full speed": ("", 0.0),
    "0.3 s an epoch": ("seconds an epoch", 0.3),
    "2 s an epoch": ("seconds an epoch", 2.0),
    "10 batches a second": ("batches a second", 10.0),
    "1 batch a second": ("batches a second", 1.0),
}
FULL_SPEED = "full speed"
MORE_EPOCHS = 10

TRAIN_BUTTON = PageKey("train", False)
PAUSE_BUTTON = PageKey("pause", False)
BATCH_BUTTON = PageKey("batch", False)
EPOCH_BUTTON = PageKey("epoch", False)
STOP_BUTTON = PageKey("stop", False)
RATE_BUTTON = PageKey("rate", False)
MORE_BUTTON = PageKey("more", False)
REVEAL_BUTTON = PageKey("reveal", False)
SPEED_BOX = PageKey("speed", FULL_SPEED)
#: The speed that the learner chose; empty before that, then the page's own speed holds.
CHOSEN_SPEED = PageKey("chosen_speed", "", "tab")

#: Containers that the page scrolls to: all of the workbench, and its live pictures.
BENCH, LIVE = PageKey("bench", None), PageKey("live_pictures", None)
#: The card of the settings.
BUILD = PageKey("build_card", None)
#: The buttons and the run line, which stay in reach on a phone.
CONTROLS = PageKey("run_controls", None)
#: The place of the run line, as tall as a line of text while it is empty.
RUN_LINE = PageKey("run_line", None)

#: Pixels. Fixed, so that a label of another length moves nothing.
_TRAIN_WIDTH, _PAUSE_WIDTH, _STEP_WIDTH, _STOP_WIDTH, _SPEED_WIDTH = 138, 92, 152, 84, 150


def show_run_controls(page: LessonPage, run: Run | None, shown: View, speed: str) -> DeltaGenerator:
    """Draw the buttons and the speed.

    Args:
        page: The page.
        run: Its run, if there is one.
        shown: What the page shows.
        speed: One of `SPEEDS`, for a learner who has not chosen one.

    Returns:
        An empty place below the buttons, for the line on the run.
    """
    with st.container(gap="xsmall", key=CONTROLS.on(page.name).name):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.header("3 Train", anchor=False, width="content")
            _show_train(page, run, shown)
            _show_others(page, shown, is_active=run is not None and run.peek().state.active)
            _show_speed(page.name, speed)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(width="stretch", key=RUN_LINE.on(page.name).name):
                line = st.empty()
            _offer_stored_result(page, shown)
            _show_rate_change(page, run)
            _show_more_epochs(page, shown)
    return line


def _show_train(page: LessonPage, run: Run | None, shown: View) -> None:
    label, tip = _train_label(page, run, shown)
    _button(
        TRAIN_BUTTON.on(page.name),
        label,
        "play_arrow",
        train_or_continue,
        page.name,
        page.experiment,
        page.dataset.fingerprint,
        width=_TRAIN_WIDTH,
        is_primary=run is None or not run.peek().state.active,
        tip=tip,
    )


def _train_label(page: LessonPage, run: Run | None, shown: View) -> tuple[str, str | None]:
    """Return what the first button says and its tip: it always makes the training go on."""
    if run is not None and _is_same(run, page.experiment, page.dataset.fingerprint):
        if run.peek().state is State.PAUSED:
            return "Continue", None
        if run.peek().state.active:
            return "Training", "Pause and Stop are to the right."
    if shown.stored:
        return "Watch it train", "Somebody trained exactly this before. This trains it again."
    return ("Train again" if shown.done else "Train"), None


def _show_others(page: LessonPage, shown: View, *, is_active: bool) -> None:
    start = (page.name, page.experiment, page.dataset.fingerprint)
    is_finished = shown.done and not shown.stale
    _button(
        PAUSE_BUTTON.on(page.name),
        "Pause",
        "pause",
        _pause,
        page.name,
        width=_PAUSE_WIDTH,
        is_primary=is_active,
    )
    for key, label, icon, piece in (
        (BATCH_BUTTON, "Step one batch", "skip_next", {"batches": 1}),
        (EPOCH_BUTTON, "Step one epoch", "fast_forward", {"epochs": 1}),
    ):
        _button(
            key.on(page.name),
            label,
            icon,
            _step,
            *start,
            piece,
            is_finished,
            width=_STEP_WIDTH,
            tip="Trains one piece and pauses. It continues the run that is shown.",
        )
    _button(STOP_BUTTON.on(page.name), "Stop", "stop", _stop, page.name, width=_STOP_WIDTH)


def _show_speed(page: str, default: str) -> None:
    key = SPEED_BOX.on(page)
    state.put(key, state.get(CHOSEN_SPEED.on(page)) or default)
    st.selectbox(
        "Speed",
        SPEEDS,
        key=key.name,
        on_change=_change_speed,
        args=(page,),
        label_visibility="collapsed",
        width=_SPEED_WIDTH,
        help=term("speed"),
    )


def _offer_stored_result(page: LessonPage, shown: View) -> None:
    """Offer a stored result that does not open by itself, see `predictions.stays_closed`."""
    if shown.checkpoint is not None:
        return
    if resources.stored(page.experiment, page.dataset.fingerprint) is not None:
        st.button(
            "See the result",
            key=REVEAL_BUTTON.on(page.name).name,
            icon=":material/visibility:",
            on_click=state.put,
            args=(REVEALED.on(page.name), page.experiment),
            help="Somebody trained exactly this before. Predict it or train it yourself first.",
        )


def _show_rate_change(page: LessonPage, run: Run | None) -> None:
    """Offer a changed learning rate to the run under way, where nothing else was changed."""
    if run is None or run.peek().state.over or not _differs_in_rate_only(run, page.experiment):
        return
    rate = page.experiment.fit.learning_rate
    _button(
        RATE_BUTTON.on(page.name),
        f"Continue at {word_value('fit.learning_rate', rate)}",
        "fork_right",
        run.set_learning_rate,
        rate,
        tip="Changes the run under way. It becomes a branch, which is not kept for others.",
    )


def _show_more_epochs(page: LessonPage, shown: View) -> None:
    """Offer more epochs to a run that went through all of its own."""
    checkpoint = shown.checkpoint
    if checkpoint is None or not shown.done or checkpoint.stopped_early or shown.stale:
        return
    st.button(
        f"{MORE_EPOCHS} more epochs",
        key=MORE_BUTTON.on(page.name).name,
        icon=":material/add:",
        on_click=train_on,
        args=(page.name, checkpoint),
        disabled="fit.epochs" in page_settings.get_assignment(page.name).fixed,
        help="Trains on from here, as calling `fit()` again does.",
    )


def _button(
    key: Key[bool],
    label: str,
    icon: str,
    action: Callable[..., None],
    *args: object,
    width: int | None = None,
    is_primary: bool = False,
    tip: str | None = None,
) -> None:
    st.button(
        label,
        key=key.name,
        icon=f":material/{icon}:",
        on_click=action,
        args=args,
        type="primary" if is_primary else "secondary",
        width=width or "content",
        help=tip,
    )


def _differs_in_rate_only(run: Run, experiment: Experiment) -> bool:
    rate = experiment.fit.learning_rate
    is_same_otherwise = run.experiment.updated({"fit.learning_rate": rate}) == experiment
    return is_same_otherwise and run.peek().checkpoint.base_rate != rate


def _is_same(run: Run, experiment: Experiment, fingerprint: str) -> bool:
    """Return True if the run trains these settings on these data."""
    return run.experiment == experiment and run.peek().checkpoint.fingerprint == fingerprint


# What the buttons do.


def train(page: str, experiment: Experiment) -> None:
    """Start a run of these settings in place of the page's run.

    Settings that a teacher's link has fixed stay as they are.
    """
    experiment = page_settings.keep_fixed(page, experiment)
    fingerprint = resources.dataset(experiment.data).fingerprint
    _start(page, Checkpoint(experiment, fingerprint))


def train_or_continue(page: str, experiment: Experiment, fingerprint: str) -> None:
    """Continue a paused run of these settings, leave one under way alone, else start a new one."""
    run = page_runs.get_run(page)
    if run is not None and _is_same(run, experiment, fingerprint) and not run.peek().state.over:
        run.resume()
    else:
        _start(page, Checkpoint(experiment, fingerprint))


def begin(page: str, experiment: Experiment, fingerprint: str) -> None:
    """Give the page a paused run with its starting weights."""
    _steppable(page, experiment, fingerprint).step(batches=0)


def train_on(page: str, checkpoint: Checkpoint) -> None:
    """Train on from a checkpoint as the page's run; a finished one gets more epochs.

    Does nothing where a teacher's link has fixed a setting that this would change.
    """
    experiment = checkpoint.experiment
    if checkpoint.finished:
        experiment = experiment.updated({"fit.epochs": experiment.fit.epochs + MORE_EPOCHS})
    fixed = page_settings.list_fixed_changes(page, experiment)
    page_settings.set_experiment(page, experiment)
    if not fixed:
        _start(page, checkpoint.extended(experiment))


def _start(page: str, checkpoint: Checkpoint, *, paused: bool = False) -> Run:
    assist.scroll_to(LIVE.on(page).name, only_narrow=True)
    old = page_runs.get_run(page)
    if old is not None:
        old.stop()
    run = server.lab().runner.submit(
        page_runs.get_owner(), checkpoint, rate=_rate(page, checkpoint), paused=paused
    )
    page_runs.set_run(page, run)
    page_runs.note_run(run, page)
    return run


def _pause(page: str) -> None:
    run = page_runs.get_run(page)
    if run is not None and run.peek().state.active:
        run.pause()
    else:
        _say("Nothing is training.")


def _stop(page: str) -> None:
    run = page_runs.get_run(page)
    if run is not None and not run.peek().state.over:
        run.stop()
    else:
        _say("Nothing is training.")


def _say(sentence: str) -> None:
    st.toast(sentence, icon=":material/info:")


def _step(
    page: str,
    experiment: Experiment,
    fingerprint: str,
    piece: Mapping[str, Any],
    is_finished: bool,
) -> None:
    """Train one piece of the run that is shown, and pause; a finished run stays as it is."""
    run = page_runs.get_run(page)
    is_own = run is not None and _is_same(run, experiment, fingerprint)
    if is_finished or (run is not None and is_own and run.peek().checkpoint.finished):
        _say(f"This run is finished. Train it again, or add {MORE_EPOCHS} more epochs.")
    else:
        _steppable(page, experiment, fingerprint).step(**piece)


def _steppable(page: str, experiment: Experiment, fingerprint: str) -> Run:
    """Return a run of these settings that can step: the page's, the rest of it, or a new one."""
    run = page_runs.get_run(page)
    checkpoint = Checkpoint(experiment, fingerprint)
    if run is not None and _is_same(run, experiment, fingerprint):
        progress = run.peek()
        if not progress.state.over:
            return run
        if progress.checkpoint.weights and not progress.checkpoint.finished:
            checkpoint = progress.checkpoint  # stopped: what it has learnt is not thrown away
    return _start(page, checkpoint, paused=True)


def _change_speed(page: str) -> None:
    state.put(CHOSEN_SPEED.on(page), state.get(SPEED_BOX.on(page)))
    run = page_runs.get_run(page)
    if run is not None:
        run.set_rate(_rate(page, run.peek().checkpoint))


def _rate(page: str, checkpoint: Checkpoint) -> float | None:
    """Return the batches a second that the chosen speed allows; None for full speed."""
    unit, amount = SPEEDS[state.get(SPEED_BOX.on(page))]
    if unit == "seconds an epoch":
        return steps(checkpoint) / amount
    return amount if unit else None


def seconds_left(page: str, checkpoint: Checkpoint) -> float | None:
    """Return the seconds that the rest of a run takes, at its own pace; None before it has one."""
    updates = steps(checkpoint)
    left = checkpoint.experiment.fit.epochs * updates - checkpoint.updates
    rate = _rate(page, checkpoint)
    if not checkpoint.updates or left <= 0:
        return None
    own_pace = checkpoint.seconds / checkpoint.updates
    return left * max(own_pace, 1 / rate if rate else 0.0)
