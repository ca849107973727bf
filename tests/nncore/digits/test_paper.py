"""Ink told from paper, where the shape of the ink is the difficulty."""

from __future__ import annotations

import numpy as np

from nncore.digits.paper import find_paper_ink, remove_ruled_lines
from tests.nncore.digits.conftest import HEIGHT, WIDTH, drawn_ink


def test_a_bold_stroke_on_a_paint_programs_paper_stays_filled() -> None:
    """It is wider than the surroundings from which a photo's paper is estimated."""
    ink = drawn_ink([[[190, 60], [185, 320]]], width=140)
    found = find_paper_ink(np.rint(255 * (1 - ink)).astype(np.uint8))
    np.testing.assert_allclose(found, ink, atol=0.1)


def test_ink_may_cover_most_of_a_paint_programs_paper() -> None:
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    picture[:, 260:] = 255
    found = find_paper_ink(picture)
    assert found[:, :255].min() == 1
    assert not found[:, 265:].any()


def test_what_stands_on_a_ruled_line_stays_when_the_line_goes() -> None:
    """The block is as wide as a line has to be long, so it is part of the same piece."""
    ink = np.zeros((60, 60), np.float32)
    ink[20:40, 20:40] = 1
    ink[40:42] = 0.5
    rest = remove_ruled_lines(ink)
    assert rest[20:39, 20:40].min() == 1
    assert not rest[:, :18].any()
    assert not rest[:, 42:].any()


def test_a_cut_off_neighbour_does_not_come_along_where_the_digit_reaches_the_edge() -> None:
    picture = np.full((64, 64), 255, np.uint8)
    picture[8:56, 20:30] = 0
    picture[46:56, 20:64] = 0  # an L up to the right edge
    picture[20:30, :5] = 0
    found = find_paper_ink(picture)
    assert not found[:, :15].any()
    assert found[10:54, 22:28].min() == 1
    assert found[48:54, 60:].min() == 1
