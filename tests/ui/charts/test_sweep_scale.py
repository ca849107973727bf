"""The colour scale of a sweep: distances, colours, ticks and labels."""

from __future__ import annotations

import pytest

from ui.charts.sweep_scale import CIVIDIS, Scale, percent


def test_colours_are_as_far_apart_as_the_logarithms_of_the_errors() -> None:
    scale = Scale([0.0, 0.9, 0.99])
    assert [scale.place(value) for value in (0.0, 0.9, 0.99)] == pytest.approx([0, 0.5, 1])


def test_the_scale_leaves_out_the_end_of_cividis_that_the_page_would_hide() -> None:
    assert Scale([0.1, 0.9], dark=False).colour(0.1) == CIVIDIS[0]
    assert Scale([0.1, 0.9], dark=True).colour(0.9) == CIVIDIS[-1]
    for dark, unseen in ((False, CIVIDIS[-1]), (True, CIVIDIS[0])):
        assert unseen not in [colour for _, colour in Scale([0.1, 0.9], dark).stops()]


@pytest.mark.parametrize("values", [[], [0.5], [1.0, 1.0], [0.1, 0.2, 0.9999]])
def test_a_scale_has_two_round_numbers_or_more(values: list[float]) -> None:
    ticks = Scale(values).ticks()
    assert 2 <= len(ticks) <= 4
    assert all(0 <= place <= 1 and text.endswith("%") for place, text in ticks)


def test_scores_have_one_decimal() -> None:
    assert [percent(value) for value in (0.9, 0.9123, 1.0)] == ["90%", "91.2%", "100%"]
