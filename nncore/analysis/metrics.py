"""Metrics of a trained network's answers: confusion, precision and recall, calibration."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.nn.losses import predicted_classes

Array: TypeAlias = NDArray[Any]


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """How often each class was taken for which.

    Args:
        labels: (n,) true class numbers.
        predicted: (n,) class numbers that the network gave.
        classes: How many classes there are.

    Returns:
        (classes, classes) int64: a row for each true class, a column for each answer.

    Raises:
        ValueError: If a class number is out of range, or there are not as many of both.
    """
    true, given = np.asarray(labels), np.asarray(predicted)
    in_range = all(((numbers >= 0) & (numbers < classes)).all() for numbers in (true, given))
    if true.shape != given.shape or not in_range:
        raise ValueError(
            f"labels and predicted must hold as many class numbers, from 0 to {classes - 1}. "
            f"Received: shapes {true.shape} and {given.shape}"
        )
    counts = np.bincount(true * classes + given, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


class ClassScores(NamedTuple):
    """One number for each class.

    Attributes:
        precision: Of the samples that were given this answer, the share that was right; NaN where
            the answer was never given.
        recall: Of the samples of this class, the share that was found; NaN where there are none.
        support: How many samples are of this class.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    support: NDArray[np.int64]

    @property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of both; 0 where nothing was found, NaN where a class never occurs."""
        precision, recall = np.nan_to_num(self.precision), np.nan_to_num(self.recall)
        both = precision + recall
        means = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
        return np.where(np.isnan(self.precision) & np.isnan(self.recall), np.nan, means)


def precision_recall_support(matrix: NDArray[np.int64]) -> ClassScores:
    """Precision, recall and support of each class.

    Args:
        matrix: (classes, classes), as `confusion_matrix` gives it.
    """
    right, given, true = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: there is nothing to take a share of
        return ClassScores(right / given, right / true, true)


def baseline_accuracy(labels: ArrayLike) -> float:
    """The accuracy of always giving the commonest answer.

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
    """The samples that the network is most confidently wrong about.

    Args:
        outputs: (n, outputs).
        labels: (n,) true class numbers; 0 and 1 for a single output.
        count: How many to give at most.
        threshold: Above it a single output says class 1. Several outputs do not use it.

    Returns:
        At most `count` indices, most confident first. Confidence is the size of the largest
        output (ties: the right one's smallness), or a single output's distance from `threshold`.
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
    """The samples of one cell of the confusion matrix, or the mistakes of a row or column.

    Args:
        outputs: (n, outputs), at least two outputs.
        labels: (n,) true class numbers.
        label: Only samples of this class; None for any.
        answer: Only samples that were given this answer; None for any wrong one.

    Returns:
        Their indices, those with the largest winning output first. Unless both `label` and
        `answer` are given, samples that were select_cell right are left out.
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
    """How often answers are right, by how sure the network was of them.

    Attributes:
        edges: (bins + 1,) from 0 to 1. An answer of confidence c is in the bin with
            `edges[i] < c <= edges[i + 1]`.
        counts: (bins,) how many answers are in each bin.
        confidence: (bins,) their mean confidence; NaN where there are none.
        accuracy: (bins,) the share of them that is right; NaN where there are none.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap of confidence and accuracy, by counts."""
        gaps = np.nan_to_num(np.abs(self.accuracy - self.confidence))
        return float(np.average(gaps, weights=self.counts))

    @property
    def mean_confidence(self) -> float:
        """How sure it is on average."""
        return float(np.average(np.nan_to_num(self.confidence), weights=self.counts))


def calibration(outputs: Array, labels: ArrayLike, bins: int = 10) -> Calibration:
    """Compares how sure a network is with how often it is right (Guo et al., 2017, section 2).

    Args:
        outputs: (n, outputs) probabilities, such as those of softmax; the largest is the answer,
            and how sure the network is of it. At least one row.
        labels: (n,) true class numbers.
        bins: How many bins of equal width.

    Returns:
        Counts, mean confidence and accuracy of each bin (arXiv:1706.04599, equations 2 to 5).

    Raises:
        ValueError: If an output is no probability.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    sure = outputs.max(axis=-1)
    if not ((sure >= 0) & (sure <= 1 + 1e-6)).all():
        raise ValueError(f"outputs must be from 0 to 1. Received: largest output {sure.max()}")
    edges = np.linspace(0, 1, bins + 1)
    places = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    right = predicted_classes(outputs) == np.asarray(labels)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: an empty bin
        confidence = np.bincount(places, sure, bins) / counts
        return Calibration(edges, counts, confidence, np.bincount(places, right, bins) / counts)


def output_range(outputs: Array) -> tuple[float, float]:
    """The smallest and the largest of all outputs; both NaN where one of them is."""
    return float(np.min(outputs)), float(np.max(outputs))
