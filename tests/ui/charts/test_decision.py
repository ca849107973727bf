"""The curves of a network with one input."""

import numpy as np
import pytest

from tests.ui.charts.charts import CHARTS, X, rows
from ui.charts.decision import decision_curve, extrapolation_curve


def test_spec_stays_the_same_while_numbers_change() -> None:
    one = decision_curve(X, np.stack([1 - X, X], axis=1), 0.5)
    other = decision_curve(X, np.stack([9 * X, 3 - X], axis=1), 0.5)
    assert one.spec == other.spec
    assert one.data != other.data


def test_decision_curve_has_a_row_for_each_input_and_neuron() -> None:
    curve = rows(CHARTS["decision"], "curve")
    assert len(curve) == 2 * 11
    assert curve[0] == {"part": "curve", "x": 0, "output": 0.7, "neuron": "< 0.5"}
    assert curve[11] == {"part": "curve", "x": 0, "output": -0.3, "neuron": ">= 0.5"}


def test_predictions_change_where_the_outputs_cross() -> None:
    # 0.73 - x and x - 0.13 are equal at 0.43: between the inputs 0.4 and 0.5
    chart = decision_curve(X, np.stack([0.73 - X, X - 0.13], axis=1), 0.5)
    assert [row["x"] for row in rows(chart, "border")] == [0.43]


def test_wrong_predictions_are_between_the_labels_change_and_the_networks() -> None:
    # It predicts ">= 0.5" from 0.25 on, the labels change at 0.5.
    chart = decision_curve(X, np.stack([0.25 - X, X - 0.25], axis=1), 0.5)
    (wrong,) = rows(chart, "wrong")
    assert (wrong["x"], wrong["x2"], wrong["middle"]) == pytest.approx((0.25, 0.5, 0.375))
    assert (
        rows(chart, "caption")[0]["label"]
        == "\u250a labels change at 0.5  \u2502 prediction at 0.25"
    )


def test_a_constant_prediction_is_wrong_on_the_other_side() -> None:
    chart = decision_curve(X, np.stack([0 * X, 0 * X + 1], axis=1), 0.5)
    (wrong,) = rows(chart, "wrong")
    assert (wrong["x"], wrong["x2"]) == pytest.approx((0.0, 0.5))
    assert rows(chart, "border") == []
    assert rows(chart, "caption")[0]["label"].endswith("prediction never")


def test_without_outputs_only_the_labels_change_is_drawn() -> None:
    chart = decision_curve(X, np.full((11, 2), np.nan), 0.5)
    assert [row["part"] for row in rows(chart)] == ["caption", "truth"]
    assert chart.spec == CHARTS["decision"].spec


def test_bends_are_marked_on_the_second_neurons_curve_where_it_is_drawn() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    bends = [(0.25, "unit 1"), (-0.5, "unit 2"), (1.5, "unit 3")]
    (bend,) = rows(extrapolation_curve(X, outputs, 0.5, bends=bends), "bend")
    assert bend == {"part": "bend", "x": 0.25, "output": pytest.approx(0.25), "unit": "unit 1"}


def test_the_band_ends_where_the_samples_or_the_curve_end() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    wide, close = (extrapolation_curve(x, outputs, 0.5) for x in (20 * X - 10, 0.5 * X + 0.25))
    assert rows(wide, "seen") == [{"part": "seen", "x": 0, "x2": 1}]
    assert rows(close, "seen") == [{"part": "seen", "x": 0.25, "x2": 0.75}]


def test_a_curve_beyond_the_data_keeps_the_rows_of_the_decision_curve() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    whole = rows(extrapolation_curve(X, outputs, 0.5))
    assert all(row in whole for row in rows(decision_curve(X, outputs, 0.5)))


def test_a_small_multiple_has_no_legend() -> None:
    outputs = np.stack([1 - X, X], axis=1)
    chart = extrapolation_curve(X, outputs, 0.5, legend=False)
    (curves,) = [layer for layer in chart.spec["layer"] if "strokeDash" in layer["encoding"]]
    assert curves["encoding"]["color"]["legend"] is None
    assert curves["encoding"]["strokeDash"]["legend"] is None
