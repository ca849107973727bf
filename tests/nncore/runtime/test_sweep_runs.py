"""A sweep's runs: what is left of them, stopping and going on, and who shares the work."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig
from nncore.runtime.errors import INTERNAL
from nncore.runtime.runner import Runner
from nncore.runtime.scores import ScoreBoard, score_name, score_of
from nncore.runtime.store import Store
from nncore.runtime.sweep_runs import SweepRuns, SweepServices, training_order
from nncore.runtime.timing import TimingTable
from nncore.sweep import Axis, Sweep

DATASET = load(DataConfig("rounding", 100))
BASE = Experiment(DataConfig("rounding", 100), fit=FitConfig(epochs=2, validation="last"))
RUNS = Sweep(BASE, (Axis("learning_rate", (0.001, 0.01, 0.1, 1.0)),)).experiments


class Worker(Executor):
    """Trains an epoch in a slice, while its gate is open; a rate of 1 diverges."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.trained: list[float] = []
        self._pool = ThreadPoolExecutor(2)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        return self._pool.submit(self._advance, *args)

    def _advance(self, experiment: Experiment, before: Checkpoint, budget: Budget) -> Checkpoint:
        self.gate.wait(10)
        rate = experiment.fit.learning_rate
        self.trained.append(rate)
        weights, slots = (np.zeros(1, np.float32),), (np.array(10 * before.epoch + 10),)
        failure = "The loss was no longer finite." if rate >= 1 else ""
        history = dict.fromkeys(("accuracy", "loss", "val_accuracy"), (0.5, rate))
        after = replace(before, weights=weights, slots=slots, epoch=before.epoch + 1)
        return replace(after, history=history, failure=failure, seconds=before.seconds + 1)


class Bench:
    """A runner, a store and what was kept."""

    def __init__(self, folder: Path) -> None:
        self.worker, self.kept = Worker(), list[Checkpoint]()
        self.runner = Runner(self.worker, 1)
        self.scores = ScoreBoard(Store(folder))

    def sweep_runs(self, session: str) -> SweepRuns:
        return SweepRuns(
            SweepServices(self.runner, self.scores, TimingTable(), self._keep), session
        )

    def _keep(self, checkpoint: Checkpoint) -> str:
        self.kept.append(checkpoint)
        return ""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.worker.gate.set()
    made.runner.close()


def done(experiment: Experiment) -> Checkpoint:
    """The end of a run."""
    history = {"val_accuracy": (0.5,)}
    return Checkpoint(experiment, DATASET.fingerprint, epoch=2, history=history)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def over(sweep: SweepRuns) -> Callable[[], bool]:
    return lambda: not sweep.progress().under_way and not sweep._runs


