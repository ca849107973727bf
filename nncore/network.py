"""A dense network as arrays: what it says, how wrong it is, and why, in NumPy.

What a page asks of a network is a few matrix products; they are done here, from the weights, in
microseconds, without Keras. Every formula is the one that Keras 3 computes on its TensorFlow
backend (`keras/src/backend/tensorflow/nn.py`), and the tests hold them together.

This file does not know where weights come from, what the data mean, or how anything is drawn.
"""

# NumPy's own annotations give Any for most of what is computed here.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment

Array: TypeAlias = NDArray[Any]
_T = TypeVar("_T")

#: Keras's `backend.epsilon()`: probabilities are kept this far from 0 and 1 before a logarithm.
EPSILON = 1e-7
#: Keras's default slope of `leaky_relu` below 0.
LEAKY_SLOPE = 0.2
#: Rows computed at a time, so that 60,000 images are never in memory as float32 at once.
ROWS_AT_ONCE = 4096
#: A diverged network's infinities are an answer, not a fault: no warnings for them.
_quiet = np.errstate(all="ignore")


# Activations: each with its derivative beside it.


class _Activation(NamedTuple):
    """A function of the weighted sums, a = f(z), and how a gradient g goes back through it."""

    value: Callable[[Array], Array]  # z -> a
    backward: Callable[[Array, Array, Array], Array]  # z, a, gradient by a -> gradient by z


def _elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def _sigmoid(z: Array) -> Array:
    small = np.exp(-np.abs(z))  # at most 1, so it never overflows
    return np.where(z >= 0, 1, small) / (1 + small)


def _softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))  # at most 1, so it never overflows
    return powers / powers.sum(axis=-1, keepdims=True)


_ACTIVATIONS = {
    "linear": _Activation(lambda z: z, lambda z, a, g: g),
    "relu": _Activation(lambda z: np.maximum(z, 0), lambda z, a, g: np.where(z > 0, g, 0)),
    "leaky_relu": _Activation(
        lambda z: np.where(z > 0, z, LEAKY_SLOPE * z),
        lambda z, a, g: np.where(z > 0, g, LEAKY_SLOPE * g),
    ),
    "elu": _Activation(_elu, lambda z, a, g: np.where(z > 0, g, (a + 1) * g)),
    "tanh": _Activation(np.tanh, lambda z, a, g: g * (1 - a * a)),
    "sigmoid": _Activation(_sigmoid, lambda z, a, g: g * a * (1 - a)),
    "softmax": _Activation(_softmax, lambda z, a, g: a * (g - (g * a).sum(axis=-1, keepdims=True))),
}


@_quiet
def activate(name: str, z: Array) -> Array:
    """An activation function of weighted sums, as Keras computes it.

    Args:
        name: One of `experiment.ACTIVATIONS` or `experiment.OUTPUT_ACTIVATIONS`. `leaky_relu` has
            Keras's slope of 0.2 below 0, `elu` its alpha of 1.
        z: Weighted sums, float, any shape. `softmax` is taken along the last axis.

    Returns:
        An array of `z`'s shape and dtype. Large `z` of either sign do not overflow.

    Raises:
        ValueError: If there is no activation of this name.
    """
    return _named(_ACTIVATIONS, "activation", name).value(np.asarray(z))


# Losses: each with its derivative beside it. y and p are (n, outputs).


class _Loss(NamedTuple):
    """One number for each sample, and its derivative with respect to the second argument."""

    value: Callable[[Array, Array], Array]  # y, p -> (n,)
    gradient: Callable[[Array, Array], Array]  # y, p -> (n, outputs)


def _clip(p: Array) -> Array:
    return np.clip(p, EPSILON, 1 - EPSILON)


def _unclipped(p: Array) -> Array:
    """Where clipping changes nothing: elsewhere the derivative is 0."""
    return (p >= EPSILON) & (p <= 1 - EPSILON)


def _squared_error(y: Array, p: Array) -> Array:
    return np.square(p - y).mean(axis=-1)


def _squared_error_gradient(y: Array, p: Array) -> Array:
    return 2 * (p - y) / p.shape[-1]


def _binary(y: Array, p: Array) -> Array:
    c = _clip(p)
    return -(y * np.log(c) + (1 - y) * np.log(1 - c)).mean(axis=-1)


def _binary_gradient(y: Array, p: Array) -> Array:
    c = _clip(p)
    return _unclipped(p) * (c - y) / (c * (1 - c)) / p.shape[-1]


def _binary_of_logits(y: Array, z: Array) -> Array:
    # -log of the sigmoid: max(z, 0) keeps the power at most 1
    return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=-1)


def _binary_of_logits_gradient(y: Array, z: Array) -> Array:
    return (_sigmoid(z) - y) / z.shape[-1]


