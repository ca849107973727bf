"""Lesson 1's film: the decision curve, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ui.rounding.film import LINE, decision_picture, find_span

NAMES = ("below", "above")


def test_the_boundary_and_the_wrong_answers_are_where_they_are_by_hand() -> None:
    outputs = np.stack([0.307 - LINE, LINE - 0.307], axis=1)  # "above" from 0.307 on
    picture = decision_picture([outputs], 0.5, NAMES)
    (shot,) = picture["frames"]
    assert [edge for edge, _ in shot["rules"]] == pytest.approx([0.307], abs=1e-4)
    (wrong,) = shot["bars"]
    assert wrong[:2] == pytest.approx((0.307, 0.5), abs=1e-4)
    assert shot["said"] == "\u250a labels change at 0.5  \u2502 predictions change at 0.31"
    assert picture["always"]["rules"] == [(0.5, "truth")]


def test_an_answer_that_never_changes_is_wrong_on_one_side() -> None:
    outputs = np.tile([0.9, 0.1], (len(LINE), 1))
    (shot,) = decision_picture([outputs], 0.5, NAMES)["frames"]
    assert [bar[:2] for bar in shot["bars"]] == [(0.5, 1.0)]
    assert shot["rules"] == []
    assert "predictions change never" in shot["said"]


def test_curves_keep_their_numbers_and_gaps() -> None:
    outputs = np.tile([0.12345, np.nan], (len(LINE), 1))
    (shot,) = decision_picture([outputs], 0.5, NAMES)["frames"]
    assert shot["lines"][0] == ("first", [0.123] * 101)
    assert shot["lines"][1] == ("second", [None] * 101)


def test_an_axis_holds_the_middle_frames_and_both_labels() -> None:
    outputs = [np.array([-900.0, 800.0]), np.array([-3.0, 4.0]), np.array([-2.0, 0.5])]
    assert find_span(outputs) == (-3.0, 4.0)
    assert find_span([np.array([0.4, 0.6])]) == (0.0, 1.0)
    assert find_span([np.array([np.nan])]) == (0.0, 1.0)
