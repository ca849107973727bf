"""Runs as rows of a list: those of the tab's ledger and those of the store."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nncore.analysis.significance import but_for_seed
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.store import Record
from ui.core.run_ledger import LedgerEntry, Mark


@dataclass(frozen=True, eq=False)
class Row:
    """A run in a list: one of the tab, or one of the store.

    Args:
        key: Its name, different from all others.
        experiment: What it trained.
        fingerprint: The fingerprint of its data.
        page: The page that opens it.
        status: What it does or how it ended; None for one of the store.
        when: When it began, or was stored (UTC).
        epochs: Epochs done.
        updates: Gradient updates; None where they are unknown.
        seconds: Seconds of training.
        last: The last numbers of its history; None for infinite or NaN.
        mark: What the learner has noted on it.
        label: Empty, or what it was run for.
        number: Its number in the tab; 0 for one of the store.
        failure: Empty, or why it ended early.
        edits: What was changed by hand during training.
        entry: Its entry in the ledger, if it is there.
        record: Its record in the store, if it came from there.
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
    entry: LedgerEntry | None = None
    record: Record | None = None

    @property
    def store_key(self) -> str:
        """Its name in the store, where it is plain."""
        return f"{self.experiment.digest}-{self.fingerprint}"

    @property
    def over(self) -> bool:
        """True where the run will not go on."""
        return self.status is None or self.status.over

    @property
    def is_plain(self) -> bool:
        """True where it finished exactly as its settings say, so that a repeat gives the same."""
        whole = self.epochs >= self.experiment.fit.epochs
        return self.over and whole and not self.failure and not self.edits


def row_of_entry(one: LedgerEntry) -> Row:
    """Return the row of a run of the tab."""
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
        entry=one,
    )


def row_of_record(record: Record, page: str, updates: int | None) -> Row:
    """Return the row of a run of the store, without a mark.

    Args:
        record: The run's record.
        page: The page that opens it.
        updates: Gradient updates; None where they are unknown.
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
        Mark(),
        failure=record.failure,
        record=record,
    )


def list_rows(ledger: Sequence[LedgerEntry], stored: Sequence[Row]) -> list[Row]:
    """Return the tab's runs and those of the store, newest first, none of them twice.

    Args:
        ledger: The tab's ledger.
        stored: The rows of the store; those that this tab trained itself are left out.
    """
    own = [row_of_entry(one) for one in ledger]
    mine = {row.store_key for row in own if row.is_plain}
    rows = [*own, *(row for row in stored if row.key not in mine)]
    return sorted(rows, key=lambda row: row.when, reverse=True)


def find_seeds(rows: Sequence[Row], row: Row) -> list[Row]:
    """Return runs that differ from one in the seed alone and are over, one for each seed.

    Args:
        rows: The runs to search.
        row: The run; its own seed comes first, then the others in order.

    Returns:
        Runs that went through all their epochs, and runs that failed.
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
