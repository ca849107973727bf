"""One batch on its way through a network: forward pass, backward pass, update, with every number.

This file imports no Streamlit, and does not decide how numbers are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn import backprop, optimizers
from nncore.nn.network import Network
from nncore.nn.optimizers import Update

Array: TypeAlias = NDArray[Any]


class TraceStep(NamedTuple):
    """One step of the walk. Layers count from 1, as in the drawing; 0 is the inputs.

    Attributes:
        kind: `"inputs"`, `"sums"`, `"activation"`, `"loss"`, `"delta"`, `"gradient"`, `"update"`.
        layer: The layer it is on; for `"update"`, the layer whose weights are shown.
    """

    kind: str
    layer: int


class Focus(NamedTuple):
    """The learner's choice: the sample, neuron and input that the worked line is about.

    Attributes:
        sample: Its place in the batch.
        unit: A unit of the step's layer.
        source: An input of that unit; the number of its inputs stands for its bias.
    """

    sample: int = 0
    unit: int = 0
    source: int = 0


@dataclass(frozen=True, eq=False)
class BatchTrace:
    """One batch on its way through a network: forward pass, backward pass and update.

    Args:
        experiment: The network's experiment.
        network: The network before the update.
        labels: (n,) class numbers.
        names: The classes' names.
        numbers: Every number of the forward and backward pass.
        update: Every number of the update.
        loss_after: The batch's loss with the new weights.
    """

    experiment: Experiment
    network: Network
    labels: Array
    names: tuple[str, ...]
    numbers: backprop.Pass
    update: Update
    loss_after: float

    @classmethod
    def of_run(cls, checkpoint: Checkpoint, dataset: Dataset, x: Array, y: Array) -> BatchTrace:
        """Send a batch through the network of a run as it is now.

        Args:
            checkpoint: A run with weights.
            dataset: Its data, for the classes' names.
            x: The batch.
            y: (n,) class numbers.
        """
        experiment, weights = checkpoint.experiment, checkpoint.weights
        network = Network.of(experiment, weights)
        numbers = backprop.compute_pass(network, experiment, x, y)
        slots = checkpoint.slots or optimizers.first_slots(experiment.fit, weights)
        with np.errstate(all="ignore"):  # a diverged network shows its NaN and infinity
            update = optimizers.update(experiment.fit, weights, numbers.gradients, slots)
        loss_after = backprop.compute_pass(
            Network.of(experiment, update.weights), experiment, x, y
        ).loss
        return cls(experiment, network, y, dataset.class_names, numbers, update, loss_after)

    @property
    def last(self) -> int:
        """The output layer's number."""
        return len(self.network.layers)

    @property
    def count(self) -> int:
        """Samples in the batch."""
        return len(self.labels)

    @property
    def is_fused(self) -> bool:
        """True if Keras computes the loss from the logits, in one formula with the activation."""
        return self.numbers.by_activations[-1] is None

    def activation(self, layer: int) -> str:
        """Return a layer's activation."""
        return self.network.layers[layer - 1].activation

    def inputs_of(self, layer: int) -> Array:
        """Return a layer's inputs, (n, inputs)."""
        return self.numbers.activations[layer - 2] if layer > 1 else self.numbers.inputs

    def weights(self, layer: int, unit: int) -> Array:
        """Return a unit's weights, with its bias at the end."""
        layer_weights = self.network.layers[layer - 1]
        return np.append(layer_weights.kernel[:, unit], layer_weights.bias[unit])

    def gradients(self, layer: int, unit: int) -> Array:
        """Return the gradients of a unit's weights, with its bias's at the end."""
        kernel, bias = self.numbers.gradients[2 * layer - 2 : 2 * layer]
        return np.append(kernel[:, unit], bias[unit])

    def optimizer_term(self, layer: int, unit: int, name: str) -> Array:
        """Return a term of the optimizer for a unit's weights, with its bias's at the end."""
        kernel, bias = (terms[name] for terms in self.update.terms[2 * layer - 2 : 2 * layer])
        return np.append(kernel[:, unit], bias[unit])

    def neuron_name(self, layer: int, unit: int) -> str:
        """Return a unit's name as in the drawing; one place past the last unit is "bias"."""
        if unit == self.layer_size(layer):
            return "bias"
        if layer == 0:
            image = self.experiment.data.is_image
            return f"pixel ({unit // 28}, {unit % 28})" if image else "x"
        if layer < self.last:
            return f"unit {unit}"
        single = self.layer_size(layer) == 1
        return f"output {self.names[-1] if single else self.names[unit]}"

    def layer_size(self, layer: int) -> int:
        """Return the number of units of a layer; layer 0 is the inputs."""
        return int(self.experiment.layer_sizes[layer])


