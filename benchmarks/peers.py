"""The same training in other libraries, each in the fastest of its plain styles.

Every peer gets the arrays as it wants them before the clock starts, and gives back a function that
trains so many more epochs: the same batches a gradient update, the same optimizer where it has it.
Each is imported only where it is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import load
from nncore.experiment import Experiment
from nncore.nn.losses import encode_labels

Floats = NDArray[np.float32]
#: Trains so many more epochs.
Train = Callable[[int], object]
#: Batches in one call of Keras's compiled function, where that is told.
STEPS_PER_EXECUTION = 64


@dataclass(frozen=True)
class Task:
    """An experiment, and its data as a learner prepares them.

    Args:
        experiment: What to train.
        x: (n, inputs) float32.
        labels: (n,) class numbers.
    """

    experiment: Experiment
    x: Floats
    labels: NDArray[np.int64]

    @classmethod
    def of(cls, experiment: Experiment) -> Task:
        """The task with its data."""
        dataset = load(experiment.data)
        x: Floats = dataset.x_train.reshape(len(dataset.x_train), -1).astype(np.float32)
        if experiment.data.is_image:
            x /= np.float32(255)
        return cls(experiment, x, dataset.y_train)

    @property
    def y(self) -> NDArray[np.float32] | NDArray[np.int64]:
        """The labels in the form that the loss asks for."""
        return encode_labels(self.experiment, self.labels)


def keras_model(experiment: Experiment, steps_per_execution: int = 1) -> Any:
    """The network as the tutorials build and compile it."""
    import keras
    from keras import layers

    fit = experiment.fit
    hidden = [layers.Dense(units, activation="relu") for units in experiment.model.units]
    output = layers.Dense(experiment.outputs, activation="softmax")
    model = keras.Sequential([keras.Input((experiment.inputs,)), *hidden, output])
    model.compile(
        optimizer=fit.optimizer,
        loss=fit.loss,
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
    )
    return model


def model_fit(task: Task, steps_per_execution: int = 1) -> Train:
    """`model.fit`, as the tutorials write it, but without its progress bar."""
    model, y, fit = keras_model(task.experiment, steps_per_execution), task.y, task.experiment.fit
    return lambda epochs: model.fit(task.x, y, epochs=epochs, batch_size=fit.batch_size, verbose=0)


def model_fit_in_steps(task: Task) -> Train:
    """`model.fit` that runs many batches in each call of its compiled function."""
    return model_fit(task, STEPS_PER_EXECUTION)


def fit_once(experiment: Experiment) -> float:
    """Seconds from nothing but an imported Keras to a network that `model.fit` has trained."""
    task = Task.of(experiment)
    started = time.perf_counter()
    model_fit(task)(experiment.fit.epochs)
    return time.perf_counter() - started


def import_keras() -> None:
    """Imports TensorFlow and Keras, so that nothing later waits for it."""
    import keras
    import tensorflow as tf

    keras.ops.convert_to_tensor(tf.constant(0.0))


def scikit_learn(task: Task) -> Train:
    """`MLPClassifier.partial_fit`: one pass over the data in batches; Adam stands for RMSprop."""
    from sklearn.neural_network import MLPClassifier

    fit = task.experiment.fit
    network = MLPClassifier(
        task.experiment.model.units,
        solver="sgd" if fit.optimizer == "sgd" else "adam",
        learning_rate_init=fit.learning_rate,
        momentum=0.0,
        alpha=0.0,
        batch_size=fit.batch_size,
    )
    classes = np.arange(task.experiment.outputs)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            network.partial_fit(task.x, task.labels, classes=classes)

    return train


def pytorch(task: Task) -> Train:
    """The loop of PyTorch's tutorials, on tensors and without a `DataLoader`, which is slower."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    experiment = task.experiment
    layers: list[nn.Module] = []
    for inputs, units in pairwise(experiment.layer_sizes):
        layers += [nn.Linear(inputs, units), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    rate = experiment.fit.learning_rate
    optimizer = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), rate, fused=True),
        "adam": lambda: torch.optim.Adam(model.parameters(), rate, fused=True),
        "rmsprop": lambda: torch.optim.RMSprop(model.parameters(), rate, alpha=0.9),
    }[experiment.fit.optimizer]()
    x, y = torch.from_numpy(task.x), torch.from_numpy(task.labels.copy())

    def train(epochs: int) -> None:
        for _ in range(epochs):
            for rows in torch.randperm(len(x)).split(experiment.fit.batch_size):
                optimizer.zero_grad()
                loss = cross_entropy(model(x[rows]), y[rows])
                loss.backward()
                optimizer.step()

    return train


