"""Which networks can read a drawing: the page's own, those of this session, those in the store.

The page's own reader is the one of the page's experiment. The lesson's default is trained by the
lab itself, once for all visitors, as soon as somebody opens the page. That takes a minute: until
it reads better than a small network that is trained beside it in some seconds, or than another one
in the store, that one answers. Other settings are trained when the learner says so, in the
learner's own session.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset, DataUnavailable
from nncore.data.splits import updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import Progress, State
from nncore.runtime.lab import OWN_SESSION
from nncore.runtime.runner import Run
from nncore.runtime.store import Record
from ui.components import clock
from ui.core import resources, state
from ui.workbench.run_line import describe_end

PAGE = "draw"
#: Another page whose run can read, and how the list names it.
OTHER_PAGE, OTHER_NAME = "mnist", "your run in lesson 3"
#: What training on with one's own digits has made, as the list names it.
BRANCH = "yours, with your own digits"
#: Stored networks that are offered, the newest first.
MOST = 50
#: Seconds that one run of the page may spend on measuring accuracies; the rest waits for the next.
MEASURING = 0.3
#: Seconds between two looks at a reader that is learning.
POLL = 0.5
#: What the small network that answers meanwhile has of its own, and how many updates it is given:
#: two seconds, in which it learns to read about 96 of 100 test images.
SMALL = {"model.units": (100,), "fit.batch_size": 128, "fit.augment": "affine_thickness"}
UPDATES = 1_400


@dataclass(frozen=True)
class Reader:
    """A network that reads, or will.

    Args:
        experiment: How it is made.
        fingerprint: The data that it is made on.
        source: One sentence on those.
        record: Where it is in the store, if it is there.
        run: The run that trains it or has trained it, if it is not in the store.
        name: Empty, or where it comes from.
        branch: Where training went on with the learner's own digits, if that is what it is.
    """

    experiment: Experiment
    fingerprint: str
    source: str
    record: Record | None = None
    run: Run | None = None
    name: str = ""
    branch: Checkpoint | None = None

    @property
    def key(self) -> str:
        """Tells it apart from all others in the list."""
        made = f"{self.experiment.digest}-{self.fingerprint}"
        if self.branch is not None:
            return f"{made}-branch"
        found = self.checkpoint if self.name == OTHER_NAME else None
        unlike = found is not None and (bool(found.edits) or not found.finished)
        return f"{made}-{OTHER_PAGE}" if unlike else made

    @property
    def progress(self) -> Progress | None:
        """What its run is doing; None without one."""
        if self.run is None:
            return None
        # A run that is looked at goes in short slices, and a third of each is on the way there and
        # back with a network of this size. The lab's own has a minute's work to do.
        return self.run.peek() if self.from_lab else self.run.progress()

    @property
    def learning(self) -> bool:
        """Whether it is being trained, or waits for it."""
        return self.run is not None and self.run.peek().state.active

    @property
    def from_lab(self) -> bool:
        """Whether the lab itself trains it, for all visitors."""
        return self.run is not None and self.run.session == OWN_SESSION

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Its weights and history as they are now; None before there are any."""
        if self.branch is not None:
            return self.branch
        if self.record is not None:
            return resources.trained(self.record)
        found = None if self.run is None else self.run.peek().checkpoint
        return found if found is not None and found.weights else None

    @property
    def made(self) -> bool:
        """Whether it has weights that do not change any more."""
        return self.record is not None or (not self.learning and self.checkpoint is not None)

    @property
    def network(self) -> Network | None:
        """It as arrays; None before it has weights."""
        found = self.checkpoint
        return None if found is None else Network.of(found.experiment, found.weights)

    def load(self) -> Network:
        """It as arrays.

        Raises:
            LookupError: If it has no weights.
        """
        found = self.network
        if found is None:
            raise LookupError(self.key)
        return found


# Which there are.


def shelf(default: Experiment, experiment: Experiment, dataset: Dataset) -> dict[str, Reader]:
    """All readers by their keys, the page's own first. The default's training begins here.

    Args:
        default: The lesson's experiment.
        experiment: The page's.
        dataset: Its data.
    """
    records = resources.lab().store.entries()
    found: dict[str, Reader] = {}
    for reader in (_own(default, experiment, dataset, records), *_stored(records), *_of_session()):
        found.setdefault(reader.key, reader)
    return found


def _own(
    default: Experiment, experiment: Experiment, dataset: Dataset, records: Iterable[Record]
) -> Reader:
    reader = Reader(experiment, dataset.fingerprint, dataset.source, name="this page")
    record = next((record for record in records if record.key == reader.key), None)
    if record is not None and resources.trained(record) is not None:
        return replace(reader, record=record)
    if experiment == default:
        reader = replace(reader, run=resources.lab().shared(experiment, dataset.fingerprint))
        if reader.learning:
            _small(experiment, dataset, records)  # begins, too
        return reader
    run = state.run(PAGE)
    theirs = run is None or _of(run).key != reader.key
    return reader if theirs else replace(reader, run=run)


