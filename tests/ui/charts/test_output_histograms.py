"""Histograms and curves of outputs and weighted sums."""

import numpy as np
import pytest

from tests.ui.charts.charts import CHARTS, rows
from ui.charts.output_histograms import activation_curve, margin_histogram, output_histogram


def test_output_histogram_counts_shares_of_each_class() -> None:
    outputs, labels = [0.1, 0.2, 0.9, 0.8, 0.3], [0, 0, 0, 1, 1]
    bars = rows(output_histogram(outputs, labels, 0.5, (0.0, 1.0)), "bar")
    shares = {(bar["class"], bar["verdict"]): 0.0 for bar in bars}
    for bar in bars:
        shares[bar["class"], bar["verdict"]] += bar["share"]
    assert shares == pytest.approx(
        {
            ("not five", "right"): -2 / 3,
            ("not five", "wrong"): -1 / 3,
            ("five", "right"): 1 / 2,
            ("five", "wrong"): 1 / 2,
        },
        abs=1e-4,
    )
    assert sum(bar["count"] for bar in bars) == 5


def test_output_on_the_threshold_is_read_as_the_first_class_as_keras_does() -> None:
    (bar,) = rows(output_histogram([0.5], [1], 0.5), "bar")
    assert bar["verdict"] == "wrong"


def test_output_histogram_is_wide_enough_for_all_outputs_and_the_labels() -> None:
    bars = rows(output_histogram([-28.6, 12.1], [0, 1], 0.0), "bar")
    assert bars[0]["low"] <= -28.6 <= bars[0]["high"]
    assert bars[1]["low"] <= 12.1 <= bars[1]["high"]
    assert rows(output_histogram([], [], 0.0), "bar") == []


def test_outputs_beyond_a_given_range_count_at_its_ends() -> None:
    bars = rows(output_histogram([-50.0, np.nan, 50.0], [0, 0, 1], 0.5, (-2, 2)), "bar")
    assert [(bar["low"], bar["high"]) for bar in bars] == [(-2, -1.9), (1.9, 2)]


def test_weighted_sums_lie_on_the_curve() -> None:
    sums = rows(CHARTS["activation"], "sum")
    assert [(row["z"], row["class"]) for row in sums] == [
        (-8, "not five"),
        (0, "not five"),
        (8, "five"),
    ]
    assert sums[1]["a"] == 0.5
    assert sums[0]["a"] == pytest.approx(1 / (1 + np.exp(8)), rel=1e-4)


def test_curve_spans_the_weighted_sums_and_at_least_minus_6_to_6() -> None:
    curve = rows(activation_curve("relu", [-30.0, 2.0], [0, 1]), "curve")
    assert (curve[0]["z"], curve[0]["a"]) == (-30, 0)
    assert (curve[-1]["z"], curve[-1]["a"]) == (6, 6)


def test_lowest_and_highest_weighted_sums_are_among_those_shown() -> None:
    chart = activation_curve("linear", np.arange(1000.0), np.ones(1000), most=5)
    assert [row["z"] for row in rows(chart, "sum")] == [0, 250, 500, 749, 999]


def test_clear_wins_narrow_losses_and_nan_are_kept_apart() -> None:
    chart = margin_histogram([0.9, -0.1, 0.0, np.nan])
    bars = rows(chart, "bar")
    assert sum(row["count"] for row in bars if row["verdict"] == "right") == 1
    assert sum(row["count"] for row in bars if row["verdict"] == "wrong") == 2
    assert all(row["low"] >= 0 for row in bars if row["verdict"] == "right")