def _categorical(y: Array, p: Array) -> Array:
    share = p / p.sum(axis=-1, keepdims=True)
    return -(y * np.log(_clip(share))).sum(axis=-1)


def _categorical_gradient(y: Array, p: Array) -> Array:
    total = p.sum(axis=-1, keepdims=True)
    share = p / total
    g = -y / _clip(share) * _unclipped(share)  # with respect to share
    return (g - (g * share).sum(axis=-1, keepdims=True)) / total


def _sparse(y: Array, p: Array) -> Array:
    # Keras takes the logarithms for logits here, so the clipped values are made to sum to 1
    c = _clip(p)
    return np.log(c.sum(axis=-1)) - (y * np.log(c)).sum(axis=-1)


def _sparse_gradient(y: Array, p: Array) -> Array:
    c = _clip(p)
    return _unclipped(p) * (1 / c.sum(axis=-1, keepdims=True) - y / c)


def _categorical_of_logits(y: Array, z: Array) -> Array:
    top = z.max(axis=-1, keepdims=True)
    log_sum = top + np.log(np.exp(z - top).sum(axis=-1, keepdims=True))
    return (y * (log_sum - z)).sum(axis=-1)


def _categorical_of_logits_gradient(y: Array, z: Array) -> Array:
    return _softmax(z) - y


_LOSSES = {
    "mean_squared_error": _Loss(_squared_error, _squared_error_gradient),
    "binary_crossentropy": _Loss(_binary, _binary_gradient),
    "categorical_crossentropy": _Loss(_categorical, _categorical_gradient),
    "sparse_categorical_crossentropy": _Loss(_sparse, _sparse_gradient),
}
_LOSSES_OF_LOGITS = {
    "binary_crossentropy": _Loss(_binary_of_logits, _binary_of_logits_gradient),
    "categorical_crossentropy": _Loss(_categorical_of_logits, _categorical_of_logits_gradient),
    "sparse_categorical_crossentropy": _Loss(
        _categorical_of_logits, _categorical_of_logits_gradient
    ),
}


@_quiet
def loss(name: str, y_true: Array, y_pred: Array, logits: Array | None = None) -> Array:
    """The loss of each sample, as Keras computes it.

    Inside a model Keras remembers the weighted sums behind a sigmoid or softmax, whichever it was,
    and takes every cross-entropy from these *logits*: so it stays exact where the outputs have run
    into 0 or 1. Hand them over as `logits` to get what `fit` and `evaluate` report. Without them
    the loss comes from the outputs, kept between 1e-7 and 1 - 1e-7, as `keras.losses` does it.

    Args:
        name: One of `experiment.LOSSES`.
        y_true: Labels in the loss's form: (n, outputs) float32, or (n,) class numbers for
            `sparse_categorical_crossentropy`. See `encode_labels`.
        y_pred: (n, outputs) float32 outputs.
        logits: (n, outputs) float32 weighted sums behind `y_pred`, or None.

    Returns:
        (n,) float32, before any L1 or L2 penalty.

    Raises:
        ValueError: If there is no loss of this name, or the shapes do not go together.
    """
    formula, y_pred = _loss_formula(name, y_pred, logits)
    return formula.value(_targets(y_true, y_pred), y_pred)


def _loss_formula(name: str, y_pred: Array, logits: Array | None) -> tuple[_Loss, Array]:
    """The loss's formula, and the array that goes into it."""
    formula = _named(_LOSSES, "loss", name)
    if logits is None or name not in _LOSSES_OF_LOGITS:
        return formula, y_pred
    return _LOSSES_OF_LOGITS[name], logits


# Labels and metrics.


def encode_labels(experiment: Experiment, y: Array) -> Array:
    """Class numbers in the form that the experiment's loss asks for.

    Args:
        experiment: Its `labels` says which form.
        y: (n,) class numbers.

    Returns:
        `"integer"`: (n,) int64; `"one_hot"`: (n, outputs) float32; `"binary"`: (n, 1) float32.

    Raises:
        ValueError: If a class number has no output.
    """
    return encode(y, experiment.labels, experiment.outputs)


def encode(y: Array, form: str, outputs: int) -> Array:
    """Class numbers as `"integer"`, `"one_hot"` or `"binary"` labels: see `encode_labels`."""
    y = np.asarray(y, dtype=np.int64)
    classes = max(2, outputs)
    if y.ndim != 1 or (y.size and not 0 <= y.min() <= y.max() < classes):
        raise ValueError(
            f"y must hold one class number from 0 to {classes - 1} for each sample. "
            f"Received: shape {y.shape}, values {sorted(set(y.flat))[:12]}"
        )
    if form == "integer":
        return y
    if form == "binary":
        return y[:, np.newaxis].astype(np.float32)
    return np.eye(classes, dtype=np.float32)[y]


