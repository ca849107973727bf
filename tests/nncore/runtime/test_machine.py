"""How the lab fits itself to machines of other sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncore.runtime.machine import LEAST_MEMORY, WORKER_CEILING, Machine, WorkerPlan, worker_count

GB = 2**30


@pytest.mark.parametrize(
    ("cores", "memory", "processes", "threads"),
    [
        (2, 24 * GB, 1, 2),  # a laptop
        (2, GB + GB // 4, 1, 1),  # a small container
        (4, 8 * GB, 1, 4),
        (16, 32 * GB, 4, 4),
        (16, 3 * GB, 3, 4),  # many cores, little memory
        (1, 4 * GB, 1, 2),
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


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert Machine.here(tmp_path) == Machine.here(tmp_path / "nowhere")
