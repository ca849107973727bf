"""The lab beside its workers: what it does where their end of the line fails."""

from __future__ import annotations

import gc
import logging
import pickle
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed.scheduler import KilledWorker

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.digits.starters import starter
from nncore.experiment import Experiment
from nncore.runtime import scheduling, tasks
from nncore.runtime.cluster import Cluster, WorkerInfo
from nncore.runtime.errors import TaskError
from nncore.runtime.jobs import Job, State
from nncore.runtime.lab import MAX_SHARED, Lab, Status, wait_until_ready
from nncore.runtime.machine import WorkerPlan
from nncore.runtime.store import Store
from nncore.runtime.versions import versions
from nncore.training import device_data


class FakeCluster:
    """Workers that are threads; from the third question on it may raise an error instead."""

    plan: WorkerPlan | None = None

    def __init__(self, executor: Executor, error: Exception | None = None) -> None:
        self.executor = executor
        self.error = error
        self.questions = 0
        self.is_closed = False

    def is_open(self) -> bool:
        return not self.is_closed

    def workers(self) -> dict[str, WorkerInfo]:
        self.questions += 1
        if self.error is not None and self.questions > 2:
            raise self.error
        return {"here": WorkerInfo(1)}

    def memory_kills(self) -> int:
        return 0

    def executor_on(self, address: str) -> Executor:
        return self.executor

    def replace_workers(self, addresses: Collection[str]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("error", [KeyError("workers"), AttributeError("ncores"), OSError("gone")])
def test_workers_that_fail_in_any_way_are_ended_and_others_take_their_place(
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("nncore.runtime.lab.INTERVAL", 0.01)
    with ThreadPoolExecutor(1) as executor, caplog.at_level(logging.CRITICAL):
        first, second = FakeCluster(executor, error), FakeCluster(executor)
        clusters = iter((first, second))
        lab = Lab(Store(tmp_path), lambda: next(clusters))
        lab.start()
        wait_until_ready(lab)
        while not second.questions:
            time.sleep(0.01)
        wait_until_ready(lab)
        lab.close()
    assert first.is_closed
    assert second.is_closed


def test_workers_are_started_again_after_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncore.runtime.lab.INTERVAL", 0.01)
    times = {"offset": 0.0}
    real = time.time
    monkeypatch.setattr("nncore.runtime.lab.time.time", lambda: real() + times["offset"])
    with ThreadPoolExecutor(1) as executor:
        first, second = FakeCluster(executor), FakeCluster(executor)
        clusters = iter((first, second))
        lab = Lab(Store(tmp_path), lambda: next(clusters))
        lab.start()
        wait_until_ready(lab)
        times["offset"] = 24 * 3600.0  # forward is no harm
        asked = first.questions
        until(lambda: first.questions > asked + 3)
        assert not first.is_closed
        times["offset"] = 0.0
        until(lambda: second.questions > 0)
        lab.close()
    assert first.is_closed


def test_workers_that_are_being_started_end_with_the_lab(tmp_path: Path) -> None:
    is_opening, may_open = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as executor:
        workers = FakeCluster(executor)

        def open_slowly() -> FakeCluster:
            is_opening.set()
            may_open.wait()
            return workers

        lab = Lab(Store(tmp_path), open_slowly)
        lab.start()
        is_opening.wait()
        closing = executor.submit(lab.close)
        assert not wait([closing], 0.2).done
        may_open.set()
        closing.result(10)
        assert workers.is_closed


class GrowingCluster(FakeCluster):
    """Workers whose memory a test sets."""

    plan = WorkerPlan(processes=1, threads=1, ceiling=100, hard_limit=0)

    def __init__(self, executor: Executor) -> None:
        super().__init__(executor)
        self.sizes: Iterator[tuple[int, int]] = repeat((0, 0))
        self.replaced: list[str] = []

    def workers(self) -> dict[str, WorkerInfo]:
        self.questions += 1
        sizes = zip("ab", next(self.sizes), strict=True)
        return {name: WorkerInfo(1, memory=size) for name, size in sizes}

    def replace_workers(self, addresses: Collection[str]) -> None:
        self.replaced += addresses


def test_a_worker_is_replaced_if_it_stays_too_large_and_not_for_what_it_hands_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncore.runtime.lab.INTERVAL", 0.001)
    monkeypatch.setattr("nncore.runtime.lab.LARGE_FOR", 0.05)
    with ThreadPoolExecutor(1) as executor:
        workers = GrowingCluster(executor)
        lab = Lab(Store(tmp_path), lambda: workers)
        lab.replace_interval = 0.0
        lab.start()
        wait_until_ready(lab)
        workers.sizes = cycle(((101, 99), (99, 101)))  # one of them at each look
        time.sleep(0.2)  # as long as would be too long for one
        assert not workers.replaced
        workers.sizes = repeat((99, 101))
        until(lambda: bool(workers.replaced))
        lab.close()
    assert set(workers.replaced) == {"b"}


class Scripted(Executor):
    """Answers each warm-up with the next of the given results."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
        return future


def sentence_after(executor: Executor, tmp_path: Path, expected: Callable[[Status], bool]) -> str:
    lab = Lab(Store(tmp_path), lambda: FakeCluster(executor))
    lab.start()
    until(lambda: expected(lab.status))
    lab.close()
    return lab.status.sentence


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_lost_warm_up_is_tried_again(tmp_path: Path) -> None:
    executor = Scripted(ConnectionError(), ConnectionError(), versions())
    assert sentence_after(executor, tmp_path, lambda status: status.ready) == "Worker ready"


def test_a_worker_with_another_version_is_named_with_both(tmp_path: Path) -> None:
    executor = Scripted(versions() | {"numpy": "1.0"})
    sentence = sentence_after(executor, tmp_path, lambda status: "numpy" in status.sentence)
    assert sentence.startswith("The worker at here has numpy 1.0, but the lab has numpy ")


def test_a_worker_without_the_module_is_named(tmp_path: Path) -> None:
    executor = Scripted(ModuleNotFoundError("No module named 'nncore'", name="nncore"))
    sentence = sentence_after(executor, tmp_path, lambda status: "nncore" in status.sentence)
    assert sentence == "The worker at here has no nncore. Install it there."


def test_an_address_that_does_not_answer_is_named_and_not_a_path(tmp_path: Path) -> None:
    def fail() -> Cluster:
        raise OSError(13, "Permission denied", "/srv/secret")

    lab = Lab(Store(tmp_path), fail)
    lab.start()
    until(lambda: lab.status.sentence == "The worker could not start: Permission denied.")
    lab.close()


# Shared runs


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(Store(tmp_path))
    yield found
    found.close()


def test_a_run_on_own_drawings_is_neither_stored_nor_shared(lab: Lab) -> None:
    own = starter("faces").remove(0)
    experiment = Experiment().updated({"data.name": "own", "data.drawings": "faces"})
    private = experiment.with_drawings(own)
    fingerprint = datasets.load(private.data).fingerprint
    done = Checkpoint(private, fingerprint, epoch=private.fit.epochs)
    assert lab._save(done) == ""
    assert not [*lab.store.entries()]
    assert own.images[0].tobytes() not in done.to_bytes()
    with pytest.raises(ValueError, match="cannot be shared"):
        lab.shared(private, fingerprint)


def test_only_a_few_shared_runs_are_kept_after_their_end(lab: Lab) -> None:
    for seed in range(MAX_SHARED + 5):
        lab.shared(Experiment().updated({"fit.seed": seed}), "data").stop()
    lab.shared(Experiment(), "other data")
    assert len(lab._shared) <= MAX_SHARED + 1


# Finished runs


def finished() -> Checkpoint:
    """Return the last checkpoint of a run that no worker has trained."""
    settings = {"data.name": "rounding", "data.samples": 10, "model.units": ()}
    experiment = Experiment().updated(settings)
    weights = (np.zeros((1, 2), np.float32), np.zeros(2, np.float32))
    fingerprint = datasets.load(experiment.data).fingerprint
    return Checkpoint(experiment, fingerprint, weights, epoch=experiment.fit.epochs)


@pytest.mark.parametrize(
    "error",
    [
        CancelledError(),
        TimeoutError(),
        KilledWorker("keras_file", None, 0),
        TaskError("No space left."),
    ],
)
def test_a_run_is_stored_although_the_worker_goes_away_or_has_no_space_while_it_exports(
    lab: Lab, error: BaseException
) -> None:
    lab.runner.use(Scripted(error))
    assert lab._save(finished()) == ""
    assert [record.experiment for record in lab.store.entries()] == [finished().experiment]


def test_a_run_is_stored_although_there_is_no_worker(lab: Lab) -> None:
    assert lab._save(finished()) == ""
    assert len(lab.store.entries()) == 1


def test_own_drawings_reach_the_worker_and_do_not_come_back() -> None:
    own = starter("faces").remove(0)
    settings = {"data.name": "own", "data.drawings": "faces", "fit.epochs": 2}
    private = Experiment().updated(settings).with_drawings(own)
    start = Checkpoint(private, datasets.load(private.data).fingerprint)
    sent = pickle.dumps((private, start, Budget(batches=1)))  # as the runner sends a slice
    returned = tasks.advance(*pickle.loads(sent))
    assert returned.updates == 1
    assert own.drawings[0].pixels in sent
    assert own.drawings[0].pixels not in pickle.dumps(returned)
    job = Job(1, "somebody", start, State.RUNNING, goal=State.RUNNING)
    assert scheduling.landed(job, returned).experiment.data.own is own


def test_a_worker_keeps_no_drawings_after_a_slice() -> None:
    settings = {"data.name": "own", "data.drawings": "faces", "fit.epochs": 2}
    private = Experiment().updated(settings).with_drawings(starter("faces").remove(0))
    start = Checkpoint(private, datasets.load(private.data).fingerprint)
    datasets.forget_drawings()  # those that this process has loaded as the server
    kept_before = device_data.shared_tensors().nbytes
    arrived = pickle.loads(pickle.dumps((private, start, Budget(batches=1))))
    drawings = weakref.ref(arrived[0].data.own)
    returned = tasks.advance(*arrived)
    del arrived
    gc.collect()
    assert returned.updates == 1
    assert drawings() is None
    assert device_data.shared_tensors().nbytes == kept_before
