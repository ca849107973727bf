"""The network in NumPy against Keras, a hand-worked example, and a numerical gradient."""

from __future__ import annotations

from itertools import product
from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from nncore.experiment import (
    ACTIVATIONS,
    LOSSES,
    METRICS,
    OUTPUT_ACTIVATIONS,
    DataConfig,
    Experiment,
    FitConfig,
    ModelConfig,
)
from nncore.nn.activations import activate
from nncore.nn.backprop import backward, input_gradient, trace
from nncore.nn.losses import encode_labels, loss, metric, predicted_classes
from nncore.nn.network import Layer, Network, evaluate

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]

ALL_ACTIVATIONS = sorted({*ACTIVATIONS, *OUTPUT_ACTIVATIONS})
#: Every output activation with every loss that goes with two outputs, and with one.
TWO_OUTPUTS = [("rounding", *pair) for pair in product(OUTPUT_ACTIVATIONS, LOSSES)]
ONE_OUTPUT = [
    ("five", *pair)
    for pair in product(
        ("linear", "sigmoid", "tanh", "relu"), ("mean_squared_error", "binary_crossentropy")
    )
]


def make_experiment(
    data: str = "digits",
    output: str = "softmax",
    loss: str = "categorical_crossentropy",
    **model: Any,
) -> Experiment:
    samples = 10 if data == "rounding" else 0
    metric = "accuracy" if loss.startswith("sparse") else "mean_absolute_error"
    return Experiment(
        DataConfig(data, samples),
        ModelConfig(output_activation=output, **model),
        FitConfig(loss=loss, metric=metric),
    )


def random_weights(experiment: Experiment, seed: int = 0, size: float = 0.5) -> Arrays:
    generator = np.random.default_rng(seed)
    weights = []
    for inputs, units in zip(experiment.layer_sizes, experiment.layer_sizes[1:], strict=False):
        spread = size * min(1.0, 10 / np.sqrt(inputs))
        weights.append(generator.normal(0, spread, (inputs, units)).astype("float32"))
        weights.append(generator.normal(0, 0.5, units).astype("float32"))
    return tuple(weights)


def keras_model(experiment: Experiment, weights: Arrays) -> keras.Model:
    """The same network, built by hand."""
    model = experiment.model
    penalty = keras.regularizers.L1L2(model.l1, model.l2)
    dense = [
        keras.layers.Dense(units, activation=model.activation, kernel_regularizer=penalty)
        for units in model.units
    ]
    last = keras.layers.Dense(
        experiment.outputs, activation=model.output_activation, kernel_regularizer=penalty
    )
    built = keras.Sequential([keras.Input((experiment.inputs,)), *dense, last])
    built.set_weights(list(weights))
    return built


def samples_for(experiment: Experiment, count: int = 12, seed: int = 1) -> tuple[Array, Array]:
    generator = np.random.default_rng(seed)
    x = generator.uniform(0, 1, (count, experiment.inputs)).astype("float32")
    return x, generator.integers(0, max(2, experiment.outputs), count)


def fed(experiment: Experiment, y: Array) -> Array:
    """Labels as the tutorials feed them to Keras."""
    if experiment.outputs == 1:
        return y.astype("float32").reshape(-1, 1)
    sparse = experiment.fit.loss == "sparse_categorical_crossentropy"
    return y if sparse else keras.utils.to_categorical(y, experiment.outputs)


# Activations and losses


@pytest.mark.parametrize("name", ALL_ACTIVATIONS)
def test_activations_are_those_of_keras(name: str) -> None:
    z = np.array([[-1000, -90, -20, -3, -0.1], [0, 1e-3, 2, 20, 1000]], np.float32)
    expected = keras.activations.get(name)(tf.constant(z)).numpy()
    np.testing.assert_allclose(activate(name, z), expected, rtol=2e-6, atol=1e-37)
    assert activate(name, z).dtype == np.float32


def test_unknown_activation_is_named() -> None:
    with pytest.raises(ValueError, match="Received: activation='swish'"):
        activate("swish", np.zeros(3))


def test_losses_of_a_hand_worked_sample() -> None:
    y, p = np.array([[0, 1]], np.float32), np.array([[0.25, 0.75]], np.float32)
    assert loss("mean_squared_error", y, p) == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert loss("categorical_crossentropy", y, p) == pytest.approx(-np.log(0.75))
    assert loss("binary_crossentropy", y, p) == pytest.approx(-np.log(0.75))
    assert loss("sparse_categorical_crossentropy", np.array([1]), p) == pytest.approx(-np.log(0.75))


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_outputs_are_those_of_keras(name: str) -> None:
    generator = np.random.default_rng(0)
    outputs = np.concatenate([generator.uniform(0, 1, (20, 4)), generator.normal(0, 2, (20, 4))])
    outputs = outputs.astype("float32")
    outputs[:3] = [[0, 0, 0, 1], [1, 1, 1, 1], [0.5, 1e-9, 0, 0.5]]
    classes = generator.integers(0, 4, 40)
    y = classes if name.startswith("sparse") else keras.utils.to_categorical(classes, 4)
    expected = keras.losses.get(name)(y, outputs).numpy()
    np.testing.assert_allclose(loss(name, y, outputs), expected, rtol=2e-6, atol=2e-7)


