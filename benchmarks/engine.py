"""Seconds an epoch, warm: our engine, alone and through the runner, against each peer.

All run one after another, round after round: the peers in this process, the engine in a worker with
the lab's own settings, alone as one task for the whole run, through the runner in slices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import peers
from benchmarks.common import Report, in_turn, run, timed
from benchmarks.peers import Task, Train
from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.runtime import cluster, tasks
from nncore.runtime.jobs import State
from nncore.runtime.runner import Runner

REPEATS = 5
OURS, THROUGH, LIMIT = "the engine alone", "through the runner, no page watching", "limit (NumPy)"
PEERS: dict[str, Callable[[Task], Train]] = {
    "model.fit": peers.model_fit,
    f"model.fit, steps_per_execution={peers.STEPS_PER_EXECUTION}": peers.model_fit_in_steps,
    "scikit-learn": peers.scikit_learn,
    "PyTorch": peers.pytorch,
    "JAX": peers.jax_scan,
}
#: At most this much longer through the runner than alone.
RUNNER_SHARE = 1.10


@dataclass(frozen=True)
class Case:
    """A row of the comparison.

    Args:
        name: What stands in front of its rows.
        experiment: What is trained.
        epochs: Epochs in one measurement.
        long: Epochs in one measurement of the engine: past the first seconds, in which a run
            counts as watched.
        limit: At most so many times the limit; None where there is no such aim.
    """

    name: str
    experiment: Experiment
    epochs: int
    long: int
    limit: float | None = None


DEEP = {
    "model.units": (300, 100),
    "fit.batch_size": 32,
    "fit.optimizer": "sgd",
    "fit.learning_rate": 0.01,
}
ROUNDING = {
    "data.name": "rounding",
    "data.samples": 10_000,
    "model.units": (8,),
    "fit.optimizer": "adam",
    "fit.loss": "sparse_categorical_crossentropy",
    "fit.batch_size": 32,
}
CASES = (
    Case("784-32-10, batch 128, RMSprop", Experiment(), 3, 100, 1.6),
    Case("784-32-10, batch 10", Experiment.from_settings({"fit.batch_size": 10}), 2, 30, 2.6),
    Case("784-300-100-10, batch 32, SGD", Experiment.from_settings(DEEP), 2, 12, 1.6),
    Case("1-8-2, 10,000 numbers, batch 32", Experiment.from_settings(ROUNDING), 10, 1000),
)


def measure(report: Report) -> None:
    """Adds a row for each case and candidate, and our share of the limit and of the best peer."""
    with worker() as (executor, runner):
        for case in report.few(CASES):
            compare(report, case, executor, runner)


@contextmanager
def worker() -> Iterator[tuple[Executor, Runner]]:
    """A worker process, and a runner over it, as the lab has them."""
    opened = cluster.open_cluster()
    runner = Runner(opened.executor, opened.plan.threads if opened.plan else 2)
    try:
        opened.executor.submit(tasks.warm_up).result()
        yield opened.executor, runner
    finally:
        runner.close()
        opened.close()


def compare(report: Report, case: Case, executor: Executor, runner: Runner) -> None:
    """Measures one case."""
    if report.quick:
        case = Case(case.name, case.experiment.updated({"data.samples": 1000}), 1, 2, case.limit)
    task = Task.of(case.experiment)
    trains = {LIMIT: peers.matrix_products(task)}
    trains |= {name: peer(task) for name, peer in PEERS.items()}
    candidates = {name: an_epoch(train, case.epochs) for name, train in trains.items()}
    candidates[OURS] = an_epoch(alone(case.experiment, executor), case.long)
    candidates[THROUGH] = an_epoch(through(case.experiment, runner), case.long)
    found = in_turn(candidates, report.repeats(REPEATS))
    values = {name: report.add(f"{case.name}: {name}", v, "s/epoch") for name, v in found.items()}
    best = min(PEERS, key=values.__getitem__)
    shares = ((LIMIT, OURS, case.limit), (best, OURS, 1.0), (best, THROUGH, 1.0))
    for other, ours, aim in (*shares, (OURS, THROUGH, RUNNER_SHARE)):
        report.add(f"{case.name}: {ours} / {other}", values[ours] / values[other], "times", aim)


def an_epoch(train: Train, epochs: int) -> Callable[[], float]:
    """Seconds an epoch takes, over so many of them."""
    return lambda: timed(lambda: train(epochs)) / epochs


def alone(experiment: Experiment, executor: Executor) -> Train:
    """`engine.advance` in one slice, in a worker process."""

    def train(epochs: int) -> Checkpoint:
        return executor.submit(tasks.advance, *beginning(experiment, epochs), Budget()).result()

    return train


def through(experiment: Experiment, runner: Runner) -> Train:
    """A run of a session that nobody looks at."""

    def train(epochs: int) -> Checkpoint:
        return run_of(beginning(experiment, epochs)[0], runner)

    return train


def run_of(experiment: Experiment, runner: Runner) -> Checkpoint:
    """A run from its beginning to its end.

    Raises:
        RuntimeError: If it ended early.
    """
    submitted = runner.submit("bench", beginning(experiment)[1], keep=False)
    while not submitted.peek().state.over:
        time.sleep(0.005)
    if submitted.peek().state is not State.FINISHED:
        raise RuntimeError(f"The run ended early: {submitted.peek().note}")
    return submitted.peek().checkpoint


def beginning(experiment: Experiment, epochs: int | None = None) -> tuple[Experiment, Checkpoint]:
    """The experiment, maybe with so many epochs, and a run of it that has not begun."""
    wanted = experiment if epochs is None else experiment.updated({"fit.epochs": epochs})
    return wanted, Checkpoint(wanted, load(wanted.data).fingerprint)


if __name__ == "__main__":
    run(measure)
