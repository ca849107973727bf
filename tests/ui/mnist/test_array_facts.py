"""What Python prints about the arrays, as loaded and after each fix."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.data.datasets import Dataset
from ui.mnist.array_facts import class_words, facts_as_loaded, fixed_facts, write_facts


@pytest.fixture
def tiny() -> Dataset:
    x = np.zeros((5, 28, 28), np.uint8)
    x[0, 0, 0] = 255
    y = np.array([0, 3, 9, 1, 2])
    return Dataset("digits", x, x, y, y, tuple("0123456789"), "made up", "0" * 32)


def test_arrays_are_those_that_keras_loads(tiny: Dataset) -> None:
    facts = facts_as_loaded(tiny)
    assert write_facts([facts["x_train"], facts["y_test"]]).splitlines() == [
        "x_train    (5, 28, 28)     ndim 3",
        "           uint8, 0 to 255",
        "x_train[0] (28, 28)        ndim 2",
        "y_test     (5,)            ndim 1",
        "           uint8, 0 to 9",
        "y_test[0]  ()              ndim 0",
    ]
    assert facts["x_train"].first_sample().ndim == 2


def test_facts_after_each_fix_are_those_of_numpy(tiny: Dataset) -> None:
    facts = facts_as_loaded(tiny)
    flat = fixed_facts(facts["x_train"], "reshape")
    assert (flat.shape, flat.ndim, flat.first_sample().shape) == ((5, 784), 2, (784,))
    scaled = fixed_facts(flat, "scale")
    real = tiny.x_train.reshape(5, 784).astype("float32") / 255
    assert (scaled.dtype, scaled.low, scaled.high) == (str(real.dtype), real.min(), real.max())
    one_hot = fixed_facts(facts["y_train"], "to_categorical")
    assert (one_hot.shape, one_hot.low, one_hot.high) == ((5, 10), 0.0, 1.0)
    with pytest.raises(ValueError, match="Received: fix='paint'"):
        fixed_facts(flat, "paint")


def test_digits_have_words(tiny: Dataset) -> None:
    assert class_words(tiny)[tiny.y_train[1]] == "Three"