def test_logits_keep_a_loss_exact_where_the_output_has_run_into_0() -> None:
    z = np.array([[200.0, 0.0]], np.float32)
    y, p = np.array([[0, 1]], np.float32), activate("softmax", z)
    assert loss("categorical_crossentropy", y, p) == pytest.approx(-np.log(1e-7), rel=1e-6)
    assert loss("categorical_crossentropy", y, p, logits=z) == pytest.approx(200.0)
    assert loss("mean_squared_error", y, p, logits=z) == pytest.approx(1.0)


def test_loss_refuses_labels_of_another_shape() -> None:
    with pytest.raises(ValueError, match=r"Received: y_true \(3, 2\), y_pred \(2, 2\)"):
        loss("mean_squared_error", np.zeros((3, 2)), np.zeros((2, 2)))


# Labels and metrics


def test_labels_take_the_form_that_the_loss_asks_for() -> None:
    y = np.array([2, 0])
    sparse = encode_labels(make_experiment(loss="sparse_categorical_crossentropy"), y)
    one_hot = encode_labels(make_experiment(), y)
    binary = encode_labels(
        make_experiment("five", "sigmoid", "binary_crossentropy"), np.array([1, 0])
    )
    assert sparse.dtype == np.int64
    assert sparse.tolist() == [2, 0]
    assert one_hot.dtype == binary.dtype == np.float32
    assert one_hot.tolist() == keras.utils.to_categorical(y, 10).tolist()
    assert binary.tolist() == [[1], [0]]


@pytest.mark.parametrize("y", [[0, 10], [-1, 2], [[1, 2]], 3])
def test_labels_without_an_output_are_refused(y: Any) -> None:
    with pytest.raises(ValueError, match="class number from 0 to 9"):
        encode_labels(make_experiment(), y)


def test_a_single_output_says_yes_above_the_threshold_only() -> None:
    outputs = np.array([[0.2], [0.5], [0.6], [-3]], np.float32)
    assert predicted_classes(outputs).tolist() == [0, 0, 1, 0]
    assert predicted_classes(outputs, threshold=0.1).tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("outputs", [1, 4])
def test_metrics_are_those_of_keras(name: str, outputs: int) -> None:
    generator = np.random.default_rng(3)
    y_pred = generator.uniform(-0.5, 1.5, (50, outputs)).astype("float32")
    classes = generator.integers(0, max(2, outputs), 50)
    one_hot = keras.utils.to_categorical(classes, 4)
    y_true = classes[:, None].astype("float32") if outputs == 1 else one_hot
    accuracy = "binary_accuracy" if outputs == 1 else "categorical_accuracy"
    oracle = getattr(keras.metrics, accuracy if name == "accuracy" else name)
    expected = np.reshape(oracle(y_true, y_pred), 50)
    np.testing.assert_allclose(metric(name, y_true, y_pred), expected, rtol=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_metrics_take_class_numbers_as_one_hot(name: str) -> None:
    y_pred = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], np.float32)
    of_numbers = metric(name, np.array([1, 2]), y_pred)
    np.testing.assert_array_equal(
        of_numbers, metric(name, np.eye(3, dtype="float32")[[1, 2]], y_pred)
    )


def test_class_numbers_of_a_single_output_are_taken_as_they_are() -> None:
    y_pred = np.array([[0.2], [0.6]], np.float32)
    assert metric("accuracy", np.array([1, 1]), y_pred).tolist() == [0, 1]
    assert loss("mean_squared_error", np.array([0, 1]), y_pred) == pytest.approx([0.04, 0.16])


# The network forward


def test_forward_of_a_hand_worked_network() -> None:
    network = Network(
        (
            Layer(np.array([[1, -1]], np.float32), np.array([0, 0.5], np.float32), "relu"),
            Layer(np.array([[2], [3]], np.float32), np.array([-1], np.float32), "linear"),
        )
    )
    (sums, hidden), (_, outputs) = network.forward(np.array([0.25, 2.0]))
    assert sums.tolist() == [[0.25, 0.25], [2.0, -1.5]]
    assert hidden.tolist() == [[0.25, 0.25], [2.0, 0.0]]
    assert outputs.tolist() == [[2 * 0.25 + 3 * 0.25 - 1], [2 * 2 - 1]]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUT_ACTIVATIONS)
def test_predict_is_that_of_keras(activation: str, output: str) -> None:
    experiment = make_experiment(output=output, units=(20, 10), activation=activation)
    weights = random_weights(experiment)
    x, _ = samples_for(experiment)
    expected = keras_model(experiment, weights).predict(x, verbose=0)
    received = Network.of(experiment, weights).predict(x, rows_at_once=5)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)
    assert received.dtype == np.float32


