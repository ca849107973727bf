"""Activation functions and their derivatives in NumPy, as Keras computes them.

Every formula is the one of Keras 3's TensorFlow backend (`keras/src/backend/tensorflow/nn.py`);
tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
_T = TypeVar("_T")

#: Keras's default slope of `leaky_relu` below 0.
LEAKY_SLOPE = 0.2
#: Infinities of a diverged network are a valid result: they shall cause no warnings.
QUIET = np.errstate(all="ignore")


class Activation(NamedTuple):
    """A function of weighted sums, a = f(z), and the gradient that goes back through it."""

    value: Callable[[Array], Array]  # z -> a
    backward: Callable[[Array, Array, Array], Array]  # z, a, gradient by a -> gradient by z


def _elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def sigmoid(z: Array) -> Array:
    """Return the sigmoid of weighted sums, of any shape."""
    small = np.exp(-np.abs(z))  # at most 1, so it never overflows
    return np.where(z >= 0, 1, small) / (1 + small)


def softmax(z: Array) -> Array:
    """Return the softmax of weighted sums along the last axis."""
    powers = np.exp(z - z.max(axis=-1, keepdims=True))  # at most 1, so it never overflows
    return powers / powers.sum(axis=-1, keepdims=True)


ACTIVATIONS = {
    "linear": Activation(lambda z: z, lambda z, a, g: g),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda z, a, g: np.where(z > 0, g, 0)),
    "leaky_relu": Activation(
        lambda z: np.where(z > 0, z, LEAKY_SLOPE * z),
        lambda z, a, g: np.where(z > 0, g, LEAKY_SLOPE * g),
    ),
    "elu": Activation(_elu, lambda z, a, g: np.where(z > 0, g, (a + 1) * g)),
    "tanh": Activation(np.tanh, lambda z, a, g: g * (1 - a * a)),
    "sigmoid": Activation(sigmoid, lambda z, a, g: g * a * (1 - a)),
    "softmax": Activation(softmax, lambda z, a, g: a * (g - (g * a).sum(axis=-1, keepdims=True))),
}


@QUIET
def activate(name: str, z: Array) -> Array:
    """Return an activation function of weighted sums, as Keras computes it.

    Args:
        name: One of `experiment.ACTIVATIONS` or `experiment.OUTPUT_ACTIVATIONS`. `leaky_relu` has
            Keras's slope of 0.2 below 0, `elu` its alpha of 1.
        z: Weighted sums, float of any shape. `softmax` works along the last axis.

    Returns:
        An array of `z`'s shape and dtype. Large `z` of either sign do not overflow.

    Raises:
        ValueError: If there is no activation of this name.
    """
    return look_up(ACTIVATIONS, "activation", name).value(np.asarray(z))


def look_up(table: Mapping[str, _T], what: str, name: str) -> _T:
    """Return an entry of a table of functions; raise ValueError with the known names otherwise."""
    if name not in table:
        raise ValueError(f"{what} must be one of {', '.join(table)}. Received: {what}={name!r}")
    return table[name]
