"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from ui.charts.number_text import write_number, write_share, write_small_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5671, "0.57"),
        (-28.61, "-28.6"),
        (12345.6, "12,345.6"),
        (2.5e21, "2.5e21"),
        (math.nan, "NaN"),
        (math.inf, "infinity"),
        (-math.inf, "\u2212infinity"),
    ],
)
def test_a_number_has_few_digits_and_what_is_not_finite_a_word(value: float, text: str) -> None:
    assert write_number(value) == text


def test_numbers_near_0_and_shares() -> None:
    assert [write_small_number(v) for v in (1e-5, 40, 0.3)] == ["0.00001", "40", "0.30"]
    assert [write_share(v) for v in (0.934, math.nan)] == ["93.4%", "NaN"]
