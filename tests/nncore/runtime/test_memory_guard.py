"""The memory of a lab and its workers, over several clusters."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import DataConfig, Experiment, ModelConfig
from nncore.runtime import memory_guard
from nncore.runtime.cluster import WorkerInfo
from nncore.runtime.machine import WorkerPlan
from nncore.runtime.memory_guard import MemoryGuard

MB = 2**20


class FakeCluster:
    """A cluster of which some workers held too much."""

    plan = None
    executor = Executor()

    def __init__(self, kills: int = 0) -> None:
        self.kills = kills

    def is_open(self) -> bool:
        return True

    def workers(self) -> dict[str, WorkerInfo]:
        return {}

    def memory_kills(self) -> int:
        return self.kills

    def executor_on(self, address: str) -> Executor:
        return self.executor

    def replace_workers(self, addresses: Collection[str]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def test_a_run_is_refused_where_it_fits_into_no_worker() -> None:
    guard = MemoryGuard(lambda: 0)
    assert not guard.refuse(Experiment())  # nothing is known yet
    small, large = WorkerInfo(2, room=100 * MB), WorkerInfo(2, room=4000 * MB)
    guard.watch(FakeCluster(), {"a": small})
    assert "a worker of this lab has 100 MB" in guard.refuse(Experiment())
    guard.watch(FakeCluster(), {"a": small, "b": large})
    assert not guard.refuse(Experiment())
    guard.watch(FakeCluster(), {"a": small, "b": WorkerInfo(2, room=0)})
    assert not guard.refuse(Experiment())  # one has no limit
    guard.watch(FakeCluster(), {})
    assert not guard.refuse(Experiment())


def test_the_count_of_kills_never_falls_when_a_cluster_is_replaced() -> None:
    ended_by_the_system = [5]
    guard = MemoryGuard(lambda: ended_by_the_system[0])
    assert guard.kills() == 5
    first, second = FakeCluster(2), FakeCluster()
    guard.watch(first, {})
    assert guard.kills() == 7
    guard.leave()
    assert guard.kills() == 7
    guard.watch(second, {})
    second.kills += 1
    ended_by_the_system[0] += 1
    assert guard.kills() == 9


def test_a_worker_may_hold_what_the_largest_run_needs_beside_the_ceiling() -> None:
    plan = WorkerPlan(processes=1, threads=1, ceiling=750 * 2**20, hard_limit=0)
    workers = {"a": WorkerInfo(1, memory=800 * 2**20), "b": WorkerInfo(1, memory=700 * 2**20)}
    wide = Experiment().updated({"model.units": (1024, 1024, 1024), "fit.optimizer": "adam"})
    guard = MemoryGuard()
    assert guard.list_large(plan, workers, lambda: [Experiment()]) == ["a"]
    assert guard.list_large(plan, workers, lambda: [Experiment(), wide]) == []


def test_a_worker_of_others_is_replaced_before_dask_ends_it_in_a_run_that_needs_little() -> None:
    full = WorkerInfo(2, memory=900 * MB, room=1000 * MB)
    workers = {
        "full": full,
        "half": full._replace(memory=500 * MB),
        "without a limit": full._replace(room=0),
        "without a nanny": full._replace(has_nanny=False),  # nobody would start it again
    }
    guard = MemoryGuard()
    assert guard.list_large(None, workers, list) == ["full"]
    wide = Experiment().updated({"model.units": (1024, 1024, 1024), "fit.optimizer": "adam"})
    assert guard.list_large(None, workers, lambda: [wide]) == []


def test_the_server_returns_memory_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, calls = [0.0], list[float]()
    monkeypatch.setattr(memory_guard, "hand_memory_back", lambda: calls.append(clock[0]))
    guard = MemoryGuard(clock=lambda: clock[0])
    for clock[0] in (1.0, 59.0, 61.0, 62.0, 120.0, 122.0):
        guard.tidy()
    assert calls == [61.0, 122.0]


@pytest.mark.parametrize("is_private", [False, True])
def test_what_own_drawings_taught_is_not_put_on_the_servers_disk(
    is_private: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_CACHE_DIR", str(tmp_path))
    folders: list[Path] = []

    def keep(checkpoint: Checkpoint, folder: Path) -> Checkpoint:
        folders.append(folder)
        return checkpoint

    monkeypatch.setattr(Checkpoint, "kept_on_disk", keep)
    drawings = "3-" + "0" * 32 if is_private else "faces"
    experiment = Experiment(DataConfig("own", drawings=drawings), ModelConfig((8,)))
    assert experiment.data.is_private == is_private
    trained = Checkpoint(experiment, "data")
    memory_guard.put_away(trained)
    assert folders == ([] if is_private else [tmp_path / "data"])
    memory_guard.put_away(replace(trained, edits=((3, "own digits 0f-0", 0.0),)))
    assert folders == ([] if is_private else [tmp_path / "data"])