def list_steps(trace: BatchTrace) -> tuple[TraceStep, ...]:
    """Return the steps of the walk: forward through the layers, backward, and the update."""
    layers = range(1, trace.last + 1)
    forward = [TraceStep(kind, layer) for layer in layers for kind in ("sums", "activation")]
    backward = [
        TraceStep(kind, layer) for layer in reversed(layers) for kind in ("delta", "gradient")
    ]
    return (
        TraceStep("inputs", 0),
        *forward,
        TraceStep("loss", trace.last),
        *backward,
        TraceStep("update", trace.last),
    )


def text_variant(step: TraceStep, trace: BatchTrace) -> str:
    """Return the name of the text that explains a step: `"sums"`, `"loss_..."`, ..."""
    fit = trace.experiment.fit
    match step.kind:
        case "inputs":
            return "inputs_image" if trace.experiment.data.is_image else "inputs_number"
        case "activation":
            place = "output" if step.layer == trace.last else "hidden"
            return f"{place}_{trace.activation(step.layer)}"
        case "loss":
            return f"loss_{fit.loss}"
        case "delta" if step.layer == trace.last:
            return "delta_fused" if trace.is_fused else "delta_output"
        case "update":
            return f"update_{'momentum' if fit.momentum else fit.optimizer}"
    return step.kind


def loss_activation(trace: BatchTrace) -> str:
    """Return the activation that Keras builds into the loss, whatever the output's own is."""
    return "sigmoid" if trace.experiment.fit.loss == "binary_crossentropy" else "softmax"


def step_pictures(step: TraceStep, trace: BatchTrace, focus: Focus) -> dict[str, Array]:
    """Return the pictures of a step, (28, 28) each, by caption; none for a network on numbers."""
    if not trace.experiment.data.is_image or step.layer > 1 or step.kind not in _PICTURED:
        return {}
    sample = f"#{focus.sample + 1}"
    pixels = trace.numbers.inputs[focus.sample]
    if step.kind == "inputs":
        pictures = {f"Image #{i + 1}": image for i, image in enumerate(trace.numbers.inputs)}
    elif step.kind == "sums":
        weights = trace.weights(1, focus.unit)[:-1]
        pictures = {f"Image {sample}": pixels, "Weights": weights, "Product": pixels * weights}
    else:
        gradient = trace.gradients(1, focus.unit)[:-1]
        pictures = {"Weights": trace.weights(1, focus.unit)[:-1], "Gradient": gradient}
        if step.kind == "update":
            pictures["Change"] = -trace.optimizer_term(1, focus.unit, "step")[:-1]
    return {caption: values.reshape(28, 28) for caption, values in pictures.items()}


_PICTURED = ("inputs", "sums", "gradient", "update")


def lit_neurons(step: TraceStep, trace: BatchTrace, focus: Focus) -> list[tuple[int, int]] | None:
    """Return the neurons to highlight at a step, `(layer, unit)` each; None for all of them.

    Lines between highlighted neurons are highlighted too: the worked line uses them.
    """

    def all_units(layer: int) -> list[tuple[int, int]]:
        return [(layer, unit) for unit in range(trace.layer_size(layer))]

    layer, here = step.layer, [(step.layer, focus.unit)]
    if step.kind == "update":
        return None
    if step.kind in ("sums", "gradient"):
        return all_units(layer - 1) + here
    if step.kind == "delta" and layer < trace.last:
        return here + all_units(layer + 1)
    return all_units(layer)
