"""One batch on its way through one network, there and back and changed: every number of it.

This file knows no Streamlit and no session, nor how numbers are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn import optimizers
from nncore.nn.backprop import Pass, trace
from nncore.nn.network import Network
from nncore.nn.optimizers import Update

Array: TypeAlias = NDArray[Any]


class Step(NamedTuple):
    """One step of the way. Layers count from 1, as in the drawing; 0 are the inputs.

    Attributes:
        kind: `"inputs"`, `"sums"`, `"activation"`, `"loss"`, `"delta"`, `"gradient"`, `"update"`.
        layer: Which layer it is on; for `"update"`, the layer whose weights are shown.
    """

    kind: str
    layer: int


class Choice(NamedTuple):
    """What the worked line is on.

    Attributes:
        sample: Place in the batch.
        unit: Unit of the step's layer.
        source: Input of that unit; as many as it has inputs stands for its bias.
    """

    sample: int = 0
    unit: int = 0
    source: int = 0


@dataclass(frozen=True, eq=False)
class Case:
    """One batch on its way through one network, there and back and changed.

    Args:
        experiment: Whose network it is.
        network: The network before the update.
        labels: (n,) class numbers.
        names: The classes' names.
        passed: Every number of the way.
        update: Every number of the update.
        after: The batch's loss with the new weights.
    """

    experiment: Experiment
    network: Network
    labels: Array
    names: tuple[str, ...]
    passed: Pass
    update: Update
    after: float

    @classmethod
    def of(cls, checkpoint: Checkpoint, dataset: Dataset, x: Array, y: Array) -> Case:
        """Sends a batch through the network of a run where it stands.

        Args:
            checkpoint: A run with weights.
            dataset: Its data, for the classes' names.
            x: The batch.
            y: (n,) class numbers.
        """
        experiment, weights = checkpoint.experiment, checkpoint.weights
        network = Network.of(experiment, weights)
        passed = trace(network, experiment, x, y)
        slots = checkpoint.slots or optimizers.first_slots(experiment.fit, weights)
        with np.errstate(all="ignore"):  # a run that went off the rails shows just that
            update = optimizers.update(experiment.fit, weights, passed.gradients, slots)
        after = trace(Network.of(experiment, update.weights), experiment, x, y).loss
        return cls(experiment, network, y, dataset.class_names, passed, update, after)

    @property
    def last(self) -> int:
        """The output layer's number."""
        return len(self.network.layers)

    @property
    def count(self) -> int:
        """Samples in the batch."""
        return len(self.labels)

    @property
    def fused(self) -> bool:
        """Whether Keras takes the loss from the logits, in one formula with the activation."""
        return self.passed.by_activations[-1] is None

    def activation(self, layer: int) -> str:
        """A layer's activation."""
        return self.network.layers[layer - 1].activation

    def into(self, layer: int) -> Array:
        """What comes into a layer, (n, inputs)."""
        return self.passed.activations[layer - 2] if layer > 1 else self.passed.inputs

    def weights(self, layer: int, unit: int) -> Array:
        """A unit's weights, its bias as the last one."""
        found = self.network.layers[layer - 1]
        return np.append(found.kernel[:, unit], found.bias[unit])

    def gradients(self, layer: int, unit: int) -> Array:
        """The gradients of a unit's weights, its bias's as the last one."""
        kernel, bias = self.passed.gradients[2 * layer - 2 : 2 * layer]
        return np.append(kernel[:, unit], bias[unit])

    def term(self, layer: int, unit: int, name: str) -> Array:
        """What the optimizer computed for each of a unit's weights, its bias's as the last one."""
        kernel, bias = (found[name] for found in self.update.terms[2 * layer - 2 : 2 * layer])
        return np.append(kernel[:, unit], bias[unit])

    def name(self, layer: int, unit: int) -> str:
        """A unit's name as the drawing has it; a layer's inputs end with "bias" one further."""
        if unit == self.size(layer):
            return "bias"
        if layer == 0:
            image = self.experiment.data.is_image
            return f"pixel ({unit // 28}, {unit % 28})" if image else "x"
        if layer < self.last:
            return f"unit {unit}"
        single = self.size(layer) == 1
        return f"output {self.names[-1] if single else self.names[unit]}"

    def size(self, layer: int) -> int:
        """Units of a layer, or inputs."""
        return int(self.experiment.layer_sizes[layer])


def steps(case: Case) -> tuple[Step, ...]:
    """The way of a batch: forwards through the layers, backwards, and the update."""
    layers = range(1, case.last + 1)
    there = [Step(kind, layer) for layer in layers for kind in ("sums", "activation")]
    back = [Step(kind, layer) for layer in reversed(layers) for kind in ("delta", "gradient")]
    return (Step("inputs", 0), *there, Step("loss", case.last), *back, Step("update", case.last))


def variant(step: Step, case: Case) -> str:
    """Which of the lesson's texts says what happens at a step: `"sums"`, `"loss_..."`, ..."""
    fit = case.experiment.fit
    match step.kind:
        case "inputs":
            return "inputs_image" if case.experiment.data.is_image else "inputs_number"
        case "activation":
            place = "output" if step.layer == case.last else "hidden"
            return f"{place}_{case.activation(step.layer)}"
        case "loss":
            return f"loss_{fit.loss}"
        case "delta" if step.layer == case.last:
            return "delta_fused" if case.fused else "delta_output"
        case "update":
            return f"update_{'momentum' if fit.momentum else fit.optimizer}"
    return step.kind


def natural_activation(case: Case) -> str:
    """The activation through which Keras takes a loss from logits, whatever the output's is."""
    return "sigmoid" if case.experiment.fit.loss == "binary_crossentropy" else "softmax"


def pictures(step: Step, case: Case, choice: Choice) -> dict[str, Array]:
    """What lies on the pixels at a step, (28, 28) each by its caption; nothing for numbers."""
    if not case.experiment.data.is_image or step.layer > 1 or step.kind not in _PICTURED:
        return {}
    sample = f"#{choice.sample + 1}"
    pixels = case.passed.inputs[choice.sample]
    if step.kind == "inputs":
        found = {f"Image #{i + 1}": image for i, image in enumerate(case.passed.inputs)}
    elif step.kind == "sums":
        weights = case.weights(1, choice.unit)[:-1]
        found = {f"Image {sample}": pixels, "Weights": weights, "Product": pixels * weights}
    else:
        gradient = case.gradients(1, choice.unit)[:-1]
        found = {"Weights": case.weights(1, choice.unit)[:-1], "Gradient": gradient}
        if step.kind == "update":
            found["Change"] = -case.term(1, choice.unit, "step")[:-1]
    return {caption: values.reshape(28, 28) for caption, values in found.items()}


_PICTURED = ("inputs", "sums", "gradient", "update")


def lit(step: Step, case: Case, choice: Choice) -> list[tuple[int, int]] | None:
    """What stands out in the drawing at a step, `(layer, unit)` each; None where everything does.

    Lines are lit between lit circles: those that go into the worked line.
    """

    def whole(layer: int) -> list[tuple[int, int]]:
        return [(layer, unit) for unit in range(case.size(layer))]

    layer, here = step.layer, [(step.layer, choice.unit)]
    if step.kind == "update":
        return None
    if step.kind in ("sums", "gradient"):
        return whole(layer - 1) + here
    if step.kind == "delta" and layer < case.last:
        return here + whole(layer + 1)
    return whole(layer)
