"""Scores of ten outputs, where the largest is the prediction. Pure functions."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.metrics import baseline_accuracy, confusion_matrix, output_range
from nncore.nn.losses import predicted_classes
from ui.perceptron.run_outputs import RunOutputs
from ui.perceptron.single_output.scores import describe_outputs

Array: TypeAlias = NDArray[Any]

#: A digit counts as recognised if at least this share of its images is classified correctly.
RECOGNISED = 0.5


class DigitScores(NamedTuple):
    """Figures of predictions for ten digits.

    Attributes:
        accuracy: The share of right predictions.
        recalls: The share of each digit's images that was found, `(10,)`.
        commonest: The digit that is predicted most often.
        share: The share of all predictions that name it.
        low: The smallest output; NaN where any output is.
        high: The largest output; NaN where any output is.
    """

    accuracy: float
    recalls: NDArray[np.float64]
    commonest: int
    share: float
    low: float
    high: float

    @classmethod
    def of(cls, outputs: RunOutputs) -> DigitScores:
        """Count the predictions."""
        values, labels = outputs.values, outputs.labels
        predictions = predicted_classes(values)
        matrix = confusion_matrix(labels, predictions, values.shape[1])
        predicted = matrix.sum(axis=0)
        recalls = matrix.diagonal() / np.maximum(matrix.sum(axis=1), 1)
        accuracy, commonest = float((predictions == labels).mean()), int(predicted.argmax())
        share = float(predicted[commonest] / len(labels))
        return cls(accuracy, recalls, commonest, share, *output_range(values))

    @property
    def recognised(self) -> int:
        """The number of digits that are recognised."""
        return int((self.recalls >= RECOGNISED).sum())


def compute_margins(values: Array, labels: Array) -> NDArray[np.float64]:
    """Return the right output minus the largest other one; above 0 the prediction is right.

    Args:
        values: Outputs, `(n, 10)`.
        labels: Class numbers, `(n,)`.
    """
    rows = np.arange(len(labels))
    others = np.array(values, np.float64)
    right = others[rows, labels]
    others[rows, labels] = -np.inf
    with np.errstate(invalid="ignore"):  # infinity minus infinity, in a network that diverged
        return np.asarray(right - others.max(axis=1), np.float64)


def summarize_outputs(outputs: RunOutputs) -> dict[str, Any]:
    """Return the numbers in the sentence about a run on the ladder."""
    score = DigitScores.of(outputs)
    return {
        "accuracy": score.accuracy,
        "baseline": baseline_accuracy(outputs.labels),
        "read": score.recognised,
        "outputs": describe_outputs(score.low, score.high),
    }
