"""Single units: which are dead, where they bend, how much they contribute to an output."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.backprop import input_gradient
from nncore.nn.network import ROWS_AT_ONCE, Network

Array: TypeAlias = NDArray[Any]


def contributions(network: Network, x: Array, unit: int) -> NDArray[np.float32]:
    """Return how much each input number contributes to the weighted sum of one output.

    Without a hidden layer this is input times weight, and the numbers add up to the weighted sum
    minus its bias. With hidden layers it is input times gradient (Shrikumar et al., 2016,
    arXiv:1605.01713), which is the same for the network linearised at this input.

    Args:
        network: Any network.
        x: One input, as for `Network.prepare`.
        unit: The output unit's number.

    Returns:
        float32 of `x`'s shape: positive for the unit, negative against it.
    """
    inputs = network.prepare(x)
    with np.errstate(all="ignore"):
        parts = inputs * input_gradient(network, inputs, unit)
    return parts.reshape(np.shape(x))


def deciding_units(network: Network, x: Array, one: int, other: int) -> NDArray[np.float32]:
    """Return how much each unit of the last hidden layer favours one output over another.

    Args:
        network: A network with a hidden layer.
        x: One input, as for `Network.prepare`.
        one: An output unit's number.
        other: Another output unit's number.

    Returns:
        (units,) float32: contributions to the sum of `one` minus those to the sum of `other`. With
        the difference of the biases they add up to the difference of the weighted sums.
    """
    _, activations = network.forward(x)[-2]
    kernel = network.layers[-1].kernel
    with np.errstate(all="ignore"):
        return activations[0] * (kernel[:, one] - kernel[:, other])


def hinges(network: Network) -> NDArray[np.float32]:
    """Return where each unit of the first layer has a weighted sum of 0: `x = -bias / weight`.

    A relu turns on or off there; a sigmoid or tanh is steepest.

    Args:
        network: A network with one input.

    Returns:
        (units,) float32; NaN for a unit with a weight of 0.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "hinges")
    weights, biases = network.layers[0].kernel[0], network.layers[0].bias
    positions = np.full_like(weights, np.nan)
    with np.errstate(all="ignore"):
        return np.divide(-biases, weights, out=positions, where=weights != 0)


def dead_units(network: Network, x: Array) -> tuple[NDArray[np.bool_], ...]:
    """Return which hidden units are off for every sample, so that no gradient reaches them.

    Args:
        network: Any network. Only `relu` units can be dead.
        x: Samples as for `Network.prepare`.

    Returns:
        For each hidden layer (units,) bool, True where `relu` is 0 for all of `x`.
    """
    hidden = network.layers[:-1]
    rows = np.reshape(x, (network.count(x), network.inputs))
    dead = [np.full(len(layer.bias), layer.activation == "relu") for layer in hidden]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        if not any(is_off.any() for is_off in dead):
            break  # of most networks no unit is off for all of the first rows
        results = network.forward(rows[start : start + ROWS_AT_ONCE])
        for is_off, (_, activations) in zip(dead, results, strict=False):
            is_off &= (activations == 0).all(axis=0)
    return tuple(dead)


def where_on(network: Network, low: float = 0.0, high: float = 1.0) -> tuple[str, ...]:
    """Return whether each unit of the first layer is on for inputs above `low`, up to `high`.

    A unit is on where its weighted sum is above 0. A relu that is never on outputs 0 for all these
    inputs, and no gradient reaches its weights: it is dead there, whatever it does outside.

    Args:
        network: A network with one input.
        low: The smallest input.
        high: The largest input.

    Returns:
        For each unit `"never"`, `"always"`, or `"in part"` if it turns on or off in between.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "where_on")
    at_low, at_high = network.forward(np.array([low, high]))[0][
        0
    ]  # the sum is linear: its ends suffice
    always = (at_low >= 0) & (at_high > 0)
    never = (at_low <= 0) & (at_high <= 0)
    return tuple(np.select([always, never], ["always", "never"], "in part").tolist())


def check_one_input(network: Network, name: str) -> None:
    """Raise ValueError if a network has more than one input; `name` is the function's."""
    if network.inputs != 1:
        raise ValueError(f"{name} need a network with one input. Received: {network.inputs} inputs")
