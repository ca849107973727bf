"""One update in NumPy against Keras's optimizers, and against hand-worked numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets, splits
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.nn.backprop import compute_pass
from nncore.nn.network import Network
from nncore.nn.optimizers import first_slots, moments, update
from nncore.training import engine, model

Arrays: TypeAlias = tuple[NDArray[Any], ...]

FITS = [
    FitConfig("sgd", 0.1),
    FitConfig("sgd", 0.05, momentum=0.9),
    FitConfig("rmsprop", 0.01),
    FitConfig("adam", 0.02),
]
SHAPES = ((3, 4), (4,), (4, 2), (2,))


def named(fit: FitConfig) -> str:
    return f"{fit.optimizer}-{fit.momentum:g}"


def arrays(seed: int) -> Arrays:
    generator = np.random.default_rng(seed)
    return tuple(generator.normal(0, 1, shape).astype("float32") for shape in SHAPES)


def one(value: float) -> Arrays:
    return (np.array([value], np.float32),)


@pytest.mark.parametrize("fit", FITS, ids=named)
def test_several_updates_are_those_of_keras(fit: FitConfig) -> None:
    weights = arrays(0)
    slots = first_slots(fit, weights)
    optimizer = model.optimizer(Experiment(DataConfig("rounding", 10), ModelConfig(), fit))
    variables = [keras.Variable(w) for w in weights]
    optimizer.build(variables)
    for number in range(1, 8):
        gradients = tuple(g * 10.0 ** (2 - number) for g in arrays(number))
        done = update(fit, weights, gradients, slots)
        weights, slots = done.weights, done.slots
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
        assert done.number == number
        for received, wanted in zip(weights, variables, strict=True):
            assert received.dtype == np.float32
            np.testing.assert_allclose(received, wanted.numpy(), rtol=2e-6, atol=2e-7)
        for received, wanted in zip(slots, optimizer.variables, strict=True):
            np.testing.assert_allclose(received, wanted.numpy(), rtol=2e-6, atol=1e-12)


@pytest.mark.parametrize("fit", FITS, ids=named)
def test_the_first_slots_are_those_a_run_begins_with(fit: FitConfig) -> None:
    experiment = Experiment(DataConfig("rounding", 50), ModelConfig((3,)), fit)
    fingerprint = datasets.load(experiment.data).fingerprint
    begun = engine.advance(experiment, Checkpoint(experiment, fingerprint), Budget(batches=0))
    received = first_slots(fit, begun.weights)
    assert len(received) == len(begun.slots) == 2 + len(moments(fit)) * len(begun.weights)
    for mine, theirs in zip(received, begun.slots, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_sgd_goes_against_the_gradient() -> None:
    fit = FitConfig("sgd", 0.1)
    done = update(fit, one(2.0), one(0.5), first_slots(fit, one(2.0)))
    assert done.terms[0]["step"] == pytest.approx(0.05)
    assert done.weights[0] == pytest.approx(1.95)


def test_momentum_adds_a_share_of_the_last_step() -> None:
    fit = FitConfig("sgd", 0.1, momentum=0.9)
    slots = (np.array(3), np.array(0.1, np.float32), np.array([-0.2], np.float32))
    done = update(fit, one(2.0), one(0.5), slots)
    assert done.terms[0]["velocity_before"] == pytest.approx(-0.2)
    assert done.terms[0]["velocity"] == pytest.approx(0.9 * -0.2 - 0.1 * 0.5)
    assert done.weights[0] == pytest.approx(2.0 - 0.23)
    assert done.slots[2] == pytest.approx(-0.23)


def test_rmsprop_divides_by_the_root_of_the_mean_square() -> None:
    fit = FitConfig("rmsprop", 0.01)
    slots = (np.array(1), np.array(0.01, np.float32), np.array([0.04], np.float32))
    done = update(fit, one(1.0), one(0.2), slots)
    assert done.terms[0]["mean_square"] == pytest.approx(0.9 * 0.04 + 0.1 * 0.2**2)
    assert done.terms[0]["root"] == pytest.approx(0.2, rel=1e-5)
    assert done.weights[0] == pytest.approx(1.0 - 0.01 * 0.2 / 0.2, rel=1e-6)


def test_adams_first_step_is_as_long_as_the_learning_rate() -> None:
    fit = FitConfig("adam", 0.01)
    done = update(fit, one(1.0), one(0.5), first_slots(fit, one(1.0)))
    assert done.terms[0]["moment_1"] == pytest.approx(0.05)
    assert done.terms[0]["moment_2"] == pytest.approx(0.00025)
    assert done.corrected == pytest.approx(0.01 * np.sqrt(0.001) / 0.1, rel=1e-4)
    assert done.weights[0] == pytest.approx(0.99, rel=1e-5)


def test_the_learning_rate_is_the_one_in_the_slots() -> None:
    fit = FitConfig("sgd", 0.1)
    slots = (np.array(7), np.array(0.5, np.float32))
    done = update(fit, one(2.0), one(1.0), slots)
    assert (done.number, done.learning_rate) == (8, 0.5)
    assert done.weights[0] == pytest.approx(1.5)


def test_slots_of_another_optimizer_are_refused() -> None:
    fit = FitConfig("adam")
    with pytest.raises(ValueError, match=r"4 slots\. Received: 1 gradients, 2 slots"):
        update(fit, one(1.0), one(1.0), first_slots(FitConfig("sgd"), one(1.0)))


# The engine


@pytest.mark.parametrize("fit", FITS, ids=named)
@pytest.mark.parametrize("size", [1, 3, 8])
def test_a_batch_moves_the_weights_as_the_engine_does(fit: FitConfig, size: int) -> None:
    config = replace(fit, loss="sparse_categorical_crossentropy", batch_size=size)
    experiment = Experiment(DataConfig("rounding", 50), ModelConfig((4, 3), l2=0.01), config)
    dataset = datasets.load(experiment.data)
    begun = Checkpoint(experiment, dataset.fingerprint)
    before = engine.advance(experiment, begun, Budget(batches=5))
    after = engine.advance(experiment, before, Budget(batches=1))
    rows = splits.batch_rows(len(dataset.x_train), config, before.epoch, before.step)
    network = Network.of(experiment, before.weights)
    passed = compute_pass(network, experiment, dataset.x_train[rows], dataset.y_train[rows])
    done = update(config, before.weights, passed.gradients, before.slots)
    for received, wanted in zip(done.weights, after.weights, strict=True):
        np.testing.assert_allclose(received, wanted, rtol=2e-5, atol=2e-6)
    assert done.number == after.updates


def test_orders_are_drawn_from_the_stream_that_is_theirs() -> None:
    assert splits._ORDER == model.ORDER
