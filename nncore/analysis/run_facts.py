"""The facts that a diagnosis rests on: a run's loss curves, and its network's outputs on samples.

This file judges nothing: which facts are a fault is decided in `nncore.analysis.faults`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Layer, Network

Array: TypeAlias = NDArray[Any]

#: How many samples the hidden layers' values are computed for.
HIDDEN_SAMPLES = 2000
#: How many numbers from 0 to 1 take the place of rounding's test set, which has only ten.
GRID_POINTS = 1001


@dataclass(frozen=True, eq=False)
class RunFacts:
    """A run that has weights, and its network's outputs on samples it was not trained on.

    Args:
        checkpoint: Where the run ended.
        x: The samples, as for `Network.prepare`.
        y: (n,) their class numbers.
    """

    checkpoint: Checkpoint
    x: Array
    y: Array

    @property
    def experiment(self) -> Experiment:
        """The experiment of the run."""
        return self.checkpoint.experiment

    @cached_property
    def network(self) -> Network:
        """The network with the weights that the run kept."""
        return Network.of(self.experiment, self.checkpoint.weights)

    @cached_property
    def output_layer(self) -> tuple[Array, Array]:
        """The output layer's weighted sums and activations, (n, outputs) float32 each."""
        parts = [part for _, part in self.network.in_parts(self.x)]
        sums, outputs = zip(*parts, strict=True)
        return np.concatenate(sums), np.concatenate(outputs)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """(n,) the class that the network predicts for each sample."""
        return predicted_classes(self.output_layer[1])

    @cached_property
    def is_wrong(self) -> NDArray[np.bool_]:
        """(n,) True for each misclassified sample."""
        return self.predicted != self.y

    @cached_property
    def accuracy(self) -> float:
        """The share of samples classified correctly, 0 to 1."""
        return float((~self.is_wrong).mean())

    @cached_property
    def hidden_layers(self) -> list[tuple[Layer, Array]]:
        """Each hidden layer with its activations for some of the samples, (m, units) float32."""
        rows = np.reshape(self.x, (self.network.count(self.x), self.network.inputs))
        passed = self.network.forward(rows[:: max(1, len(rows) // HIDDEN_SAMPLES)])
        return [(layer, a) for layer, (_, a) in zip(self.network.layers, passed, strict=True)][:-1]

    def curve(self, name: str) -> Array:
        """Return a column of the history, one float64 per epoch; empty if there is none.

        The curve ends with the epoch whose weights were kept: later epochs did not shape them.

        Args:
            name: Such as `"loss"` or `"val_loss"`.
        """
        return np.array(self.checkpoint.kept_history.get(name, ()), float)


def choose_samples(dataset: Dataset, experiment: Experiment) -> tuple[Array, Array]:
    """Return samples to diagnose a network with: the test set, or for rounding a line of numbers.

    Args:
        dataset: The data of `experiment`.
        experiment: Its threshold labels the line.

    Returns:
        Samples as for `Network.prepare`, and their class numbers (n,).
    """
    if experiment.data.is_image:
        return dataset.x_test, dataset.y_test
    line = np.linspace(0.0, 1.0, GRID_POINTS, dtype=np.float32)[:, np.newaxis]
    return line, (line[:, 0] >= experiment.data.threshold).astype(np.int64)


def relative_slope(activation: str, outputs: Array) -> Array:
    """Return an activation's slope at given outputs, as a share of its steepest slope.

    Args:
        activation: `"sigmoid"`, `"softmax"` or `"tanh"`.
        outputs: The activation's outputs, of any shape.

    Returns:
        The slopes, of the same shape, 0 to 1.
    """
    return 1 - outputs**2 if activation == "tanh" else 4 * outputs * (1 - outputs)


def running_mean(curve: Array, width: int) -> Array:
    """Return the means over each `width` neighbouring numbers of a curve, (n - width + 1,)."""
    return np.convolve(curve, np.full(width, 1 / width), "valid")
