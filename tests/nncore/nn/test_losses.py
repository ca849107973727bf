"""Losses, metrics and labels in NumPy against those of Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from nncore.experiment import (
    LOSSES,
    METRICS,
)
from nncore.nn.activations import activate
from nncore.nn.losses import encode_labels, loss, metric, predicted_classes
from tests.nncore.nn.networks import (
    make_experiment,
)


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
