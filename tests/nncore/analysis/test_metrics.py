"""Scores and mistakes, against scikit-learn and numbers worked out by hand."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics
from sklearn.calibration import calibration_curve

from nncore.analysis.metrics import (
    baseline_accuracy,
    calibration,
    confusion_matrix,
    output_range,
    precision_recall_support,
    select_cell,
    worst_mistakes,
)

Array: TypeAlias = NDArray[Any]


@pytest.fixture
def answers() -> tuple[Array, Array]:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 6, 200)
    predicted = np.where(generator.random(200) < 0.7, labels, generator.integers(0, 6, 200))
    return labels, predicted


def test_confusion_matrix_is_that_of_scikit_learn(answers: tuple[Array, Array]) -> None:
    matrix = confusion_matrix(*answers, classes=7)  # one class never occurs
    expected = metrics.confusion_matrix(*answers, labels=range(7))
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, expected)


def test_confusion_matrix_of_nothing_is_empty() -> None:
    none = np.zeros(0, int)
    assert confusion_matrix(none, none, 3).tolist() == np.zeros((3, 3)).tolist()


@pytest.mark.parametrize("predicted", [[0, 3, 1], [0, -1, 1], [0, 1], [[0, 1, 1]]])
def test_confusion_matrix_refuses_what_is_no_answer_to_the_labels(predicted: Any) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 2. Received: shapes \(3,\)"):
        confusion_matrix([0, 1, 2], predicted, 3)


def test_precision_recall_and_support_are_those_of_scikit_learn(
    answers: tuple[Array, Array],
) -> None:
    received = precision_recall_support(confusion_matrix(*answers, classes=7))
    expected = metrics.precision_recall_fscore_support(
        *answers, labels=range(7), zero_division=np.nan
    )
    np.testing.assert_allclose(received.precision, expected[0])
    np.testing.assert_allclose(received.recall, expected[1])
    np.testing.assert_allclose(received.f1, expected[2])
    np.testing.assert_array_equal(received.support, expected[3])


def test_always_saying_not_five_scores_what_the_tutorial_says() -> None:
    assert baseline_accuracy([1] * 892 + [0] * 9108) == 0.9108  # MNIST's test set


def test_worst_mistakes_of_several_outputs_come_most_confident_first() -> None:
    outputs = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]], np.float32)
    assert worst_mistakes(outputs, [1, 0, 0, 1, 0], 3).tolist() == [0, 2, 4]


def test_among_equally_confident_mistakes_the_smallest_right_output_comes_first() -> None:
    outputs = np.array([[0.6, 0.2, 0.2], [0.6, 0.4, 0.0], [0.6, 0.0, 0.4]], np.float32)
    assert worst_mistakes(outputs, [1, 1, 1], 9).tolist() == [2, 0, 1]


def test_worst_mistakes_of_one_output_lie_farthest_from_the_threshold() -> None:
    outputs = np.array([[0.6], [-3.0], [0.9], [0.45]], np.float32)
    assert worst_mistakes(outputs, [0, 1, 0, 1], 9).tolist() == [1, 2, 0, 3]
    assert worst_mistakes(outputs, [0, 1, 0, 1], 9, threshold=0.0).tolist() == [1, 2, 0]


def test_no_mistakes_give_no_indices() -> None:
    assert worst_mistakes(np.eye(3), [0, 1, 2], 5).tolist() == []


CELLS = np.array(
    [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0], [0, 0.4, 0.6], [0.6, 0.4, 0]], np.float32
)


@pytest.mark.parametrize(
    ("label", "answer", "rows"),
    [(0, 0, [0, 4]), (0, 1, [1, 2]), (0, None, [1, 2]), (None, 1, [1, 2]), (None, None, [1, 2, 3])],
)
def test_a_cell_has_its_samples_the_surest_first(label: int, answer: int, rows: list[int]) -> None:
    labels = [0, 0, 0, 1, 0]
    assert select_cell(CELLS, labels, label, answer).tolist() == rows


@pytest.fixture
def probabilities() -> tuple[Array, Array]:
    generator = np.random.default_rng(1)
    outputs = generator.dirichlet([0.3] * 10, 2000)
    labels = np.where(generator.random(2000) < 0.6, outputs.argmax(1), 3)
    return outputs, labels


def test_calibration_is_that_of_scikit_learn(probabilities: tuple[Array, Array]) -> None:
    outputs, labels = probabilities
    found = calibration(outputs, labels)
    right = outputs.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, outputs.max(axis=1), n_bins=10)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], confidence)
    assert found.counts.sum() == 2000
    assert found.mean_confidence == pytest.approx(outputs.max(axis=1).mean())


def test_the_calibration_error_is_the_mean_gap_by_counts() -> None:
    outputs = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.65, 0.35]], np.float32)
    found = calibration(outputs, [0, 1, 1, 1])
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert found.error == pytest.approx((0.15 + 0.45) / 2)  # .65 and .95 sure, both half right


def test_an_answer_on_an_edge_is_in_the_bin_below_it() -> None:
    found = calibration(np.array([[0.5, 0.5], [1.0, 0.0]]), [0, 0], bins=2)
    assert found.counts.tolist() == [1, 1]


@pytest.mark.parametrize("row", [[-3.0, 12.0], [np.nan, 0.5], [-2.0, -1.0]])
def test_what_is_no_probability_has_no_calibration(row: list[float]) -> None:
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        calibration(np.array([row]), [0])


def test_output_range_spans_all_outputs() -> None:
    assert output_range(np.array([[0.5, -28.5], [12.25, 3]], np.float32)) == (-28.5, 12.25)
    assert np.isnan(output_range(np.array([[0.5, np.nan]], np.float32))).all()
