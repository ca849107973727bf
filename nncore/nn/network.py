"""A dense network as NumPy arrays: forward pass, predictions, evaluation.

A page needs a few matrix products of a trained network. They are computed here from the weights, in
microseconds, without Keras.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import QUIET, activate

Array: TypeAlias = NDArray[Any]
#: Rows computed together, so that 60,000 images are never in memory as float32.
ROWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense layer: `activation(x @ kernel + bias)`.

    Args:
        kernel: (inputs, units) float32.
        bias: (units,) float32.
        activation: One of `experiment.ACTIVATIONS` or `experiment.OUTPUT_ACTIVATIONS`.
    """

    kernel: Array
    bias: Array
    activation: str

    @QUIET
    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Return weighted sums and activations, (n, units) each, of `x` (n, inputs)."""
        sums = x @ self.kernel + self.bias
        return sums, activate(self.activation, sums)


@dataclass(frozen=True, eq=False)
class Network:
    """Dense layers one after another.

    Args:
        layers: At least one layer; the last is the output.
        scaled: True if uint8 pixels are divided by 255 before they go in.
    """

    layers: tuple[Layer, ...]
    scaled: bool = False

    @classmethod
    def of(cls, experiment: Experiment, weights: Sequence[Array]) -> Network:
        """Return the network of an experiment with these weights.

        Args:
            experiment: Its sizes, activations and scaling are used.
            weights: `(kernel, bias, kernel, bias, ...)` float32; they are not copied.

        Raises:
            ValueError: If a weight's shape is not the one in the experiment.
        """
        sizes = experiment.layer_sizes
        expected = [s for a, b in pairwise(sizes) for s in ((a, b), (b,))]
        received = [np.shape(array) for array in weights]
        if received != expected:
            raise ValueError(
                f"weights must have the shapes {_listed(expected)}. Received: {_listed(received)}"
            )
        hidden = len(experiment.model.units)
        activations = (experiment.model.activation,) * hidden
        activations += (experiment.model.output_activation,)
        arrays = [np.asarray(array, dtype=np.float32) for array in weights]
        layers = map(Layer, arrays[::2], arrays[1::2], activations)
        return cls(tuple(layers), scaled=experiment.data.is_image and experiment.data.scaled)

    @property
    def inputs(self) -> int:
        """The numbers that make up one input."""
        return int(self.layers[0].kernel.shape[0])

    @property
    def outputs(self) -> int:
        """The units of the output layer."""
        return int(self.layers[-1].kernel.shape[1])

    def prepare(self, x: Array) -> NDArray[np.float32]:
        """Return inputs in the form in which the network was trained on them.

        Args:
            x: (n, inputs) or (n, 28, 28), or a single one of these without the first axis;
                numbers for a network with one input may be (n,). uint8 pixels, 0 to 255, are
                divided by 255 if the network is `scaled`; floats are used unchanged.

        Returns:
            (n, inputs) float32.

        Raises:
            ValueError: If the shape does not fit, or pixels are integers other than uint8.
        """
        x = np.asarray(x)
        if self.scaled and x.dtype.kind in "iu" and x.dtype != np.uint8:
            raise ValueError(f"pixels must be uint8 or float. Received: dtype {x.dtype}")
        rows = x.reshape(self.count(x), self.inputs).astype(np.float32)
        if self.scaled and x.dtype == np.uint8:
            rows /= 255
        return rows

    def count(self, x: Array) -> int:
        """Return the number of rows of `x`, of a shape that `prepare` accepts.

        Raises:
            ValueError: If the shape does not fit.
        """
        shape = np.shape(x)
        if shape and math.prod(shape[1:]) == self.inputs:
            return int(shape[0])
        if math.prod(shape) == self.inputs:
            return 1
        raise ValueError(f"x must hold {self.inputs} numbers a row. Received: shape {shape}")

    def forward(self, x: Array) -> list[tuple[Array, Array]]:
        """Return every layer's weighted sums and activations.

        Args:
            x: As for `prepare`, one row or many. All rows are computed together.

        Returns:
            `(weighted_sums, activations)` for each layer, each (n, units) float32.
        """
        results = []
        values: Array = self.prepare(x)  # (n, inputs)
        for layer in self.layers:
            sums, values = layer(values)  # each (n, units)
            results.append((sums, values))
        return results

    def predict(self, x: Array, rows_at_once: int = ROWS_AT_ONCE) -> NDArray[np.float32]:
        """Return the outputs.

        Args:
            x: As for `prepare`, one row or many.
            rows_at_once: Rows that are in memory as float32 together.

        Returns:
            (n, outputs) float32.
        """
        parts = [outputs for _, (_, outputs) in self.in_parts(x, rows_at_once)]
        return np.concatenate(parts)

    def in_parts(
        self, x: Array, rows_at_once: int = ROWS_AT_ONCE
    ) -> Iterator[tuple[slice, tuple[Array, Array]]]:
        """Compute the outputs of many rows in parts.

        Args:
            x: As for `prepare`, one row or many.
            rows_at_once: Rows of a part.

        Yields:
            A slice of rows, and the output layer's `(weighted_sums, activations)` for them.
        """
        rows = self.count(x)
        flat = np.reshape(x, (rows, self.inputs))
        for start in range(0, max(1, rows), rows_at_once):
            part = slice(start, start + rows_at_once)
            values: Array = self.prepare(flat[part])
            for layer in self.layers:  # not forward(), which keeps the hidden layers' values
                sums, values = layer(values)
            yield part, (sums, values)


def _listed(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
