"""Figures of the ledger: each run keeps its colour, and numbers come out as they went in."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import pytest

from nncore.analysis.significance import Spread
from ui.charts.run_comparison import COLOURS, MOST, SIGNS, Dots, Line, run_curves, seed_dots

LINES = (
    Line("one", 0, (0.5, 0.7), (0.4, math.inf)),
    Line("a <b>long</b> name " * 5, 3, (0.9,), (), 469.0, ((0.5, 0.8), (1.0, 0.9))),
)


def test_each_place_has_a_colour_and_a_sign_of_its_own() -> None:
    assert len(set(COLOURS)) == len(set(SIGNS)) == MOST == len(SIGNS)


@pytest.mark.parametrize("dark", [True, False])
def test_plotly_takes_the_figures(dark: bool) -> None:
    go.Figure(run_curves(LINES, "accuracy", "epoch", dark=dark))
    dots = Dots("one", 2, {0: 0.5, 4: 0.7}, 0, Spread.of((0.5, 0.7)))
    go.Figure(seed_dots([dots, dots._replace(spread=Spread.of((0.5,)))], "loss", dark=dark))


def test_a_runs_lines_are_of_its_colour_and_in_its_units() -> None:
    training, validation, other, within = run_curves(LINES, "loss", "updates")["data"]
    assert [trace["line"]["color"] for trace in (training, validation)] == [COLOURS[0]] * 2
    assert [trace["line"]["color"] for trace in (other, within)] == [COLOURS[3]] * 2
    assert (training["x"], training["y"]) == ([1, 2], [0.5, 0.7])
    assert validation["y"] == [0.4, None]
    assert validation["line"]["dash"] == "dot"
    assert other["x"] == [469]
    assert (within["x"], within["y"]) == ([234.5, 469], [0.8, 0.9])


def test_a_name_is_short_and_no_markup() -> None:
    name = run_curves(LINES, "loss", "epoch")["data"][2]["name"]
    assert name.startswith("a &lt;b>long")
    assert name.endswith("…")


def test_the_bar_reaches_a_deviation_to_both_sides_of_the_mean() -> None:
    dots = Dots("one", 0, {0: 1.0, 1: 2.0, 2: 6.0}, 1, Spread.of((1.0, 2.0, 6.0)))
    points, bar = seed_dots([dots], "loss")["data"]
    assert points["customdata"] == [0, 1, 2]
    assert points["marker"]["line"]["width"] == [0, 2, 0]  # the run that was chosen
    assert (bar["x"], bar["error_x"]["array"]) == ([3], [pytest.approx(math.sqrt(7))])


def test_one_seed_has_no_bar() -> None:
    dots = Dots("one", 0, {0: 1.0}, 0, Spread.of((1.0,)))
    assert "error_x" not in seed_dots([dots], "loss")["data"][1]
