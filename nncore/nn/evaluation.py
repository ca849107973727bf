"""A network's loss, penalty and metrics on labelled data, as Keras's `model.evaluate` does it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment
from nncore.nn.activations import QUIET
from nncore.nn.losses import encode_labels, loss, metric
from nncore.nn.network import ROWS_AT_ONCE, Array, Network

#: The number of rows, then the sums over them of the loss without its penalty and of the metrics.
Totals: TypeAlias = tuple[float, ...]
#: Products of weights and inputs in one part of an evaluation: some tenths of a second at most.
PRODUCTS_PER_PART = 2**31


def evaluate(network: Network, experiment: Experiment, x: Array, y: Array) -> dict[str, float]:
    """Return the same as Keras's `model.evaluate`: loss, accuracy, and the experiment's metric.

    Args:
        network: The network of `experiment`.
        experiment: Its loss, metric and penalties.
        x: Inputs as for `Network.prepare`, at least one row.
        y: (n,) class numbers.

    Returns:
        Means over all rows by name: `"loss"`, `"accuracy"` and `fit.metric`. The loss includes the
        L1 and L2 penalty.

    Raises:
        ValueError: If there are no rows, or the numbers of labels and rows differ.
    """
    return evaluate_with_outputs(network, experiment, x, y)[1]


def evaluate_with_outputs(
    network: Network, experiment: Experiment, x: Array, y: Array
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
    totals: Totals = ()
    all_outputs = []
    for part, (sums, outputs) in network.in_parts(x, rows_of_part(experiment)):
        all_outputs.append(outputs)
        totals = _add(totals, _total(network, experiment, y[part], sums, outputs))
    return np.concatenate(all_outputs), means_of(network, experiment, totals)


def evaluate_part(
    network: Network, experiment: Experiment, x: Array, y: Array, totals: Totals = ()
) -> Totals:
    """Evaluate the next part of some rows, where evaluating all of them would take too long.

    Args:
        network: As for `evaluate`, and so are `experiment`, `x` and `y`.
        experiment: The experiment.
        x: All rows.
        y: Their class numbers.
        totals: What the call for the part before has returned; empty for the first part.

    Returns:
        The totals of all parts so far: once `totals[0]` is `len(y)`, `means_of` makes of them what
        `evaluate` returns, bit for bit.
    """
    first = int(totals[0]) if totals else 0
    part = slice(first, first + rows_of_part(experiment))
    _, (sums, outputs) = next(network.in_parts(x[part]))
    return _add(totals, _total(network, experiment, y[part], sums, outputs))


def means_of(network: Network, experiment: Experiment, totals: Totals) -> dict[str, float]:
    """Return the loss, with its penalty, and the metrics by name.

    Args:
        network: The network.
        experiment: The experiment.
        totals: The totals of all rows.
    """
    rows, *sums = totals
    names = ("loss", *_metrics(experiment))
    means = {name: total / rows for name, total in zip(names, sums, strict=True)}
    means["loss"] += penalty(network, experiment)
    return means


def rows_of_part(experiment: Experiment) -> int:
    """Return how many rows are computed together: fewer for a large network."""
    return max(1, min(ROWS_AT_ONCE, PRODUCTS_PER_PART // experiment.parameters))


def _total(
    network: Network, experiment: Experiment, y: Array, sums: Array, outputs: Array
) -> Totals:
    """Return the totals of some rows.

    Args:
        network: The network.
        experiment: The experiment.
        y: (n,) class numbers.
        sums: (n, outputs) weighted sums of the output layer.
        outputs: (n, outputs) outputs.
    """
    targets = encode_labels(experiment, y)
    losses = loss(experiment.fit.loss, targets, outputs, logits_of(network, sums))
    columns = (losses, *(metric(name, targets, outputs) for name in _metrics(experiment)))
    return (float(len(y)), *(float(column.sum(dtype=np.float64)) for column in columns))


def _metrics(experiment: Experiment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(("accuracy", experiment.fit.metric)))


def _add(totals: Totals, more: Totals) -> Totals:
    return tuple(map(sum, zip(totals, more, strict=True))) if totals else more


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
