"""How one answer came about: what each unit added up, and the strongest paths to an output.

Layers are numbered as in `Experiment.layer_sizes`: 0 holds the inputs, the last the outputs. This
file does not know what the inputs are, nor how anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]

#: Lines that are followed from an output to the units before it, and from each unit further back.
FIRST, FURTHER = 6, 2


@dataclass(frozen=True, eq=False)
class Thought:
    """One input on its way through a network.

    Args:
        network: Any network.
        values: For each layer (units,) float32: the inputs, then each layer's activations.
        sums: For each layer but the first (units,) float32: the weighted sums.
    """

    network: Network
    values: tuple[Array, ...]
    sums: tuple[Array, ...]

    @classmethod
    def of(cls, network: Network, x: Array) -> Thought:
        """Sends one input through a network.

        Args:
            network: Any network.
            x: As for `Network.prepare`.

        Raises:
            ValueError: If it is not one input.
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
class Working:
    """One unit's weighted sum, worked out: `sum = positive + negative + bias`.

    Args:
        parts: (inputs of the unit,) float32: each input times its weight.
        weights: (inputs of the unit,) float32.
        bias: The unit's own.
        sum: The weighted sum, as the network has it.
        activation: What the unit hands on.
    """

    parts: Array
    weights: Array
    bias: float
    sum: float
    activation: float

    @property
    def positive(self) -> float:
        """All that speaks for the unit."""
        return float(self.parts[self.parts > 0].sum(dtype=np.float64))

    @property
    def negative(self) -> float:
        """All that speaks against it: below 0."""
        return float(self.parts[self.parts < 0].sum(dtype=np.float64))


def work_out(thought: Thought, layer: int, unit: int) -> Working:
    """How a unit comes by its weighted sum.

    Args:
        thought: What is thought.
        layer: From 1 to the outputs' layer.
        unit: Which unit of it.

    Raises:
        IndexError: If there is no such unit.
    """
    if not (1 <= layer < len(thought.values) and 0 <= unit < len(thought.values[layer])):
        raise IndexError(f"there is no unit {unit} in layer {layer}")
    dense = thought.network.layers[layer - 1]
    weights = dense.kernel[:, unit]
    with np.errstate(all="ignore"):  # a diverged network's infinities are an answer
        parts = thought.values[layer - 1] * weights
    return Working(
        parts,
        weights,
        float(dense.bias[unit]),
        float(thought.sums[layer - 1][unit]),
        float(thought.values[layer][unit]),
    )


class Line(NamedTuple):
    """What one unit adds to another's weighted sum.

    Attributes:
        layer: The target's; the source is in the one before.
        source: Number of the unit that gives.
        target: Number of the unit that gets.
        part: What it adds: its value times the weight; below 0 it takes away.
    """

    layer: int
    source: int
    target: int
    part: float


def strongest_paths(
    thought: Thought, unit: int, first: int = FIRST, further: int = FURTHER
) -> tuple[Line, ...]:
    """The lines by which an output gets most, followed back to the inputs.

    Args:
        thought: What is thought.
        unit: Which output.
        first: Lines to the output at most, those with the largest parts of either sign.
        further: Lines to each unit that these come from at most, and so on.

    Returns:
        From the output backwards. Units that are off hand on nothing and have no lines.
    """
    lines: list[Line] = []
    targets: Iterable[int] = (unit,)
    for layer in range(len(thought.values) - 1, 0, -1):
        most = first if not lines else further
        found = [line for target in targets for line in _lines(thought, layer, target, most)]
        lines += found
        targets = sorted({line.source for line in found})
    return tuple(lines)


def _lines(thought: Thought, layer: int, target: int, most: int) -> list[Line]:
    parts = work_out(thought, layer, target).parts
    sizes = np.where(np.isfinite(parts), np.abs(parts), 0)
    strongest = np.argsort(-sizes, kind="stable")[:most]
    return [
        Line(layer, int(source), target, float(parts[source]))
        for source in strongest
        if sizes[source] > 0
    ]
