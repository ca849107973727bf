"""Metrics of a network's predictions: confusion, precision and recall, calibration, mistakes."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.nn.losses import predicted_classes

Array: TypeAlias = NDArray[Any]


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Count how often each class was predicted as which.

    Args:
        labels: (n,) true class numbers.
        predicted: (n,) predicted class numbers.
        classes: Number of classes.

    Returns:
        (classes, classes) int64: a row for each true class, a column for each predicted class.

    Raises:
        ValueError: If a class number is out of range, or the lengths differ.
    """
    true, guessed = np.asarray(labels), np.asarray(predicted)
    in_range = all(((numbers >= 0) & (numbers < classes)).all() for numbers in (true, guessed))
    if true.shape != guessed.shape or not in_range:
        raise ValueError(
            f"labels and predicted must hold as many class numbers, from 0 to {classes - 1}. "
            f"Received: shapes {true.shape} and {guessed.shape}"
        )
    counts = np.bincount(true * classes + guessed, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


class ClassScores(NamedTuple):
    """One number for each class.

    Attributes:
        precision: (classes,) the share of samples predicted as this class that belong to it; NaN
            if it was never predicted.
        recall: (classes,) the share of this class's samples that were found; NaN if there are
            none.
        support: (classes,) the number of this class's samples.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    support: NDArray[np.int64]

    @property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of both; 0 if no sample was found, NaN if a class never occurs."""
        precision, recall = np.nan_to_num(self.precision), np.nan_to_num(self.recall)
        both = precision + recall
        means = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
        return np.where(np.isnan(self.precision) & np.isnan(self.recall), np.nan, means)


def precision_recall_support(matrix: NDArray[np.int64]) -> ClassScores:
    """Return precision, recall and support of each class.

    Args:
        matrix: (classes, classes), as `confusion_matrix` returns it.
    """
    correct, predicted, true = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: there is nothing to take a share of
        return ClassScores(correct / predicted, correct / true, true)


def baseline_accuracy(labels: ArrayLike) -> float:
    """Return the accuracy of always predicting the commonest class.

    Args:
        labels: (n,) class numbers, at least one.

    Returns:
        The commonest class's share: 0.9108 for "five or not five" on the MNIST test set.
    """
    labels = np.asarray(labels)
    return float(np.bincount(labels).max() / len(labels))


def worst_mistakes(
    outputs: Array, labels: ArrayLike, count: int, threshold: float = 0.5
) -> NDArray[np.int64]:
    """Return the network's most confident mistakes.

    Args:
        outputs: (n, outputs).
        labels: (n,) true class numbers; 0 and 1 for a single output.
        count: Mistakes to return at most.
        threshold: A single output above it predicts class 1. Several outputs do not use it.

    Returns:
        (at most count,) indices, the most confident first. Confidence is the largest output (of
        equal ones, the sample with the smaller correct output is first), or a single output's
        distance from `threshold`.
    """
    outputs, labels = np.asarray(outputs), np.asarray(labels)
    wrong = np.flatnonzero(predicted_classes(outputs, threshold) != labels)
    if outputs.shape[-1] == 1:
        order = np.argsort(-np.abs(outputs[wrong, 0] - threshold), kind="stable")
    else:
        order = np.lexsort((outputs[wrong, labels[wrong]], -outputs[wrong].max(axis=-1)))
    return wrong[order][:count]


def select_cell(
    outputs: Array, labels: ArrayLike, label: int | None = None, answer: int | None = None
) -> NDArray[np.int64]:
    """Return the samples in a cell of the confusion matrix, or the mistakes of a row or column.

    Args:
        outputs: (n, outputs), at least two outputs.
        labels: (n,) true class numbers.
        label: Only samples of this class; None for any class.
        answer: Only samples predicted as this class; None for any wrong class.

    Returns:
        Their indices, the one with the largest winning output first. Unless both `label` and
        `answer` are given, correctly classified samples are left out.
    """
    outputs, labels = np.asarray(outputs), np.asarray(labels)
    answers = predicted_classes(outputs)
    chosen = np.ones(len(labels), bool) if label is None else labels == label
    if answer is not None:
        chosen &= answers == answer
    if label is None or answer is None:
        chosen &= answers != labels
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-outputs[rows].max(axis=-1), kind="stable")]


class Calibration(NamedTuple):
    """The accuracy of predictions by their confidence.

    Attributes:
        edges: (bins + 1,) from 0 to 1. A prediction of confidence c is in the bin with
            `edges[i] < c <= edges[i + 1]`.
        counts: (bins,) the number of predictions in each bin.
        confidence: (bins,) their mean confidence; NaN if there are none.
        accuracy: (bins,) the share of them that is correct; NaN if there are none.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap between confidence and accuracy."""
        gaps = np.nan_to_num(np.abs(self.accuracy - self.confidence))
        return float(np.average(gaps, weights=self.counts))

    @property
    def mean_confidence(self) -> float:
        """The mean confidence of all predictions."""
        return float(np.average(np.nan_to_num(self.confidence), weights=self.counts))


def calibration(outputs: Array, labels: ArrayLike, bins: int = 10) -> Calibration:
    """Compare a network's confidence with its accuracy (Guo et al., 2017, section 2).

    Args:
        outputs: (n, outputs) probabilities, such as those of softmax; the largest is the
            confidence of the prediction. At least one row.
        labels: (n,) true class numbers.
        bins: Number of bins of equal width.

    Returns:
        Counts, mean confidence and accuracy of each bin (arXiv:1706.04599, equations 2 to 5).

    Raises:
        ValueError: If an output is no probability.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    confidences = outputs.max(axis=-1)
    if not ((confidences >= 0) & (confidences <= 1 + 1e-6)).all():
        largest = confidences.max()
        raise ValueError(f"outputs must be from 0 to 1. Received: largest output {largest}")
    edges = np.linspace(0, 1, bins + 1)
    places = np.clip(np.searchsorted(edges, confidences, side="left") - 1, 0, bins - 1)
    is_correct = predicted_classes(outputs) == np.asarray(labels)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: an empty bin
        means = np.bincount(places, confidences, bins) / counts
        return Calibration(edges, counts, means, np.bincount(places, is_correct, bins) / counts)


def output_range(outputs: Array) -> tuple[float, float]:
    """Return the smallest and the largest of all outputs; both are NaN if one output is."""
    return float(np.min(outputs)), float(np.max(outputs))
