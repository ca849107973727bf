"""Backpropagation in NumPy: one batch forward and back, with every number on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import ACTIVATIONS, QUIET
from nncore.nn.losses import encode_labels, loss_formula, targets_like
from nncore.nn.network import Layer, Network, logits_of, penalty

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Pass:
    """One batch's way through a network and back, with every number on it.

    What belongs to layers has one array for each, the output's last. Gradients of a single sample
    are those of its own loss; what a weight gets is their mean over the batch.

    Args:
        inputs: (n, inputs), as they go in.
        sums: For each layer (n, units) weighted sums.
        activations: For each layer (n, units).
        targets: (n, outputs), what the outputs should have been.
        losses: (n,), each sample's loss, before any penalty.
        penalty: What L1 and L2 add to the loss.
        by_activations: For each layer (n, units), each sample's gradient with respect to the
            activations; None for an output whose loss Keras takes from the weighted sums.
        by_sums: For each layer (n, units), each sample's gradient with respect to the sums.
        penalties: For each layer (inputs, units), the kernel's gradient by the penalty alone.
        gradients: `(kernel, bias, kernel, bias, ...)`, of the mean loss and the penalty.
    """

    inputs: Array
    sums: tuple[Array, ...]
    activations: tuple[Array, ...]
    targets: Array
    losses: Array
    penalty: float
    by_activations: tuple[Array | None, ...]
    by_sums: tuple[Array, ...]
    penalties: tuple[Array, ...]
    gradients: tuple[Array, ...]

    @property
    @QUIET
    def loss(self) -> float:
        """The batch's loss: the mean over its samples, and the penalty."""
        return float(self.losses.mean()) + self.penalty


@QUIET
def trace(network: Network, experiment: Experiment, x: Array, y: Array) -> Pass:
    """Goes through a network with a batch, and back: see `Pass`.

    The gradients are those with which Keras trains the network without dropout.

    Args:
        network: The network of `experiment`.
        experiment: Its loss and penalties.
        x: The batch, as for `Network.prepare`.
        y: (n,) class numbers.

    Raises:
        ValueError: If there are not as many labels as inputs.
    """
    inputs = network.prepare(x)  # (n, inputs)
    sums, activations = zip(*network.forward(inputs), strict=True)
    labels = encode_labels(experiment, y)
    logits = logits_of(network, sums[-1])
    formula, predictions = loss_formula(experiment.fit.loss, activations[-1], logits)
    targets = targets_like(labels, predictions)
    at_outputs = formula.gradient(targets, predictions)  # (n, outputs)
    fused = logits is not None and predictions is logits
    by_activations, by_sums = _back(network, sums, activations, at_outputs, fused)
    penalties = tuple(_penalty_gradient(layer.kernel, experiment) for layer in network.layers)
    return Pass(
        inputs,
        sums,
        activations,
        targets,
        formula.value(targets, predictions),
        penalty(network, experiment),
        by_activations,
        by_sums,
        penalties,
        _weight_gradients((inputs, *activations[:-1]), by_sums, penalties),
    )


def backward(
    network: Network, experiment: Experiment, x: Array, y: Array
) -> tuple[float, tuple[Array, ...]]:
    """The mean loss of a batch, and its gradient with respect to every weight.

    Args:
        network: As for `trace`, and so are the others.
        experiment: See there.
        x: See there.
        y: See there.

    Returns:
        The loss, including the L1 and L2 penalty, and the gradients in the order and shapes of
        the weights: `(kernel, bias, kernel, bias, ...)`.

    Raises:
        ValueError: If there are not as many labels as inputs.
    """
    passed = trace(network, experiment, x, y)
    return passed.loss, passed.gradients


def _back(
    network: Network,
    sums: Sequence[Array],
    activations: Sequence[Array],
    at_outputs: Array,
    fused: bool,
) -> tuple[tuple[Array | None, ...], tuple[Array, ...]]:
    """Each layer's gradients with respect to activations and to sums, from the last to the first.

    `at_outputs` is with respect to the outputs, or to their sums where loss and output activation
    are `fused` into one formula.
    """
    by_activations: list[Array | None] = []
    by_sums: list[Array] = []
    g = at_outputs
    for number in reversed(range(len(network.layers))):
        layer = network.layers[number]
        direct = fused and not by_sums
        by_activations.insert(0, None if direct else g)
        g = g if direct else _through_activation(layer, (sums[number], activations[number]), g)
        by_sums.insert(0, g)
        g = g @ layer.kernel.T
    return tuple(by_activations), tuple(by_sums)


def _weight_gradients(
    befores: Sequence[Array], by_sums: Sequence[Array], penalties: Sequence[Array]
) -> tuple[Array, ...]:
    """What each kernel and bias gets: the mean over the batch, and the kernel's penalty."""
    gradients: list[Array] = []
    for before, g, extra in zip(befores, by_sums, penalties, strict=True):
        gradients += [before.T @ g / len(g) + extra, g.mean(axis=0)]
    return tuple(gradients)


@QUIET
def input_gradient(network: Network, x: Array, unit: int) -> Array:
    """How one output's weighted sum answers to each input number.

    Args:
        network: Any network.
        x: Inputs as for `Network.prepare`.
        unit: Which unit of the output layer.

    Returns:
        (n, inputs): the derivative of that unit's weighted sum, before the output's activation.
    """
    passed = network.forward(x)
    column = network.layers[-1].kernel[:, unit]
    g = np.broadcast_to(column, (len(passed[0][0]), len(column)))
    for layer, values in zip(network.layers[-2::-1], passed[-2::-1], strict=True):
        g = _through_activation(layer, values, g) @ layer.kernel.T
    return g


def _through_activation(layer: Layer, passed: tuple[Array, Array], g: Array) -> Array:
    """From the gradient with respect to a layer's activations to that of its weighted sums."""
    return ACTIVATIONS[layer.activation].backward(*passed, g)


def _penalty_gradient(kernel: Array, experiment: Experiment) -> Array:
    l1, l2 = experiment.model.l1, experiment.model.l2
    return l1 * np.sign(kernel) + 2 * l2 * kernel
