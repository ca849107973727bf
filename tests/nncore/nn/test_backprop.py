"""Gradients in NumPy against `tf.GradientTape`, numerical gradients and a hand-worked batch."""

from __future__ import annotations

from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from nncore.experiment import (
    ACTIVATIONS,
    Experiment,
)
from nncore.nn.backprop import backward, compute_pass, input_gradient
from nncore.nn.network import Layer, Network
from tests.nncore.nn.networks import (
    ONE_OUTPUT,
    TWO_OUTPUTS,
    fed,
    keras_model,
    make_experiment,
    random_weights,
    samples_for,
)

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]


def taped(experiment: Experiment, weights: Arrays, x: Array, y: Array) -> tuple[float, list[Array]]:
    """Loss and gradients as Keras trains."""
    model = keras_model(experiment, weights)
    with tf.GradientTape() as tape:
        losses = keras.losses.get(experiment.fit.loss)(fed(experiment, y), model(x))
        mean = tf.reduce_mean(losses) + tf.add_n(model.losses)
    return float(mean), [g.numpy() for g in tape.gradient(mean, model.trainable_variables)]


def assert_backward_is_keras(experiment: Experiment, weights: Arrays) -> None:
    x, y = samples_for(experiment, count=6)
    mean, gradients = backward(Network.of(experiment, weights), experiment, x, y)
    expected_mean, expected = taped(experiment, weights, x, y)
    assert mean == pytest.approx(expected_mean, rel=1e-5, nan_ok=True)
    for received, wanted in zip(gradients, expected, strict=True):
        assert received.dtype == np.float32
        np.testing.assert_allclose(received, wanted, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("data", "output", "name"), TWO_OUTPUTS)
def test_backward_is_the_gradient_tape(activation: str, data: str, output: str, name: str) -> None:
    model = {"units": (7, 5), "activation": activation, "l1": 0.01, "l2": 0.02}
    experiment = make_experiment(data, output, name, **model)
    assert_backward_is_keras(experiment, random_weights(experiment))


@pytest.mark.parametrize(("data", "output", "name"), ONE_OUTPUT)
@pytest.mark.parametrize("units", [(), (5,)])
def test_backward_of_a_single_output_is_the_gradient_tape(
    data: str, output: str, name: str, units: tuple[int, ...]
) -> None:
    experiment = make_experiment(data, output, name, units=units)
    assert_backward_is_keras(experiment, random_weights(experiment))


def test_backward_is_the_numerical_gradient() -> None:
    experiment = make_experiment(
        "rounding", "softmax", units=(4,), activation="tanh", l1=0.05, l2=0.03
    )
    weights = [w.astype("float64") for w in random_weights(experiment)]
    x, y = samples_for(experiment)

    def mean_loss() -> tuple[float, Arrays]:
        kernel, bias, *last = weights
        layers = Layer(kernel, bias, "tanh"), Layer(last[0], last[1], "softmax")
        return backward(Network(layers), experiment, x, y)

    _, gradients = mean_loss()
    for array, gradient in zip(weights, gradients, strict=True):
        for place in np.ndindex(array.shape):
            kept, step = array[place], 1e-5
            array[place] = kept + step
            above = mean_loss()[0]
            array[place] = kept - step
            below = mean_loss()[0]
            array[place] = kept
            assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=1e-7)


def test_backward_of_a_hand_worked_batch() -> None:
    # p = sigmoid(0) = 0.5 for both; dL/dz = (p - y) / n
    experiment = make_experiment("five", "sigmoid", "binary_crossentropy", units=())
    network = Network.of(experiment, (np.zeros((784, 1)), np.zeros(1)))
    x = np.zeros((2, 784), np.float32)
    x[0, 5], x[1, 7] = 1.0, 2.0
    mean, (kernel, bias) = backward(network, experiment, x, np.array([1, 0]))
    assert mean == pytest.approx(np.log(2))
    assert kernel[5] == pytest.approx(-0.25)
    assert kernel[7] == pytest.approx(0.5)
    assert bias == pytest.approx(0.0)


