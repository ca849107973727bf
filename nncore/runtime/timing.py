"""Estimate how long runs take, from slices and runs timed on this machine a short while ago.

A shape of network that was timed uses its own timing. For any other shape, a simple model gives the
time of an update, scaled to the timed shapes most like it; the more those disagree, the wider the
estimate.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from nncore.data.datasets import Dataset
from nncore.data.splits import held_out, updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.training.shape import shape_of

#: The most shapes to time before a sweep: the quickest, the slowest, and that of the longest run.
MAX_PROBES = 3
#: Seconds after which a timing is too old to describe the machine.
VALID_FOR = 900.0
#: The most shapes whose timing is kept.
MAX_SHAPES = 1024
#: How often a shape is asked for whose timing fails: it may be what ends the workers.
MAX_TRIES = 3
#: The relative error of a repeated timing on a machine that does other work too.
SPREAD = 0.25
#: Seconds of an update: fixed, per parameter, and per parameter and sample. Only the proportions
#: between shapes matter; the timings set the scale.
_FIXED, _PER_PARAMETER, _PER_SAMPLE = 1.2e-5, 5e-10, 5e-11


class ShapeKey(NamedTuple):
    """Identifies runs that take equally long per update.

    Attributes:
        fingerprint: The data.
        shape: The result of `nncore.training.shape.shape_of`.
    """

    fingerprint: str
    shape: Experiment

    @classmethod
    def of(cls, experiment: Experiment, fingerprint: str) -> ShapeKey:
        """Return the key of an experiment on certain data."""
        return cls(fingerprint, shape_of(experiment))


class ShapeTiming(NamedTuple):
    """The measured times of one shape, in seconds.

    Attributes:
        compiling: The very first slice, which builds and compiles the network.
        starting: The first slice of a later run of the same shape.
        update: One gradient update.
        validating: One pass over the held-out samples.
    """

    compiling: float
    starting: float
    update: float
    validating: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """The expected time of some runs.

    Args:
        low: The shortest likely time, in seconds.
        high: The longest likely time, in seconds.
        timed: The number of shapes with a timing.
        shapes: The number of shapes.
    """

    low: float
    high: float
    timed: int
    shapes: int


def modelled_update(experiment: Experiment) -> float:
    """Return the seconds of one update by a rule of thumb."""
    parameters = experiment.parameters
    return _FIXED + parameters * (_PER_PARAMETER + _PER_SAMPLE * experiment.fit.batch_size)


def update_count(experiment: Experiment, dataset: Dataset) -> int:
    """Return the number of gradient updates in the whole run."""
    return experiment.fit.epochs * updates_per_epoch(len(dataset.x_train), experiment.fit)


class TimingTable:
    """The timings by shape. Safe to use from any thread.

    Args:
        clock: Returns the time in seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._timings: OrderedDict[ShapeKey, tuple[float, ShapeTiming]] = OrderedDict()
        self._pending: dict[ShapeKey, Future[None]] = {}
        self._tries: OrderedDict[ShapeKey, int] = OrderedDict()  # failures in a row
        self._lock = threading.Lock()

    def add(self, key: ShapeKey, timing: ShapeTiming) -> None:
        """Keep a timing; it replaces an older one."""
        with self._lock:
            self._tries.pop(key, None)
            self._timings[key] = (self._clock(), timing)
            self._timings.move_to_end(key)
            while len(self._timings) > MAX_SHAPES:
                self._timings.popitem(last=False)

    def correct(self, key: ShapeKey, update: float) -> None:
        """Replace the seconds of an update by those of a whole run, if the shape has a timing."""
        timing = self.recent().get(key)
        if timing is not None:
            self.add(key, timing._replace(update=update))

    def recent(self) -> dict[ShapeKey, ShapeTiming]:
        """Return the timings that are recent enough to use."""
        with self._lock:
            oldest = self._clock() - VALID_FOR
            return {key: timing for key, (at, timing) in self._timings.items() if at >= oldest}

    def measure(
        self, experiments: Sequence[Experiment], dataset: Dataset, ask: Callable[..., Future[Any]]
    ) -> bool:
        """Have workers time a few shapes that represent the rest; each shape is asked for once.

        Args:
            experiments: The runs to be trained.
            dataset: Their data.
            ask: Runs a task on a worker, as `Runner.ask` does.

        Returns:
            True while a shape is still being timed.

        Raises:
            ConnectionError: If no worker is ready.
        """
        recent, waiting = self.recent(), False
        for experiment in probes(experiments, dataset):
            key = ShapeKey.of(experiment, dataset.fingerprint)
            if key not in recent and self._tries.get(key, 0) < MAX_TRIES:
                waiting = not self._asked(key, experiment, ask).done() or waiting
        return waiting

    def _asked(
        self, key: ShapeKey, experiment: Experiment, ask: Callable[..., Future[Any]]
    ) -> Future[None]:
        """Return a future of the timing of a shape, after asking for it if nobody has."""
        with self._lock:
            pending = self._pending.get(key)
            if pending is not None:
                return pending
            pending = self._pending[key] = Future()
        try:  # without the lock: the queue has a lock of its own
            answer = ask(tasks.time_slices, experiment, key.fingerprint)
        except BaseException:
            self._settle(key)
            raise
        answer.add_done_callback(partial(self._finish, key))
        return pending

    def _finish(self, key: ShapeKey, done: Future[Any]) -> None:
        if done.cancelled():
            pass  # the session that asked has left
        elif done.exception() is None:
            self.add(key, ShapeTiming(*done.result()))
        else:
            self._count_failure(key)
        self._settle(key)

    def _count_failure(self, key: ShapeKey) -> None:
        with self._lock:
            self._tries[key] = self._tries.get(key, 0) + 1
            while len(self._tries) > MAX_SHAPES:
                self._tries.popitem(last=False)

    def _settle(self, key: ShapeKey) -> None:
        with self._lock:
            self._pending.pop(key).set_result(None)