def predicted_classes(outputs: Array, threshold: float = 0.5) -> NDArray[np.int64]:
    """The class that each row of outputs stands for.

    Args:
        outputs: (n, outputs).
        threshold: Above it a single output says class 1. Several outputs do not use it.

    Returns:
        (n,) int64: the place of the largest output, or 0 and 1 for a single output.
    """
    outputs = np.asarray(outputs)
    if outputs.shape[-1] == 1:
        return (outputs[:, 0] > threshold).astype(np.int64)
    return outputs.argmax(axis=-1)


@_quiet
def metric(name: str, y_true: Array, y_pred: Array) -> Array:
    """A metric of each sample, as Keras computes it.

    Args:
        name: One of `experiment.METRICS`. `accuracy` is what Keras makes of that word: above 0.5
            or not for a single output, the largest output otherwise.
        y_true: Labels in the form of `encode_labels`. For the two errors class numbers are taken
            one-hot (Keras refuses them).
        y_pred: (n, outputs) float32 outputs.

    Returns:
        (n,) float32; the metric is their mean.

    Raises:
        ValueError: If there is no metric of this name, or the shapes do not go together.
    """
    return _named(_METRICS, "metric", name)(_targets(y_true, y_pred), y_pred)


def _accuracy(y: Array, p: Array) -> Array:
    return (predicted_classes(y) == predicted_classes(p)).astype(np.float32)


_METRICS: dict[str, Callable[[Array, Array], Array]] = {
    "accuracy": _accuracy,
    "mean_squared_error": _squared_error,
    "mean_absolute_error": lambda y, p: np.abs(p - y).mean(axis=-1),
}


def _targets(y_true: Array, y_pred: Array) -> Array:
    """`y_true` in the shape of `y_pred`: class numbers become one-hot, or stay for one output."""
    if y_true.shape == y_pred.shape:
        return y_true
    if y_true.shape != y_pred.shape[:1]:
        raise ValueError(
            "y_true must have the shape of y_pred, or be one class number a row. "
            f"Received: y_true {y_true.shape}, y_pred {y_pred.shape}"
        )
    if y_pred.shape[-1] == 1:
        return y_true[:, np.newaxis].astype(y_pred.dtype)
    return np.eye(y_pred.shape[-1], dtype=y_pred.dtype)[y_true]


