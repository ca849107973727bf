"""The services of one server process: workers, runner and store, supervised in the background.

No Streamlit here: pages reach it through `ui/core/server.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.digits.novelty import Fitting, Gauge
from nncore.experiment import Experiment
from nncore.runtime import scheduling, tasks
from nncore.runtime.answers import Answers
from nncore.runtime.background import Background
from nncore.runtime.cluster import Cluster, WorkerInfo, has_killed, is_lost, open_cluster
from nncore.runtime.errors import READABLE, TaskError, reason_of, start_sentence
from nncore.runtime.machine import cache_bytes
from nncore.runtime.memory import MOST_BYTES
from nncore.runtime.memory_guard import MemoryGuard, put_away
from nncore.runtime.questions import ask_in_pieces
from nncore.runtime.run import Run
from nncore.runtime.runner import Runner
from nncore.runtime.scores import ScoreBoard
from nncore.runtime.store import Store
from nncore.runtime.sweep_runs import SweepRuns, SweepServices
from nncore.runtime.timing import TimingTable
from nncore.runtime.versions import difference, versions

LOG = logging.getLogger(__name__)
STARTING = "The worker is starting."
#: Seconds between two looks at the workers, and between two attempts to reach them.
INTERVAL = 1.0
#: Seconds that exporting a finished network may wait for a worker.
EXPORT_PATIENCE = 60.0
#: Seconds without any worker after which the lab's own cluster is started again.
WORKER_PATIENCE = 60.0
#: Seconds between two replacements of workers that grew too large: a replacement takes some
#: seconds, in which nobody trains.
REPLACE_INTERVAL = 60.0
#: Seconds for which a worker must be too large before it is replaced: while it compiles it holds
#: 200 MB more, which it hands back. On a busy machine that takes some seconds.
LARGE_FOR = 6.0
#: Seconds that a replacement waits for slices under way.
LAND_PATIENCE = 30.0
#: Seconds that closing the lab waits for workers that are just being started.
CLOSE_PATIENCE = 10.0
#: Seconds by which the machine's clock may be set back. dask waits for times of day: after a larger
#: step its messages would wait for as long.
CLOCK_STEP = 5.0
#: The session of the lab's own runs, which no visitor ends.
OWN_SESSION = "lab"
#: The most of the lab's own runs that are kept after their end.
MAX_SHARED = 8
#: The most bytes of novelty detectors to keep; each takes up to 30 MB.
GAUGE_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Status:
    """Says in one sentence for the sidebar if training can start at once."""

    ready: bool
    sentence: str


@dataclass
class _Warmth:
    """The state of the workers of one cluster.

    Args:
        pending: The warm-ups under way by worker address.
        versions: The versions of workers that are ready, by address.
        problems: One sentence for each worker that cannot be used, by address.
        large: Since when workers have been too large, by address.
        absent: The sentence while there is no worker.
    """

    pending: dict[str, Future[dict[str, str]]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    large: dict[str, float] = field(default_factory=dict)
    absent: str = "Waiting for a worker."


class Lab:
    """Starts and supervises the workers, and stores finished runs.

    Args:
        store: The finished runs.
        opener: Opens the workers; replaced in tests.
    """

    def __init__(self, store: Store, opener: Callable[[], Cluster] = open_cluster) -> None:
        self.store = store
        self.replace_interval = REPLACE_INTERVAL
        self._open = opener
        self._background = Background()
        self._memory = MemoryGuard()
        self.runner = Runner(
            None,
            self._slots,
            is_lost,
            self._save,
            background=self._background,
            has_killed=has_killed,
            refuse=self._refuse,
            memory_kills=self._memory.kills,
            most_bytes=cache_bytes(MOST_BYTES),
            put_away=put_away,
        )
        self._cluster: Cluster | None = None
        self._slot_count = 0
        self._status = Status(False, STARTING)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._supervisor: threading.Thread | None = None
        self._shared: OrderedDict[tuple[str, str], Run] = OrderedDict()
        self._gauges: Answers[Gauge] = Answers(cache_bytes(GAUGE_BYTES), lambda gauge: gauge.nbytes)
        self.scores = ScoreBoard(store)
        self.timings = TimingTable()

    @property
    def slots(self) -> int:
        """The number of slices that run at once; 0 while there is no worker."""
        return self._slot_count

    @property
    def status(self) -> Status:
        """The state of the workers."""
        return self._status

    def start(self, delay: float = 0.0) -> None:
        """Start the workers in the background, once.

        Args:
            delay: Seconds to wait, so that the first page is painted before.
        """
        with self._lock:
            if self._supervisor is not None:
                return
            supervise = partial(self._supervise, delay)
            self._supervisor = threading.Thread(target=supervise, name="lab", daemon=True)
        self._supervisor.start()

    def close(self) -> None:
        """End the runs and the workers, those included that are just being started."""
        self._closed.set()
        self.runner.close()
        if self._cluster is not None:
            self._cluster.close()
        if self._supervisor is not None:
            self._supervisor.join(CLOSE_PATIENCE)

    # Runs and answers

    def shared(self, experiment: Experiment, fingerprint: str, *, again: bool = False) -> Run:
        """Return a run of the lab's own, which is the same for everybody who asks.

        Args:
            experiment: The experiment to train.
            fingerprint: The data to train it on.
            again: True to start again if the run has ended.

        Raises:
            ValueError: If it is on a learner's own drawings, which nobody else may use.
        """
        if experiment.data.is_private:
            raise ValueError("a run on a learner's own drawings cannot be shared")
        key = (experiment.digest, fingerprint)
        with self._lock:
            run = self._shared.get(key)
            if run is None or (again and run.peek().state.over):
                start = Checkpoint(experiment, fingerprint)
                run = self._shared[key] = self.runner.submit(OWN_SESSION, start)
            self._shared.move_to_end(key)
            self._forget_shared()
            return run

    def _forget_shared(self) -> None:
        """Let go of the oldest runs of the lab's own that are over."""
        over = [key for key, run in self._shared.items() if run.peek().state.over]
        for key in over[: max(0, len(over) - MAX_SHARED)]:
            del self._shared[key]

    def sweep_runs(self, session: str) -> SweepRuns:
        """Return a holder for the runs of a session's sweep.

        Args:
            session: The session that owns them, and with which they end.
        """
        save = partial(self._save, with_keras_file=False)  # made when somebody asks for it
        services = SweepServices(self.runner, self.scores, self.timings, save)
        return SweepRuns(services, session)

    def gauge(self, key: str, checkpoint: Checkpoint, session: str) -> Gauge | None:
        """Return the novelty detector of a trained network; None until a worker has made it.

        Args:
            key: Names the network.
            checkpoint: The network, which does not change any more.
            session: The session that asks.
        """
        arguments = (checkpoint.experiment, checkpoint.fingerprint, checkpoint.weights)
        piece = partial(self.runner.enqueue, session, tasks.gauge, *arguments)
        ask = partial(ask_in_pieces, piece, Fitting(), Gauge)
        return self._gauges.get(key, ask, is_lost, has_killed)

    # Workers

    def _supervise(self, delay: float) -> None:
        self._closed.wait(delay)
        while not self._closed.is_set():
            try:
                self._serve(self._open())
            except (OSError, RuntimeError, ValueError) as error:
                LOG.warning("The workers cannot be used: %s", error)
                self._status = Status(False, start_sentence(error))
            except Exception:  # dask raises others too if it is closed during a call
                if not self._closed.is_set():
                    LOG.exception("The workers are lost; starting again.")
            self._closed.wait(INTERVAL)

    def _serve(self, cluster: Cluster) -> None:
        """Let the runner use these workers until they are gone, then close them."""
        self._cluster = cluster
        try:
            self._watch(cluster)
        finally:
            if not self._closed.is_set():
                self._status = Status(False, "The workers are gone; starting again.")
                self._slot_count = 0
                self.runner.use(None)
            self._memory.leave()
            cluster.close()  # once more if the lab was closed, maybe before it was open

    def _watch(self, cluster: Cluster) -> None:
        """Look at the workers again and again until they are gone or the lab is closed."""
        if cluster.plan is not None and cluster.plan.warning:
            LOG.warning(cluster.plan.warning)
        warmth, seen, replaced = _Warmth(), time.monotonic(), time.monotonic()
        ahead = _clock_ahead()
        while not self._closed.is_set() and cluster.is_open():
            before, ahead = ahead, _clock_ahead()
            if ahead < before - CLOCK_STEP:
                LOG.warning("The clock was set back; the workers are started again.")
                return
            workers = cluster.workers()
            self._warm_up(cluster, workers, warmth)
            self._slot_count = sum(worker.threads for worker in workers.values())
            self._memory.watch(cluster, workers)
            self.runner.use(cluster.executor if workers else None)
            now = time.monotonic()
            seen = now if workers else seen
            if cluster.plan is not None and now - seen > WORKER_PATIENCE:
                return
            self._memory.tidy()
            large = self._memory.list_large(cluster.plan, workers, self.runner.list_busy)
            warmth.large = {address: warmth.large.get(address, now) for address in large}
            is_large = [one for one, since in warmth.large.items() if now - since >= LARGE_FOR]
            worn = [*workers] if self._is_broken(cluster, warmth) else is_large
            if worn and now - replaced > self.replace_interval:
                self._replace_workers(cluster, worn, warmth)
                replaced = time.monotonic()
            else:
                self._closed.wait(0.05 if warmth.pending else INTERVAL)

    def _warm_up(
        self, cluster: Cluster, workers: Mapping[str, WorkerInfo], warmth: _Warmth
    ) -> None:
        """Let new workers load TensorFlow, and compare their versions; repeat lost attempts."""
        for address, pending in [*warmth.pending.items()]:
            if address not in workers:
                del warmth.pending[address]
            elif pending.done():
                del warmth.pending[address]
                self._take_warm_up(address, pending, warmth)
        for known in (warmth.versions, warmth.problems):
            for address in [address for address in known if address not in workers]:
                del known[address]
        for address in workers:
            if not any(address in known for known in _parts(warmth)):
                executor = cluster.executor_on(address)
                warmth.pending[address] = executor.submit(tasks.warm_up)
        self._status = self._status_of(cluster, warmth)

    def _take_warm_up(self, address: str, done: Future[dict[str, str]], warmth: _Warmth) -> None:
        error = ConnectionError() if done.cancelled() else done.exception()
        if error is None:
            warmth.versions[address] = done.result()
            problem = difference(versions(), done.result(), address)
            if problem:
                warmth.problems[address] = problem
        elif isinstance(error, ModuleNotFoundError):
            problem = f"The worker at {address} has no {error.name}. Install it there."
            warmth.problems[address] = problem
        elif not is_lost(error):
            LOG.error("A worker could not start.", exc_info=error)
            warmth.problems[address] = start_sentence(error)

    def _status_of(self, cluster: Cluster, warmth: _Warmth) -> Status:
        problems = [*warmth.problems.values()]
        if problems:
            return Status(bool(warmth.versions), problems[0])
        if warmth.versions:
            warning = cluster.plan.warning if cluster.plan is not None else ""
            return Status(True, warning or "Worker ready")
        if warmth.pending:
            return Status(False, STARTING)
        return Status(False, warmth.absent)

    def _is_broken(self, cluster: Cluster, warmth: _Warmth) -> bool:
        """Return True if no worker that the lab started itself could load TensorFlow."""
        return cluster.plan is not None and bool(warmth.problems) and not warmth.versions

    def _replace_workers(self, cluster: Cluster, worn: Collection[str], warmth: _Warmth) -> None:
        """End workers between slices: TensorFlow never returns the memory of old shapes.

        The next look finds the rest of them, and later the new ones.
        """
        warmth.absent = "The worker is being replaced."
        self._status = Status(False, warmth.absent)
        self.runner.use(None)
        end = time.monotonic() + LAND_PATIENCE
        while self.runner.in_flight() and time.monotonic() < end and not self._closed.wait(0.02):
            pass
        if not self._closed.is_set():
            cluster.replace_workers(worn)

    def _slots(self) -> int:
        return self._slot_count

    def _refuse(self, experiment: Experiment) -> str:
        """Return why an experiment cannot be trained here; empty if it can."""
        return self._memory.refuse(experiment) or scheduling.refuse(experiment)

    # Finished runs

    def _save(self, checkpoint: Checkpoint, *, with_keras_file: bool = True) -> str:
        """Store a finished run; return an empty text, or a sentence that says why it is not.

        A run on a learner's own drawings is theirs alone: it is not stored, and that needs no word.
        """
        if checkpoint.experiment.data.is_private:
            return ""
        try:
            source = load(checkpoint.experiment.data, checkpoint.fingerprint).source
            file = self._keras_file(checkpoint) if with_keras_file else None
            self.store.put(checkpoint, file, source)
        except (OSError, *READABLE) as error:
            LOG.warning("A run was not saved.", exc_info=error)
            return f"This run was not saved: {reason_of(error)}."
        return ""

    def _keras_file(self, checkpoint: Checkpoint) -> bytes | None:
        """Return the network as a `.keras` file; None if the worker is gone, busy or without space.

        The run is stored without it then: it is made when somebody asks for it.
        """
        try:
            question: Future[Any] = self.runner.ask(
                tasks.keras_file, checkpoint.experiment, checkpoint.weights
            )
            file: bytes = question.result(EXPORT_PATIENCE)
        except Exception as error:
            if isinstance(error, (TimeoutError, TaskError)) or is_lost(error):
                return None
            raise
        return file


def _clock_ahead() -> float:
    """Return the seconds that the time of day is ahead of a clock that nobody can set."""
    return time.time() - time.monotonic()


def _parts(warmth: _Warmth) -> tuple[Mapping[str, object], ...]:
    return warmth.pending, warmth.versions, warmth.problems


def wait_until_ready(lab: Lab, seconds: float = 60.0) -> None:
    """Block until the workers are ready.

    Raises:
        TimeoutError: If they are not ready in time.
    """
    end = time.monotonic() + seconds
    while not lab.status.ready:
        if time.monotonic() > end:
            raise TimeoutError(f"No worker after {seconds:g} s: {lab.status.sentence}")
        time.sleep(0.05)
