"""What two runs have in common, against Keras's own starting weights and SciPy's statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nncore.analysis.significance import (
    _T,
    Spread,
    but_for_seed,
    difference,
    other_seeds,
    same_order,
    same_start,
)
from nncore.data.splits import epoch_order, training_rows
from nncore.experiment import Experiment, FitConfig

BASE = Experiment()
A = (0.951, 0.948, 0.953, 0.949, 0.950)
B = (0.962, 0.957, 0.970, 0.965)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fit.batch_size": 1, "model.activation": "tanh", "data.scaled": False}, (True, True)),
        ({"fit.seed": 1}, (False, False)),
        ({"model.units": (16,)}, (False, False)),
        ({"model.units": (32, 10)}, (True, True, False)),
        ({"model.units": (32, 16)}, (True, False, False)),
        ({"model.units": (32, 10), "fit.seed": 1}, (False, False, False)),
        ({"data.name": "fashion"}, (True, True)),
    ],
)
def test_the_same_start_is_what_keras_gives(
    changes: dict[str, object], expected: tuple[bool, ...]
) -> None:
    from nncore.training.model import initial_weights

    other = BASE.updated(changes)
    assert same_start(BASE, other) == same_start(other, BASE) == expected
    kernels = zip(initial_weights(BASE)[::2], initial_weights(other)[::2], strict=False)
    equal = tuple(a.shape == b.shape and bool((a == b).all()) for a, b in kernels)
    assert equal == expected[: len(equal)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"model.units": (8,)}, True),
        ({"fit.seed": 1}, False),
        ({"fit.validation": "last"}, False),
        ({"fit.validation": "test"}, True),
    ],
)
def test_the_same_order_is_that_of_the_epochs(changes: dict[str, object], expected: bool) -> None:
    other = BASE.updated(changes)
    first, second = [
        epoch_order(e.fit.seed, 3, training_rows(50, e.fit).start, training_rows(50, e.fit).stop)
        for e in (BASE, other)
    ]
    assert same_order(BASE, other, 50) is expected is np.array_equal(first, second)


def test_other_seeds_are_the_next_that_are_not_known() -> None:
    seeds = [e.fit.seed for e in other_seeds(BASE, [0, 2, 7], 4)]
    assert seeds == [1, 3]
    assert all(but_for_seed(e) == BASE for e in other_seeds(BASE, [0], 2))


def test_the_own_seed_is_run_too_where_it_is_not_known() -> None:
    last = BASE.updated({"fit.seed": 2**32 - 1})
    assert [e.fit.seed for e in other_seeds(last, [], 2)] == [2**32 - 1, 0, 1]


def test_no_seed_is_missing_where_enough_are_known() -> None:
    assert other_seeds(BASE, [0, 1, 2, 3], 2) == []


def test_a_spread_worked_by_hand() -> None:
    """(1, 2, 4, 5): mean 3, squares 4 + 1 + 1 + 4 = 10, over 3."""
    assert Spread.of((1, 2, 4, 5)) == ((1, 2, 4, 5), 3, math.sqrt(10 / 3))


def test_one_seed_has_no_deviation_and_none_no_mean() -> None:
    assert math.isnan(Spread.of((0.5,)).deviation)
    with pytest.raises(ValueError, match="at least one"):
        Spread.of(())


def test_the_interval_is_scipys_or_a_little_wider() -> None:
    found = difference(Spread.of(A), Spread.of(B))
    exact = stats.ttest_ind(B, A, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert found.mean == pytest.approx(np.mean(B) - np.mean(A))
    assert found.low <= exact.low
    assert found.high >= exact.high
    assert found.high - found.low < 1.3 * (exact.high - exact.low)


def test_with_whole_degrees_of_freedom_the_interval_is_scipys() -> None:
    """Two spreads of the same size and variance: 2 (n - 1) degrees."""
    one, other = (1.0, 2.0, 4.0, 5.0), (3.0, 4.0, 6.0, 7.0)
    found = difference(Spread.of(one), Spread.of(other))
    exact = stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), rel=1e-3)
    assert not found.is_real


@pytest.mark.parametrize(
    ("one", "other", "real"),
    [(A, B, True), (B, A, True), (A, A, False), ((1, 1), (1, 1), False), ((1, 1), (2, 2), True)],
)
def test_a_difference_is_real_where_the_interval_leaves_0_out(
    one: tuple[float, ...], other: tuple[float, ...], real: bool
) -> None:
    found = difference(Spread.of(one), Spread.of(other))
    assert found is not None
    assert found.is_real is real


def test_a_single_seed_says_nothing_of_noise() -> None:
    assert difference(Spread.of(A), Spread.of((0.9,))) is None


def test_the_table_is_students_t() -> None:
    exact = stats.t.ppf(0.975, np.arange(1, 31))
    assert np.allclose(_T, exact, atol=6e-4)
    assert FitConfig().seed == BASE.fit.seed == 0
