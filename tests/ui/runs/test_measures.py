"""Numbers of runs as text, and the table that compares them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from nncore.experiment import Experiment
from ui.charts.run_comparison import SIGNS
from ui.core.run_ledger import Mark
from ui.core.run_rows import Row
from ui.runs.measures import MEASURES, UNKNOWN, result_columns, signed

ROW = Row(
    "a",
    Experiment(),
    "another lab's data",  # so that no test accuracy can be measured
    "mnist",
    None,
    datetime(2026, 1, 1, tzinfo=UTC),
    5,
    None,
    2.5,
    {"accuracy": 0.9},
    Mark(),
)


def test_shares_are_percentages_and_their_gaps_points() -> None:
    accuracy = MEASURES["training accuracy"]
    assert accuracy.format(0.9123) == "91.23%"
    assert signed(accuracy, -0.0123) == "−1.23 points"
    assert signed(None, 1200) == "+1,200"


def test_a_number_that_no_run_has_is_left_out() -> None:
    columns = result_columns([ROW])
    assert columns[""] == ["training accuracy", "seconds", "parameters"]
    assert columns[SIGNS[0]][:2] == ["90.00%", "2.5"]


def test_two_runs_have_a_difference_where_both_have_the_number() -> None:
    columns = result_columns([ROW, replace(ROW, seconds=2.0, updates=10)])
    difference = dict(zip(columns[""], columns["difference"], strict=True))
    assert difference == {
        "training accuracy": "0",
        "seconds": "−0.5",
        "updates": UNKNOWN,
        "parameters": "0",
    }
