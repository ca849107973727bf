"""Lesson 2 with ten outputs: scores and margins."""

from __future__ import annotations

import numpy as np
import pytest

from ui.perceptron.run_outputs import RunOutputs
from ui.perceptron.ten_outputs.scores import DigitScores, compute_margins


def test_margins_are_the_right_output_less_the_largest_other() -> None:
    outputs = np.array([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4], [3.0, 3.0, -9.0]])
    assert compute_margins(outputs, np.array([1, 2, 0])) == pytest.approx([0.5, -0.1, 0.0])


def test_a_score_names_the_commonest_prediction_and_counts_the_recognised_digits() -> None:
    outputs = np.eye(3)[[0, 0, 0, 1]]
    score = DigitScores.of(RunOutputs(outputs, outputs, np.array([0, 1, 2, 1])))
    assert (score.accuracy, score.commonest, score.share) == (0.5, 0, 0.75)
    assert score.recalls.tolist() == [1.0, 0.5, 0.0]
    assert (score.recognised, score.low, score.high) == (2, 0.0, 1.0)
