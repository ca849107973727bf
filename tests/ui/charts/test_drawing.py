"""Lesson 4's charts: valid specs that stay the same, and the rows behind them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.ui.charts.charts import rows, vega_lite
from ui.charts import drawing
from ui.charts.vega import Chart

DIGITS = [str(i) for i in range(10)]
CHARTS = {
    "bars": drawing.draw_moving_bars(np.eye(10)[3], DIGITS, np.eye(10)[5]),
    "no bars yet": drawing.draw_moving_bars(None, DIGITS),
    "shifts": drawing.draw_shift_curve([0.9, 0.8, None], 1, 0.1),
}


@pytest.mark.parametrize("chart", CHARTS.values(), ids=list(CHARTS))
def test_spec_is_vega_lite_without_data(chart: Chart) -> None:
    vega_lite().validate(chart.spec | {"data": {"name": "source"}})
    assert '"data' not in json.dumps(chart.spec)


def test_the_spec_stays_the_same_whatever_is_answered() -> None:
    assert CHARTS["bars"].spec == CHARTS["no bars yet"].spec


def test_each_class_has_its_bar_and_its_former_end() -> None:
    chart = drawing.draw_moving_bars([0.25, 0.75], ["a", "b"], [1.0, 0.0])
    assert rows(chart, "bar") == [{"part": "bar", "name": "a", "value": 0.25, "label": "25.0%"}]
    assert [row["name"] for row in rows(chart, "winner")] == ["b"]
    ends = [(row["value"] + row["end"]) / 2 for row in rows(chart, "before")]
    assert ends == pytest.approx([1.0, 0.0])


def test_what_is_no_probability_is_cut() -> None:
    chart = drawing.draw_moving_bars([-2.0, 7.0, np.nan], ["a", "b", "c"])
    values = {row["name"]: row["value"] for row in rows(chart) if "value" in row}
    assert values == {"a": 0, "b": 1, "c": 0}


def test_the_accuracy_at_the_drawings_own_shift_is_set_off() -> None:
    chart = CHARTS["shifts"]
    assert [row["pixels"] for row in rows(chart, "line")] == [0, 1]
    assert [row["label"] for row in rows(chart, "here")] == ["80.0%"]
