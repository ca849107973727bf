"""Ink told from paper, where the shape of the ink is the difficulty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.digits.paper import find_paper_ink, remove_ruled_lines
from tests.nncore.digits.conftest import HEIGHT, WIDTH, drawn_ink, on_paper


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
    """The block is wider than a line has to be long, so it is part of the same piece."""
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


def test_a_line_that_bows_goes_whole() -> None:
    rows, columns = np.mgrid[:300, :400]
    bow = 200 + 8 * ((columns - 200) / 200) ** 2
    ink = np.where(np.abs(rows - bow) <= 1.5, np.float32(0.6), np.float32(0))
    assert not remove_ruled_lines(ink).any()


def test_the_bar_of_a_7_that_fills_the_picture_is_no_ruled_line() -> None:
    ink = np.zeros((40, 32), np.float32)
    ink[2:6] = 1
    for row in range(6, 40):
        right = 32 - (row - 6) // 2
        ink[row, right - 4 : right] = 1
    np.testing.assert_array_equal(remove_ruled_lines(ink), ink)


@pytest.mark.parametrize("inked", [(range(0, 40, 2), range(1, 40, 2)), (range(1), range(0))])
def test_specks_in_a_row_are_no_line_and_no_error(inked: tuple[range, range]) -> None:
    """Together they are a run, but none of its pixels has ink."""
    ink = np.zeros((40, 40), np.float32)
    ink[10, list(inked[0])] = ink[12, list(inked[1])] = 1
    assert remove_ruled_lines(ink).sum() == ink.sum()


@pytest.mark.parametrize(
    ("pen", "paper"), [((0, 0, 0), (255, 255, 0)), ((255, 255, 255), (0, 0, 255))]
)
def test_a_paint_programs_paper_may_have_any_colour(pen: Any, paper: Any) -> None:
    ink = drawn_ink()
    colours = on_paper(ink, paper, pen)
    opaque = np.full((*ink.shape, 1), 255)
    found = find_paper_ink(np.concatenate([np.rint(colours), opaque], axis=2).astype(np.uint8))
    np.testing.assert_allclose(found, ink, atol=0.25)


def test_a_loose_part_at_the_edge_stays_where_it_is_near() -> None:
    """A 5 that reaches the lower edge, and its flag, which almost touches it, the right one."""
    picture = np.full((64, 64), 255, np.uint8)
    picture[10:40, 10:18] = picture[32:40, 10:60] = picture[40:64, 52:60] = 0
    picture[10:12, 20:64] = 0
    found = find_paper_ink(picture)
    assert found[10:12, 22:62].min() > 0.9
