"""Measures of finished runs, against numbers worked by hand."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content import run_metrics
from ui.content.run_metrics import MEASURES, FinishedRun, take

ROOT = Path(__file__).resolve().parents[3]
ROUNDING = Experiment.from_settings(
    {
        "data.name": "rounding",
        "data.samples": 10,
        "model.units": (2,),
        "fit.loss": "sparse_categorical_crossentropy",
    }
)


def arrays(*values: object) -> tuple[np.ndarray, ...]:
    return tuple(np.array(value, np.float32) for value in values)


def rounding(bias: float = -0.25) -> FinishedRun:
    """A unit that hands on x, a dead one, and outputs that say the second class from -bias on."""
    weights = arrays([[1.0, -1.0]], [0.0, 0.0], [[0.0, 4.0], [0.0, 0.0]], [0.0, 4 * bias])
    history = {"loss": (0.9, 0.5), "accuracy": (0.6, 0.9), "val_loss": (0.4, 0.8)}
    history |= {"val_accuracy": (0.5, 0.75)}
    slots = (np.array(12), np.array(0.001, np.float32))
    checkpoint = Checkpoint(ROUNDING, "f", weights, slots, epoch=2, history=history, seconds=1.5)
    return FinishedRun(checkpoint, datasets.load(ROUNDING.data))


def digits(outputs: list[list[float]], labels: list[int]) -> FinishedRun:
    """A run without hidden layers whose outputs are the biases, image by image the same."""
    experiment = Experiment.from_settings({"data.name": "digits", "model.units": ()})
    dataset = replace(datasets.load(experiment.data), y_test=np.array(labels))
    run = FinishedRun(Checkpoint(experiment, "f"), dataset)
    run.__dict__["outputs"] = np.array(outputs, np.float32)
    return run


def one_hot(*answers: int) -> list[list[float]]:
    return np.eye(10)[list(answers)].tolist()


def test_the_boundary_is_where_the_answer_changes() -> None:
    assert take("boundary", rounding()) == pytest.approx(0.25, abs=1e-6)  # 4x = 1
    assert take("changes", rounding()) == 1
    assert math.isnan(float(take("boundary", rounding(bias=-2))))


def test_what_the_history_says_is_its_last_epoch() -> None:
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    assert [take(name, rounding()) for name in names] == [0.5, 0.9, 0.8, 0.75]
    assert take("overfitting", rounding()) == pytest.approx(0.15)
    assert take("lowest_val_loss_at", rounding()) == 1


def test_what_was_not_watched_is_not_a_number() -> None:
    run = rounding()
    bare = replace(run, checkpoint=replace(run.checkpoint, history={"loss": (0.5,)}))
    assert math.isnan(float(take("val_accuracy", bare)))
    assert math.isnan(float(take("lowest_val_loss_at", bare)))


def test_counts_are_those_of_the_run() -> None:
    run = rounding()
    assert take("updates", run) == 12
    assert take("seconds", run) == 1.5
    assert take("parameters", run) == 1 * 2 + 2 + 2 * 2 + 2
    assert take("dead_units", run) == 1  # -x is never above 0 here
    assert take("diverged", run) == "no"
    broken = replace(run, checkpoint=replace(run.checkpoint, failure="It went off."))
    assert take("diverged", broken) == "yes"


def test_the_hardest_class_is_the_one_that_is_found_least() -> None:
    run = digits(one_hot(*range(10), 3, 3, 8), [*range(10), 5, 5, 8])
    assert take("hardest_class", run) == "5"  # one of three is found
    assert take("confused_pair", run) == "5 predicted as 3"
    assert take("test_accuracy", run) == pytest.approx(11 / 13)
    assert take("baseline", run) == pytest.approx(3 / 13)
    assert take("above_baseline", run) == pytest.approx(8 / 13)
    assert math.isnan(float(take("recall", run)))  # of ten classes there is not one


def test_a_network_without_mistakes_confuses_nothing() -> None:
    assert take("confused_pair", digits(one_hot(*range(10)), list(range(10)))) == "none"


def test_recall_and_range_of_a_single_output() -> None:
    experiment = Experiment.from_settings(
        {
            "data.name": "five",
            "model.output_activation": "linear",
            "model.units": (),
            "fit.loss": "mean_squared_error",
        }
    )
    dataset: Dataset = replace(datasets.load(experiment.data), y_test=np.array([1, 1, 0, 0]))
    run = FinishedRun(Checkpoint(experiment, "f"), dataset)
    run.__dict__["outputs"] = np.array([[0.9], [-3.0], [0.1], [7.0]], np.float32)
    assert take("recall", run) == 0.5
    assert take("lowest_output", run) == -3
    assert take("highest_output", run) == 7


def test_two_runs_are_compared_by_ratio_and_by_difference() -> None:
    run = rounding()
    other = replace(run, checkpoint=replace(run.checkpoint, seconds=6.0))
    assert take("seconds ratio", run, other) == 0.25
    assert take("seconds difference", run, other) == -4.5
    assert math.isnan(float(take("seconds ratio", run)))  # with nothing


def test_an_unknown_measure_is_refused() -> None:
    for name in ("secnds", "seconds rato"):
        assert not run_metrics.known(name)
        with pytest.raises(ValueError, match=r"name must be one of boundary, .*Received"):
            take(name, rounding())


def test_every_measure_has_its_words() -> None:
    words = tomllib.loads((ROOT / "lessons" / "measures.toml").read_text(encoding="utf-8"))
    assert list(words) == list(MEASURES)
    for entry in words.values():
        assert set(entry) == {"name", "shown"}
