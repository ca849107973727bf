"""Trace one prediction: each unit's weighted sum, and the strongest paths to an output.

Layers are numbered as in `Experiment.layer_sizes`: layer 0 holds the inputs, the last one the
outputs. This file does not know what the inputs are, nor how anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]

#: Connections followed from an output to the layer before, and from each unit further back.
FIRST, FURTHER = 6, 2


@dataclass(frozen=True, eq=False)
class ActivationTrace:
    """The values of every layer for one input.

    Args:
        network: Any network.
        values: For each layer (units,) float32: the inputs, then the layers' activations.
        sums: For each layer but the first (units,) float32: the weighted sums.
    """

    network: Network
    values: tuple[Array, ...]
    sums: tuple[Array, ...]

    @classmethod
    def of(cls, network: Network, x: Array) -> ActivationTrace:
        """Return the values of every layer for one input.

        Args:
            network: Any network.
            x: As for `Network.prepare`.

        Raises:
            ValueError: If `x` is more or less than one input.
        """
        inputs = network.prepare(x)
        if len(inputs) != 1:
            raise ValueError(f"x must be one input. Received: {len(inputs)}")
        passed = network.forward(inputs)
        values = (inputs[0], *(activations[0] for _, activations in passed))
        return cls(network, values, tuple(sums[0] for sums, _ in passed))

    @property
    def outputs(self) -> Array:
        """The last layer's activations: (outputs,) float32."""
        return self.values[-1]


@dataclass(frozen=True, eq=False)
class UnitSum:
    """One unit's weighted sum in its parts: `sum = positive + negative + bias`.

    Args:
        parts: (inputs of the unit,) float32: each input times its weight.
        weights: (inputs of the unit,) float32.
        bias: The unit's bias.
        sum: The weighted sum, as the network computes it.
        activation: The unit's output.
    """

    parts: Array
    weights: Array
    bias: float
    sum: float
    activation: float

    @property
    def positive(self) -> float:
        """The sum of the positive parts."""
        return float(self.parts[self.parts > 0].sum(dtype=np.float64))

    @property
    def negative(self) -> float:
        """The sum of the negative parts, 0 or below."""
        return float(self.parts[self.parts < 0].sum(dtype=np.float64))


def explain_unit(trace: ActivationTrace, layer: int, unit: int) -> UnitSum:
    """Return a unit's weighted sum in its parts.

    Args:
        trace: The values of every layer.
        layer: The unit's layer, from 1 to the output layer.
        unit: The unit's number in it.

    Raises:
        IndexError: If there is no such unit.
    """
    if not (1 <= layer < len(trace.values) and 0 <= unit < len(trace.values[layer])):
        raise IndexError(f"there is no unit {unit} in layer {layer}")
    dense = trace.network.layers[layer - 1]
    weights = dense.kernel[:, unit]
    with np.errstate(all="ignore"):  # infinities of a diverged network are a valid result
        parts = trace.values[layer - 1] * weights
    return UnitSum(
        parts,
        weights,
        float(dense.bias[unit]),
        float(trace.sums[layer - 1][unit]),
        float(trace.values[layer][unit]),
    )


class Connection(NamedTuple):
    """A connection of two units, with its contribution to the weighted sum.

    Attributes:
        layer: The target's layer; the source is in the layer before.
        source: The source unit's number.
        target: The target unit's number.
        part: The source's value times the weight.
    """

    layer: int
    source: int
    target: int
    part: float


def strongest_paths(
    trace: ActivationTrace, unit: int, first: int = FIRST, further: int = FURTHER
) -> tuple[Connection, ...]:
    """Return the connections that contribute most to an output, traced back to the inputs.

    Args:
        trace: The values of every layer.
        unit: The output unit's number.
        first: Connections to the output at most: those with the largest parts of either sign.
        further: Connections at most to each unit that these come from, and so on.

    Returns:
        The connections from the output backwards. Units that are off contribute nothing.
    """
    lines: list[Connection] = []
    targets: Iterable[int] = (unit,)
    for layer in range(len(trace.values) - 1, 0, -1):
        most = first if not lines else further
        found = [line for target in targets for line in _lines(trace, layer, target, most)]
        lines += found
        targets = sorted({line.source for line in found})
    return tuple(lines)


def _lines(trace: ActivationTrace, layer: int, target: int, most: int) -> list[Connection]:
    parts = explain_unit(trace, layer, target).parts
    sizes = np.where(np.isfinite(parts), np.abs(parts), 0)
    strongest = np.argsort(-sizes, kind="stable")[:most]
    return [
        Connection(layer, int(source), target, float(parts[source]))
        for source in strongest
        if sizes[source] > 0
    ]
