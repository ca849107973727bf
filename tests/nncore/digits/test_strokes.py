"""Pen strokes as a picture, against hand-worked numbers and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from nncore.digits.strokes import fit_strokes, render_strokes

SEVEN = [[[90, 70], [190, 75], [150, 140], [120, 220]], [[110, 150], [175, 145]]]


def seven(**how: Any) -> NDArray[np.uint8]:
    return render_strokes(SEVEN, **how)


def test_a_dot_is_a_disc_of_the_pens_width() -> None:
    ink = render_strokes([[[100, 60]]], width=20) / 255
    assert ink.sum() == pytest.approx(np.pi * 10**2, rel=0.01)
    assert ndimage.center_of_mass(ink) == pytest.approx((59.5, 99.5), abs=0.2)


def test_a_straight_stroke_is_a_bar_with_round_ends() -> None:
    ink = render_strokes([[[50, 100], [150, 100]]], width=20) / 255
    assert ink.sum() == pytest.approx(100 * 20 + np.pi * 10**2, rel=0.02)
    rows, columns = np.nonzero(ink > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(20, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(120, abs=1)


def test_a_corner_is_cut_to_the_curve_between_the_middles() -> None:
    # the quadratic curve from (40, 40) by (200, 40) to (200, 120) is at (160, 60) half-way
    ink = render_strokes([[[40, 40], [200, 40], [200, 200]]], width=8)
    assert ink[60, 160] == 255
    assert ink[40, 200] == 0
    assert ink[180, 200] == 255


def test_edges_are_smooth() -> None:
    levels = np.unique(seven())
    assert len(levels) > 10


def test_no_strokes_leave_the_canvas_blank() -> None:
    assert not render_strokes([], size=50).any()
    assert fit_strokes([]) == []


def test_strokes_are_fitted_to_the_middle_of_the_canvas() -> None:
    fitted = np.concatenate(fit_strokes([[[0, 0], [1, 3]], [[2, 4]]], size=280, extent=200))
    assert fitted.tolist() == [[90, 40], [140, 190], [190, 240]]


def test_a_dot_is_fitted_to_the_middle() -> None:
    assert fit_strokes([[[0.3, 0.7]]])[0].tolist() == [[140, 140]]


@pytest.mark.parametrize("stroke", [[], [[1, 2, 3]], [1, 2], [[np.nan, 1]]])
def test_what_is_no_stroke_is_refused(stroke: Any) -> None:
    with pytest.raises(ValueError, match="a stroke must be a list of one or more points"):
        render_strokes([stroke])
