"""What a learner of lesson 5 is advised to draw next."""

from __future__ import annotations

import pytest

from nncore.drawing_advice import advise
from tests.nncore.test_own_drawings import with_counts


@pytest.mark.parametrize(
    ("counts", "stage", "label", "missing"),
    [
        ((0, 0), "draw", 0, 2),
        ((9, 1), "draw", 1, 1),
        ((2, 3), "try", 0, 3),
        ((5, 5), "more", 0, 15),
        ((20, 19), "more", 1, 1),
        ((20, 20), "enough", 0, 0),
    ],
)
def test_advice_says_which_class_to_draw_for(
    counts: tuple[int, ...], stage: str, label: int, missing: int
) -> None:
    advice = advise(with_counts(*counts))
    assert (advice.stage, advice.label, advice.missing) == (stage, label, missing)
    assert advice.can_train == (min(counts) >= 2)
    assert advice.is_worth_a_try == (min(counts) >= 5)


def test_advice_names_uneven_classes() -> None:
    assert advise(with_counts(20, 5)).uneven
    assert not advise(with_counts(15, 5)).uneven
