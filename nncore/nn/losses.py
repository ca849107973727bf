"""Losses, metrics and label encodings in NumPy, as Keras computes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import QUIET, look_up, sigmoid, softmax

Array: TypeAlias = NDArray[Any]


#: Keras's `backend.epsilon()`: probabilities are kept this far from 0 and 1 before a logarithm.
EPSILON = 1e-7


class LossFormula(NamedTuple):
    """A loss of each sample, and its derivative with respect to the second argument."""

    value: Callable[[Array, Array], Array]  # y, p -> (n,)
    gradient: Callable[[Array, Array], Array]  # y, p -> (n, outputs)


def _clip(p: Array) -> Array:
    return np.clip(p, EPSILON, 1 - EPSILON)


def _is_unclipped(p: Array) -> Array:
    """Return True where clipping changes nothing; elsewhere the derivative is 0."""
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
    return _is_unclipped(p) * (c - y) / (c * (1 - c)) / p.shape[-1]


def _binary_of_logits(y: Array, z: Array) -> Array:
    # -log of the sigmoid: max(z, 0) keeps the power at most 1
    return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=-1)


def _binary_of_logits_gradient(y: Array, z: Array) -> Array:
    return (sigmoid(z) - y) / z.shape[-1]


def _categorical(y: Array, p: Array) -> Array:
    share = p / p.sum(axis=-1, keepdims=True)
    return -(y * np.log(_clip(share))).sum(axis=-1)


def _categorical_gradient(y: Array, p: Array) -> Array:
    total = p.sum(axis=-1, keepdims=True)
    share = p / total
    g = -y / _clip(share) * _is_unclipped(share)  # with respect to share
    return (g - (g * share).sum(axis=-1, keepdims=True)) / total


def _sparse(y: Array, p: Array) -> Array:
    # Keras takes the logarithms for logits here, so the clipped values are made to sum to 1
    c = _clip(p)
    return np.log(c.sum(axis=-1)) - (y * np.log(c)).sum(axis=-1)


def _sparse_gradient(y: Array, p: Array) -> Array:
    c = _clip(p)
    return _is_unclipped(p) * (1 / c.sum(axis=-1, keepdims=True) - y / c)


def _categorical_of_logits(y: Array, z: Array) -> Array:
    top = z.max(axis=-1, keepdims=True)
    log_sum = top + np.log(np.exp(z - top).sum(axis=-1, keepdims=True))
    return (y * (log_sum - z)).sum(axis=-1)


def _categorical_of_logits_gradient(y: Array, z: Array) -> Array:
    return softmax(z) - y


_LOSSES = {
    "mean_squared_error": LossFormula(_squared_error, _squared_error_gradient),
    "binary_crossentropy": LossFormula(_binary, _binary_gradient),
    "categorical_crossentropy": LossFormula(_categorical, _categorical_gradient),
    "sparse_categorical_crossentropy": LossFormula(_sparse, _sparse_gradient),
}


_LOSSES_OF_LOGITS = {
    "binary_crossentropy": LossFormula(_binary_of_logits, _binary_of_logits_gradient),
    "categorical_crossentropy": LossFormula(
        _categorical_of_logits, _categorical_of_logits_gradient
    ),
    "sparse_categorical_crossentropy": LossFormula(
        _categorical_of_logits, _categorical_of_logits_gradient
    ),
}


@QUIET
def loss(name: str, y_true: Array, y_pred: Array, logits: Array | None = None) -> Array:
    """Return the loss of each sample, as Keras computes it.

    Inside a model Keras remembers the weighted sums behind a sigmoid or softmax and computes
    cross-entropies from these *logits*, so they stay exact where the outputs are 0 or 1 after
    rounding. Pass them as `logits` for the loss that `fit` and `evaluate` report. Without them the
    loss is computed from the outputs, clipped to 1e-7 and 1 - 1e-7, as in `keras.losses`.

    Args:
        name: One of `experiment.LOSSES`.
        y_true: Labels in the loss's form: (n, outputs) float32, or (n,) class numbers for
            `sparse_categorical_crossentropy`. See `encode_labels`.
        y_pred: (n, outputs) float32 outputs.
        logits: (n, outputs) float32 weighted sums behind `y_pred`, or None.

    Returns:
        (n,) float32, before any L1 or L2 penalty.

    Raises:
        ValueError: If there is no loss of this name, or the shapes do not fit.
    """
    formula, y_pred = loss_formula(name, y_pred, logits)
    return formula.value(targets_like(y_true, y_pred), y_pred)


def loss_formula(name: str, y_pred: Array, logits: Array | None) -> tuple[LossFormula, Array]:
    """Return a loss's formula, and the array to put into it: the outputs or the logits."""
    formula = look_up(_LOSSES, "loss", name)
    if logits is None or name not in _LOSSES_OF_LOGITS:
        return formula, y_pred
    return _LOSSES_OF_LOGITS[name], logits


def encode_labels(experiment: Experiment, y: Array) -> Array:
    """Return class numbers in the form that the experiment's loss needs.

    Args:
        experiment: Its `labels` is the form.
        y: (n,) class numbers.

    Returns:
        `"integer"`: (n,) int64; `"one_hot"`: (n, outputs) float32; `"binary"`: (n, 1) float32.

    Raises:
        ValueError: If a class number has no output.
    """
    return encode(y, experiment.labels, experiment.outputs)


def encode(y: Array, form: str, outputs: int) -> Array:
    """Return class numbers as `"integer"`, `"one_hot"` or `"binary"` labels (`encode_labels`)."""
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
    """Return the class that each row of outputs predicts.

    Args:
        outputs: (n, outputs).
        threshold: A single output above it predicts class 1. Several outputs do not use it.

    Returns:
        (n,) int64: the number of the largest output, or 0 and 1 for a single output.
    """
    outputs = np.asarray(outputs)
    if outputs.shape[-1] == 1:
        return (outputs[:, 0] > threshold).astype(np.int64)
    return outputs.argmax(axis=-1)


@QUIET
def metric(name: str, y_true: Array, y_pred: Array) -> Array:
    """Return a metric of each sample, as Keras computes it.

    Args:
        name: One of `experiment.METRICS`. For `"accuracy"` a single output predicts class 1 above
            0.5; of several outputs the largest predicts its class.
        y_true: Labels in the form of `encode_labels`. For the two errors class numbers become
            one-hot (Keras refuses them).
        y_pred: (n, outputs) float32 outputs.

    Returns:
        (n,) float32; the metric is their mean.

    Raises:
        ValueError: If there is no metric of this name, or the shapes do not fit.
    """
    return look_up(_METRICS, "metric", name)(targets_like(y_true, y_pred), y_pred)


def _accuracy(y: Array, p: Array) -> Array:
    return (predicted_classes(y) == predicted_classes(p)).astype(np.float32)


_METRICS: dict[str, Callable[[Array, Array], Array]] = {
    "accuracy": _accuracy,
    "mean_squared_error": _squared_error,
    "mean_absolute_error": lambda y, p: np.abs(p - y).mean(axis=-1),
}


def targets_like(y_true: Array, y_pred: Array) -> Array:
    """Return `y_true` in the shape of `y_pred`.

    Class numbers (n,) become one-hot (n, outputs), or (n, 1) for a single output.

    Raises:
        ValueError: If `y_true` is neither of that shape nor class numbers.
    """
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
