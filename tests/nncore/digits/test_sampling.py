"""What few digits say: the likely accuracy, and the digits that are held out."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.digits.sampling import choose_held_out, likely_range


def test_the_likely_range_is_wilsons() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
    # Medicine 17, 1998, Table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605)}
    published |= {(0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (right, count), expected in published.items():
        assert likely_range(right, count) == pytest.approx(expected, abs=1e-4)


def test_all_right_does_not_mean_certain() -> None:
    low, high = likely_range(5, 5)
    assert low < 0.6
    assert high == pytest.approx(1.0)
    with pytest.raises(ValueError, match="6 of 5"):
        likely_range(6, 5)


def test_a_quarter_is_held_out_of_each_label_about_as_many() -> None:
    labels = np.array([3] * 8 + [5] * 4 + [6] * 3)
    held = choose_held_out(labels)
    assert [int(held[labels == label].sum()) for label in (3, 5, 6)] == [2, 1, 0]
    assert (choose_held_out(labels) == held).all()
    assert choose_held_out(np.arange(20) % 10).sum() == 5
