"""Which experiments share a compiled network, and so the time of an update."""

from __future__ import annotations

from typing import Any

import pytest

from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.training.shape import shape_of

DIGITS = Experiment()
ROUNDING = Experiment(
    DataConfig("rounding", 100),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy"),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"fit.seed": 7},
        {"fit.learning_rate": 0.5},
        {"fit.epochs": 77},
        {"fit.validation": "last"},
        {"fit.patience": 3},
        {"data.samples": 1000},
    ],
)
def test_settings_that_are_only_data_do_not_change_the_shape(changes: dict[str, Any]) -> None:
    assert shape_of(DIGITS.updated(changes)) == shape_of(DIGITS)


@pytest.mark.parametrize(
    "changes",
    [
        {"model.units": (17,)},
        {"model.activation": "tanh"},
        {"model.dropout": 0.5},
        {"data.scaled": False},
        {"fit.batch_size": 64},
        {"fit.optimizer": "adam"},
        {"fit.schedule": "cosine"},
        {"fit.augment": "affine"},
    ],
)
def test_settings_that_are_compiled_in_change_the_shape(changes: dict[str, Any]) -> None:
    assert shape_of(DIGITS.updated(changes)) != shape_of(DIGITS)


def test_all_schedules_share_a_shape() -> None:
    found = {shape_of(DIGITS.updated({"fit.schedule": name})) for name in ("cosine", "exponential")}
    assert len(found) == 1


def test_a_shape_is_its_own_shape() -> None:
    for experiment in (DIGITS, ROUNDING):
        assert shape_of(shape_of(experiment)) == shape_of(experiment)


def test_the_number_of_rounding_samples_does_not_matter() -> None:
    assert shape_of(ROUNDING) == shape_of(ROUNDING.updated({"data.samples": 500}))
