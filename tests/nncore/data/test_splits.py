"""Which training rows are held out, against Keras's `validation_split`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.data import splits
from nncore.experiment import FitConfig


def fit(validation: str, split: float = 0.1) -> FitConfig:
    return FitConfig(validation=validation, validation_split=split)


@given(count=st.integers(2, 100_000), split=st.floats(0.01, 0.5))
def test_last_holds_out_what_keras_holds_out(count: int, split: float) -> None:
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    rows = np.arange(count)
    (kept,), (held,) = train_validation_split((rows,), split)
    config = fit("last", split)
    assert np.array_equal(rows[splits.held_out(count, config)], held)
    assert np.array_equal(rows[splits.training_rows(count, config)], kept)


@given(count=st.integers(2, 1000), split=st.floats(0.01, 0.5))
def test_first_holds_out_as_many_from_the_front(count: int, split: float) -> None:
    rows = range(count)
    held = rows[splits.held_out(count, fit("first", split))]
    assert list(held) + list(rows[splits.training_rows(count, fit("first", split))]) == list(rows)
    assert len(held) == len(rows[splits.held_out(count, fit("last", split))])


@pytest.mark.parametrize(
    ("count", "split", "expected"), [(60_000, 1 / 12, 5_000), (4_000, 1 / 8, 500), (10, 0.2, 2)]
)
def test_the_presets_hold_out_round_numbers(count: int, split: float, expected: int) -> None:
    assert splits.held_out(count, fit("first", split)) == slice(0, expected)
    assert splits.held_out(count, fit("last", split)) == slice(count - expected, count)


@pytest.mark.parametrize("validation", ["none", "test"])
def test_without_a_split_nothing_is_held_out(validation: str) -> None:
    rows = range(10)
    assert list(rows[splits.held_out(10, fit(validation))]) == []
    assert list(rows[splits.training_rows(10, fit(validation))]) == list(rows)


@pytest.mark.parametrize("validation", ["last", "first"])
def test_a_single_row_cannot_be_split(validation: str) -> None:
    with pytest.raises(ValueError, match=r"must leave rows .* of 1 training rows"):
        splits.held_out(1, fit(validation))


def test_after_an_epochs_last_batch_comes_the_first_of_the_next() -> None:
    config = FitConfig(batch_size=4)
    last, first = splits.batch_rows(10, config, 0, 2), splits.batch_rows(10, config, 1, 0)
    assert (len(last), len(first)) == (2, 4)
    assert np.array_equal(splits.batch_rows(10, config, 0, 3), first)
