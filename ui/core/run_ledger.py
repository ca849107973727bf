"""The ledger: every run of a tab, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeAlias

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress
from nncore.runtime.machine import cache_bytes
from nncore.runtime.run import Run

#: Limits of a tab's ledger: how many runs it names, and bytes of arrays of runs that are over.
MOST_RUNS = 400
MOST_BYTES = 24 * 2**20
#: Bytes that the ledgers of all tabs share, and those that each may hold however many they are.
ALL_BYTES, LEAST_BYTES = 256 * 2**20, 4 * 2**20
#: Bytes of three Python floats in a tuple: a row of a checkpoint's trace.
_ROW_BYTES = 136


@dataclass(frozen=True)
class Mark:
    """A learner's notes on a run.

    Args:
        name: The learner's name for the run; empty for none.
        starred: True where it has a star.
        away: True where it is archived: it is listed only on request.
    """

    name: str = ""
    starred: bool = False
    away: bool = False


@dataclass(frozen=True, eq=False)
class LedgerEntry:
    """A run of the tab.

    Args:
        number: Its number in the tab, from 1.
        page: The page that opens it, such as `"mnist"`.
        label: Empty for a page's own run, or what it was run for, such as `"sweep"`.
        begun: When it began (UTC).
        experiment: What it trains.
        run: The run; None where its arrays were dropped.
        last: Where it ended; None as long as it may go on.
        updates: Gradient updates after which it ended.
        mark: What the learner has noted on it.
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
        """A snapshot of the run; without arrays where those were dropped."""
        if self.last is not None:
            return self.last
        assert self.run is not None
        return self.run.peek()

    @property
    def over(self) -> bool:
        """True where the run will not go on."""
        return self.progress.state.over

    @property
    def is_plain(self) -> bool:
        """True where it finished exactly as its settings say, so that a repeat gives the same."""
        checkpoint = self.progress.checkpoint
        return checkpoint.finished and not checkpoint.failure and not checkpoint.edits


Ledger: TypeAlias = tuple[LedgerEntry, ...]


def add_run(ledger: Ledger, run: Run, page: str, label: str = "") -> Ledger:
    """Return the ledger with one more run; a full ledger loses one that is over.

    Args:
        ledger: The entries, in the order in which their runs began.
        run: The run.
        page: The page that opens it.
        label: Empty for a page's own run, or what it was run for.
    """
    return _append(ledger, LedgerEntry(0, page, label, datetime.now(UTC), run.experiment, run))


def join(ledger: Ledger, more: Ledger) -> Ledger:
    """Return a ledger with the runs of another one behind its own, numbered anew."""
    for one in more:
        ledger = _append(ledger, one)
    return ledger


def find_dropped(before: Ledger, after: Ledger) -> list[Run]:
    """Return the runs under way that a full ledger has lost.

    Args:
        before: The entries before one was added.
        after: The entries after that.
    """
    left = {one.number for one in after}
    return [
        one.run for one in before if one.number not in left and one.run is not None and not one.over
    ]


def _append(ledger: Ledger, entry: LedgerEntry) -> Ledger:
    fresh = replace(entry, number=ledger[-1].number + 1 if ledger else 1)
    if len(ledger) < MOST_RUNS:
        return (*ledger, fresh)
    gone = min(ledger, key=lambda one: (not one.over, one.mark != Mark(), one.number))
    return (*(one for one in ledger if one is not gone), fresh)


def settle(ledger: Ledger) -> Ledger:
    """Return the ledger with the end of every run that is over by now."""
    return tuple(map(_settle_entry, ledger))


def _settle_entry(one: LedgerEntry) -> LedgerEntry:
    if one.run is None or (one.last is not None and _is_newest(one.last, one.run)):
        return one
    progress = one.run.peek()
    if not progress.state.over:
        return one
    return replace(one, last=progress, updates=progress.checkpoint.updates)


def _is_newest(last: Progress, run: Run) -> bool:
    """Return False where a run has been put away since: its arrays are held twice then."""
    return last.checkpoint is run.job.checkpoint


def bytes_per_tab(tabs: int) -> int:
    """Return the bytes of arrays that the ledger of each of some tabs may hold."""
    share = cache_bytes(ALL_BYTES) // max(1, tabs)
    return min(MOST_BYTES, max(cache_bytes(LEAST_BYTES), share))


def find_excess(ledger: Ledger, most: int) -> Ledger:
    """Return the entries whose arrays exceed a budget, in the order in which they are to go.

    Runs that would be the same if they were repeated go first, the oldest before the newest; runs
    that the learner has marked go last.

    Args:
        ledger: The entries, settled.
        most: Bytes of arrays that may be held.
    """
    held = [one for one in ledger if one.last is not None and one.run is not None]
    total = sum(size_of(one.progress.checkpoint) for one in held)
    excess = []
    for one in sorted(held, key=lambda one: (one.mark != Mark(), not one.is_plain, one.number)):
        if total <= most:
            break
        total -= size_of(one.progress.checkpoint)
        excess.append(one)
    return tuple(excess)


def drop_arrays(ledger: Ledger, excess: Iterable[LedgerEntry]) -> Ledger:
    """Return the ledger with nothing but the numbers of some runs that are over.

    Args:
        ledger: The entries, settled.
        excess: Those whose arrays go.
    """
    numbers = {one.number for one in excess}
    return tuple(_bare(one) if one.number in numbers else one for one in ledger)


def _bare(one: LedgerEntry) -> LedgerEntry:
    assert one.last is not None
    experiment = one.experiment.without_drawings()
    left = replace(
        one.last.checkpoint,
        experiment=one.last.checkpoint.experiment.without_drawings(),
        weights=(),
        slots=(),
        counters=(),
        aside=(),
        film=(),
        trace=(),
        totals=(),
        validation_totals=(),
    )
    return replace(one, experiment=experiment, run=None, last=replace(one.last, checkpoint=left))


def size_of(checkpoint: Checkpoint) -> int:
    """Return about how many bytes a checkpoint takes, beyond its history."""
    groups = (checkpoint.weights, checkpoint.slots, checkpoint.counters, checkpoint.aside)
    film = (frame.weights for frame in checkpoint.film)
    own = checkpoint.experiment.data.own
    drawn = own.images.nbytes if own is not None else 0
    return (
        drawn + sum(a.nbytes for a in (*chain(*groups), *film)) + _ROW_BYTES * len(checkpoint.trace)
    )
