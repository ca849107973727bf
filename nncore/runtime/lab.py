"""The services of one server process: workers, runner and store, kept going in the background.

No Streamlit here: the pages reach it through `ui/core/resources.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import DataMismatch, DataUnavailable, load
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.runtime.cluster import Cluster, is_lost, open_cluster
from nncore.runtime.runner import Run, Runner
from nncore.runtime.scores import ScoreBoard
from nncore.runtime.store import Store, StoreError
from nncore.runtime.sweep_runs import SweepRuns, SweepServices
from nncore.runtime.timing import TimingTable

LOG = logging.getLogger(__name__)
#: Seconds between two looks at the workers, and between two tries to reach them.
INTERVAL = 1.0
#: Seconds that exporting a finished network may wait for a worker.
EXPORT_PATIENCE = 60.0
#: Seconds without any worker after which the lab's own cluster is started anew.
WORKER_PATIENCE = 60.0
#: Bytes above which a worker is replaced, and seconds that a worker is kept in any case: replacing
#: takes some seconds, in which nobody trains.
WORKER_MEMORY = 1_700 * 2**20
WORKER_LIFETIME = 900.0
#: Seconds for which a session that went away keeps its runs: a lost connection is often back.
GRACE = 150.0
#: The name under which the lab itself trains: no visitor's session, so no visitor ends it.
OWN_SESSION = "lab"


@dataclass(frozen=True)
class Status:
    """Whether training can start at once, in a sentence for the sidebar."""

    ready: bool
    sentence: str


class Lab:
    """Starts and watches the workers, and keeps finished runs.

    Args:
        store: Where finished runs are kept.
        opener: Opens the workers; another one in tests.
    """

    def __init__(self, store: Store, opener: Callable[[], Cluster] = open_cluster) -> None:
        self.store = store
        self.worker_memory = WORKER_MEMORY
        self.worker_lifetime = WORKER_LIFETIME
        self._open = opener
        self.runner = Runner(None, self._slots, is_lost, self._keep)
        self._cluster: Cluster | None = None
        self._slot_count = 0
        self._status = Status(False, "The worker is starting.")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._started = False
        self._leaving: dict[str, threading.Timer] = {}
        self._shared: dict[tuple[str, str], Run] = {}
        self.scores = ScoreBoard(store)
        self.timings = TimingTable()

    @property
    def slots(self) -> int:
        """How many slices run at a time; 0 while there is no worker."""
        return self._slot_count

    @property
    def status(self) -> Status:
        """Whether training can start at once."""
        return self._status

    def start(self, delay: float = 0.0) -> None:
        """Brings the workers up in the background, once.

        Args:
            delay: Seconds to leave to the page that is just being painted.
        """
        with self._lock:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._supervise, args=(delay,), name="lab", daemon=True).start()

    def close(self) -> None:
        """Ends the runs and the workers."""
        self._closed.set()
        self.runner.close()
        if self._cluster is not None:
            self._cluster.close()

    def leave(self, session: str, grace: float = GRACE) -> None:
        """Ends a session's runs, unless it comes back within the grace (in seconds)."""
        timer = threading.Timer(grace, self.runner.release, (session,))
        timer.daemon = True
        with self._lock:
            self._leaving[session] = timer
        timer.start()

    def stay(self, session: str) -> None:
        """Says that a session is there (again)."""
        with self._lock:
            timer = self._leaving.pop(session, None)
        if timer is not None:
            timer.cancel()

    def shared(self, experiment: Experiment, fingerprint: str, *, again: bool = False) -> Run:
        """A run of the lab's own, the same for all who ask: begun by the first of them.

        Args:
            experiment: What to train.
            fingerprint: The data to train it on.
            again: Whether to begin anew where the run has ended.
        """
        key = (experiment.digest, fingerprint)
        with self._lock:
            run = self._shared.get(key)
            if run is None or (again and run.peek().state.over):
                start = Checkpoint(experiment, fingerprint)
                run = self._shared[key] = self.runner.submit(OWN_SESSION, start)
            return run

    def sweep_runs(self, session: str) -> SweepRuns:
        """A place for the runs of a session's sweep.

        Args:
            session: Whose they are, with whom they end.
        """
        services = SweepServices(self.runner, self.scores, self.timings, self._keep_many)
        return SweepRuns(services, session)

    def _supervise(self, delay: float) -> None:
        self._closed.wait(delay)
        while not self._closed.is_set():
            try:
                self._serve(self._open())
            except (OSError, RuntimeError) as error:
                self._status = Status(False, str(error))
            except Exception:  # dask raises others too where it is closed under a question
                if not self._closed.is_set():
                    LOG.exception("The workers are lost; starting again.")
            self._closed.wait(INTERVAL)

    def _serve(self, cluster: Cluster) -> None:
        """Lets the runner use these workers for as long as they are there, and ends them then."""
        self._cluster = cluster
        try:
            self._watch(cluster)
        finally:
            if not self._closed.is_set():
                self._status = Status(False, "The workers are gone; starting again.")
                self.runner.use(None)
                cluster.close()

    def _watch(self, cluster: Cluster) -> None:
        """Returns when the workers are gone, or the lab is closed."""
        self._warm_up(cluster)
        self._slot_count = cluster.slots
        self.runner.use(cluster.executor)
        seen = replaced = time.monotonic()
        while not self._closed.wait(INTERVAL) and cluster.client.status == "running":
            if cluster.slots != self._slot_count:
                self._slot_count = cluster.slots
                self.runner.use(cluster.executor)  # it looks again whether there is room
            seen = time.monotonic() if self._slot_count else seen
            if cluster.own is None:
                continue
            if time.monotonic() - seen > WORKER_PATIENCE:
                break
            grown = cluster.memory() > self.worker_memory
            if grown and time.monotonic() - replaced > self.worker_lifetime:
                self._replace_workers(cluster)
                replaced = time.monotonic()

    def _warm_up(self, cluster: Cluster) -> None:
        warm: Future[dict[str, str]] = cluster.executor.submit(tasks.warm_up)
        warm.add_done_callback(self._warm)

    def _replace_workers(self, cluster: Cluster) -> None:
        """Starts a fresh worker: each new shape of network costs TensorFlow memory for good."""
        self._status = Status(False, "The worker is being replaced.")
        self.runner.use(None)
        while self.runner.in_flight() and not self._closed.wait(0.05):
            pass
        if not self._closed.is_set():
            cluster.replace_workers()
            self._warm_up(cluster)
            self.runner.use(cluster.executor)

    def _warm(self, done: Future[dict[str, str]]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is None:
            self._status = Status(True, "Worker ready")
        else:
            self._status = Status(False, f"The worker could not start: {error}")

    def _slots(self) -> int:
        return self._slot_count

    def _keep(self, checkpoint: Checkpoint, *, exported: bool = True) -> str:
        """Keeps a finished run; gives back a sentence where that was not possible."""
        try:
            source = load(checkpoint.experiment.data, checkpoint.fingerprint).source
            file = self._keras_file(checkpoint) if exported else None
            self.store.put(checkpoint, file, source)
        except (StoreError, DataMismatch, DataUnavailable, OSError, TimeoutError) as error:
            return f"This run is not kept for later: {error}"
        return ""

    def _keras_file(self, checkpoint: Checkpoint) -> bytes:
        asked = self.runner.ask(tasks.keras_file, checkpoint.experiment, checkpoint.weights)
        file: bytes = asked.result(EXPORT_PATIENCE)
        return file

    def _keep_many(self, checkpoint: Checkpoint) -> str:
        """Keeps one of many; its `.keras` file is made when somebody asks for it."""
        return self._keep(checkpoint, exported=False)


def wait_until_ready(lab: Lab, seconds: float = 60.0) -> None:
    """Blocks until the workers are ready.

    Raises:
        TimeoutError: If they are not within so many seconds.
    """
    end = time.monotonic() + seconds
    while not lab.status.ready:
        if time.monotonic() > end:
            raise TimeoutError(f"No worker after {seconds:g} s: {lab.status.sentence}")
        time.sleep(0.05)
