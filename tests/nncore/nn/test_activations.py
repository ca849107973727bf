"""Activations in NumPy against those of Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nncore.nn.activations import activate
from tests.nncore.nn.networks import (
    ALL_ACTIVATIONS,
)


@pytest.mark.parametrize("name", ALL_ACTIVATIONS)
def test_activations_are_those_of_keras(name: str) -> None:
    z = np.array([[-1000, -90, -20, -3, -0.1], [0, 1e-3, 2, 20, 1000]], np.float32)
    expected = keras.activations.get(name)(tf.constant(z)).numpy()
    np.testing.assert_allclose(activate(name, z), expected, rtol=2e-6, atol=1e-37)
    assert activate(name, z).dtype == np.float32


def test_unknown_activation_is_named() -> None:
    with pytest.raises(ValueError, match="Received: activation='swish'"):
        activate("swish", np.zeros(3))
