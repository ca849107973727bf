"""The numbers that the moving bars are drawn from."""

from __future__ import annotations

import json

import numpy as np

from ui.components import bars


def test_each_class_has_its_bar_and_its_former_end() -> None:
    a, b = bars.frame([0.25, 0.75], ["a", "b"], [1.0, 0.0])["bars"]
    assert a == {"name": "a", "value": 0.25, "label": "25.0%", "before": 1.0, "best": False}
    assert b == {"name": "b", "value": 0.75, "label": "75.0%", "before": 0.0, "best": True}


def test_what_is_no_probability_is_cut() -> None:
    drawn = bars.frame([-2.0, 7.0, np.nan], ["a", "b", "c"], None)
    assert [bar["value"] for bar in drawn["bars"]] == [0, 1, 0]
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


def test_without_an_answer_no_bar_has_a_length_or_wins() -> None:
    drawn = bars.frame(None, ["a", "b"], None)["bars"]
    assert [(bar["value"], bar["label"], bar["best"]) for bar in drawn] == [(0, "", False)] * 2
