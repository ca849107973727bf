"""The network in NumPy against Keras and a hand-worked example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.experiment import ACTIVATIONS, OUTPUT_ACTIVATIONS, Experiment, ModelConfig
from nncore.nn import evaluation
from nncore.nn.backprop import backward
from nncore.nn.evaluation import evaluate, evaluate_part, means_of
from nncore.nn.network import ROWS_AT_ONCE, Layer, Network
from tests.nncore.nn.networks import (
    ONE_OUTPUT,
    TWO_OUTPUTS,
    fed,
    keras_model,
    make_experiment,
    random_weights,
    samples_for,
)


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


@pytest.mark.parametrize(("data", "output", "name"), [*TWO_OUTPUTS, *ONE_OUTPUT])
def test_evaluate_is_that_of_keras(
    data: str, output: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = make_experiment(data, output, name, units=(6,), l1=0.01, l2=0.02)
    weights = random_weights(experiment, size=2)
    x, y = samples_for(experiment, count=25)
    model = keras_model(experiment, weights)
    names = dict.fromkeys(["accuracy", experiment.fit.metric])
    model.compile(loss=name, metrics=list(names))
    expected = model.evaluate(x, fed(experiment, y), batch_size=10, verbose=0, return_dict=True)
    monkeypatch.setattr(evaluation, "PRODUCTS_PER_PART", 7 * experiment.parameters)  # rows at once
    received = evaluate(Network.of(experiment, weights), experiment, x, y)
    assert received == pytest.approx(expected, rel=2e-5, nan_ok=True)


def test_parts_add_up_to_the_whole_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = make_experiment(units=(6,), l2=0.02)
    network = Network.of(experiment, random_weights(experiment))
    x, y = samples_for(experiment, count=25)
    monkeypatch.setattr(evaluation, "PRODUCTS_PER_PART", 7 * experiment.parameters)
    totals: evaluation.Totals = ()
    for rows in (7, 14, 21, 25):
        totals = evaluate_part(network, experiment, x, y, totals)
        assert totals[0] == rows
    assert means_of(network, experiment, totals) == evaluate(network, experiment, x, y)


def test_a_part_of_the_largest_network_takes_a_fraction_of_a_second() -> None:
    widest = Experiment(model=ModelConfig((1024, 1024, 1024)))
    assert evaluation.rows_of_part(Experiment()) == ROWS_AT_ONCE
    assert evaluation.rows_of_part(widest) == 2**31 // 2_913_290  # 784-1024-1024-1024-10


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
