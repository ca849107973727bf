"""What the machine offers, container limits included, and how the lab fits itself to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import psutil

#: Bytes that the server and the scheduler need.
SERVER_MEMORY = 500 * 2**20
#: Bytes of a worker that has loaded TensorFlow and the data and trains a usual network.
WORKER_MEMORY = 600 * 2**20
#: Bytes of a worker that are pages of TensorFlow's own files. They count as the worker's memory,
#: but the system can let go of them when it needs the room.
CODE_PAGES = 250 * 2**20
#: The share of its limit above which dask ends a worker.
TERMINATE = 0.95
#: Bytes above which a worker is replaced between slices, on a machine that has them. After one
#: network on all of MNIST and lesson 4's reader it holds 550 MB, and each further shape takes 9, of
#: which TensorFlow never returns 6: this is room for a dozen, because a new worker takes seconds.
WORKER_CEILING = 650 * 2**20
#: Bytes that a worker may hold for moments, while it compiles: so much each of several needs.
WORKER_PEAK = 950 * 2**20
#: Bytes below which the lab warns that the machine is too small.
LEAST_MEMORY = SERVER_MEMORY + WORKER_MEMORY
#: Bytes below which the lab runs one slice instead of two.
SMALL_MEMORY = 1536 * 2**20
#: The most slices that one worker process runs at once.
MAX_THREADS = 4
_CGROUP = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_VMSTAT = Path("/proc/vmstat")
_NO_LIMIT = 2**60


@dataclass(frozen=True)
class Machine:
    """The resources that the lab may use.

    Args:
        cores: The number of processors.
        memory: Bytes of memory.
    """

    cores: int
    memory: int

    @classmethod
    def here(cls, cgroup: Path = _CGROUP, membership: Path = _MEMBERSHIP) -> Machine:
        """Return this machine, as far as this process's control groups allow its use.

        Containers are such groups, and so are services of systemd. Each group is bound by those
        around it, too.

        Args:
            cgroup: Where the groups are.
            membership: The file that says in which of them this process is.
        """
        physical = int(psutil.virtual_memory().total)
        return cls(_cores(cgroup, membership), min(physical, _memory_limit(cgroup, membership)))


@dataclass(frozen=True)
class WorkerPlan:
    """The worker processes to start on a machine.

    Args:
        processes: The number of worker processes.
        threads: The number of slices that each runs at once.
        ceiling: Bytes above which a worker is replaced between slices.
        hard_limit: Bytes of a worker by which dask measures when to end it; 0 means never.
        warning: Empty, or one sentence that says that the machine is too small.
    """

    processes: int
    threads: int
    ceiling: int
    hard_limit: int
    warning: str = ""

    @property
    def room(self) -> int:
        """The bytes that a worker may take before it is ended; 0 means any number."""
        return room_within(self.hard_limit)

    @classmethod
    def of(cls, machine: Machine, processes: int | None = None) -> WorkerPlan:
        """Return the plan for a machine.

        Args:
            machine: The resources.
            processes: The number of worker processes; None fits it to cores and memory.
        """
        room = machine.memory - SERVER_MEMORY
        if processes is None:
            processes = max(1, min(_processes(machine.cores), room // WORKER_PEAK))
        threads = max(2, min(MAX_THREADS, machine.cores // processes))
        if machine.memory < SMALL_MEMORY:
            threads = 1
        share = max(room // processes, WORKER_MEMORY) + CODE_PAGES
        warning = ""
        if machine.memory < LEAST_MEMORY:
            warning = (
                f"This machine has {machine.memory >> 20:,} MB of memory; "
                f"the lab needs {LEAST_MEMORY >> 20:,} MB."
            )
        return cls(processes, threads, min(WORKER_CEILING, share), share, warning)


def _processes(cores: int) -> int:
    """Return how many workers use most of the cores; the fewer of two that use as many."""
    few = max(1, cores // MAX_THREADS)
    return max(few, few + 1, key=lambda count: count * min(MAX_THREADS, cores // count))


def cache_bytes(usual: int, machine: Machine | None = None) -> int:
    """Return the bytes that a cache of the server may hold: a quarter on a small machine.

    Args:
        usual: The bytes on a machine that has them.
        machine: The resources; None means this machine.
    """
    here = machine or this_machine()
    return usual // 4 if here.memory < SMALL_MEMORY else usual


@lru_cache(maxsize=1)
def this_machine() -> Machine:
    """Return `Machine.here()`, read once: caches ask again and again."""
    return Machine.here()


def worker_count() -> int | None:
    """Return the number of worker processes that `NNCORE_WORKERS` asks for; None if it is not set.

    Raises:
        ValueError: If it is not a whole number of at least 1.
    """
    text = os.environ.get("NNCORE_WORKERS", "")
    if not text:
        return None
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"NNCORE_WORKERS must be a whole number from 1. Received: {text!r}")
    return int(text)


def room_within(limit: int) -> int:
    """Return the bytes that a worker with a limit may take before dask ends it."""
    return int(limit * TERMINATE)


def count_kernel_kills(
    cgroup: Path = _CGROUP, vmstat: Path = _VMSTAT, membership: Path = _MEMBERSHIP
) -> int:
    """Return how many processes the system has ended for lack of memory since it started.

    Those of the control group where it counts them, else those of the machine; 0 where nobody
    counts.
    """
    groups = _files(cgroup, membership, "memory.events", "memory.oom_control")
    for file in (*groups, vmstat):
        for line in _read(file).splitlines():
            name, _, number = line.partition(" ")
            if name == "oom_kill" and number.strip().isdigit():
                return int(number)
    return 0


def _cores(cgroup: Path, membership: Path) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    for file in _files(cgroup, membership, "cpu.max"):
        quota, period = (*_read(file).split(), "", "")[:2]
        if quota.isdigit() and period.isdigit():
            cores = min(cores, max(1, int(quota) // int(period)))
    return cores


def _memory_limit(cgroup: Path, membership: Path) -> int:
    """Return the smallest limit of all groups in bytes."""
    files = _files(cgroup, membership, "memory.max", "memory.limit_in_bytes")
    texts = (_read(file).strip() for file in files)
    return min((int(text) for text in texts if text.isdigit()), default=_NO_LIMIT)


def _files(cgroup: Path, membership: Path, name: str, first_name: str = "") -> Iterator[Path]:
    """Yield where a file of this process's groups may be, the innermost group first.

    Args:
        cgroup: Where the groups are.
        membership: The file that says in which of them this process is.
        name: The file's name in version 2 of control groups.
        first_name: Its name in version 1, which has a tree for memory alone.
    """
    groups = {"": "/", "memory": "/"}
    for line in _read(membership).splitlines():
        _, kinds, path = (*line.split(":", 2), "", "")[:3]
        groups |= dict.fromkeys(kinds.split(","), path)
    for kind, file in (("", name), ("memory", first_name)):
        group = PurePosixPath(groups[kind].lstrip("/"))
        if file:
            yield from (cgroup / kind / one / file for one in (group, *group.parents))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
