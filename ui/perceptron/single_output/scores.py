"""Scores of a single output read at a threshold. Pure functions: outputs are flat here, `(n,)`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.metrics import baseline_accuracy, confusion_matrix, output_range
from nncore.nn.activations import activate
from nncore.nn.losses import predicted_classes
from ui.core import wording
from ui.perceptron.run_outputs import RunOutputs

Array: TypeAlias = NDArray[Any]

#: The threshold of Keras's `accuracy`.
KERAS_THRESHOLD = 0.5
#: A sigmoid counts as flat where its slope is below this share of its steepest.
FLAT = 0.04
#: The threshold's slider reaches so far at most: larger outputs are those of a bad run.
SLIDER_REACH = 1_000.0


@dataclass(frozen=True)
class ThresholdScore:
    """Counts of right and wrong predictions at a threshold.

    Args:
        threshold: Outputs above it predict "five".
        found: Fives predicted as fives.
        fives: All fives.
        alarms: Other digits predicted as fives.
        others: All other digits.
        low: The smallest output; NaN where any output is.
        high: The largest output; NaN where any output is.
    """

    threshold: float
    found: int
    fives: int
    alarms: int
    others: int
    low: float
    high: float

    @classmethod
    def of(
        cls, outputs: Array, labels: ArrayLike, threshold: float = KERAS_THRESHOLD
    ) -> ThresholdScore:
        """Count the predictions.

        Args:
            outputs: `(n,)`.
            labels: `(n,)`, 1 for a five.
            threshold: Outputs above it predict "five".
        """
        predictions = predicted_classes(outputs[:, np.newaxis], threshold)
        (quiet, alarms), (missed, found) = confusion_matrix(labels, predictions, 2).tolist()
        low, high = output_range(outputs)
        return cls(threshold, found, found + missed, alarms, alarms + quiet, low, high)

    @property
    def accuracy(self) -> float:
        """The share of right predictions."""
        return (self.found + self.others - self.alarms) / (self.fives + self.others)

    @property
    def recall(self) -> float:
        """The share of the fives that were found; NaN where there are none."""
        return self.found / self.fives if self.fives else math.nan


def summarize_outputs(outputs: RunOutputs) -> dict[str, Any]:
    """Return the numbers in the sentence about a run on the ladder."""
    score = ThresholdScore.of(outputs.values[:, 0], outputs.labels)
    return {
        "accuracy": score.accuracy,
        "baseline": baseline_accuracy(outputs.labels),
        "recall": score.recall,
        "outputs": describe_outputs(score.low, score.high),
    }


def describe_outputs(low: float, high: float) -> str:
    """Return `"outputs from -28.6 to 12.1"`, or that they are not numbers."""
    is_nan = math.isnan(low) or math.isnan(high)
    return f"outputs {'' if is_nan else 'from '}{wording.number_range(low, high)}"


def find_best_threshold(outputs: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """Return the threshold with the highest accuracy, and that accuracy.

    Args:
        outputs: `(n,)`; NaN predicts "not five" at any threshold.
        labels: `(n,)`, 1 for a five.

    Returns:
        The lowest of the best thresholds among the outputs and minus infinity, and the accuracy.
    """
    values = np.nan_to_num(np.asarray(outputs, float), nan=-np.inf)
    order = np.argsort(values)
    sorted_values, fives = values[order], np.asarray(labels)[order]
    cuts = np.concatenate([[-np.inf], sorted_values])  # at cut i the first i predict "not five"
    right = np.concatenate([[0], np.cumsum(1 - fives)]) + fives.sum()
    right -= np.concatenate([[0], np.cumsum(fives)])
    possible = np.append(cuts[:-1] < sorted_values, True)  # equal outputs predict the same
    best = int(np.argmax(np.where(possible, right, -1)))
    return float(cuts[best]), float(right[best] / len(fives))


def find_slider_range(score: ThresholdScore) -> tuple[float, float, float]:
    """Return low end, high end and step of the threshold's slider.

    The slider takes in all outputs, 0 and 1, but reaches no further than `SLIDER_REACH`.
    """
    low, high = (x if math.isfinite(x) else 0.0 for x in (score.low, score.high))
    low = float(math.floor(max(min(low, 0.0), -SLIDER_REACH)))
    high = float(math.ceil(min(max(high, 1.0), SLIDER_REACH)))
    span = high - low
    return low, high, 0.01 if span <= 4 else 0.1 if span <= 100 else 0.5


def measure_curve(activation: str, sums: Array) -> dict[str, Any]:
    """Return the numbers in the text about the activation's curve.

    Args:
        activation: The output's activation.
        sums: Weighted sums, `(n,)`.

    Returns:
        The lowest and the highest sum and their outputs, as texts, and `flat`: the share of sums
        at which a sigmoid's slope is below `FLAT` of its steepest.
    """
    ends = np.array(output_range(sums))
    lowest, highest = (wording.number(end) for end in ends.tolist())
    at_lowest, at_highest = (wording.fixed(a, 4) for a in activate(activation, ends))
    sigmoid = activate("sigmoid", np.asarray(sums, float))
    flat = float((4 * sigmoid * (1 - sigmoid) < FLAT).mean())
    numbers = {"lowest": lowest, "highest": highest, "flat": flat}
    return numbers | {"at_lowest": at_lowest, "at_highest": at_highest}