def probes(experiments: Sequence[Experiment], dataset: Dataset) -> list[Experiment]:
    """Return the few runs worth timing: of the quickest and slowest shape, and the longest run."""
    if not experiments:
        return []
    chosen = (
        max(experiments, key=lambda one: modelled_update(one) * update_count(one, dataset)),
        min(experiments, key=modelled_update),
        max(experiments, key=modelled_update),
    )
    by_shape = {ShapeKey.of(one, dataset.fingerprint): one for one in chosen}
    return list(by_shape.values())[:MAX_PROBES]


def estimate(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    timings: Mapping[ShapeKey, ShapeTiming],
    slots: int,
    others: int = 0,
) -> Estimate | None:
    """Estimate how long some runs take together.

    Args:
        experiments: The runs.
        dataset: Their data.
        timings: The recent timings.
        slots: The number of slices that run at once.
        others: The number of other learners who train; they all take turns.

    Returns:
        The estimate; None if no shape was timed on these data.
    """
    here = _on(dataset, timings)
    if not here or slots < 1:
        return None
    counts = Counter(ShapeKey.of(one, dataset.fingerprint) for one in experiments)
    ranges = [_run_range(one, here, dataset) for one in experiments]
    compiling = [timing.compiling for timing in here.values()]
    compiled = sum(min(slots, count) for count in counts.values())
    low = (sum(run for run, _ in ranges) + compiled * min(compiling) * (1 - SPREAD)) / slots
    high = (sum(run for _, run in ranges) + compiled * max(compiling) * (1 + SPREAD)) / slots
    longest = max((run for run, _ in ranges), default=0.0)  # slots cannot share one run
    low, high = max(low, longest), max(high, longest)
    timed = sum(key in here for key in counts)
    return Estimate(low, high * (1 + others), timed, len(counts))


def run_seconds(
    experiments: Iterable[Experiment], dataset: Dataset, timings: Mapping[ShapeKey, ShapeTiming]
) -> dict[Experiment, float]:
    """Return the expected seconds of each run, which weigh it in the progress of a sweep.

    Without a timing the numbers are only right relative to each other.
    """
    here = _on(dataset, timings)
    if here:
        return {one: sum(_run_range(one, here, dataset)) / 2 for one in experiments}
    return {one: 0.05 + update_count(one, dataset) * modelled_update(one) for one in experiments}


def _on(dataset: Dataset, timings: Mapping[ShapeKey, ShapeTiming]) -> dict[ShapeKey, ShapeTiming]:
    """Return the timings on these data."""
    return {key: one for key, one in timings.items() if key.fingerprint == dataset.fingerprint}


def _run_range(
    experiment: Experiment, here: Mapping[ShapeKey, ShapeTiming], dataset: Dataset
) -> tuple[float, float]:
    """Return the shortest and longest likely seconds of one run, without compiling."""
    count, epochs = update_count(experiment, dataset), experiment.fit.epochs
    own = here.get(ShapeKey.of(experiment, dataset.fingerprint))
    similar = [own] if own else _most_similar(experiment, here)
    held = held_out(len(dataset.x_train), experiment.fit)
    validates = (held.stop - held.start > 0) or experiment.fit.validation == "test"
    totals = [
        timing.starting + count * timing.update + epochs * timing.validating * validates
        for timing in similar
    ]
    return min(totals) * (1 - SPREAD), max(totals) * (1 + SPREAD)


def _most_similar(
    experiment: Experiment, here: Mapping[ShapeKey, ShapeTiming]
) -> list[ShapeTiming]:
    """Return the timings of the two most similar shapes, scaled to this experiment."""
    modelled = modelled_update(experiment)

    def distance(key: ShapeKey) -> float:
        return abs(math.log(modelled_update(key.shape) / modelled))

    similar = sorted(here, key=distance)[:2]
    return [_scaled(here[key], modelled / modelled_update(key.shape)) for key in similar]


def _scaled(timing: ShapeTiming, factor: float) -> ShapeTiming:
    return timing._replace(update=timing.update * factor, validating=timing.validating * factor)