def _small(default: Experiment, dataset: Dataset, records: Iterable[Record]) -> Reader:
    """The small network that answers while the default one is learning; trained by the lab, too."""
    shape = default.updated(SMALL)
    epochs = max(1, round(UPDATES / updates_per_epoch(len(dataset.x_train), shape.fit)))
    reader = Reader(
        shape.updated({"fit.epochs": min(epochs, default.fit.epochs)}),
        dataset.fingerprint,
        dataset.source,
    )
    record = next((record for record in records if record.key == reader.key), None)
    if record is not None and resources.trained(record) is not None:
        return replace(reader, record=record)
    return replace(reader, run=resources.lab().shared(reader.experiment, reader.fingerprint))


def answering(reader: Reader, dataset: Dataset) -> Reader:
    """Who answers: the reader that was chosen, or one that does better until that has learnt more.

    Only the lab's own training is stood in for: who trains other settings wants to see them learn.
    The accuracy on distorted training images, which the one has so far, is compared with the
    others' on test images, which are easier: so there is no step back when it takes over.

    Args:
        reader: The one that was chosen.
        dataset: The page's data.
    """
    if not (reader.learning and reader.from_lab):
        return reader
    records = resources.lab().store.entries()
    there = (_small(reader.experiment, dataset, records), *_stored(records))
    ready = [r for r in there if r.made and r.fingerprint == reader.fingerprint]
    known = accuracies(ready)
    best = max(ready, key=lambda other: known.get(other.key, 0.0), default=reader)
    return best if known.get(best.key, 0.0) > _so_far(reader) else reader


def _so_far(reader: Reader) -> float:
    """The share of training images that a reader answered right of late."""
    found = reader.checkpoint
    return found.trace[-1][2] if found is not None and found.trace else 0.0


def _stored(records: Iterable[Record]) -> Iterator[Reader]:
    reading = (r for r in records if _reads(r.experiment) and not r.failure)
    for record in islice(reading, MOST):
        yield Reader(record.experiment, record.fingerprint, record.source, record)


def _of_session() -> Iterator[Reader]:
    run = state.run(OTHER_PAGE)
    if run is not None and _reads(run.experiment):
        reader = _of(run, OTHER_NAME)
        if reader.checkpoint is not None:
            yield reader
    branch: Checkpoint | None = state.get("draw.branch", None)
    if branch is not None:
        yield of_branch(branch)


def of_branch(branch: Checkpoint) -> Reader:
    """What training on with one's own digits has made, as a reader."""
    found = _dataset(branch.experiment, branch.fingerprint)
    source = found.source if found else ""
    return Reader(branch.experiment, branch.fingerprint, source, name=BRANCH, branch=branch)


def _reads(experiment: Experiment) -> bool:
    return experiment.data.name == "digits"


def _of(run: Run, name: str = "") -> Reader:
    checkpoint = run.peek().checkpoint
    dataset = _dataset(checkpoint.experiment, checkpoint.fingerprint)
    source = dataset.source if dataset else ""
    return Reader(checkpoint.experiment, checkpoint.fingerprint, source, run=run, name=name)


# How well they do.


def accuracies(readers: Iterable[Reader]) -> dict[str, float]:
    """Shares of the test set that are answered right, by key.

    Those that are not known yet are measured as long as the time lasts. A reader that is learning,
    or that was trained on data that this lab does not have any more, is left out.
    """
    end = time.monotonic() + MEASURING
    found = {}
    for reader in readers:
        dataset = dataset_of(reader)
        if dataset is not None and reader.made and time.monotonic() < end:
            with suppress(LookupError):  # gone from the store since it was listed
                found[reader.key] = resources.accuracy(as_far_as(reader), reader.load, dataset)
    return found


def as_far_as(reader: Reader) -> str:
    """Names a reader as far as it has come."""
    found = None if reader.record is not None else reader.checkpoint
    return f"{reader.key}-{found and (found.epoch, found.step, found.edits)}"


def dataset_of(reader: Reader) -> Dataset | None:
    """The data that a reader learns from; None where this lab does not have them any more."""
    return _dataset(reader.experiment, reader.fingerprint)


def _dataset(experiment: Experiment, fingerprint: str) -> Dataset | None:
    """The data of an experiment, if they are the ones with this fingerprint."""
    try:
        dataset = resources.dataset(experiment.data)
    except DataUnavailable:
        return None
    return dataset if dataset.fingerprint == fingerprint else None


def label(reader: Reader, accuracy: float | None) -> str:
    """A reader in one line: its units, its data, how well it does."""
    sizes = "-".join(map(str, reader.experiment.layer_sizes))
    images = reader.source.split(" training images")[0].split(": ")[-1]
    distorted = "" if reader.experiment.fit.augment == "none" else ", distorted"
    if reader.made:
        quality = "trained" if accuracy is None else f"{accuracy:.1%} of test images right"
    else:
        quality = "still learning" if reader.learning else "not trained yet"
    name = f" ({reader.name})" if reader.name else ""
    return f"{sizes} · {images} images{distorted} · {quality}{name}"


# Choosing one, and having it trained.


