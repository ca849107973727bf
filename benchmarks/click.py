"""Measure a click on Train: the time to the first event, and to the finished result.

It uses the services of the lab (`nncore.runtime.lab`) without pages, and a real server for its
start. Each "first" run has a new worker that has never compiled this shape.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context

from benchmarks import peers
from benchmarks.common import Report, own_cache, run, timed
from benchmarks.server import LAB, serving
from benchmarks.session import Session
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import load
from nncore.environment import cache_dir
from nncore.experiment import Experiment
from nncore.runtime.lab import Lab, wait_until_ready
from nncore.runtime.store import Store

REPEATS = 5
EXPERIMENT = Experiment()  # 5 epochs of 784-32-10 at batch 128
FIRST, AGAIN, STARTED = 1.5, 0.5, 5.0
#: Seconds between two looks at a run.
LOOK = 0.002


def measure(report: Report) -> None:
    """Add the rows of starts, of clicks, and of `model.fit`."""
    experiment = EXPERIMENT.updated({"data.samples": 1000 if report.quick else 0})
    repeats = report.repeats(REPEATS)
    report.add(
        "server start to a ready worker", [server_start() for _ in range(repeats)], "s", STARTED
    )
    clicks(report, experiment, repeats)
    fits(report, experiment, repeats)


def server_start() -> float:
    """Return the seconds from the start of the server until a visitor sees "Worker ready"."""
    started = time.perf_counter()
    with own_cache(), serving(LAB) as server:
        asyncio.run(_see_ready(server.url))
        return time.perf_counter() - started


async def _see_ready(url: str) -> None:
    async with Session.open(url, "mnist") as visitor:
        await visitor.sees("Worker ready", 120)


def clicks(report: Report, experiment: Experiment, repeats: int) -> None:
    """Measure first clicks with and without XLA's cache on disk, and later ones in that worker."""
    seeds, starts = count(), list[float]()
    cold, cached, again = (list[tuple[float, float]]() for _ in range(3))
    for _ in range(repeats):
        with own_cache():
            with ready_lab(starts) as lab:
                cold.append(click(lab, experiment, next(seeds)))
            with ready_lab(starts) as lab:
                cached.append(click(lab, experiment, next(seeds)))
                again += [click(lab, experiment, next(seeds)) for _ in range(repeats)]
    report.add("lab start to a ready worker", starts, "s", STARTED)
    for name, found, aim in (
        ("first run, nothing compiled on disk", cold, FIRST),
        ("first run, XLA's cache on disk", cached, FIRST),
        ("again", again, AGAIN),
    ):
        report.add(f"{name}: submit to first event", [first for first, _ in found])
        report.add(f"{name}: submit to finished", [done for _, done in found], "s", aim)


@contextmanager
def ready_lab(starts: list[float]) -> Iterator[Lab]:
    """Provide a lab whose worker is ready, and append the seconds that took to `starts`."""
    lab = Lab(Store(cache_dir() / "models"))
    try:
        lab.start()
        starts.append(timed(lambda: wait_until_ready(lab, 120)))
        yield lab
    finally:
        lab.close()


def click(lab: Lab, experiment: Experiment, seed: int) -> tuple[float, float]:
    """Return the seconds from submitting a run to its first event and to its end."""
    experiment = experiment.updated({"fit.seed": seed})
    start = Checkpoint(experiment, load(experiment.data).fingerprint)
    started, first = time.perf_counter(), 0.0
    submitted = lab.runner.submit("bench", start, keep=False)
    while True:
        progress = submitted.progress()
        passed = time.perf_counter() - started
        if progress.checkpoint.updates and not first:
            first = passed
        if progress.state.over:
            return first, passed
        time.sleep(LOOK)


def fits(report: Report, experiment: Experiment, repeats: int) -> None:
    """Measure `model.fit` in new processes that have imported Keras, and again in the same ones."""
    first, again = [], []
    for _ in range(repeats):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            fresh.submit(peers.import_keras).result()
            first.append(fresh.submit(peers.fit_once, experiment).result())
            again.append(fresh.submit(peers.fit_once, experiment).result())
    report.add("model.fit, first: build, compile and train", first)
    report.add("model.fit, again: build, compile and train", again)


if __name__ == "__main__":
    run(measure)
