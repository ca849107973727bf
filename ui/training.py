"""The bench that all lessons share: the training panel, and the live pictures beside it.

Nothing here trains. Buttons tell the session's run what to do; a fragment looks at the run's
progress for as long as it goes on, and redraws the pictures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data import Dataset, training_rows, updates_an_epoch
from nncore.experiment import Experiment
from nncore.network import Network
from nncore.runner import Progress, Run, State
from ui import controls, figures, resources, state
from ui.lesson import Lesson, term

#: Seconds between two looks at a run; longer where many runs are looked at.
POLL = 0.2
RUNS_PER_POLL = 6
#: How fast to train, by what the select box says: seconds an epoch, or batches a second.
SPEEDS: dict[str, tuple[str, float]] = {
    "full speed": ("", 0.0),
    "0.3 s an epoch": ("seconds an epoch", 0.3),
    "2 s an epoch": ("seconds an epoch", 2.0),
    "10 batches a second": ("batches a second", 10.0),
    "1 batch a second": ("batches a second", 1.0),
}
MORE_EPOCHS = 10


@dataclass(frozen=True)
class View:
    """What the pictures of a page are drawn from: an experiment, and what is known of its run.

    Args:
        experiment: The experiment that is shown; the run's, not the settings', where they differ.
        dataset: The data that the page is on.
        checkpoint: The run's; None before there is one.
        state: What the run is doing; None where the result comes from the store.
        stale: What the settings say by now, as sentences; empty where they are the run's.
        note: Empty, or a sentence on how the run ended.
    """

    experiment: Experiment
    dataset: Dataset
    checkpoint: Checkpoint | None = None
    state: State | None = None
    stale: tuple[str, ...] = ()
    note: str = ""

    @cached_property
    def network(self) -> Network | None:
        """The network as arrays; None before it has weights."""
        if self.checkpoint is None or not self.checkpoint.weights:
            return None
        return Network.of(self.checkpoint.experiment, self.checkpoint.weights)

    @property
    def trained(self) -> bool:
        """Whether there is a result that will not change any more: finished, stopped or paused."""
        return self.network is not None and (self.state is None or not self.state.active)

    @property
    def stored(self) -> bool:
        """Whether the result was trained before and came from the store."""
        return self.checkpoint is not None and self.state is None


Picture = Callable[[View], None]


def view(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> View:
    """What the page has to show: its run, else a stored one, else an older run marked as stale."""
    run = state.run(lesson.name)
    progress = run.progress() if run is not None else None
    mine = run is not None and run.experiment == experiment and _on(run, dataset)
    if progress is not None and (mine or not progress.state.over):
        return _view_of(progress, experiment, dataset)
    stored = resources.stored(experiment, dataset.fingerprint)
    if stored is not None:
        return View(experiment, dataset, stored)
    if progress is not None and progress.checkpoint.weights:
        return _view_of(progress, experiment, dataset)
    return View(experiment, dataset)


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
    shown = view(lesson, experiment, dataset)
    line = _panel(lesson, experiment, dataset, shown, speed)
    build, live = st.columns([1, 2.2], gap="small")
    with build, card("2 Build"):
        settings()
        st.caption(arithmetic(experiment, dataset))
    with live:
        _live(lesson, experiment, dataset, pictures, line)
    return shown


def arithmetic(experiment: Experiment, dataset: Dataset) -> str:
    """Parameters and updates counted aloud, in Markdown."""
    sizes = experiment.layer_sizes
    terms = " + ".join(f"{b:,} × ({a:,} + 1)" for a, b in pairwise(sizes))
    rows = training_rows(len(dataset.x_train), experiment.fit)
    samples, batch = rows.stop - rows.start, experiment.fit.batch_size
    epochs = experiment.fit.epochs
    steps = updates_an_epoch(len(dataset.x_train), experiment.fit)
    return (
        f"{terms} = **{experiment.parameters:,} parameters**  \n"
        f"{samples:,} samples / {batch:,} a batch = {steps:,} updates an epoch; "
        f"× {epochs:,} = **{steps * epochs:,} updates**"
    )


def curves(shown: View) -> None:
    """Loss and accuracy over the epochs, side by side."""
    checkpoint, fit = shown.checkpoint, shown.experiment.fit
    for column, field in zip(st.columns(2, gap="small"), ("loss", "accuracy"), strict=True):
        chart = figures.learning_curve(
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


def _on(run: Run, dataset: Dataset) -> bool:
    return run.peek().checkpoint.fingerprint == dataset.fingerprint


def _view_of(progress: Progress, experiment: Experiment, dataset: Dataset) -> View:
    checkpoint = progress.checkpoint
    stale = _differences(checkpoint.experiment, experiment)
    if checkpoint.fingerprint != dataset.fingerprint:
        stale = (*stale, "other data")
    return View(checkpoint.experiment, dataset, checkpoint, progress.state, stale, progress.note)


def _differences(one: Experiment, other: Experiment) -> tuple[str, ...]:
    theirs = other.settings()
    return tuple(
        f"{name.split('.')[1].replace('_', ' ')} {_plain(value)} → {_plain(theirs[name])}"
        for name, value in one.settings().items()
        if value != theirs[name]
    )


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return controls.shown(value) if isinstance(value, str) else f"{value}"


# The panel: buttons and one line that says what is going on.


def _panel(
    lesson: Lesson, experiment: Experiment, dataset: Dataset, shown: View, speed: str
) -> st.delta_generator.DeltaGenerator:
    page, run = lesson.name, state.run(lesson.name)
    now = run.peek().state if run is not None else None
    alive = now is not None and not now.over
    start = (page, experiment, dataset.fingerprint)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        _main_button(page, now, start, shown)
        off = now is not None and now.active
        _button(page, "batch", "", "skip_next", _step_batch, *start, off=off, tip="One batch")
        _button(page, "epoch", "", "fast_forward", _step_epoch, *start, off=off, tip="One epoch")
        _button(page, "stop", "", "stop", _stop, page, off=not alive, tip="Stop")
        _speed(page, speed)
        if run is not None and alive and _only_the_rate_differs(run, experiment):
            rate = experiment.fit.learning_rate
            tip = "Changes the run under way. It becomes a branch, which is not kept for others."
            go_on = f"Go on at {rate:g}"
            _button(page, "rate", go_on, "fork_right", run.set_learning_rate, rate, tip=tip)
        if _done(shown) and not shown.stale and shown.checkpoint is not None:
            more = (page, shown.checkpoint)
            tip = f"Trains on from here, as calling fit() again does: {MORE_EPOCHS} times more."
            _button(page, "more", f"{MORE_EPOCHS} epochs", "add", _more, *more, tip=tip)
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
        label = "Train again" if _done(shown) else "Train"
        _button(page, "train", label, "play_arrow", _train, *start, primary=True)


def _speed(page: str, default: str) -> None:
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
    at_work = run.peek().checkpoint
    now = at_work.edits[-1][2] if at_work.edits else run.experiment.fit.learning_rate
    same_otherwise = run.experiment.updated(rate) == experiment
    return same_otherwise and now != experiment.fit.learning_rate


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


def _done(shown: View) -> bool:
    return shown.checkpoint is not None and shown.checkpoint.finished


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
    return run


def _more(page: str, checkpoint: Checkpoint) -> None:
    epochs = checkpoint.experiment.fit.epochs + MORE_EPOCHS
    longer = checkpoint.experiment.updated({"fit.epochs": epochs})
    state.set_experiment(page, longer)
    _start(page, checkpoint.extended(longer))


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
        return _steps(checkpoint) / amount
    return amount if unit else None


def _steps(checkpoint: Checkpoint) -> int:
    """Batches in an epoch."""
    experiment = checkpoint.experiment
    return updates_an_epoch(len(resources.dataset(experiment.data).x_train), experiment.fit)


# The live part.


def _live(
    lesson: Lesson,
    experiment: Experiment,
    dataset: Dataset,
    pictures: tuple[Picture, Picture],
    line: st.delta_generator.DeltaGenerator,
) -> None:
    run = state.run(lesson.name)
    moving = run is not None and not _settled(run.peek())
    crowd = resources.lab().runner.active() // RUNS_PER_POLL
    every = POLL * (1 + crowd) if moving else None

    @st.fragment(run_every=every)
    def frame() -> None:
        shown = view(lesson, experiment, dataset)
        with line.container():
            _say(shown)
        for column, picture in zip(st.columns(2, gap="small"), pictures, strict=True):
            with column:
                picture(shown)
        with st.container(border=True):
            curves(shown)
        if moving and run is not None and _settled(run.peek()):
            st.rerun()

    frame()


def _settled(progress: Progress) -> bool:
    return not progress.state.active and not progress.stepping


def _say(shown: View) -> None:
    """One line on the run, and how far it is."""
    checkpoint = shown.checkpoint
    if checkpoint is None:
        st.progress(0.0, "Not trained yet: press **Train**.")
        return
    epochs = checkpoint.experiment.fit.epochs
    steps = _steps(checkpoint)
    share = min(1.0, (checkpoint.epoch + checkpoint.step / steps) / epochs)
    st.progress(share, " · ".join(_said(shown, checkpoint, steps)))
    if shown.stale:
        st.caption(
            ":material/history: This run is older than the settings: " + _listed(shown.stale)
        )
    if checkpoint.edits:
        rates = ", ".join(f"{value:g} from update {at:,} on" for at, _, value in checkpoint.edits)
        st.caption(f":material/fork_right: A branch: learning rate {rates}. It is not kept.")
    if shown.note:
        st.warning(shown.note, icon=":material/warning:")


def _said(shown: View, checkpoint: Checkpoint, steps: int) -> Iterator[str]:
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
        yield f"{epochs:,} epochs"
        yield f"{checkpoint.updates:,} updates"
    else:
        yield f"epoch {min(checkpoint.epoch + 1, epochs)} of {epochs}"
        yield f"batch {checkpoint.step:,} of {steps:,}"
    yield f"{checkpoint.seconds:.1f} s"


def _listed(parts: tuple[str, ...]) -> str:
    return "; ".join(parts)
