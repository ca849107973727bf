"""What workers are asked for beside slices."""

from __future__ import annotations

import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.nn import evaluation
from nncore.runtime import tasks
from nncore.training import engine


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
