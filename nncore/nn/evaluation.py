"""A network's loss, penalty and metrics on labelled data, as Keras's `model.evaluate` does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import QUIET
from nncore.nn.losses import encode_labels, loss, metric
from nncore.nn.network import ROWS_AT_ONCE, Array, Network


def evaluate(
    network: Network,
    experiment: Experiment,
    x: Array,
    y: Array,
    rows_at_once: int = ROWS_AT_ONCE,
) -> dict[str, float]:
    """Return the same as Keras's `model.evaluate`: loss, accuracy, and the experiment's metric.

    Args:
        network: The network of `experiment`.
        experiment: Its loss, metric and penalties.
        x: Inputs as for `Network.prepare`, at least one row.
        y: (n,) class numbers.
        rows_at_once: Rows that are in memory as float32 together.

    Returns:
        Means over all rows by name: `"loss"`, `"accuracy"` and `fit.metric`. The loss includes the
        L1 and L2 penalty.

    Raises:
        ValueError: If there are no rows, or the numbers of labels and rows differ.
    """
    return evaluate_with_outputs(network, experiment, x, y, rows_at_once)[1]


def evaluate_with_outputs(
    network: Network,
    experiment: Experiment,
    x: Array,
    y: Array,
    rows_at_once: int = ROWS_AT_ONCE,
) -> tuple[NDArray[np.float32], dict[str, float]]:
    """Return the outputs, (n, outputs) float32, and what `evaluate` returns, computed in one go.

    Arguments and errors are those of `evaluate`.
    """
    y = np.asarray(y)
    rows = network.count(x)
    if not rows or y.shape != (rows,):
        raise ValueError(
            f"y must hold one class number for each of the inputs, at least one. "
            f"Received: {rows} inputs, y of shape {y.shape}"
        )
    metrics = dict.fromkeys(("accuracy", experiment.fit.metric))
    totals = dict.fromkeys(("loss", *metrics), 0.0)
    all_outputs = []
    for part, (sums, outputs) in network.in_parts(x, rows_at_once):
        all_outputs.append(outputs)
        targets = encode_labels(experiment, y[part])
        losses = loss(experiment.fit.loss, targets, outputs, logits_of(network, sums))
        totals["loss"] += float(losses.sum(dtype=np.float64))
        for name in metrics:
            totals[name] += float(metric(name, targets, outputs).sum(dtype=np.float64))
    means = {name: total / rows for name, total in totals.items()}
    means["loss"] += penalty(network, experiment)
    return np.concatenate(all_outputs), means


@QUIET
def penalty(network: Network, experiment: Experiment) -> float:
    """Return the penalty in the loss: `l1 * sum(|w|) + l2 * sum(w ** 2)` over all kernels."""
    l1, l2 = experiment.model.l1, experiment.model.l2
    total = 0.0
    for layer in network.layers if l1 or l2 else ():
        total += l1 * float(np.abs(layer.kernel).sum())
        total += l2 * float(np.square(layer.kernel).sum())
    return total


def logits_of(network: Network, sums: Array) -> Array | None:
    """Return the output's weighted sums if Keras computes cross-entropies from them, else None."""
    return sums if network.layers[-1].activation in ("sigmoid", "softmax") else None
