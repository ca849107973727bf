"""Backpropagation in NumPy: a batch's forward and backward pass, with every number in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import ACTIVATIONS, QUIET
from nncore.nn.evaluation import logits_of, penalty
from nncore.nn.losses import encode_labels, loss_formula, targets_like
from nncore.nn.network import Layer, Network

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Pass:
    """The forward and backward pass of one batch, with every number in it.

    Values of layers are tuples with one array for each layer, the output layer's last. A sample's
    gradients are those of its own loss; a weight's gradient is their mean over the batch.

    Args:
        inputs: (n, inputs), as prepared for the network.
        sums: For each layer (n, units) weighted sums.
        activations: For each layer (n, units).
        targets: (n, outputs) the outputs that the labels ask for.
        losses: (n,) each sample's loss, without penalty.
        penalty: The amount that L1 and L2 add to the loss.
        by_activations: For each layer (n, units), each sample's gradient with respect to the
            activations; None for an output whose loss Keras computes from the weighted sums.
        by_sums: For each layer (n, units), each sample's gradient with respect to the sums.
        penalties: For each layer (inputs, units), the gradient of the penalty alone with respect
            to the kernel.
        gradients: `(kernel, bias, kernel, bias, ...)`, of the mean loss plus the penalty.
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
        """The batch's loss: the mean over its samples, plus the penalty."""
        return float(self.losses.mean()) + self.penalty


@QUIET
def compute_pass(network: Network, experiment: Experiment, x: Array, y: Array) -> Pass:
    """Return the forward and backward pass of a batch.

    The gradients are those with which Keras trains the network without dropout.

    Args:
        network: The network of `experiment`.
        experiment: Its loss and penalties.
        x: The batch, as for `Network.prepare`.
        y: (n,) class numbers.

    Raises:
        ValueError: If the numbers of labels and inputs differ.
    """
    inputs = network.prepare(x)  # (n, inputs)
    sums, activations = zip(*network.forward(inputs), strict=True)
    labels = encode_labels(experiment, y)
    logits = logits_of(network, sums[-1])
    formula, predictions = loss_formula(experiment.fit.loss, activations[-1], logits)
    targets = targets_like(labels, predictions)
    at_outputs = formula.gradient(targets, predictions)  # (n, outputs)
    is_fused = logits is not None and predictions is logits
    by_activations, by_sums = _pass_back(network, sums, activations, at_outputs, is_fused)
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
    """Return the mean loss of a batch, and its gradient with respect to every weight.

    Args:
        network: The network of `experiment`.
        experiment: Its loss and penalties.
        x: The batch, as for `Network.prepare`.
        y: (n,) class numbers.

    Returns:
        The loss, including the L1 and L2 penalty, and the gradients in the order and shapes of
        the weights: `(kernel, bias, kernel, bias, ...)`.

    Raises:
        ValueError: If the numbers of labels and inputs differ.
    """
    passed = compute_pass(network, experiment, x, y)
    return passed.loss, passed.gradients


def _pass_back(
    network: Network,
    sums: Sequence[Array],
    activations: Sequence[Array],
    at_outputs: Array,
    is_fused: bool,
) -> tuple[tuple[Array | None, ...], tuple[Array, ...]]:
    """Return each layer's gradients with respect to its activations and to its sums.

    Args:
        network: Any network.
        sums: For each layer (n, units).
        activations: For each layer (n, units).
        at_outputs: (n, outputs) the loss's gradient with respect to the outputs, or to their sums
            if `is_fused`.
        is_fused: True if loss and output activation are one formula.
    """
    by_activations: list[Array | None] = []
    by_sums: list[Array] = []
    g = at_outputs
    for number in reversed(range(len(network.layers))):
        layer = network.layers[number]
        is_direct = is_fused and not by_sums
        by_activations.insert(0, None if is_direct else g)
        g = g if is_direct else _through_activation(layer, (sums[number], activations[number]), g)
        by_sums.insert(0, g)
        g = g @ layer.kernel.T
    return tuple(by_activations), tuple(by_sums)


def _weight_gradients(
    inputs: Sequence[Array], by_sums: Sequence[Array], penalties: Sequence[Array]
) -> tuple[Array, ...]:
    """Return each kernel's and bias's gradient: the mean over the batch, plus the penalty's.

    Args:
        inputs: For each layer (n, inputs), the values that go into it.
        by_sums: For each layer (n, units).
        penalties: For each layer (inputs, units).
    """
    gradients: list[Array] = []
    for values, g, extra in zip(inputs, by_sums, penalties, strict=True):
        gradients += [values.T @ g / len(g) + extra, g.mean(axis=0)]
    return tuple(gradients)


@QUIET
def input_gradient(network: Network, x: Array, unit: int) -> Array:
    """Return the derivative of one output's weighted sum with respect to each input number.

    Args:
        network: Any network.
        x: Inputs as for `Network.prepare`.
        unit: The output unit's number.

    Returns:
        (n, inputs) float32.
    """
    passed = network.forward(x)
    column = network.layers[-1].kernel[:, unit]
    g = np.broadcast_to(column, (len(passed[0][0]), len(column)))
    for layer, values in zip(network.layers[-2::-1], passed[-2::-1], strict=True):
        g = _through_activation(layer, values, g) @ layer.kernel.T
    return g


def _through_activation(layer: Layer, passed: tuple[Array, Array], g: Array) -> Array:
    """Return the gradient with respect to a layer's sums from that with respect to activations.

    Args:
        layer: The layer.
        passed: Its weighted sums and activations, (n, units) each.
        g: (n, units) the gradient with respect to the activations.
    """
    return ACTIVATIONS[layer.activation].backward(*passed, g)


def _penalty_gradient(kernel: Array, experiment: Experiment) -> Array:
    l1, l2 = experiment.model.l1, experiment.model.l2
    return l1 * np.sign(kernel) + 2 * l2 * kernel
