"""Lesson 3, Train: the training loop in five steps, and one pass through it in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn.backprop import backward
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.content.settings import word_value
from ui.core import resources
from ui.core.keys import Key
from ui.core.wording import fixed, number
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

LOOP = Key("mnist.loop", False)


def show_training_loop(page: LessonPage, view: View) -> None:
    """Draw the expander on the training loop; its content only while it is open."""
    title = "**The training loop** in five steps"
    expander = st.expander(title, key=LOOP.name, on_change="rerun")
    if not expander.open:
        return
    dataset = resources.dataset(view.experiment.data)
    numbers = _loop_numbers(view.experiment, dataset)
    left, right = expander.columns(2, gap="medium")
    left.markdown(page.text("loop", **numbers))
    with right:
        if view.network is None:
            st.info(page.text("loop_untrained"), icon=":material/arrow_upward:")
            return
        step = take_training_step(view.network, view.experiment, dataset)
        st.markdown(page.text("loop_numbers"))
        st.code(describe_training_step(step), language=None, wrap_lines=True)
        st.caption(page.text("loop_sgd", **numbers))


def _loop_numbers(experiment: Experiment, dataset: Dataset) -> dict[str, Any]:
    """Return the numbers and words that the text on the loop takes."""
    fit = experiment.fit
    rows = training_rows(len(dataset.x_train), fit)
    samples = rows.stop - rows.start
    return {
        "samples": samples,
        "batch": min(fit.batch_size, samples),
        "steps": updates_per_epoch(len(dataset.x_train), fit),
        "parameters": experiment.parameters,
        "loss": word_value("fit.loss", fit.loss),
        "optimizer": word_value("fit.optimizer", fit.optimizer),
        "rate": f"{fit.learning_rate:g}",
        "activation": experiment.model.activation if experiment.model.units else "softmax",
    }


class TrainingStep(NamedTuple):
    """The numbers of one pass through the training loop, which ends with a step of plain SGD.

    Attributes:
        batch: Number of samples in the batch.
        layer_shapes: For each layer the shapes that go in and come out:
            `relu((128, 784) · (784, 32) + (32,))` and the result.
        loss: The batch's loss before the step.
        mean_gradient: The mean size of the gradient's numbers.
        place: The first-layer weight with the largest gradient: row, column, unit.
        old_weight: This weight before the step.
        weight_gradient: Its gradient.
        new_weight: This weight after the step.
        new_loss: The same batch's loss after the step.
    """

    batch: int
    layer_shapes: tuple[str, ...]
    loss: float
    mean_gradient: float
    place: tuple[int, int, int]
    old_weight: float
    weight_gradient: float
    new_weight: float
    new_loss: float


def take_training_step(network: Network, experiment: Experiment, dataset: Dataset) -> TrainingStep:
    """Go through the training loop once, with the first batch of training images.

    Args:
        network: The network before the step; it is not changed.
        experiment: Its loss, batch size and learning rate are used.
        dataset: The data of `experiment`.
    """
    start = training_rows(len(dataset.x_train), experiment.fit).start
    rows = slice(start, start + experiment.fit.batch_size)
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    loss, gradients = backward(network, experiment, x, y)
    kernel, kernel_gradient = network.layers[0].kernel, gradients[0]
    pixel, unit = np.unravel_index(np.abs(kernel_gradient).argmax(), kernel_gradient.shape)
    rate = experiment.fit.learning_rate
    old = [array for layer in network.layers for array in (layer.kernel, layer.bias)]
    new = [array - rate * gradient for array, gradient in zip(old, gradients, strict=True)]
    sizes = np.abs(np.concatenate([gradient.ravel() for gradient in gradients]))
    return TrainingStep(
        batch=len(x),
        layer_shapes=tuple(_layer_shapes(network, len(x))),
        loss=loss,
        mean_gradient=float(sizes.mean()),
        place=(int(pixel) // 28, int(pixel) % 28, int(unit)),
        old_weight=float(kernel[pixel, unit]),
        weight_gradient=float(kernel_gradient[pixel, unit]),
        new_weight=float(new[0][pixel, unit]),
        new_loss=evaluate(Network.of(experiment, new), experiment, x, y)["loss"],
    )


def describe_training_step(step: TrainingStep) -> str:
    """Return the step's numbers as text: one or two lines for each of the loop's five parts."""
    row, column, unit = step.place
    sign = "+" if step.weight_gradient > 0 else ""
    old, new = (fixed(w, 6, is_signed=True) for w in (step.old_weight, step.new_weight))
    return "\n".join(
        (
            f"1  x: the first {step.batch:,} training images",
            *(f"2  {line}" for line in step.layer_shapes),
            f"3  loss = {fixed(step.loss, 6)}",
            f"4  gradient: mean size {number(step.mean_gradient)}; the largest",
            f"   in layer 1: {sign}{number(step.weight_gradient, 4)}, from the pixel in",
            f"   row {row}, column {column}, to unit {unit}",
            f"5  this weight: {old} → {new}",
            f"   loss, same batch: {fixed(step.loss, 6)} → {fixed(step.new_loss, 6)}",
        )
    )


def _layer_shapes(network: Network, batch: int) -> Iterator[str]:
    """Yield the shapes that go into each layer and come out of it."""
    for layer in network.layers:
        inputs, units = layer.kernel.shape
        yield (
            f"{layer.activation}(({batch}, {inputs}) · ({inputs}, {units}) + ({units},))"
            f"\n   → ({batch}, {units})"
        )