# The network.


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

    @_quiet
    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Weighted sums and activations, each (n, units), of (n, inputs)."""
        sums = x @ self.kernel + self.bias
        return sums, activate(self.activation, sums)


@dataclass(frozen=True, eq=False)
class Network:
    """Dense layers one after another.

    Args:
        layers: At least one layer; the last is the output.
        scaled: Whether uint8 pixels are divided by 255 on their way in.
    """

    layers: tuple[Layer, ...]
    scaled: bool = False

    @classmethod
    def of(cls, experiment: Experiment, weights: Sequence[Array]) -> Network:
        """The network of an experiment with these weights.

        Args:
            experiment: Its sizes, activations and scaling.
            weights: `(kernel, bias, kernel, bias, ...)`, float32; they are used, not copied.

        Raises:
            ValueError: If a weight has not the shape that the experiment asks for.
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
        """How many numbers make up one input."""
        return int(self.layers[0].kernel.shape[0])

    @property
    def outputs(self) -> int:
        """How many units the output layer has."""
        return int(self.layers[-1].kernel.shape[1])

    def prepare(self, x: Array) -> NDArray[np.float32]:
        """Inputs as the network was trained on them.

        Args:
            x: (n, inputs) or (n, 28, 28), or a single one of these without the first axis;
                numbers for a network with one input may come as (n,). uint8 pixels 0..255 are
                divided by 255 where the network is `scaled`; floats are taken as they are.

        Returns:
            (n, inputs) float32.

        Raises:
            ValueError: If the shape does not fit, or other integers than uint8 come for pixels.
        """
        x = np.asarray(x)
        if self.scaled and x.dtype.kind in "iu" and x.dtype != np.uint8:
            raise ValueError(f"pixels must be uint8 or float. Received: dtype {x.dtype}")
        rows = x.reshape(self.count(x), self.inputs).astype(np.float32)
        if self.scaled and x.dtype == np.uint8:
            rows /= 255
        return rows

    def count(self, x: Array) -> int:
        """How many rows `x` holds, of the shapes that `prepare` takes.

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
        """What every layer makes of `x`.

        Args:
            x: As for `prepare`, one row or many. All rows are computed at once.

        Returns:
            `(weighted_sums, activations)` for each layer, each (n, units) float32.
        """
        passed = []
        values: Array = self.prepare(x)  # (n, inputs)
        for layer in self.layers:
            sums, values = layer(values)  # each (n, units)
            passed.append((sums, values))
        return passed

    def predict(self, x: Array, rows_at_once: int = ROWS_AT_ONCE) -> NDArray[np.float32]:
        """The outputs.

        Args:
            x: As for `prepare`, one row or many.
            rows_at_once: How many rows are in memory as float32 at a time.

        Returns:
            (n, outputs) float32.
        """
        parts = [outputs for _, (_, outputs) in self.in_parts(x, rows_at_once)]
        return np.concatenate(parts)

    def in_parts(
        self, x: Array, rows_at_once: int = ROWS_AT_ONCE
    ) -> Iterator[tuple[slice, tuple[Array, Array]]]:
        """Goes through many rows a part at a time.

        Args:
            x: As for `prepare`, one row or many.
            rows_at_once: How many rows make up a part.

        Yields:
            Which rows, and the last layer's `(weighted_sums, activations)` for them.
        """
        rows = self.count(x)
        flat = np.reshape(x, (rows, self.inputs))
        for start in range(0, max(1, rows), rows_at_once):
            part = slice(start, start + rows_at_once)
            values: Array = self.prepare(flat[part])
            for layer in self.layers:  # not forward(): the hidden layers' values are let go of
                sums, values = layer(values)
            yield part, (sums, values)


def evaluate(
    network: Network,
    experiment: Experiment,
    x: Array,
    y: Array,
    rows_at_once: int = ROWS_AT_ONCE,
) -> dict[str, float]:
    """What `model.evaluate` gives: loss, accuracy, and the experiment's own metric.

    Args:
        network: The network of `experiment`.
        experiment: Its loss, metric and penalties.
        x: Inputs as for `Network.prepare`, at least one row.
        y: (n,) class numbers.
        rows_at_once: How many rows are in memory as float32 at a time.

    Returns:
        Means over all rows by name: `{"loss": ..., "accuracy": ...}` and `fit.metric`. The loss
        includes the L1 and L2 penalty.

    Raises:
        ValueError: If there are no rows, or not as many labels as rows.
    """
    y = np.asarray(y)
    rows = network.count(x)
    if not rows or y.shape != (rows,):
        raise ValueError(
            f"y must hold one class number for each of the inputs, of which there must be one or "
            f"more. Received: {rows} inputs, y of shape {y.shape}"
        )
    metrics = dict.fromkeys(("accuracy", experiment.fit.metric))
    totals = dict.fromkeys(("loss", *metrics), 0.0)
    for part, (sums, outputs) in network.in_parts(x, rows_at_once):
        targets = encode_labels(experiment, y[part])
        losses = loss(experiment.fit.loss, targets, outputs, _logits(network, sums))
        totals["loss"] += float(losses.sum(dtype=np.float64))
        for name in metrics:
            totals[name] += float(metric(name, targets, outputs).sum(dtype=np.float64))
    means = {name: total / rows for name, total in totals.items()}
    means["loss"] += penalty(network, experiment)
    return means


@_quiet
def penalty(network: Network, experiment: Experiment) -> float:
    """What L1 and L2 add to the loss: `l1 * sum(|w|) + l2 * sum(w ** 2)` over all kernels."""
    l1, l2 = experiment.model.l1, experiment.model.l2
    total = 0.0
    for layer in network.layers if l1 or l2 else ():
        total += l1 * float(np.abs(layer.kernel).sum())
        total += l2 * float(np.square(layer.kernel).sum())
    return total


# Backpropagation.


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
    @_quiet
    def loss(self) -> float:
        """The batch's loss: the mean over its samples, and the penalty."""
        return float(self.losses.mean()) + self.penalty


@_quiet
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
    logits = _logits(network, sums[-1])
    formula, predictions = _loss_formula(experiment.fit.loss, activations[-1], logits)
    targets = _targets(labels, predictions)
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


@_quiet
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


def _logits(network: Network, sums: Array) -> Array | None:
    """The output's weighted sums where Keras takes a cross-entropy from them."""
    return sums if network.layers[-1].activation in ("sigmoid", "softmax") else None


def _through_activation(layer: Layer, passed: tuple[Array, Array], g: Array) -> Array:
    """From the gradient with respect to a layer's activations to that of its weighted sums."""
    return _ACTIVATIONS[layer.activation].backward(*passed, g)


def _penalty_gradient(kernel: Array, experiment: Experiment) -> Array:
    l1, l2 = experiment.model.l1, experiment.model.l2
    return l1 * np.sign(kernel) + 2 * l2 * kernel


def _named(table: Mapping[str, _T], what: str, name: str) -> _T:
    if name not in table:
        raise ValueError(f"{what} must be one of {', '.join(table)}. Received: {what}={name!r}")
    return table[name]


def _listed(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
