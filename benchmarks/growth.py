"""Measure how time and memory grow with each setting, around 784-32-10 at batch 128.

Each run is one slice in a worker process of the lab; its shape is compiled before the clock starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psutil

from benchmarks.common import Report, memory_of, run, timed
from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.runtime.cluster import DaskCluster, open_cluster

REPEATS = 3
UNITS = (32, 64, 128, 256, 512, 1024)
BATCH_SIZES = (8, 32, 128, 512, 2048, 4096)
EPOCHS = (1, 2, 5, 10, 20, 50)
IMAGES = (1_000, 5_000, 10_000, 30_000, 60_000)


def measure(report: Report) -> None:
    """Add a row of seconds for each size, and one of the worker's memory after each setting."""
    cluster = open_cluster()
    try:
        cluster.client.wait_for_workers(1)
        memory(report, cluster, "before TensorFlow")
        cluster.executor.submit(tasks.warm_up).result()
        memory(report, cluster, "ready")
        grow(report, cluster, "images", "data.samples", IMAGES)
        grow(report, cluster, "units", "model.units", [(units,) for units in UNITS])
        grow(report, cluster, "batch size", "fit.batch_size", BATCH_SIZES)
        grow(report, cluster, "epochs", "fit.epochs", EPOCHS)
    finally:
        cluster.close()


def grow(
    report: Report, cluster: DaskCluster, name: str, setting: str, values: Sequence[Any]
) -> None:
    """Add the rows of one setting: seconds per epoch, or per run if the epochs grow."""
    available = len(load(Experiment().data).x_train)
    base = {"fit.epochs": 1, "data.samples": 1000 if report.quick else 0}
    for value in report.few(values):
        if setting == "data.samples" and value > available:
            continue
        experiment = Experiment.from_settings(base | {setting: value})
        train(cluster, experiment)
        repeats = range(report.repeats(REPEATS))
        seconds = [timed(lambda: train(cluster, experiment)) for _ in repeats]  # noqa: B023
        report.add(f"{name} {shown(value)}", seconds)
    memory(report, cluster, f"after growing {name}")


def train(cluster: DaskCluster, experiment: Experiment) -> None:
    """Train a whole run in one slice."""
    start = Checkpoint(experiment, load(experiment.data).fingerprint)
    cluster.executor.submit(tasks.advance, experiment, start, Budget()).result()


def memory(report: Report, cluster: DaskCluster, when: str) -> None:
    """Add the row of the worker's memory."""
    found: dict[str, float] = cluster.client.run(memory_here)
    report.add(f"worker's memory, {when}", sum(found.values()), "MB")


def memory_here() -> float:
    """Return the memory of this process in MB."""
    return memory_of(psutil.Process())


def shown(value: object) -> str:
    """Return a size as text."""
    return f"{value[0] if isinstance(value, tuple) else value:,}"


if __name__ == "__main__":
    run(measure)
