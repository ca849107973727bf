"""Lesson 2's film: histograms and recalls, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ui.perceptron.film import histogram_picture, recall_picture

NAMES = ("below", "above")


def test_bars_are_shares_of_each_class_right_ones_next_to_the_axis() -> None:
    outputs, labels = np.array([0.01, 0.01, 0.9, 0.02]), np.array([0, 0, 0, 1])
    (shot,) = histogram_picture([outputs], labels, NAMES)["frames"]
    found = {(round(y, 2), round(y2, 2), style) for _, _, y, y2, style in shot["bars"]}
    assert found == {(-0.67, 0.0, "right"), (-0.33, 0.0, "wrong"), (0.0, 1.0, "wrong")}


def test_the_axis_of_outputs_has_round_ends_and_follows_them() -> None:
    labels = np.array([0, 1])
    outputs = [np.array([0.3, 0.6]), np.array([-31.2, 12.4]), np.array([-1e20, np.inf])]
    axes = [shot["x"] for shot in histogram_picture(outputs, labels, NAMES)["frames"]]
    assert [axis["domain"] for axis in axes] == [
        pytest.approx([-0.05, 1.05]),
        pytest.approx([-53.5, 23.5]),
        pytest.approx([-1.05e20, 0.05e20]),
    ]


def test_the_range_of_the_outputs_is_said() -> None:
    outputs = [np.array([-31.2, 12.4]), np.array([np.nan, np.nan])]
    frames = histogram_picture(outputs, np.array([0, 1]), NAMES)["frames"]
    assert [shot["said"] for shot in frames] == [
        "outputs from -31.2 to 12.4",
        "outputs NaN",
    ]


def test_for_ten_outputs_it_is_counted_which_digits_are_found() -> None:
    outputs = np.eye(3)[[0, 1, 1, 2]]
    (shot,) = recall_picture([outputs], np.array([0, 1, 2, 2]), "abc")["frames"]
    assert [(bar[0], bar[3]) for bar in shot["bars"]] == [(-0.4, 1.0), (0.6, 1.0), (1.6, 0.5)]
