"""Lesson 2 with one output: scores at a threshold, and the worst mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.data.datasets import Dataset
from ui.charts.output_histograms import output_histogram
from ui.core.wording import NOT_A_NUMBER
from ui.perceptron.single_output.live_cards import write_score
from ui.perceptron.single_output.results import list_worst_mistakes
from ui.perceptron.single_output.scores import (
    ThresholdScore,
    describe_outputs,
    find_best_threshold,
    find_slider_range,
    measure_curve,
)


def blank(labels: list[int]) -> Dataset:
    """A data set of blank images with these labels."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    y = np.array(labels, np.int64)
    return Dataset("five", images, images, y, y, ("not five", "five"), "blank", "0" * 32)


def test_score_counts_what_a_threshold_makes_of_outputs() -> None:
    outputs, labels = np.array([-3.0, 0.2, 0.7, 5.0, 0.5]), np.array([0, 1, 0, 1, 1])
    score = ThresholdScore.of(outputs, labels, 0.5)
    assert (score.found, score.fives, score.alarms, score.others) == (1, 3, 1, 2)
    assert (score.accuracy, score.recall) == (pytest.approx(2 / 5), pytest.approx(1 / 3))
    assert (score.low, score.high) == (-3.0, 5.0)


def test_the_score_of_a_diverged_network_is_nan_but_no_error() -> None:
    score = ThresholdScore.of(np.array([np.nan, np.inf]), np.array([1, 0]))
    assert write_score(score, 0.5).endswith(f"**{NOT_A_NUMBER}**")
    assert find_slider_range(score) == (0.0, 1.0, 0.01)


def test_best_threshold_is_the_best_of_all_that_can_be_chosen() -> None:
    rng = np.random.default_rng(0)
    outputs, labels = rng.normal(size=60).round(1), rng.integers(0, 2, 60)
    threshold, accuracy = find_best_threshold(outputs, labels)
    tried = [((outputs > t) == labels).mean() for t in [-np.inf, *outputs]]
    assert accuracy == pytest.approx(max(tried))
    assert ((outputs > threshold) == labels).mean() == pytest.approx(accuracy)


def test_the_slider_takes_in_all_outputs_and_both_thresholds() -> None:
    score = ThresholdScore.of(np.array([-28.6, 12.1]), np.array([0, 1]))
    assert find_slider_range(score) == (-29.0, 13.0, 0.1)


def test_the_slider_does_not_follow_the_outputs_of_a_bad_run() -> None:
    score = ThresholdScore.of(np.array([-20_000.0, 0.9]), np.array([0, 1]))
    assert find_slider_range(score) == (-1000.0, 1.0, 0.5)


def test_saturated_sums_are_counted_as_flat() -> None:
    numbers = measure_curve("sigmoid", np.array([-50.0, -0.1, 0.0, 60.0]))
    assert numbers["flat"] == 0.5
    assert (numbers["at_lowest"], numbers["at_highest"]) == ("0.0000", "1.0000")


def test_zeros_of_a_saturated_sigmoid_are_not_read_as_fives_at_threshold_0() -> None:
    chart = output_histogram(np.array([0.0]), np.array([0]), 0.0)
    (verdict,) = [row["verdict"] for row in chart.data.to_pylist() if row["part"] == "bar"]
    assert verdict == "right"


def test_worst_mistakes_come_first_with_label_and_output() -> None:
    outputs = np.array([9.0, -4.0, 0.6, 0.9])
    wrong = list_worst_mistakes(blank([0, 1, 1, 0]), outputs, 0.5, is_dark=False)
    captions = [mistake.caption for mistake in wrong]
    assert captions == ["not five  \n**9**", "five  \n**-4**", "not five  \n**0.9**"]


def test_outputs_that_are_nan_are_called_so() -> None:
    assert describe_outputs(-28.6, 12.1) == "outputs from -28.6 to 12.1"
    assert describe_outputs(np.nan, np.nan) == f"outputs {NOT_A_NUMBER}"
