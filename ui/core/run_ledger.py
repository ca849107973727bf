"""The ledger: a session's runs in bounded memory, and rows of those and of the store's.

This file knows neither Streamlit nor pages, but that runs have a page where they are at home.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from nncore.analysis.significance import but_for_seed
from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress, State
from nncore.runtime.runner import Run
from nncore.runtime.store import Record

#: Runs that a session's ledger names at most, and bytes of arrays that it holds of those over.
MOST_RUNS = 400
MOST_BYTES = 24 * 2**20
#: Bytes of three Python floats in a tuple: a row of a checkpoint's trace.
_ROW_BYTES = 136


@dataclass(frozen=True)
class Mark:
    """What a learner has put on a run.

    Args:
        name: Empty, or how the run is called.
        starred: Whether it has a star.
        away: Whether it was put away: it is listed only where one asks for it.
    """

    name: str = ""
    starred: bool = False
    away: bool = False


@dataclass(frozen=True, eq=False)
class Noted:
    """A run of the session.

    Args:
        number: Which one of the session, from 1.
        page: Where it is at home, such as `"mnist"`.
        label: Empty for a page's own, or what it was run for, such as `"sweep"`.
        begun: When (UTC).
        experiment: What is done.
        run: The run; None where what it learnt is not held any more.
        last: Where it ended; None as long as it may go on.
        updates: How many gradient updates it ended after.
        mark: What the learner has put on it.
    """

    number: int
    page: str
    label: str
    begun: datetime
    experiment: Experiment
    run: Run | None
    last: Progress | None = None
    updates: int = 0
    mark: Mark = field(default_factory=Mark)

    @property
    def progress(self) -> Progress:
        """What there is to see of it now; without arrays where those are not held any more."""
        if self.last is not None:
            return self.last
        assert self.run is not None
        return self.run.peek()

    @property
    def over(self) -> bool:
        """Whether it will not go on."""
        return self.progress.state.over

    @property
    def is_plain(self) -> bool:
        """Whether it went through all its epochs as its settings say: a run again is the same."""
        checkpoint = self.progress.checkpoint
        return checkpoint.finished and not checkpoint.failure and not checkpoint.edits


def entered(noted: Sequence[Noted], run: Run, page: str, label: str = "") -> tuple[Noted, ...]:
    """The ledger with one more run; where it is full, without one that is over.

    Args:
        noted: The ledger before, in the order in which runs began.
        run: The run.
        page: Where it is at home.
        label: Empty for a page's own, or what it was run for.
    """
    number = noted[-1].number + 1 if noted else 1
    fresh = Noted(number, page, label, datetime.now(UTC), run.experiment, run)
    if len(noted) < MOST_RUNS:
        return (*noted, fresh)
    gone = min(noted, key=lambda one: (not one.over, one.mark != Mark(), one.number))
    return (*(one for one in noted if one is not gone), fresh)


def settled(noted: Sequence[Noted]) -> tuple[Noted, ...]:
    """The ledger, in which runs that are over by now say so by themselves."""
    return tuple(map(_settled, noted))


def _settled(one: Noted) -> Noted:
    if one.last is not None:
        return one
    progress = one.progress
    if not progress.state.over:
        return one
    return replace(one, last=progress, updates=progress.checkpoint.updates)


def too_much(noted: Sequence[Noted], most: int) -> tuple[Noted, ...]:
    """Those that are over and whose arrays are more than may be held.

    First come runs that would be the same if they were run again, the oldest before the newest;
    last come those that the learner has marked.

    Args:
        noted: The ledger, settled.
        most: How many bytes of arrays may be held.
    """
    held = [one for one in noted if one.last is not None and one.run is not None]
    total = sum(size(one.progress.checkpoint) for one in held)
    gone = []
    for one in sorted(held, key=lambda one: (one.mark != Mark(), not one.is_plain, one.number)):
        if total <= most:
            break
        total -= size(one.progress.checkpoint)
        gone.append(one)
    return tuple(gone)


def without_arrays(noted: Sequence[Noted], gone: Iterable[Noted]) -> tuple[Noted, ...]:
    """The ledger, with nothing but the numbers of some runs that are over.

    Args:
        noted: The ledger, settled.
        gone: Those of it whose arrays go.
    """
    numbers = {one.number for one in gone}
    return tuple(_bare(one) if one.number in numbers else one for one in noted)


def _bare(one: Noted) -> Noted:
    assert one.last is not None
    left = replace(
        one.last.checkpoint, weights=(), slots=(), counters=(), film=(), trace=(), totals=()
    )
    return replace(one, run=None, last=replace(one.last, checkpoint=left))


def size(checkpoint: Checkpoint) -> int:
    """About how many bytes a checkpoint takes, beyond its history."""
    arrays = (*checkpoint.weights, *checkpoint.slots, *checkpoint.counters)
    film = (frame.weights for frame in checkpoint.film)
    return sum(a.nbytes for a in (*arrays, *film)) + _ROW_BYTES * len(checkpoint.trace)


# Rows


@dataclass(frozen=True, eq=False)
class Row:
    """A run as the ledger lists it: one of the session, or one of the store.

    Args:
        key: Tells it apart from all others.
        experiment: What was done.
        fingerprint: The data it was done on.
        page: Where it is at home.
        status: What it is doing or how it ended; None where it came from the store.
        when: When it began, or was stored (UTC).
        epochs: How many epochs are done.
        updates: Gradient updates; None where nobody knows.
        seconds: How long the training took.
        last: The history's last numbers; None stands for infinite or NaN.
        mark: What the learner has put on it.
        label: Empty, or what it was run for.
        number: Which one of the session; 0 for one of the store.
        failure: Empty, or why it ended early.
        edits: What was changed by hand on the way.
        noted: It in the session's ledger, if it is there.
        record: It in the store, if it came from there.
    """

    key: str
    experiment: Experiment
    fingerprint: str
    page: str
    status: State | None
    when: datetime
    epochs: int
    updates: int | None
    seconds: float
    last: Mapping[str, float | None]
    mark: Mark
    label: str = ""
    number: int = 0
    failure: str = ""
    edits: tuple[tuple[int, str, float], ...] = ()
    noted: Noted | None = None
    record: Record | None = None

    @property
    def made(self) -> str:
        """What it is called in the store, if it is plain."""
        return f"{self.experiment.digest}-{self.fingerprint}"

    @property
    def over(self) -> bool:
        """Whether it will not go on."""
        return self.status is None or self.status.over

    @property
    def is_plain(self) -> bool:
        """Whether it went through all its epochs as its settings say: a run again is the same."""
        whole = self.epochs >= self.experiment.fit.epochs
        return self.over and whole and not self.failure and not self.edits


def noted_row(one: Noted) -> Row:
    """A run of the session."""
    progress = one.progress
    checkpoint, over = progress.checkpoint, one.last is not None
    return Row(
        f"run-{one.number}",
        checkpoint.experiment,
        checkpoint.fingerprint,
        one.page,
        progress.state,
        one.begun,
        checkpoint.epoch,
        one.updates if over else checkpoint.updates,
        checkpoint.seconds,
        {name: _finite(column[-1]) for name, column in checkpoint.kept_history.items() if column},
        one.mark,
        one.label,
        one.number,
        checkpoint.failure or (progress.note if progress.state is State.FAILED else ""),
        checkpoint.edits,
        noted=one,
    )


def stored_row(record: Record, page: str, mark: Mark, updates: int | None) -> Row:
    """A run of the store.

    Args:
        record: It.
        page: Where it is at home.
        mark: What this learner has put on it.
        updates: Gradient updates, if they are known.
    """
    return Row(
        record.key,
        record.experiment,
        record.fingerprint,
        page,
        None,
        record.created,
        record.epochs,
        updates,
        record.seconds,
        record.last,
        mark,
        failure=record.failure,
        record=record,
    )


def listed(noted: Sequence[Noted], stored: Sequence[Row]) -> list[Row]:
    """The session's runs and those of the store, newest first, none of them twice.

    Args:
        noted: The session's ledger.
        stored: The store's rows. One that the session has made itself is left out.
    """
    own = [noted_row(one) for one in noted]
    mine = {row.made for row in own if row.is_plain}
    rows = [*own, *(row for row in stored if row.key not in mine)]
    return sorted(rows, key=lambda row: row.when, reverse=True)


def alike(rows: Sequence[Row], row: Row) -> list[Row]:
    """Runs of the same experiment on the same data that are over, one for each seed.

    Args:
        rows: Where to look.
        row: Which experiment; its own seed comes first, then the others in order.

    Returns:
        Those that went through all their epochs, and those that failed on the way.
    """
    wanted, own = but_for_seed(row.experiment), row.experiment.fit.seed
    found: dict[int, Row] = {}
    for one in rows:
        ended = one.is_plain or (one.status is State.FAILED and not one.edits)
        near = ended and one.fingerprint == row.fingerprint
        near = near and one.experiment.model == wanted.model  # looked at first, since it is quick
        if near and but_for_seed(one.experiment) == wanted:
            found.setdefault(one.experiment.fit.seed, one)
    return sorted(found.values(), key=lambda one: ((seed := one.experiment.fit.seed) != own, seed))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


# Downloads


def table_csv(rows: Sequence[Row], accuracies: Mapping[str, float]) -> str:
    """The ledger as CSV: a row a run, a column each setting and each number.

    Args:
        rows: The runs.
        accuracies: Shares of the test set that were answered right, by the rows' keys.
    """
    numbers = ("loss", "accuracy", "val_loss", "val_accuracy")
    settings = tuple(Experiment().settings())
    told = ("run", "name", "starred", "put_away", "page", "for", "state", "when", "data")
    counts = ("epochs_done", "parameters", "updates", "seconds")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*told, *counts, *numbers, "test_accuracy", "edits", "failure", *settings])
    for row in rows:
        mark, fingerprint = row.mark, row.fingerprint
        writer.writerow(
            [
                *(row.key, mark.name, mark.starred, mark.away, row.page, row.label),
                *("stored" if row.status is None else row.status.value, row.when.isoformat()),
                *(fingerprint, row.epochs, row.experiment.parameters, row.updates, row.seconds),
                *(row.last.get(name) for name in numbers),
                *(accuracies.get(row.key), _edits(row), row.failure),
                *("-".join(map(str, v)) if isinstance(v, tuple) else v for v in _values(row)),
            ]
        )
    return text.getvalue()


def _values(row: Row) -> Iterable[Any]:
    return row.experiment.settings().values()


def _edits(row: Row) -> str:
    return "; ".join(f"{at}: {name} = {value:g}" for at, name, value in row.edits[:100])


def history_csv(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Histories as CSV: a row an epoch of a run.

    Args:
        histories: By the runs' names, a column for each number that was watched.
    """
    names = list(dict.fromkeys(name for history in histories.values() for name in history))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "epoch", *names])
    for run, history in histories.items():
        epochs = max(map(len, history.values()), default=0)
        for epoch in range(epochs):
            columns = (history.get(name, ()) for name in names)
            values = (column[epoch] if epoch < len(column) else None for column in columns)
            writer.writerow([run, epoch + 1, *values])
    return text.getvalue()
