"""How the lab fits itself to machines of other sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncore.runtime.local_cluster import SETTINGS
from nncore.runtime.machine import (
    CODE_PAGES,
    LEAST_MEMORY,
    WORKER_CEILING,
    Machine,
    WorkerPlan,
    cache_bytes,
    count_kernel_kills,
    room_within,
    worker_count,
)

GB = 2**30


@pytest.mark.parametrize(
    ("cores", "memory", "processes", "threads"),
    [
        (2, 24 * GB, 1, 2),  # a laptop
        (2, GB + GB // 4, 1, 1),  # a small container
        (4, 8 * GB, 1, 4),
        (16, 32 * GB, 4, 4),
        (16, 3 * GB, 2, 4),  # many cores, little memory
        (1, 4 * GB, 1, 2),
        (6, 16 * GB, 2, 3),  # no core is left over
        (7, 16 * GB, 2, 3),
        (10, 32 * GB, 3, 3),
        (15, 32 * GB, 3, 4),  # no worker more for as many slices
        (18, 64 * GB, 4, 4),
        (30, 64 * GB, 7, 4),
    ],
)
def test_the_plan_follows_cores_and_memory(
    cores: int, memory: int, processes: int, threads: int
) -> None:
    plan = WorkerPlan.of(Machine(cores, memory))
    assert (plan.processes, plan.threads) == (processes, threads)
    assert plan.ceiling <= WORKER_CEILING
    assert plan.ceiling <= plan.hard_limit
    assert not plan.warning


def test_a_worker_is_ended_later_than_it_is_replaced() -> None:
    plan = WorkerPlan.of(Machine(2, 3 * GB // 2))
    assert plan.hard_limit == 3 * GB // 2 - 500 * 2**20 + CODE_PAGES
    assert plan.ceiling < plan.room < plan.hard_limit
    assert room_within(1000) == 950  # where dask ends a worker
    assert room_within(0) == 0  # without a limit it never does
    assert SETTINGS["DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE"] == "0.95"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("memory.events", "low 0\noom 5\noom_kill 3\n"),
        ("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
        ("vmstat", "nr_free_pages 10\noom_kill 3\n"),
    ],
)
def test_processes_ended_by_the_system_are_counted(name: str, text: str, tmp_path: Path) -> None:
    assert count_kernel_kills(tmp_path, tmp_path / "vmstat") == 0
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert count_kernel_kills(tmp_path, tmp_path / "vmstat") == 3


def test_caches_are_smaller_on_a_small_machine() -> None:
    assert cache_bytes(100, Machine(2, 3 * GB // 2)) == 100
    assert cache_bytes(100, Machine(2, GB)) == 25


def test_the_number_of_workers_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNCORE_WORKERS", "3")
    plan = WorkerPlan.of(Machine(12, 16 * GB), worker_count())
    assert (plan.processes, plan.threads) == (3, 4)


@pytest.mark.parametrize("text", ["0", "-1", "many"])
def test_an_invalid_number_of_workers_is_an_error(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_WORKERS", text)
    with pytest.raises(ValueError, match="NNCORE_WORKERS must be a whole number"):
        worker_count()


def test_a_machine_that_is_too_small_gets_a_warning() -> None:
    plan = WorkerPlan.of(Machine(2, LEAST_MEMORY - 1))
    assert plan.warning == "This machine has 1,099 MB of memory; the lab needs 1,100 MB."


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_the_limits_of_a_container_count(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{GB}\n")
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    assert Machine.here(tmp_path) == Machine(1, GB)


@pytest.mark.parametrize(
    ("line", "tree", "limit", "kills"),
    [
        ("0::/system.slice/lab.service", "", "memory.max", "memory.events"),
        (
            "4:memory,x:/system.slice/lab.service",
            "memory",
            "memory.limit_in_bytes",
            "memory.oom_control",
        ),
    ],
)
def test_the_limits_of_a_service_and_of_the_groups_around_it_count(
    line: str, tree: str, limit: str, kills: str, tmp_path: Path
) -> None:
    membership = tmp_path / "membership"
    membership.write_text(f"1:name=systemd:/elsewhere\n{line}\n")
    service = tmp_path / tree / "system.slice/lab.service"
    service.mkdir(parents=True)
    (service / limit).write_text(f"{2 * GB}\n")
    (service.parent / limit).write_text(f"{GB}\n")
    (service / kills).write_text("oom_kill 3\n")
    (service.parent / kills).write_text("oom_kill 9\n")
    assert Machine.here(tmp_path, membership).memory == GB
    assert count_kernel_kills(tmp_path, tmp_path / "vmstat", membership) == 3


def test_the_processors_of_a_service_count(tmp_path: Path) -> None:
    membership = tmp_path / "membership"
    membership.write_text("0::/lab.service\n")
    (tmp_path / "lab.service").mkdir()
    (tmp_path / "lab.service/cpu.max").write_text("100000 100000\n")
    assert Machine.here(tmp_path, membership).cores == 1


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert Machine.here(tmp_path) == Machine.here(tmp_path / "nowhere")
