"""The bytes that a tab holds, wherever it holds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.digits.collection import DigitCollection
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from nncore.runtime.runner import Runner
from nncore.training.branch import Branch
from ui.core import run_ledger
from ui.core.tab_size import bytes_of


@dataclass(frozen=True)
class Tuning:
    parent: Checkpoint
    name: str = "a reader"


@pytest.fixture
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    found.close()


def network(size: int = 1000) -> Checkpoint:
    return Checkpoint(Experiment(), "data", weights=(np.zeros(size, np.uint8),))


def run_of(runner: Runner, size: int = 1000) -> Run:
    return runner.submit("ann", network(size), paused=True)


def test_runs_count_wherever_the_tab_holds_them(runner: Runner) -> None:
    groups = (run_of(runner), run_of(runner))
    values = [run_of(runner), groups, {"b": run_of(runner)}, Tuning(network()), "text", 7, None]
    assert bytes_of(values) == 5000


def test_further_training_counts_within_an_epoch_too() -> None:
    branch = Branch(network(), DigitCollection(()), np.zeros(0, np.bool_))
    within = branch.after_batches(1, (np.ones(1000, np.uint8),), (np.ones(500, np.uint8),))
    assert bytes_of([within]) == 1000 + 1500
    assert bytes_of([within.without_rest()]) == 1000


def test_a_run_that_is_held_twice_counts_once(runner: Runner) -> None:
    run = run_of(runner)
    ledger = run_ledger.add_run((), run, "mnist")
    assert bytes_of([run, ledger]) == 1000
    run.stop()
    assert bytes_of([run, run_ledger.settle(ledger)]) == 1000


def test_a_run_whose_arrays_the_ledger_dropped_counts_while_a_page_holds_it(
    runner: Runner,
) -> None:
    run = run_of(runner)
    run.stop()
    ledger = run_ledger.settle(run_ledger.add_run((), run, "mnist"))
    bare = run_ledger.drop_arrays(ledger, ledger)
    assert bytes_of([bare]) == 0
    assert bytes_of([run, bare]) == 1000
