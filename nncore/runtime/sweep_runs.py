"""The runs of a session's sweep: in line in the lab's queue, and what is left of each is a score.

All of them are with the runner from the start, so that they end with their session. No more are
begun at a time than there are slots; one that is over leaves numbers here and its arrays in the
store. Going on after a stop is beginning those that are missing.
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
from nncore.runtime.jobs import Progress, State
from nncore.runtime.runner import Run, Runner
from nncore.runtime.scores import Scores
from nncore.runtime.timing import Shape, Timings, shape_of, weights

#: Behind the session's name: what the runner calls the sweep of a session.
NAME = "sweep"


class Services(NamedTuple):
    """What a sweep needs of the lab.

    Attributes:
        runner: The queue.
        scores: Where scores go.
        timings: What is known of how long things take.
        keep: Keeps a finished run in the store; says in a sentence where it cannot.
    """

    runner: Runner
    scores: Scores
    timings: Timings
    keep: Callable[[Checkpoint], str]


@dataclass(frozen=True)
class Standing:
    """How far a sweep is.

    Args:
        done: How many of the sweep's runs have a score, those of before among them.
        total: How many it has.
        share: How much of the work is done that there was when it was begun, 0 to 1.
        seconds: How long it has been going on.
        under_way: Whether it goes on.
        waiting: Whether it goes on, and no slice was made yet.
        stopping: Whether it was stopped, and ends with the slices under way.
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
        """Seconds that the rest takes at the speed so far; None where it is too early to tell."""
        return self.seconds * (1 / self.share - 1) if self.share > 0.04 else None


class Trials:
    """One session's sweep. Safe to use from any thread.

    Args:
        services: Of the lab.
        session: Whose sweep it is.
    """

    def __init__(self, services: Services, session: str) -> None:
        self._lab = services
        self._session = session
        self._lock = threading.RLock()
        self._runs: dict[Experiment, Run] = {}
        self._begun: dict[Experiment, Checkpoint] = {}  # stopped half-way, at most one a slot
        self._notes: dict[Experiment, str] = {}
        self._work: dict[Experiment, float] = {}
        self._started = self._ended = 0.0
        self._done: set[Experiment] = set()
        self._before = 0  # runs that had a score when it was begun
        self._stopping = False

    def begin(
        self, experiments: Sequence[Experiment], dataset: Dataset, *, again: bool = False
    ) -> None:
        """Trains those experiments that have no score yet.

        Args:
            experiments: The sweep's.
            dataset: The data.
            again: Whether to train the others too.
        """
        self.stop()
        known, _ = self._lab.scores.find(experiments, dataset.fingerprint)
        missing = [one for one in experiments if again or one not in known]
        with self._lock:
            self._notes, self._runs = {}, {}
            self._stopping, self._done = False, set()
            self._before = len(experiments) - len(missing)
            self._work = weights(missing, dataset, self._lab.timings.known())
            self._started, self._ended = time.monotonic(), 0.0
            for one in in_turn(missing, dataset.fingerprint, self._session):
                start = self._begun.get(one, Checkpoint(one, dataset.fingerprint))
                fits = start.fingerprint == dataset.fingerprint
                self._runs[one] = self._lab.runner.submit(
                    f"{self._session}/{NAME}",
                    start if fits else Checkpoint(one, dataset.fingerprint),
                    keep=False,
                    in_line=True,
                    on_over=self._over,
                    needed=None if again else partial(self._needed, one, dataset.fingerprint),
                )
            self._begun = {}

    def stop(self) -> None:
        """Ends the sweep; what is done is kept, and so is what was begun."""
        with self._lock:
            runs, self._stopping = list(self._runs.values()), True
        for run in reversed(runs):  # so that stopping one does not begin the next
            run.stop()

    def standing(self) -> Standing:
        """How far it is."""
        with self._lock:
            progress = [run.peek() for run in self._runs.values()]
            active = [one for one in progress if not one.state.over]
            done = [one for one in self._done if one in self._work]
            made = sum(self._work[one] for one in done) + sum(map(self._made, active))
            whole = sum(self._work.values())
            until = time.monotonic() if active else self._ended or self._started
            return Standing(
                self._before + len(done),
                self._before + len(self._work),
                min(1.0, made / whole) if whole else 0.0,
                until - self._started,
                bool(active),
                not done and not any(one.checkpoint.weights for one in active),
                self._stopping,
            )

    def notes(self) -> Mapping[Experiment, str]:
        """Why a run gave no score, or could not be kept, a sentence each."""
        with self._lock:
            return dict(self._notes)

    def _made(self, progress: Progress) -> float:
        """What is done of a run that is under way."""
        checkpoint = progress.checkpoint
        epochs = checkpoint.trace[-1][0] if checkpoint.trace else 0.0
        return self._work[checkpoint.experiment] * min(
            1.0, epochs / checkpoint.experiment.fit.epochs
        )

    def _over(self, run: Run) -> None:
        """Takes the numbers of a run that is over, and lets go of its arrays."""
        progress, one = run.peek(), run.experiment
        checkpoint, note = progress.checkpoint, progress.note
        scored = progress.state is State.FINISHED or bool(checkpoint.failure)
        if scored:
            self._lab.scores.add(checkpoint)
            self._learn(run, checkpoint)
            note = "" if checkpoint.failure else self._lab.keep(checkpoint)
        with self._lock:
            if scored or self._lab.scores.known(one, checkpoint.fingerprint):
                self._done.add(one)
            if note:
                self._notes[one] = note
            if progress.state is State.STOPPED and checkpoint.weights:
                self._begun[one] = checkpoint
            if self._runs.get(one) is run:
                del self._runs[one]
            self._ended = time.monotonic()

    def _learn(self, run: Run, checkpoint: Checkpoint) -> None:
        if run.pace is not None:
            shape: Shape = shape_of(run.experiment, checkpoint.fingerprint)
            self._lab.timings.learn(shape, run.pace)

    def _needed(self, experiment: Experiment, fingerprint: str) -> bool:
        """Whether nobody else has trained it meanwhile."""
        return self._lab.scores.known(experiment, fingerprint) is None


def in_turn(experiments: Iterable[Experiment], fingerprint: str, session: str) -> list[Experiment]:
    """The order in which to train: what shares a compiled network one after the other.

    Sessions begin at different places, so that those that do the same sweep at the same time share
    its work: what one has trained the others need not.
    """
    groups: dict[Shape, list[Experiment]] = {}
    for one in experiments:
        groups.setdefault(shape_of(one, fingerprint), []).append(one)
    ordered = list(groups.values())
    first = zlib.crc32(session.encode()) % len(ordered) if ordered else 0
    return [one for group in (*ordered[first:], *ordered[:first]) for one in group]
