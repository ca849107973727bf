"""The memory of a lab: how much its workers may take, how often it ran out, what can go back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping

from nncore.checkpoint import Checkpoint
from nncore.environment import cache_dir
from nncore.experiment import Experiment
from nncore.runtime.cluster import Cluster, WorkerInfo
from nncore.runtime.machine import WorkerPlan, count_kernel_kills
from nncore.runtime.memory import estimate_need, refuse
from nncore.training.branch import OWN_DIGITS
from nncore.training.process_memory import hand_memory_back

#: Seconds between two times at which the server returns memory, which takes it 35 ms: visitors
#: leave gaps in its heap, and read 40 MB of libraries and 55 MB of images once.
TIDY_INTERVAL = 60.0
#: The share of its room above which a worker is replaced that others started. Beyond the room dask
#: ends it, maybe in a run that needs little. By dask's own settings it gets no tasks a bit below.
FULL = 0.8


def put_away(checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint of a run that is over; large arrays lie on disk and not in memory.

    What was learnt from a learner's own drawings, or further from own digits, stays off the disk.
    """
    is_tuned = any(name.startswith(OWN_DIGITS) for _, name, _ in checkpoint.edits)
    if checkpoint.experiment.data.is_private or is_tuned:
        return checkpoint
    return checkpoint.kept_on_disk(cache_dir() / "data")


class MemoryGuard:
    """The memory of one lab: of its server, and of all clusters that it opens one after another.

    One thread calls `watch`, `tidy` and `leave`; the rest may be called from any thread.

    Args:
        count_kills: Returns how many processes the system has ended for lack of memory.
        clock: Returns the time in seconds; replaced in tests.
    """

    def __init__(
        self,
        count_kills: Callable[[], int] = count_kernel_kills,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count_kills = count_kills
        #: Bytes above which a worker is too large; None means those of the plan.
        self.ceiling: int | None = None
        self._cluster: Cluster | None = None
        self._earlier = 0  # workers of earlier clusters that held too much
        self._room = 0
        self._clock, self._tidied = clock, clock()

    def watch(self, cluster: Cluster, workers: Mapping[str, WorkerInfo]) -> None:
        """Note a cluster and its workers as they are now."""
        self._cluster = cluster
        rooms = [worker.room for worker in workers.values()]
        self._room = max(rooms) if rooms and all(rooms) else 0

    def tidy(self) -> None:
        """Return the memory of the server that it needed for a moment, once a minute."""
        now = self._clock()
        if now - self._tidied >= TIDY_INTERVAL:
            self._tidied = now
            hand_memory_back()

    def leave(self) -> None:
        """Count the cluster's losses as earlier ones; another cluster may follow."""
        cluster, self._cluster = self._cluster, None
        self._earlier += cluster.memory_kills() if cluster is not None else 0

    def refuse(self, experiment: Experiment) -> str:
        """Return why an experiment fits into none of the workers; empty if it fits."""
        return refuse(experiment, self._room)

    def list_large(
        self,
        plan: WorkerPlan | None,
        workers: Mapping[str, WorkerInfo],
        list_busy: Callable[[], Iterable[Experiment]],
    ) -> list[str]:
        """Return the addresses of the workers that hold more than they should.

        Args:
            plan: The plan of workers that the lab started itself; None for those of others, which
                may be nearly as large as they have room.
            workers: The workers by address. One that nobody would start again is left alone.
            list_busy: Returns the experiments of all runs under way. What the largest needs is
                added to the ceiling: a fresh worker needs it, too.
        """
        large = {
            address: worker.memory - ceiling
            for address, worker in workers.items()
            if worker.has_nanny and worker.memory > (ceiling := self._ceiling_of(worker, plan))
        }
        needs = map(estimate_need, list_busy() if large else ())
        more = max((need.parameters + need.batch for need in needs), default=0)
        return [address for address, above in large.items() if above > more]

    def _ceiling_of(self, worker: WorkerInfo, plan: WorkerPlan | None) -> float:
        if self.ceiling is not None:
            return self.ceiling
        return plan.ceiling if plan is not None else worker.room * FULL or math.inf

    def kills(self) -> int:
        """Return how often memory has run out so far: workers ended by dask or by the system."""
        cluster = self._cluster
        here = cluster.memory_kills() if cluster is not None else 0
        return self._earlier + here + self._count_kills()