def test_images_are_flattened_and_divided_by_255_where_the_experiment_scales() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    experiment = make_experiment()
    raw = experiment.updated({"data.scaled": False})
    weights = random_weights(experiment)
    flat = images.reshape(3, 784).astype("float32")
    np.testing.assert_array_equal(Network.of(experiment, weights).prepare(images), flat / 255)
    np.testing.assert_array_equal(Network.of(raw, weights).prepare(images), flat)
    np.testing.assert_array_equal(Network.of(experiment, weights).prepare(flat), flat)


@pytest.mark.parametrize("shape", [(784,), (28, 28), (1, 784), (1, 28, 28)])
def test_one_row_is_a_batch_of_one(shape: tuple[int, ...]) -> None:
    network = Network.of(make_experiment(), random_weights(make_experiment()))
    x = np.random.default_rng(0).uniform(size=shape).astype("float32")
    assert network.predict(x).shape == (1, 10)


def test_no_rows_give_no_outputs() -> None:
    network = Network.of(make_experiment(), random_weights(make_experiment()))
    assert network.predict(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.parametrize("x", [np.zeros((3, 783)), np.zeros(3), np.float32(1)])
def test_inputs_of_another_size_are_refused(x: Any) -> None:
    network = Network.of(make_experiment(), random_weights(make_experiment()))
    with pytest.raises(ValueError, match=r"784 numbers a row. Received: shape \("):
        network.predict(x)


def test_pixels_as_wide_integers_are_refused_since_they_would_not_be_scaled() -> None:
    network = Network.of(make_experiment(), random_weights(make_experiment()))
    with pytest.raises(ValueError, match="Received: dtype int64"):
        network.predict(np.zeros((2, 784), np.int64))


def test_weights_of_another_shape_are_refused() -> None:
    weights = random_weights(make_experiment(units=(16,)))
    with pytest.raises(ValueError, match=r"\(784, 32\), \(32,\).*Received: \(784, 16\)"):
        Network.of(make_experiment(units=(32,)), weights)


def test_a_diverged_network_answers_without_a_warning() -> None:
    experiment = make_experiment("rounding", units=(4,))
    weights = tuple(np.full_like(w, np.inf) for w in random_weights(experiment))
    network = Network.of(experiment, weights)
    x, y = np.array([0.5]), np.array([1])
    assert np.isnan(network.predict(x)).all()
    assert np.isnan(evaluate(network, experiment, x, y)["loss"])
    assert np.isnan(backward(network, experiment, x, y)[0])


# Evaluate


@pytest.mark.parametrize(("data", "output", "name"), [*TWO_OUTPUTS, *ONE_OUTPUT])
def test_evaluate_is_that_of_keras(data: str, output: str, name: str) -> None:
    experiment = make_experiment(data, output, name, units=(6,), l1=0.01, l2=0.02)
    weights = random_weights(experiment, size=2)
    x, y = samples_for(experiment, count=25)
    model = keras_model(experiment, weights)
    names = dict.fromkeys(["accuracy", experiment.fit.metric])
    model.compile(loss=name, metrics=list(names))
    expected = model.evaluate(x, fed(experiment, y), batch_size=10, verbose=0, return_dict=True)
    received = evaluate(Network.of(experiment, weights), experiment, x, y, rows_at_once=7)
    assert received == pytest.approx(expected, rel=2e-5, nan_ok=True)


def test_evaluate_takes_the_loss_from_the_logits_of_a_saturated_network() -> None:
    experiment = make_experiment("five", "sigmoid", "binary_crossentropy", units=())
    experiment = experiment.updated({"data.scaled": False})
    weights = random_weights(experiment)
    x = np.random.default_rng(2).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    y = np.arange(40) % 2
    model = keras_model(experiment, weights)
    model.compile(loss="binary_crossentropy")
    flat = x.reshape(40, 784).astype("float32")
    expected = model.evaluate(flat, fed(experiment, y), verbose=0)
    received = evaluate(Network.of(experiment, weights), experiment, x, y)["loss"]
    assert received == pytest.approx(expected, rel=1e-5)
    assert received > -np.log(1e-7)


@pytest.mark.parametrize(("rows", "labels"), [(0, 0), (3, 2)])
def test_evaluate_wants_a_label_for_each_of_its_rows(rows: int, labels: int) -> None:
    experiment = make_experiment()
    network = Network.of(experiment, random_weights(experiment))
    with pytest.raises(ValueError, match=f"Received: {rows} inputs"):
        evaluate(network, experiment, np.zeros((rows, 784)), np.zeros(labels, int))


# Backward


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


# Every number of a batch on its way


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
    passed = trace(Network.of(experiment, weights), experiment, x, y)
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
    passed = trace(Network.of(experiment, weights), experiment, x, y)
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
    passed = trace(Network.of(experiment, random_weights(experiment)), experiment, x, y)
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
