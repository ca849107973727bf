"""Where slices run: worker processes of `dask.distributed`, here or on a cluster.

The lab starts a scheduler and a worker of its own, or connects to the scheduler that
`NNCORE_SCHEDULER` names. This file knows nothing of runs; `distributed` is imported when a cluster
is opened, not before.
"""

from __future__ import annotations

import os
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Slices that this machine works on at a time. Each holds a compiled network of its own.
THREADS = max(2, min(4, os.cpu_count() or 2))


@dataclass(frozen=True)
class Cluster:
    """An open connection to workers.

    Args:
        executor: Where to submit tasks.
        client: The `distributed.Client` behind it.
        own: The processes that the lab started itself, or None.
    """

    executor: Executor
    client: Any
    own: Any = None

    @property
    def slots(self) -> int:
        """How many tasks the workers run at a time; 0 while there is no worker."""
        return sum(self.client.nthreads().values())

    def memory(self) -> int:
        """Bytes that the largest worker holds."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return max((int(worker["metrics"].get("memory", 0)) for worker in workers), default=0)

    def replace_workers(self) -> None:
        """Ends the workers and starts new ones in their place."""
        self.client.restart(timeout=60)

    def close(self) -> None:
        """Closes the connection, and ends the processes that the lab started."""
        self.client.close(timeout=2)
        if self.own is not None:
            self.own.close(timeout=5)


def open_cluster(address: str | None = None) -> Cluster:
    """Connects to a scheduler, or starts one with a worker on this machine.

    Args:
        address: The scheduler's address, `tcp://...` or `tls://...`; by default what
            `NNCORE_SCHEDULER` says, and a cluster of one's own where that is not set.

    Raises:
        ConnectionError: If the scheduler does not answer.
    """
    from distributed import Client

    address = address or os.environ.get("NNCORE_SCHEDULER")
    own = None if address else _own_cluster()
    try:
        client = Client(address or own, timeout=10, set_as_default=False)
    except OSError as error:
        raise ConnectionError(
            f"The scheduler at {address} does not answer; training waits until it is back."
        ) from error
    return Cluster(client.get_executor(pure=False), client, own)


def is_lost(error: BaseException) -> bool:
    """Whether a task failed because its worker or scheduler went away, not by its own fault."""
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    kinds = (KilledWorker, CommClosedError, CancelledError, FutureCancelledError, ConnectionError)
    return isinstance(error, kinds)


def _own_cluster() -> Any:
    import dask
    from distributed import SubprocessCluster

    watch = {
        "preload": [str(Path(__file__).with_name("watchdog.py"))],
        "preload_argv": [[str(os.getpid())]],
    }
    nanny = {"preload_nanny": watch["preload"], "preload_nanny_argv": watch["preload_argv"]}
    with dask.config.set({"logging.distributed": "warning"}):
        return SubprocessCluster(
            n_workers=1,
            scheduler_kwargs={"dashboard": False, "allowed_failures": 0, **watch},
            worker_kwargs={
                "nthreads": THREADS,
                "memory_limit": 0,
                "env": worker_environment(),
                **watch,
                **nanny,
            },
        )


def worker_environment() -> dict[str, str]:
    """Environment variables for a worker: where `nncore` is, and how TensorFlow is to behave."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {
        "PYTHONPATH": path,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # One thread would be one for all slices together, so that two at a time are no quicker than
        # one after the other. Alone, a network of 32 units at batch 10 loses a seventh by it.
        "TF_NUM_INTRAOP_THREADS": str(THREADS),
        # Threads that compile side by side leave less behind.
        "MALLOC_ARENA_MAX": "2",
        # dask's own value hands memory back after every batch: half the time of a slice.
        "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
        "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
    }
