"""The runs of one session's sweep: in line in the runner's queue, each leaves a score.

All of them are submitted at the start, so they end with their session, and no more are under way at
once than there are slots. A run that is over leaves numbers here and its arrays in the store. To
continue after a stop means to start the runs that are missing.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from nncore.runtime.runner import Runner
from nncore.runtime.scores import ScoreBoard
from nncore.runtime.timing import ShapeKey, TimingTable, run_seconds

#: The name of a session's sweep in the runner, after the session's own name and a slash.
NAME = "sweep"
#: The completed fraction from which on the remaining time can be told.
ENOUGH = 0.04


class SweepServices(NamedTuple):
    """The parts of the lab that a sweep uses.

    Attributes:
        runner: The queue.
        scores: Collects the scores.
        timings: The measured times by shape.
        save: Stores a finished run; returns an empty text, or a sentence that says why it cannot.
    """

    runner: Runner
    scores: ScoreBoard
    timings: TimingTable
    save: Callable[[Checkpoint], str]


@dataclass(frozen=True)
class SweepProgress:
    """A snapshot of a sweep for the page.

    Args:
        done: The number of runs with a score, including those trained before.
        total: The number of runs.
        share: Fraction of the initial work completed, 0 to 1.
        seconds: Seconds since the start.
        under_way: True while runs wait or train.
        waiting: True while no slice has returned yet.
        stopping: True after a stop, while the last slices are under way.
    """

    done: int = 0
    total: int = 0
    share: float = 0.0
    seconds: float = 0.0
    under_way: bool = False
    waiting: bool = False
    stopping: bool = False

    @property
    def left(self) -> float | None:
        """The seconds left at the speed so far; None if it is too early to tell."""
        return self.seconds * (1 / self.share - 1) if self.share > ENOUGH else None


class SweepRuns:
    """One session's sweep. Safe to use from any thread.

    Args:
        services: The parts of the lab it uses.
        session: The session that owns it.
    """

    def __init__(self, services: SweepServices, session: str) -> None:
        self._lab = services
        self._session = session
        self._lock = threading.RLock()
        self._runs: dict[Experiment, Run] = {}
        self._stopped: dict[Experiment, Checkpoint] = {}  # stopped half-way, at most one per slot
        self._notes: dict[Experiment, str] = {}
        self._work: dict[Experiment, float] = {}  # expected seconds of each run
        self._total_work = self._done_work = 0.0
        self._started = self._ended = 0.0
        self._done: set[Experiment] = set()
        self._done_before = 0
        self._stopping = False

    @property
    def _queue(self) -> str:
        return f"{self._session}/{NAME}"

    def begin(
        self, experiments: Sequence[Experiment], dataset: Dataset, *, again: bool = False
    ) -> None:
        """Train the experiments that have no score yet.

        Args:
            experiments: All experiments of the sweep.
            dataset: The data.
            again: True to train those with a score too.
        """
        self.stop()
        scores, _ = self._lab.scores.find(experiments, dataset.fingerprint)
        missing = [one for one in experiments if again or one not in scores]
        with self._lock:
            self._notes, self._runs = {}, {}
            self._stopping, self._done = False, set()
            self._done_before = len(experiments) - len(missing)
            self._work = run_seconds(missing, dataset, self._lab.timings.recent())
            self._total_work, self._done_work = sum(self._work.values()), 0.0
            self._started, self._ended = time.monotonic(), 0.0
            for one in training_order(missing, dataset.fingerprint, self._session):
                self._runs[one] = self._submit(one, dataset.fingerprint, again)
            self._stopped = {}

    def stop(self) -> None:
        """End the sweep; scores are kept, and runs half-way can be continued."""
        with self._lock:
            runs, self._stopping = list(self._runs.values()), True
        for run in reversed(runs):  # so that stopping one does not start the next
            run.stop()

    def progress(self) -> SweepProgress:
        """Return a snapshot; it costs the same for any number of runs."""
        under_way = self._lab.runner.open_runs(self._queue) > 0
        current = [one.checkpoint for one in self._lab.runner.busy_in(self._queue)]
        with self._lock:
            current = [one for one in current if self._is_open(one.experiment)]
            completed = self._done_work + sum(map(self._completed_work, current))
            until = time.monotonic() if under_way else self._ended or self._started
            return SweepProgress(
                self._done_before + len(self._done),
                self._done_before + len(self._work),
                min(1.0, completed / self._total_work) if self._total_work else 0.0,
                until - self._started,
                under_way,
                not self._done and not any(one.weights for one in current),
                self._stopping,
            )

    def notes(self) -> Mapping[Experiment, str]:
        """Return one sentence for each run without a score, or that could not be stored."""
        with self._lock:
            return dict(self._notes)

    def _submit(self, experiment: Experiment, fingerprint: str, again: bool) -> Run:
        start = self._stopped.get(experiment)
        if start is None or start.fingerprint != fingerprint:
            start = Checkpoint(experiment, fingerprint)
        return self._lab.runner.submit(
            self._queue,
            start,
            keep=False,
            in_line=True,
            on_over=self._finish,
            needed=None if again else partial(self._is_needed, experiment, fingerprint),
        )

    def _is_open(self, experiment: Experiment) -> bool:
        return experiment in self._work and experiment not in self._done

    def _completed_work(self, checkpoint: Checkpoint) -> float:
        """Return the expected seconds of the completed part of a run under way."""
        epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
        experiment = checkpoint.experiment
        return self._work[experiment] * min(1.0, epochs / experiment.fit.epochs)

    def _finish(self, run: Run) -> None:
        """Keep the numbers of a run that is over, and let go of its arrays."""
        progress, one = run.peek(), run.experiment
        checkpoint, note = progress.checkpoint, progress.note
        has_score = progress.state is State.FINISHED or bool(checkpoint.failure)
        if has_score:
            self._lab.scores.add(checkpoint)
            self._correct_timing(run)
            note = "" if checkpoint.failure else self._lab.save(checkpoint)
        has_score = has_score or self._lab.scores.in_memory(one, checkpoint.fingerprint) is not None
        with self._lock:
            if has_score and self._is_open(one):
                self._done.add(one)
                self._done_work += self._work[one]
            if note:
                self._notes[one] = note
            if progress.state is State.STOPPED and checkpoint.weights:
                self._stopped[one] = checkpoint
            if self._runs.get(one) is run:
                del self._runs[one]
            self._ended = time.monotonic()

    def _correct_timing(self, run: Run) -> None:
        if run.pace is not None:
            key = ShapeKey.of(run.experiment, run.job.checkpoint.fingerprint)
            self._lab.timings.correct(key, run.pace)

    def _is_needed(self, experiment: Experiment, fingerprint: str) -> bool:
        """Return False if another session has trained the experiment in the meantime."""
        return self._lab.scores.in_memory(experiment, fingerprint) is None


def training_order(
    experiments: Iterable[Experiment], fingerprint: str, session: str
) -> list[Experiment]:
    """Return the order in which to train: runs that share a compiled network follow each other.

    Sessions start at different shapes, so sessions that train the same sweep at the same time share
    its work: a run that one of them has trained is not needed by the others.
    """
    groups: dict[ShapeKey, list[Experiment]] = {}
    for one in experiments:
        groups.setdefault(ShapeKey.of(one, fingerprint), []).append(one)
    ordered = list(groups.values())
    first = zlib.crc32(session.encode()) % len(ordered) if ordered else 0
    return [one for group in (*ordered[first:], *ordered[:first]) for one in group]
