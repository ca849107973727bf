"""Which run of a sweep is best, and how sure that is."""

from __future__ import annotations

import pytest

from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime.scores import RunScore
from ui.sweep.ranking import best_of, chance_margin, count_close, rank

BASE = Experiment(
    DataConfig("rounding", 60), ModelConfig((2,)), FitConfig(loss="mean_squared_error")
)
SMALL, LARGE, LOST = (BASE.updated({"model.units": (n,)}) for n in (4, 8, 16))


def score(value: float | None) -> RunScore:
    return RunScore(value, None, None, 1.0, 10)


def test_the_best_is_the_highest_score_then_the_smallest_network() -> None:
    scores = {LOST: score(None), LARGE: score(0.9), SMALL: score(0.9)}
    assert rank(scores) == [SMALL, LARGE, LOST]
    assert best_of({LOST: score(None)}) is None


def test_runs_within_the_margin_of_the_best_are_counted_without_it() -> None:
    scores = {LOST: score(None), LARGE: score(0.9), SMALL: score(0.85)}
    assert count_close(scores, LARGE, 0.04) == 0
    assert count_close(scores, LARGE, 0.06) == 1


def test_the_margin_is_twice_the_standard_deviation_of_a_difference() -> None:
    assert chance_margin(0.5, 200) == pytest.approx(0.1)  # 2 x sqrt(2 x 0.25 / 200)
