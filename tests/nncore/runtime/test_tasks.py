"""What workers are asked for beside slices."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.nn import evaluation
from nncore.runtime import tasks
from nncore.training import engine

ROOT = Path(__file__).resolve().parents[3]
#: A worker's first task is a slice. Prints how many networks were compiled each time that memory
#: was handed back, and whether libraries were loaded that the lab does not need.
FIRST_SLICE = """
import sys
from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.training import process_memory

def note():
    from nncore.training.model_pool import shared_pool
    compiled.append(len(shared_pool().idle))

compiled, process_memory.hand_memory_back = [], note
experiment = Experiment.from_settings({"data.samples": 64, "model.units": (3,)})
start = Checkpoint(experiment, load(experiment.data).fingerprint)
tasks.advance(experiment, start, Budget(batches=1))
print(compiled, "pandas" in sys.modules)
"""


def test_a_worker_is_ready_before_it_compiles_although_a_slice_comes_before_the_warm_up() -> None:
    """Else both need their memory at once, and a small machine ends each new worker."""
    command = [sys.executable, "-c", FIRST_SLICE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[0, 1] False"


def test_training_is_timed_without_validation_which_is_timed_by_its_first_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a slice that ends within a validation would count it as training."""
    settings = {"data.samples": 500, "model.units": (8,), "fit.validation": "last"}
    experiment = Experiment.from_settings(settings | {"fit.patience": 1})
    trained: list[Experiment] = []
    advance = engine.advance

    def note(one: Experiment, checkpoint: Checkpoint, budget: Budget) -> Checkpoint:
        trained.append(one)
        return advance(one, checkpoint, budget)

    monkeypatch.setattr(engine, "advance", note)
    monkeypatch.setattr(evaluation, "PRODUCTS_PER_PART", 10 * experiment.parameters)
    fingerprint = load(experiment.data).fingerprint
    *_, validating = tasks.time_slices(experiment, fingerprint, seconds=0.0)
    assert {(one.fit.validation, one.fit.patience) for one in trained} == {("none", 0)}
    assert validating > 0
    *_, nothing = tasks.time_slices(
        experiment.updated({"fit.validation": "none", "fit.patience": 0}), fingerprint, seconds=0.0
    )
    assert nothing == 0
