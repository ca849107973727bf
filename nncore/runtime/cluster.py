"""Connect to the workers that compute slices: processes of `dask.distributed`, here or elsewhere.

The lab starts a scheduler and workers on this machine, or connects to the scheduler that
`NNCORE_SCHEDULER` names. This module knows nothing of runs; `distributed` is imported when a
cluster is opened, not before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from concurrent.futures import CancelledError, Executor
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from nncore.runtime.dask_executor import DaskExecutor
from nncore.runtime.local_cluster import LocalCluster
from nncore.runtime.machine import Machine, WorkerPlan, room_within, worker_count
from nncore.runtime.tls import KeyFiles

#: Seconds that connecting to a scheduler may take, and any other question to it.
CONNECT_LIMIT, CALL_LIMIT = 10.0, 10.0
#: Seconds that ending workers may take, and that they may finish their tasks before.
RESTART_LIMIT, LAND_LIMIT = 45.0, 10.0
#: Where dask tells that it has ended a worker that held too much.
_KILL_TOPIC = "worker-restart-memory"


class WorkerInfo(NamedTuple):
    """A snapshot of one worker process.

    Attributes:
        threads: The number of slices it runs at once.
        memory: Bytes that it holds.
        room: Bytes that it may hold before it is ended; 0 means any number.
        has_nanny: True if another process starts a new worker where this one ends.
    """

    threads: int
    memory: int = 0
    room: int = 0
    has_nanny: bool = True


class Cluster(Protocol):
    """An open connection to workers, as the lab uses it."""

    @property
    def executor(self) -> Executor:
        """The executor on all workers."""

    @property
    def plan(self) -> WorkerPlan | None:
        """The plan of the workers that the lab started itself; None for those of others."""

    def is_open(self) -> bool:
        """Return True until the connection is lost or closed."""

    def workers(self) -> dict[str, WorkerInfo]:
        """Return the workers by address.

        Raises:
            OSError: If the scheduler does not answer in time.
        """

    def memory_kills(self) -> int:
        """Return how many workers were ended because they held too much."""

    def executor_on(self, address: str) -> Executor:
        """Return the executor on one worker."""

    def replace_workers(self, addresses: Collection[str]) -> None:
        """End these workers; new ones take their places.

        Raises:
            OSError: If that takes too long.
        """

    def close(self) -> None:
        """Close the connection, and end the processes that the lab started."""


class DaskCluster:
    """Workers of `dask.distributed`.

    Args:
        client: The connected `distributed.Client`.
        address: The address of the scheduler.
        plan: The plan of the workers that the lab started itself, or None.
        local: The processes that the lab started itself, or None.
    """

    def __init__(
        self,
        client: Any,
        address: str,
        plan: WorkerPlan | None = None,
        local: LocalCluster | None = None,
    ) -> None:
        self.client = client
        self.address = address
        self.plan = plan
        self._local = local
        self.executor: Executor = DaskExecutor(client)
        self._memory_kills = 0
        client.subscribe_topic(_KILL_TOPIC, self._count_memory_kill)

    def is_open(self) -> bool:
        """Return True until the connection is lost or closed, or a process of the lab has ended."""
        is_whole = self._local is None or self._local.is_running()
        return is_whole and bool(self.client.status == "running")

    def workers(self) -> dict[str, WorkerInfo]:
        """Return the workers by address."""
        found = self._call(self.client.scheduler.identity, CALL_LIMIT, n_workers=-1)["workers"]
        return {
            address: WorkerInfo(
                one["nthreads"],
                int(one["metrics"].get("memory", 0)),
                room_within(one["memory_limit"]),
                bool(one["nanny"]),
            )
            for address, one in found.items()
        }

    def memory_kills(self) -> int:
        """Return how many workers were ended because they held too much."""
        return self._memory_kills

    def _count_memory_kill(self, event: object) -> None:
        self._memory_kills += 1

    def executor_on(self, address: str) -> Executor:
        """Return the executor on one worker."""
        return DaskExecutor(self.client, workers=[address], allow_other_workers=False)

    def replace_workers(self, addresses: Collection[str]) -> None:
        """End these workers; new ones take their places.

        They get no new tasks, and finish those that they have: other labs' tasks among them.
        """
        scheduler = self.client.scheduler
        which: dict[str, Any] = {"workers": [*addresses], "stimulus_id": "lab-replace-workers"}
        self._call(scheduler.retire_workers, CALL_LIMIT, close_workers=False, remove=False, **which)
        self._wait_until(lambda: not self._has_tasks(addresses), LAND_LIMIT)
        self._call(
            scheduler.restart_workers,
            RESTART_LIMIT,
            timeout=RESTART_LIMIT - 5,
            wait_for_workers=False,
            on_error="return",  # those that do not end in time are left out from now on
            **which,
        )
        # The scheduler notices soon after.
        self._wait_until(lambda: self.workers().keys().isdisjoint(addresses), CALL_LIMIT)

    def _has_tasks(self, addresses: Collection[str]) -> bool:
        tasks = self._call(self.client.scheduler.processing, CALL_LIMIT)
        return any(tasks.get(address) for address in addresses)

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)

    def close(self) -> None:
        """Close the connection, and end the processes that the lab started."""
        try:
            self.client.close(timeout=2)
        finally:
            if self._local is not None:
                self._local.close()

    def _call(self, function: Any, limit: float, **arguments: Any) -> Any:
        """Ask the scheduler, for a limited time."""
        try:
            return self.client.sync(function, callback_timeout=limit, **arguments)
        except TimeoutError as error:
            raise ConnectionError(_silent(self.address)) from error


def open_cluster(address: str | None = None) -> DaskCluster:
    """Connect to a scheduler, or start one with workers on this machine.

    Args:
        address: The scheduler's address, `tcp://...` or `tls://...`; None means the one that
            `NNCORE_SCHEDULER` names, or a new one if that is not set.

    Raises:
        ConnectionError: If the scheduler does not answer, or keys are missing.
        OSError: If the processes cannot be started.
        ValueError: If `NNCORE_WORKERS` is not a number.
    """
    address = address or os.environ.get("NNCORE_SCHEDULER")
    if address:
        return DaskCluster(_connect(address, KeyFiles.from_environment()), address)
    plan = WorkerPlan.of(Machine.here(), worker_count())
    local = LocalCluster(plan, worker_environment(plan.threads))
    try:
        client = _connect(local.address, local.keys)
    except BaseException:
        local.close()
        raise
    return DaskCluster(client, local.address, plan, local)


def _connect(address: str, keys: KeyFiles | None) -> Any:
    import dask
    from distributed import Client, Security

    # The client has a log of its messages, too (`local_cluster.SETTINGS`). An environment variable
    # would not be read any more. And it warns of slices with more than 10 MB of weights.
    settings = {"low-level-log-length": 0, "large-graph-warning-threshold": "1 GB"}
    dask.config.set({f"distributed.admin.{name}": value for name, value in settings.items()})
    security = Security(**keys.security_settings()) if keys else None
    try:
        return Client(address, timeout=CONNECT_LIMIT, security=security, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # dask has no error class of its own
        raise ConnectionError(_silent(address)) from error


def _silent(address: str) -> str:
    return f"The scheduler at {address} does not answer. Training waits until it is back."


def is_lost(error: BaseException) -> bool:
    """Return True if a task failed because its worker or scheduler went away."""
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    kinds = (KilledWorker, CommClosedError, CancelledError, FutureCancelledError, ConnectionError)
    return isinstance(error, kinds)


def has_killed(error: BaseException) -> bool:
    """Return True if the worker of a lost task died, rather than the connection to it."""
    from distributed.scheduler import KilledWorker

    return isinstance(error, KilledWorker)


def worker_environment(threads: int) -> dict[str, str]:
    """Return the environment variables for a worker: where `nncore` is, and TensorFlow's settings.

    Args:
        threads: The number of slices that the worker runs at once.
    """
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {
        "PYTHONPATH": path,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # A single thread would be shared by all slices, so that two at once are no faster than one
        # after the other. A network of 32 units at batch 10, alone, loses a seventh by this.
        "TF_NUM_INTRAOP_THREADS": str(max(2, threads)),
        # Threads that compile at the same time leave less memory behind.
        "MALLOC_ARENA_MAX": "2",
        # dask's own value returns memory after every batch, which costs half the time of a slice.
        "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
        "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    }
