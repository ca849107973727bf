"""How long runs will take, from runs and slices that were timed on this machine not long ago.

A shape that was timed counts as it was timed. For another one the time of an update is modelled,
and the model is put right by the shapes that were timed and are most like it: how far those
disagree is how far the answer can be trusted. This file knows no clock but that of what was timed.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from nncore.data.datasets import Dataset
from nncore.data.splits import held_out, updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime import tasks

#: What the time of an update hangs on.
Shape: TypeAlias = tuple[Any, ...]

#: Shapes timed at most before a sweep: the quickest, the slowest, and that of the longest run.
PROBES = 3
#: Seconds after which a timing no longer says how the machine is now.
VALID_FOR = 900.0
#: Shapes whose timing is kept.
LIMIT = 1024
#: How far a repeated timing is off on a machine that does other things too.
SPREAD = 0.25
#: Seconds of an update: fixed, for each parameter, and for each parameter and sample. They give the
#: proportions between shapes; the size comes from what was timed.
_FIXED, _PARAMETER, _SAMPLE = 1.2e-5, 5e-10, 5e-11


class Timing(NamedTuple):
    """What was timed of a shape, in seconds.

    Attributes:
        compiling: The first slice of all, in which the network is built and compiled.
        starting: The first slice of another run of the same shape.
        update: A gradient update.
        validating: Going through the samples that are held out, once.
    """

    compiling: float
    starting: float
    update: float
    validating: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """How long some runs will take, in seconds.

    Args:
        low: If all goes well.
        high: If it does not.
        timed: How many of the shapes were timed.
        shapes: How many shapes there are.
    """

    low: float
    high: float
    timed: int
    shapes: int


def shape_of(experiment: Experiment, fingerprint: str) -> Shape:
    """What the time of an update hangs on: two runs of one shape share what is compiled."""
    model, fit = experiment.model, experiment.fit
    return (
        fingerprint,
        experiment.layer_sizes,
        (model.activation, model.output_activation, model.dropout, model.l1, model.l2),
        (fit.optimizer, fit.momentum, fit.loss, fit.metric, fit.batch_size, fit.augment),
    )


def modelled(experiment: Experiment) -> float:
    """Seconds of an update as a rule of thumb has them."""
    parameters = experiment.parameters
    return _FIXED + parameters * (_PARAMETER + _SAMPLE * experiment.fit.batch_size)


def updates(experiment: Experiment, dataset: Dataset) -> int:
    """Gradient updates of the whole run."""
    return experiment.fit.epochs * updates_per_epoch(len(dataset.x_train), experiment.fit)


class Timings:
    """What was timed, by shape; safe to use from any thread.

    Args:
        now: Says the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._timed: OrderedDict[Shape, tuple[float, Timing]] = OrderedDict()
        self._asked: dict[Shape, Future[Timing]] = {}
        self._lock = threading.Lock()

    def note(self, shape: Shape, timing: Timing) -> None:
        """Keeps what was timed, in place of what was timed before."""
        with self._lock:
            self._timed[shape] = (self._now(), timing)
            self._timed.move_to_end(shape)
            while len(self._timed) > LIMIT:
                self._timed.popitem(last=False)

    def learn(self, shape: Shape, update: float) -> None:
        """Takes over the pace of a whole run, where the shape was timed before."""
        timing = self.known().get(shape)
        if timing is not None:
            self.note(shape, timing._replace(update=update))

    def known(self) -> dict[Shape, Timing]:
        """What was timed lately enough to count."""
        with self._lock:
            new = self._now() - VALID_FOR
            return {shape: timing for shape, (at, timing) in self._timed.items() if at >= new}

    def measure(
        self, experiments: Sequence[Experiment], dataset: Dataset, ask: Callable[..., Future[Any]]
    ) -> bool:
        """Has a few shapes timed that stand for the rest; once, however often it is called.

        Args:
            experiments: What is going to be trained.
            dataset: The data.
            ask: `Runner.ask`.

        Returns:
            Whether something is still being timed.

        Raises:
            ConnectionError: If there is no worker.
        """
        known, waiting = self.known(), False
        for experiment in probes(experiments, dataset):
            shape = shape_of(experiment, dataset.fingerprint)
            with self._lock:
                asked = self._asked.get(shape)
            if shape in known:
                continue
            if asked is None:
                with self._lock:
                    asked = self._asked[shape] = ask(
                        tasks.time_slices, experiment, dataset.fingerprint
                    )
                asked.add_done_callback(partial(self._timed_now, shape))
            waiting = waiting or not asked.done()
        return waiting

    def _timed_now(self, shape: Shape, done: Future[Any]) -> None:
        failed = done.cancelled() or done.exception() is not None
        if not failed:
            self.note(shape, Timing(*done.result()))
        with self._lock:
            self._asked.pop(shape, None)