def jax_scan(task: Task) -> Train:
    """One compiled `lax.scan` over the epoch, in plain JAX, with the optimizers by hand."""
    import jax
    import jax.numpy as jnp

    experiment, size = task.experiment, task.experiment.fit.batch_size
    x, labels = jnp.asarray(task.x), jnp.asarray(task.labels.astype(np.int32))
    whole = len(task.x) // size * size
    update = _jax_update(experiment)

    def loss(weights: list[jax.Array], rows: jax.Array) -> jax.Array:
        a = x[rows]
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            a = jax.nn.relu(a @ kernel + bias)
        scores = jax.nn.log_softmax(a @ weights[-2] + weights[-1])
        return -jnp.take_along_axis(scores, labels[rows][:, None], 1).mean()

    def step(state: tuple[Any, Any], rows: jax.Array) -> tuple[Any, jax.Array]:
        weights, slots = state
        value, gradients = jax.value_and_grad(loss)(weights, rows)
        return update(weights, slots, gradients), value

    def epoch(state: Any, order: jax.Array) -> Any:
        state, _ = jax.lax.scan(step, state, order[:whole].reshape(-1, size))
        return step(state, order[whole:])[0] if whole < len(order) else state

    compiled = jax.jit(epoch, donate_argnums=0)
    rng = np.random.default_rng(0)
    weights = [jnp.asarray(array) for array in _start(experiment, rng)]
    state: Any = (
        weights,
        (jnp.zeros(()), *([jnp.zeros_like(w) for w in weights] for _ in "mv")),
    )

    def train(epochs: int) -> None:
        nonlocal state
        for _ in range(epochs):
            state = compiled(state, rng.permutation(len(task.x)).astype(np.int32))
        jax.block_until_ready(state)

    return train


def _jax_update(experiment: Experiment) -> Callable[..., Any]:
    """One step of the optimizer: `(weights, slots, gradients) -> (weights, slots)`.

    The slots are the step count, the first and the second moments.
    """
    import jax
    import jax.numpy as jnp

    rate = experiment.fit.learning_rate

    def sgd(weights: Any, slots: Any, gradients: Any) -> Any:
        return jax.tree.map(lambda w, g: w - rate * g, weights, gradients), slots

    def rmsprop(weights: Any, slots: Any, gradients: Any) -> Any:
        count, first, second = slots
        second = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, second, gradients)
        moved = jax.tree.map(
            lambda w, g, v: w - rate * g / jnp.sqrt(v + 1e-7), weights, gradients, second
        )
        return moved, (count, first, second)

    def adam(weights: Any, slots: Any, gradients: Any) -> Any:
        count, first, second = slots[0] + 1, slots[1], slots[2]
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        scale = rate * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        moved = jax.tree.map(
            lambda w, m, v: w - scale * m / (jnp.sqrt(v) + 1e-7), weights, first, second
        )
        return moved, (count, first, second)

    return {"sgd": sgd, "rmsprop": rmsprop, "adam": adam}[experiment.fit.optimizer]


def matrix_products(task: Task) -> Train:
    """The limit: the matrix products of all batches, forward and backward, and nothing else."""
    size = task.experiment.fit.batch_size
    kernels = _start(task.experiment, np.random.default_rng(0))[::2]
    batches = np.split(task.x, range(size, len(task.x), size))
    buffers = {len(batch): _Products(kernels, len(batch)) for batch in (batches[0], batches[-1])}

    def train(epochs: int) -> None:
        for _ in range(epochs):
            for batch in batches:
                buffers[len(batch)].compute(batch)

    return train


class _Products:
    """One batch's matrix products, into arrays that are there already.

    Args:
        kernels: (inputs, units) of each layer.
        size: Samples in the batch.
    """

    def __init__(self, kernels: list[Floats], size: int) -> None:
        self.kernels = kernels
        self.outputs = [np.zeros((size, kernel.shape[1]), np.float32) for kernel in kernels]
        self.deltas = [np.zeros_like(output) for output in self.outputs]
        self.gradients = [np.zeros_like(kernel) for kernel in kernels]

    def compute(self, batch: Floats) -> None:
        """Forward through all layers; backward to all kernels, and to all inputs but the first."""
        inputs = [batch, *self.outputs[:-1]]
        for x, kernel, output in zip(inputs, self.kernels, self.outputs, strict=True):
            np.matmul(x, kernel, out=output)
        for i in reversed(range(len(self.kernels))):
            np.matmul(inputs[i].T, self.deltas[i], out=self.gradients[i])
            if i:
                np.matmul(self.deltas[i], self.kernels[i].T, out=self.deltas[i - 1])


def _start(experiment: Experiment, rng: np.random.Generator) -> list[Floats]:
    """Starting weights (kernel, bias, kernel, bias, ...), Glorot-uniform."""
    weights: list[Floats] = []
    for inputs, units in pairwise(experiment.layer_sizes):
        limit = (6 / (inputs + units)) ** 0.5
        weights.append(rng.uniform(-limit, limit, (inputs, units)).astype(np.float32))
        weights.append(np.zeros(units, np.float32))
    return weights