def choose(readers: Mapping[str, Reader]) -> Reader:
    """Draws the list of readers, and the button that trains the page's own where it needs one.

    Args:
        readers: The page's own first.
    """
    mine = next(iter(readers.values()))
    base, key = state.get("draw.chosen", (mine.key, mine.key))
    if base != mine.key or key not in readers:  # other settings: their own reader first
        key = mine.key
    labels = _labels(readers)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Read by**", width="content")
        state.put("draw.reader", key)
        st.selectbox(
            "Read by",
            list(readers),
            key="draw.reader",
            format_func=labels.__getitem__,
            on_change=_choose,
            args=(mine.key,),
            label_visibility="collapsed",
            width="stretch",
        )
        if key == mine.key:
            _button(mine)
    return readers[key]


def _labels(readers: Mapping[str, Reader]) -> dict[str, str]:
    """A line for each reader; those that would read alike get a number."""
    measured = accuracies(readers.values())
    labels: dict[str, str] = {}
    for key, reader in readers.items():
        line = label(reader, measured.get(key))
        alike = sum(other.split(" · no. ")[0] == line for other in labels.values())
        labels[key] = f"{line} · no. {alike + 1}" if alike else line
    return labels


def _choose(base: str) -> None:
    state.put("draw.chosen", (base, state.get("draw.reader", base)))


def _button(mine: Reader) -> None:
    progress = mine.progress
    shared = mine.run is not None and mine.run is not state.run(PAGE)
    if mine.learning and not shared:
        st.button("Stop", icon=":material/stop:", key="draw.stop", on_click=_stop)
    elif mine.record is None and not mine.learning:
        over = progress is not None and progress.state is State.FINISHED
        if not over:
            st.button(
                "Train",
                icon=":material/play_arrow:",
                type="primary",
                key="draw.train",
                on_click=_train,
                args=(mine, shared),
            )


def _train(mine: Reader, shared: bool) -> None:
    if shared:
        resources.lab().shared(mine.experiment, mine.fingerprint, again=True)
        return
    _stop()
    start = Checkpoint(mine.experiment, mine.fingerprint)
    run = resources.lab().runner.submit(state.session(), start)
    state.set_run(PAGE, run)
    state.note_run(run, PAGE)


def _stop() -> None:
    run = state.run(PAGE)
    if run is not None:
        run.stop()


def status(reader: Reader, dataset: Dataset) -> None:
    """Draws one line on how far the reader is; follows it while it is learning.

    Args:
        reader: Who reads.
        dataset: The page's data.
    """
    learning = reader.learning

    @clock.every(POLL if learning else None, key="draw.status.clock")
    def line() -> None:
        st.progress(*_line(reader, len(dataset.x_train)))
        progress = reader.progress
        if progress is not None and progress.note:
            st.warning(progress.note, icon=":material/warning:")
        if learning and not reader.learning:
            st.rerun()

    line()


def _line(reader: Reader, rows: int) -> tuple[float, str]:
    """The share that is done, and the line that says so."""
    checkpoint, progress = reader.checkpoint, reader.progress
    if checkpoint is None:
        started = progress is not None and progress.state is State.RUNNING
        waits = "**Getting ready**" if started else "**Waiting for the worker**"
        words = f"{waits} · you can draw meanwhile" if reader.learning else "**Not trained yet**"
        return 0.0, words
    fit = checkpoint.experiment.fit
    if reader.learning or not checkpoint.finished:
        done = checkpoint.epoch + checkpoint.step / updates_per_epoch(rows, fit)
        return min(1.0, done / fit.epochs), still_learning(reader)
    counted = f"{checkpoint.experiment.parameters:,} parameters"
    said = " · ".join(describe_end(checkpoint))
    return 1.0, f"**Trained** · {said} · {checkpoint.seconds:.1f} s · {counted}"


def standing_in(other: Reader, reader: Reader) -> str:
    """That another one answers while a reader is learning.

    Args:
        other: Who answers.
        reader: Who will.
    """
    sizes = "-".join(map(str, other.experiment.layer_sizes))
    found = reader.checkpoint
    place = "has not begun" if found is None else f"is at {_place(found)}"
    return f"**Meanwhile {sizes} answers**, which reads better so far; the reader {place}"


def _place(checkpoint: Checkpoint) -> str:
    epochs = checkpoint.experiment.fit.epochs
    return f"epoch {min(checkpoint.epoch + 1, epochs):,} of {epochs:,}"


def still_learning(reader: Reader) -> str:
    """How far a reader is that has not learnt all that it is to learn.

    Args:
        reader: One with weights.

    Raises:
        LookupError: If it has none.
    """
    checkpoint, progress = reader.checkpoint, reader.progress
    if checkpoint is None:
        raise LookupError(reader.key)
    place = _place(checkpoint)
    if progress is not None and progress.state.active:
        answers = (
            "you can draw meanwhile" if reader.from_lab else "it already answers, as well as it can"
        )
        return f"**Still learning** · {place} · {answers}"
    word = "Paused" if progress is not None and progress.state is State.PAUSED else "Stopped"
    return f"**{word}** · {place} · it answers with what it learnt until then"
