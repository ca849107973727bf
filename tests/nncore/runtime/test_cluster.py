"""Real worker processes: what they give, and what is left when one of them, or the server, dies."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import psutil
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime import tasks
from nncore.runtime.cluster import worker_environment
from nncore.runtime.jobs import State
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.machine import LEAST_MEMORY, Machine
from nncore.runtime.parent_watch import NICENESS
from nncore.runtime.run import Run
from nncore.runtime.scheduling import RAN_OUT
from nncore.runtime.store import Store
from nncore.training import engine

ROOT = Path(__file__).resolve().parents[3]
#: As the lab's own schedulers; the workers are dask's, and report what they count for spans.
LEAN = ("--preload", "nncore.runtime.no_spans")
ROUNDING = Experiment(
    DataConfig("rounding", 2000),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=20, batch_size=32),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(Store(tmp_path_factory.mktemp("models")))
    made.start()
    wait_until_ready(made, 120)
    yield made
    made.close()
    assert not [child for child in descendants() if "dask" in child.cmdline()]


def begin(experiment: Experiment) -> Checkpoint:
    return Checkpoint(experiment, datasets.load(experiment.data).fingerprint)


def over(run: Run) -> Run:
    until(lambda: run.progress().state.over)
    return run


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def worker() -> psutil.Process:
    """The process that trains: of all that dask has spawned the largest."""
    return max(workers(), key=lambda child: child.memory_info().rss)


def workers() -> list[psutil.Process]:
    return [child for child in descendants() if "spawn_main" in " ".join(child.cmdline())]


def descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_worker_computes_the_same_weights_as_this_process(lab: Lab) -> None:
    run = over(lab.runner.submit("ann", begin(ROUNDING)))
    here = engine.advance(ROUNDING, begin(ROUNDING), Budget())
    pairs = zip(run.peek().checkpoint.weights, here.weights, strict=True)
    assert run.peek().state is State.FINISHED
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_workers_run_at_a_lower_priority_than_the_pages(lab: Lab) -> None:
    until(lambda: lab.status.ready)
    assert worker().nice() == min(19, psutil.Process().nice() + NICENESS)


def test_the_weights_of_a_large_network_are_sent_without_a_warning(lab: Lab) -> None:
    """Dask warns of 10 MB; here a warning is an error."""
    until(lambda: lab.status.ready)
    weights = np.zeros(12 * 2**20, np.uint8)
    assert lab.runner.ask(len, weights).result(60) == len(weights)


def test_no_process_keeps_the_messages_that_it_has_sent(lab: Lab) -> None:
    over(lab.runner.submit("ann", begin(ROUNDING)))
    client = cast(Any, lab._cluster).client
    assert len(client.scheduler_comm.recent_message_log) == 0

    def count_kept(dask_scheduler: Any) -> int:
        streams = [*dask_scheduler.stream_comms.values(), *dask_scheduler.client_comms.values()]
        return sum(len(stream.recent_message_log) for stream in streams)

    def count_kept_by_worker(dask_worker: Any) -> int:
        return len(dask_worker.batched_stream.recent_message_log)

    assert client.run_on_scheduler(count_kept) == 0
    assert set(client.run(count_kept_by_worker).values()) == {0}


def test_the_scheduler_keeps_nothing_of_a_slice_that_is_over(lab: Lab) -> None:
    for seed in range(3):
        over(lab.runner.submit("ann", begin(ROUNDING.updated({"fit.seed": 100 + seed}))))

    def count_tasks(dask_scheduler: Any) -> int:
        return len(dask_scheduler.tasks)

    def count_spans(dask_scheduler: Any) -> int:
        return sum(type(one).__name__ == "Span" for one in gc.get_objects())

    client = cast(Any, lab._cluster).client
    until(lambda: client.run_on_scheduler(count_tasks) == 0)
    assert client.run_on_scheduler(count_spans) == 0


def test_a_finished_run_is_in_the_store_with_its_keras_file(lab: Lab) -> None:
    experiment = ROUNDING.updated({"fit.seed": 5, "fit.epochs": 2})
    start = begin(experiment)
    over(lab.runner.submit("ann", start))
    until(lambda: lab.store.get(experiment, start.fingerprint) is not None)
    file = lab.store.keras_file(lab.store.entries()[0].key)
    assert file is not None
    assert file[:2] == b"PK"


def test_a_killed_worker_costs_one_slice_and_changes_no_weight(lab: Lab) -> None:
    experiment = ROUNDING.updated({"fit.epochs": 400, "fit.seed": 7})
    run = lab.runner.submit("ann", begin(experiment))
    until(lambda: run.progress().checkpoint.epoch > 5)
    worker().kill()
    over(run)
    whole = engine.advance(experiment, begin(experiment), Budget())
    pairs = zip(run.peek().checkpoint.weights, whole.weights, strict=True)
    assert run.peek().state is State.FINISHED
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_worker_that_hangs_is_replaced_and_its_run_continues(lab: Lab) -> None:
    experiment = ROUNDING.updated({"fit.epochs": 400, "fit.seed": 9})
    run = lab.runner.submit("ann", begin(experiment))
    until(lambda: run.progress().checkpoint.epoch > 5)
    hung, client = workers(), cast(Any, lab._cluster).client
    for one in hung:
        one.suspend()

    async def look(dask_scheduler: Any) -> float:
        patience, dask_scheduler.worker_ttl = dask_scheduler.worker_ttl, 1.0
        try:
            await dask_scheduler.check_worker_ttl()  # as it does once in `patience` seconds
        finally:
            dask_scheduler.worker_ttl = patience
        return float(patience)

    def is_replaced() -> bool:
        assert client.run_on_scheduler(look) == 60
        return not any(one.is_running() for one in hung)

    until(is_replaced)
    over(run)
    whole = engine.advance(experiment, begin(experiment), Budget())
    pairs = zip(run.peek().checkpoint.weights, whole.weights, strict=True)
    assert run.peek().state is State.FINISHED
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_worker_that_has_grown_is_replaced_and_the_run_continues(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ROUNDING.updated({"fit.epochs": 300, "fit.seed": 8})
    run = lab.runner.submit("ann", begin(experiment), rate=63 * 60)  # 60 epochs a second
    until(lambda: run.progress().checkpoint.epoch > 5)
    old = worker()
    monkeypatch.setattr(lab, "replace_interval", 0.0)
    monkeypatch.setattr(lab._memory, "ceiling", 1)
    monkeypatch.setattr("nncore.runtime.lab.LARGE_FOR", 0.0)
    until(lambda: not lab.status.ready)
    assert not run.peek().state.over
    monkeypatch.undo()
    over(run)
    whole = engine.advance(experiment, begin(experiment), Budget())
    pairs = zip(run.peek().checkpoint.weights, whole.weights, strict=True)
    until(lambda: not old.is_running())
    assert run.peek().state is State.FINISHED
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_run_that_is_too_large_is_refused_or_else_ended_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nncore.runtime.cluster.Machine.here", lambda: Machine(2, LEAST_MEMORY))
    fit = FitConfig("adam", batch_size=8192, augment="elastic")
    large = begin(Experiment(DataConfig("digits"), ModelConfig((1024, 1024, 1024)), fit))
    small = Lab(Store(tmp_path))
    try:
        small.start()
        wait_until_ready(small, 120)
        refused = over(small.runner.submit("ann", large)).peek()
        assert "a worker of this lab has 807 MB. Choose a smaller batch size" in refused.note
        monkeypatch.setattr(small.runner, "refuse", lambda experiment: "")  # as if too low
        before = small._memory.kills()
        ended = over(small.runner.submit("ann", large)).peek()
        assert ended.note == RAN_OUT
        assert small._memory.kills() == before + 1
        assert over(small.runner.submit("ben", begin(ROUNDING))).peek().state is State.FINISHED
    finally:
        small.close()


def test_runs_are_trained_on_a_cluster_started_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("NNCORE_SCHEDULER", f"tcp://127.0.0.1:{port}")
    lab = Lab(Store(tmp_path))
    with cluster_at(port, workers=2):
        lab.start()
        runs = [  # before there is a worker: they wait for one
            lab.runner.submit("ann", begin(ROUNDING.updated({"fit.seed": seed})))
            for seed in range(3)
        ]
        for run in runs:
            over(run)
        until(lambda: lab._slots() == 2)
        lab.close()
    assert [run.peek().state for run in runs] == [State.FINISHED] * 3


def test_of_two_workers_elsewhere_only_the_large_one_is_replaced_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("NNCORE_SCHEDULER", f"tcp://127.0.0.1:{port}")
    monkeypatch.setattr("nncore.runtime.lab.LARGE_FOR", 0.0)
    experiment = ROUNDING.updated({"fit.epochs": 240, "fit.seed": 9})
    lab = Lab(Store(tmp_path))
    lab.replace_interval = 0.0
    with cluster_at(port, workers=2):
        lab.start()
        until(lambda: lab._slots() == 2)
        large, other = cast(Any, lab._cluster).workers()
        run = lab.runner.submit("ann", begin(experiment), rate=63 * 60)  # 60 epochs a second
        until(lambda: run.progress().checkpoint.epoch > 5)
        monkeypatch.setattr(
            lab._memory, "list_large", lambda plan, workers, _: {large} & {*workers}
        )
        until(lambda: large not in cast(Any, lab._cluster).workers())
        assert not run.peek().state.over
        assert other in cast(Any, lab._cluster).workers()
        over(run)
        until(lambda: lab._slots() == 2)
        assert other in cast(Any, lab._cluster).workers()
        lab.close()
    whole = engine.advance(experiment, begin(experiment), Budget())
    pairs = zip(run.peek().checkpoint.weights, whole.weights, strict=True)
    assert run.peek().state is State.FINISHED
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_scheduler_that_comes_back_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("NNCORE_SCHEDULER", f"tcp://127.0.0.1:{port}")
    lab = Lab(Store(tmp_path))
    with cluster_at(port):
        lab.start()
        wait_until_ready(lab, 120)
    until(lambda: not lab.status.ready)
    run = lab.runner.submit("ann", begin(ROUNDING))
    with cluster_at(port):
        over(run)
        lab.close()
    assert run.peek().state is State.FINISHED


@contextmanager
def cluster_at(port: int, workers: int = 1) -> Iterator[None]:
    """A scheduler and workers that somebody else has started."""
    address = f"tcp://127.0.0.1:{port}"
    environment = os.environ | worker_environment(2)
    commands: list[tuple[str, ...]] = [
        ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", *LEAN)
    ]
    commands += [("worker", address, "--nthreads", "1", "--no-dashboard")] * workers
    with ExitStack() as stack:
        for command in commands:
            arguments = [sys.executable, "-m", "dask", *command]
            process = subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


def test_workers_answer_questions_that_need_keras(lab: Lab) -> None:
    summary = lab.runner.ask(tasks.summary, ROUNDING).result(60)
    assert "Total params: 34" in summary
    said = lab.runner.ask(tasks.mistake, Experiment(), "train_images").result(60)
    assert "28, 28" in said
    assert "784" in said


def test_a_worker_refuses_a_slice_on_other_data(lab: Lab) -> None:
    run = over(lab.runner.submit("ann", Checkpoint(ROUNDING, "f" * 32)))
    assert run.peek().state is State.FAILED
    assert run.peek().note


def test_a_scheduler_that_does_not_answer_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNCORE_SCHEDULER", "tcp://127.0.0.1:9")
    lost = Lab(Store(tmp_path))
    lost.start()
    until(lambda: "does not answer" in lost.status.sentence)
    assert not lost.status.ready
    lost.close()


def test_a_killed_server_leaves_no_process_behind(tmp_path: Path) -> None:
    program = (
        "import time\n"
        "from pathlib import Path\n"
        "from nncore.runtime.lab import Lab, wait_until_ready\n"
        "from nncore.runtime.store import Store\n"
        f"lab = Lab(Store(Path({str(tmp_path)!r})))\n"
        "lab.start()\n"
        "wait_until_ready(lab, 120)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    family = psutil.Process(server.pid).children(recursive=True)
    assert len(family) >= 3  # scheduler, nanny, worker
    server.kill()
    server.wait()
    server.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