def probes(experiments: Sequence[Experiment], dataset: Dataset) -> list[Experiment]:
    """The few whose timing tells most: the quickest and slowest shape, and the longest run."""
    if not experiments:
        return []
    chosen = (
        max(experiments, key=lambda one: modelled(one) * updates(one, dataset)),
        min(experiments, key=modelled),
        max(experiments, key=modelled),
    )
    shapes = {shape_of(one, dataset.fingerprint): one for one in chosen}
    return list(shapes.values())[:PROBES]


def estimate(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    known: Mapping[Shape, Timing],
    slots: int,
    others: int = 0,
) -> Estimate | None:
    """How long these runs will take together.

    Args:
        experiments: What is to be trained.
        dataset: The data.
        known: What was timed.
        slots: How many slices run at a time.
        others: How many other learners train now; each takes turns like this one.

    Returns:
        Seconds, or None where nothing was timed on these data.
    """
    here = {shape: timing for shape, timing in known.items() if shape[0] == dataset.fingerprint}
    if not here or slots < 1:
        return None
    asked = [shape_of(one, dataset.fingerprint) for one in experiments]
    ranges = [_range(one, here, dataset) for one in experiments]
    counts = {shape: asked.count(shape) for shape in asked}
    compiling = [timing.compiling for timing in here.values()]
    new = sum(min(slots, count) for count in counts.values())
    low = (sum(one for one, _ in ranges) + new * min(compiling) * (1 - SPREAD)) / slots
    high = (sum(most for _, most in ranges) + new * max(compiling) * (1 + SPREAD)) / slots
    longest = max((one for one, _ in ranges), default=0.0)  # two cannot share one run
    low, high = max(low, longest), max(high, longest)
    timed = sum(shape in here for shape in counts)
    return Estimate(low, high * (1 + others), timed, len(counts))


def _range(
    experiment: Experiment, here: Mapping[Shape, Timing], dataset: Dataset
) -> tuple[float, float]:
    """From and to how many seconds one run takes, without what is compiled."""
    count, epochs = updates(experiment, dataset), experiment.fit.epochs
    own = here.get(shape_of(experiment, dataset.fingerprint))
    near = [own] if own else _nearest(experiment, here)
    held = held_out(len(dataset.x_train), experiment.fit)
    validates = (held.stop - held.start > 0) or experiment.fit.validation == "test"
    totals = [
        timing.starting + count * timing.update + epochs * timing.validating * validates
        for timing in near
    ]
    return min(totals) * (1 - SPREAD), max(totals) * (1 + SPREAD)


def _nearest(experiment: Experiment, here: Mapping[Shape, Timing]) -> list[Timing]:
    """The timings of the two shapes most like this one, scaled to it."""

    def distance(of: Shape) -> float:
        return abs(math.log(_modelled(of) / modelled(experiment)))

    near = sorted(here, key=distance)[:2]
    return [_scaled(here[shape], modelled(experiment) / _modelled(shape)) for shape in near]


def _scaled(timing: Timing, factor: float) -> Timing:
    return timing._replace(update=timing.update * factor, validating=timing.validating * factor)


def _modelled(shape: Shape) -> float:
    """`modelled` of a shape."""
    sizes: tuple[int, ...] = shape[1]
    batch: int = shape[3][4]
    parameters = sum(b * (a + 1) for a, b in pairwise(sizes))
    return _FIXED + parameters * (_PARAMETER + _SAMPLE * batch)


def weights(
    experiments: Iterable[Experiment], dataset: Dataset, known: Mapping[Shape, Timing]
) -> dict[Experiment, float]:
    """How much of the whole each run is, in modelled seconds: for how far a sweep has come."""
    here = {shape: timing for shape, timing in known.items() if shape[0] == dataset.fingerprint}
    starting = max((timing.starting for timing in here.values()), default=0.05)
    return {
        one: starting + updates(one, dataset) * modelled(one)
        if not here
        else sum(_range(one, here, dataset)) / 2
        for one in experiments
    }