def taped_pass(
    experiment: Experiment, weights: Arrays, x: Array, y: Array
) -> tuple[Array, list[Array], list[Array], list[Array]]:
    """Keras's gradients of the summed losses, which leave each sample its own."""
    model = keras_model(experiment, weights)
    sums, activations = [], []
    values = tf.constant(x)
    with tf.GradientTape(persistent=True) as tape:
        for layer in model.layers:
            z = values @ layer.kernel + layer.bias
            values = layer.activation(z)
            sums.append(z)
            activations.append(values)
        losses = keras.losses.get(experiment.fit.loss)(fed(experiment, y), values)
        total = tf.reduce_sum(losses)
    by_sums = [tape.gradient(total, z).numpy() for z in sums]
    by_activations = [tape.gradient(total, a).numpy() for a in activations[:-1]]
    return losses.numpy(), [z.numpy() for z in sums], by_sums, by_activations


@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize(("data", "output", "name"), [*TWO_OUTPUTS, *ONE_OUTPUT])
def test_each_samples_numbers_are_those_of_the_gradient_tape(
    data: str, output: str, name: str, count: int
) -> None:
    experiment = make_experiment(data, output, name, units=(5, 3), activation="tanh")
    weights = random_weights(experiment)
    x, y = samples_for(experiment, count)
    passed = compute_pass(Network.of(experiment, weights), experiment, x, y)
    losses, sums, by_sums, by_activations = taped_pass(experiment, weights, x, y)
    np.testing.assert_allclose(passed.losses, losses, rtol=1e-4, atol=1e-6)
    for received, wanted in zip(passed.sums, sums, strict=True):
        np.testing.assert_allclose(received, wanted, rtol=1e-4, atol=1e-5)
    for received, wanted in zip(passed.by_sums, by_sums, strict=True):
        np.testing.assert_allclose(received, wanted, rtol=5e-4, atol=2e-5)
    for received, wanted in zip(passed.by_activations[:-1], by_activations, strict=True):
        np.testing.assert_allclose(received, wanted, rtol=5e-4, atol=2e-5)


def test_a_weights_gradient_is_the_mean_of_what_came_in_times_the_gradient_of_its_unit() -> None:
    experiment = make_experiment("rounding", units=(4,), l1=0.01, l2=0.02)
    weights = random_weights(experiment)
    x, y = samples_for(experiment, 3)
    passed = compute_pass(Network.of(experiment, weights), experiment, x, y)
    by_hand = np.mean([passed.activations[0][i, 2] * passed.by_sums[1][i, 1] for i in range(3)])
    penalty = 0.01 * np.sign(weights[2][2, 1]) + 2 * 0.02 * weights[2][2, 1]
    assert passed.penalties[1][2, 1] == pytest.approx(penalty)
    assert passed.gradients[2][2, 1] == pytest.approx(by_hand + penalty)


@pytest.mark.parametrize(
    ("output", "name", "fused"),
    [
        ("softmax", "categorical_crossentropy", True),
        ("sigmoid", "binary_crossentropy", True),
        ("softmax", "mean_squared_error", False),
        ("linear", "binary_crossentropy", False),
    ],
)
def test_a_loss_taken_from_the_logits_has_no_gradient_at_the_outputs(
    output: str, name: str, fused: bool
) -> None:
    experiment = make_experiment("rounding", output, name, units=())
    x, y = samples_for(experiment, 2)
    passed = compute_pass(Network.of(experiment, random_weights(experiment)), experiment, x, y)
    assert (passed.by_activations[-1] is None) == fused


@pytest.mark.parametrize("units", [(), (9, 6)])
def test_input_gradient_is_the_gradient_tape(units: tuple[int, ...]) -> None:
    experiment = make_experiment(output="linear", units=units, activation="elu")
    weights = random_weights(experiment)
    x, _ = samples_for(experiment, count=3)
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        answer = keras_model(experiment, weights)(inputs)[:, 4]
    expected = tape.gradient(answer, inputs).numpy()
    received = input_gradient(Network.of(experiment, weights), x, 4)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-6)