def test_each_run_leaves_a_score_and_no_arrays(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    sweep.begin(RUNS, DATASET)
    until(over(sweep))
    found, left = bench.scores.find(RUNS, DATASET.fingerprint)
    assert [found[one].value for one in RUNS] == [0.001, 0.01, 0.1, None]
    assert left == 0
    assert (sweep.progress().done, sweep.progress().total) == (4, 4)
    assert not sweep._stopped


def test_a_diverged_run_is_a_result_and_is_not_stored(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    sweep.begin(RUNS[2:], DATASET)
    until(over(sweep))
    score = bench.scores.in_memory(RUNS[3], DATASET.fingerprint)
    assert score is not None
    assert score.failure == "The loss was no longer finite."
    assert [one.experiment for one in bench.kept] == [RUNS[2]]
    assert not sweep.notes()


def test_runs_with_a_score_are_trained_again_only_on_request(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    sweep.begin(RUNS[:2], DATASET)
    until(over(sweep))
    bench.worker.trained.clear()
    sweep.begin(RUNS, DATASET)
    until(over(sweep))
    assert sorted(set(bench.worker.trained)) == [0.1, 1.0]
    sweep.begin(RUNS, DATASET, again=True)
    assert sweep.progress().total == 4
    until(over(sweep))


def test_a_stopped_sweep_keeps_its_scores_and_continues_half_done_runs(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    bench.worker.gate.clear()
    sweep.begin(RUNS[:3], DATASET)
    until(lambda: bench.runner.in_flight() == 1)
    sweep.stop()
    bench.worker.gate.set()
    until(over(sweep))
    (first,) = bench.worker.trained  # one epoch of its two
    sweep.begin(RUNS[:3], DATASET)
    until(over(sweep))
    assert bench.worker.trained.count(first) == 2
    assert len(bench.kept) == 3


def test_a_sweep_ends_with_its_session(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    bench.worker.gate.clear()
    sweep.begin(RUNS, DATASET)
    until(lambda: bench.runner.in_flight() == 1)
    bench.runner.release("ann")
    assert not sweep.progress().under_way
    bench.worker.gate.set()
    until(lambda: bench.runner.in_flight() == 0)
    assert len(bench.worker.trained) == 1


def test_runs_that_another_session_has_trained_are_skipped(bench: Bench) -> None:
    ann, ben = bench.sweep_runs("ann"), bench.sweep_runs("ben")
    bench.worker.gate.clear()
    ann.begin(RUNS[:3], DATASET)
    ben.begin(RUNS[:3], DATASET)
    for one in RUNS[1:3]:
        bench.scores.add(done(one))
    bench.worker.gate.set()
    until(over(ann))
    until(over(ben))
    assert set(bench.worker.trained) == {0.001}


def test_a_run_that_fails_leaves_a_note(bench: Bench) -> None:
    sweep = bench.sweep_runs("ann")
    bench.worker._advance = None  # type: ignore[method-assign]
    sweep.begin(RUNS[:1], DATASET)
    until(over(sweep))
    assert sweep.notes()[RUNS[0]] == INTERNAL


def test_runs_of_one_shape_follow_each_other_and_sessions_start_at_different_shapes() -> None:
    axes = (Axis("learning_rate", (0.01, 0.1)), Axis("units", (2, 4, 8)))
    runs = Sweep(BASE, axes).experiments
    orders = [training_order(runs, DATASET.fingerprint, session) for session in "abcdefgh"]
    for order in orders:
        assert sorted(order, key=runs.index) == list(runs)
        units = [one.model.units for one in order]
        assert units[0::2] == units[1::2]
    assert len({order[0] for order in orders}) == 3


# What a run is worth


def test_the_score_uses_the_held_out_samples_or_else_the_test_set() -> None:
    plain = BASE.updated({"fit.validation": "none", "model.units": ()})
    assert (score_name(BASE), score_name(plain)) == ("validation accuracy", "test accuracy")
    kernel, bias = np.array([[-1.0, 1.0]], np.float32), np.array([0.49, -0.49], np.float32)
    perfect = Checkpoint(plain, DATASET.fingerprint, weights=(kernel, bias), epoch=2)
    assert score_of(perfect).value == 1.0  # it says 1 above 0.49; no number lies between
    fooled = Checkpoint(plain, DATASET.fingerprint, weights=(-kernel, -bias), epoch=2)
    assert score_of(fooled).value == 0.0


def test_reading_scores_from_the_store_stops_when_time_is_up(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for place, one in enumerate(RUNS[:3]):
        history = dict.fromkeys(("loss", "accuracy", "val_accuracy"), (0.5, place / 10))
        store.put(replace(done(one), history=history, seconds=3.0), None, "Made for a test.")
    scores = ScoreBoard(store)
    found, left = scores.find(RUNS, DATASET.fingerprint, seconds=0)
    assert (len(found), left) == (1, 2)
    found, left = scores.find(RUNS, DATASET.fingerprint)
    assert [found[one].value for one in RUNS[:3]] == [0.0, 0.1, 0.2]
    assert (found[RUNS[0]].updates, found[RUNS[0]].seconds, left) == (2, 3.0, 0)
    assert RUNS[3] not in found


def test_the_number_of_scores_in_memory_is_bounded(tmp_path: Path) -> None:
    scores = ScoreBoard(Store(tmp_path), limit=2)
    for one in RUNS[:3]:
        scores.add(done(one))
    held = [scores.in_memory(one, DATASET.fingerprint) is not None for one in RUNS[:3]]
    assert held == [False, True, True]


# What a look costs


def calls(function: Callable[[], object]) -> int:
    """The number of Python function calls, resumed generators included, that a call makes."""
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def test_a_snapshot_of_a_sweep_costs_the_same_for_any_number_of_runs(bench: Bench) -> None:
    bench.worker.gate.clear()
    costs = []
    for session, count in (("ann", 2), ("ben", 300)):
        sweep = bench.sweep_runs(session)
        sweep.begin([BASE.updated({"fit.seed": seed}) for seed in range(count)], DATASET)
        run = next(iter(sweep._runs.values()))
        until(lambda: bench.runner.in_flight() == 1)
        costs.append((calls(sweep.progress), calls(run.peek), calls(bench.runner.active)))
    few, many = costs
    assert all(b <= a + 5 for a, b in zip(few, many, strict=True))  # one begun more or less
