"""Faults of real short runs: each is found in a run that has it, and not in one that has not.

Runs are made by the lab's engine on the embedded images. A remedy is tested by running it.
"""

from __future__ import annotations

from functools import cache

import pytest

from nncore.analysis.diagnosis import diagnose
from nncore.analysis.faults import RULES, RUNAWAY_RULES, Fault
from nncore.analysis.run_facts import choose_samples
from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.training.engine import advance

pytestmark = pytest.mark.usefixtures("embedded_only")

SIGMOID = {"model.output_activation": "sigmoid"}
ENTROPY = {"fit.loss": "binary_crossentropy"}
SCALED = {"data.scaled": True}
#: Lesson 2's broken unit, and what lesson 3 opens with, with few images.
FIVE = Experiment(
    DataConfig("five", 1000, scaled=False),
    ModelConfig((), output_activation="linear"),
    FitConfig("adam", loss="mean_squared_error", epochs=8, batch_size=32),
)
FIXED = FIVE.updated(SIGMOID | ENTROPY | SCALED)
DIGITS = Experiment(DataConfig("digits", 1000), ModelConfig((32,)), FitConfig(epochs=8))
ROUNDING = Experiment(
    DataConfig("rounding", 10_000),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=10, batch_size=32),
)
#: A step longer than 2 over the steepest curvature, here 1.27, comes out higher on the other side.
STEEP = ROUNDING.updated(
    {
        "data.samples": 1000,
        "model.units": (),
        "model.output_activation": "linear",
        "fit.loss": "mean_squared_error",
    }
    | {"fit.optimizer": "sgd", "fit.learning_rate": 1.65, "fit.batch_size": 1000}
    | {"fit.epochs": 40}
)


@cache
def ended(experiment: Experiment) -> Checkpoint:
    fingerprint = datasets.load(experiment.data).fingerprint
    return advance(experiment, Checkpoint(experiment, fingerprint), Budget())


def found(experiment: Experiment) -> dict[str, Fault]:
    """The faults of a run by name, in their order."""
    samples = choose_samples(datasets.load(experiment.data), experiment)
    return {fault.name: fault for fault in diagnose(ended(experiment), *samples)}


ILL: dict[str, Experiment] = {
    "not_finite": FIVE.updated({"fit.optimizer": "sgd", "fit.learning_rate": 0.01}),
    "diverged": STEEP,
    "below_baseline": FIVE,
    "outside": FIVE,
    "saturated": FIVE.updated(SIGMOID),
    "saturated_hidden": DIGITS.updated({"model.activation": "tanh", "data.scaled": False}),
    "dead": DIGITS.updated({"fit.learning_rate": 0.1}),
    "overfitting": DIGITS.updated(
        {"fit.epochs": 60, "fit.validation": "last"}
        | {"fit.validation_split": 0.2, "fit.learning_rate": 0.003}
    ),
    "too_slow": FIXED.updated({"fit.learning_rate": 1e-5}),
}
#: Together they reach every rule: validation curves, hidden units that could saturate or die.
WELL = {
    "one unit": FIXED,
    "ten digits": DIGITS,
    "held out": DIGITS.updated({"fit.validation": "last", "fit.validation_split": 0.2}),
    "tanh": DIGITS.updated({"model.activation": "tanh"}),
    "rounding": ROUNDING,
}


def test_each_rule_has_a_run_with_its_fault() -> None:
    assert list(ILL) == [*RUNAWAY_RULES, *RULES]


@pytest.mark.parametrize("name", ILL)
def test_a_fault_is_found_where_it_is(name: str) -> None:
    assert name in found(ILL[name])


@pytest.mark.parametrize("name", WELL)
def test_nothing_is_found_in_a_healthy_run(name: str) -> None:
    assert found(WELL[name]) == {}


@pytest.mark.parametrize("name", ILL)
def test_its_remedies_one_after_the_other_fix_it(name: str) -> None:
    experiment = ILL[name]
    for _ in range(4):
        fault = found(experiment).get(name)
        if fault is None:
            return
        experiment = experiment.updated(fault.remedy)
    pytest.fail(f"still there: {found(experiment)}")


def test_the_worst_fault_s_remedy_each_time_climbs_the_ladder_of_lesson_2() -> None:
    experiment, changed = FIVE, []
    while faults := list(found(experiment).values()):
        changed.append(dict(faults[0].remedy))
        experiment = experiment.updated(faults[0].remedy)
        assert len(changed) < 6
    assert changed == [SIGMOID, ENTROPY, SCALED]


def test_a_hidden_layer_that_is_dead_as_a_whole_gets_an_activation_that_is_never_off() -> None:
    one_unit = ROUNDING.updated({"model.units": (1,), "fit.seed": 2})
    faults = found(one_unit)
    assert list(faults) == ["below_baseline", "dead"]
    assert faults["dead"].evidence == {"dead": 1, "units": 1, "layer": 1}
    for fault in faults.values():
        assert fault.remedy == {"model.activation": "leaky_relu"}
    assert found(one_unit.updated(faults["dead"].remedy)) == {}
