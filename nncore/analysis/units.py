"""What single units do: which are dead, where they bend, what they add to an answer."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.backprop import input_gradient
from nncore.nn.network import ROWS_AT_ONCE, Network

Array: TypeAlias = NDArray[Any]


def contributions(network: Network, x: Array, unit: int) -> NDArray[np.float32]:
    """What each input number adds to the weighted sum of one output.

    Without a hidden layer this is input times weight, and the numbers add up to the weighted sum
    less its bias. With hidden layers it is input times gradient (Shrikumar et al., 2016,
    arXiv:1605.01713), the same seen from where the network stands for this input.

    Args:
        network: Any network.
        x: One input, as for `Network.prepare`.
        unit: Which unit of the output layer.

    Returns:
        float32 of `x`'s shape: above 0 what speaks for the unit, below 0 what speaks against.
    """
    inputs = network.prepare(x)
    with np.errstate(all="ignore"):
        parts = inputs * input_gradient(network, inputs, unit)
    return parts.reshape(np.shape(x))


def deciding_units(network: Network, x: Array, one: int, other: int) -> NDArray[np.float32]:
    """What each unit of the last hidden layer adds to one output's sum, less the other's.

    Args:
        network: A network with a hidden layer.
        x: One input, as for `Network.prepare`.
        one: A unit of the output layer.
        other: Another one.

    Returns:
        (units,) float32: above 0 what speaks for `one`. With the difference of both biases they
        add up to the difference of both weighted sums.
    """
    _, activations = network.forward(x)[-2]
    kernel = network.layers[-1].kernel
    with np.errstate(all="ignore"):
        return activations[0] * (kernel[:, one] - kernel[:, other])


def hinges(network: Network) -> NDArray[np.float32]:
    """Where each unit of the first layer bends: its weighted sum is 0 at `x = -bias / weight`.

    A relu turns on or off there; a sigmoid or tanh is at its steepest.

    Args:
        network: A network with one input.

    Returns:
        (units,) float32; NaN for a unit whose weight is 0, which bends nowhere.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "hinges")
    weights, biases = network.layers[0].kernel[0], network.layers[0].bias
    bends = np.full_like(weights, np.nan)
    with np.errstate(all="ignore"):
        return np.divide(-biases, weights, out=bends, where=weights != 0)


def dead_units(network: Network, x: Array) -> tuple[NDArray[np.bool_], ...]:
    """Which hidden units are off for every sample, so that no gradient reaches their weights.

    Args:
        network: Any network. Only `relu` units can be dead.
        x: Samples as for `Network.prepare`.

    Returns:
        For each hidden layer (units,) bool, true where `relu` gives 0 for all of `x`.
    """
    hidden = network.layers[:-1]
    rows = np.reshape(x, (network.count(x), network.inputs))
    dead = [np.full(len(layer.bias), layer.activation == "relu") for layer in hidden]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        passed = network.forward(rows[start : start + ROWS_AT_ONCE])
        for off, (_, activations) in zip(dead, passed, strict=False):
            off &= (activations == 0).all(axis=0)
    return tuple(dead)


def where_on(network: Network, low: float = 0.0, high: float = 1.0) -> tuple[str, ...]:
    """Whether each unit of the first layer is on for inputs from `low` (without it) to `high`.

    A unit is on where its weighted sum is above 0. A relu that never is answers 0 to all of these
    inputs, and no gradient reaches its weights: it is dead there, whatever it does outside.

    Args:
        network: A network with one input.
        low: Where the inputs begin.
        high: Where they end.

    Returns:
        `"never"`, `"always"` or `"in part"` for each unit. In part means that it bends in between.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "where_on")
    at_low, at_high = network.forward(np.array([low, high]))[0][0]  # a line: its ends tell all
    always = (at_low >= 0) & (at_high > 0)
    never = (at_low <= 0) & (at_high <= 0)
    return tuple(np.select([always, never], ["always", "never"], "in part").tolist())


def check_one_input(network: Network, what: str) -> None:
    """Raise ValueError where a network has more than one input."""
    if network.inputs != 1:
        raise ValueError(f"{what} need a network with one input. Received: {network.inputs} inputs")
