"""Decision boundaries of networks with one input: where the predicted class changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.units import check_one_input
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]


class LinePredictions(NamedTuple):
    """The predictions of two output units along a line of inputs.

    Attributes:
        edges: The inputs at which the predicted class changes, in ascending order.
        wrong: The intervals with wrong predictions, `(low, high)` each.
    """

    edges: tuple[float, ...]
    wrong: tuple[tuple[float, float], ...]


#: Intervals of wrong predictions narrower than this are left out: they would flicker on a page.
MIN_WIDTH = 0.005


def predict_along(x: ArrayLike, outputs: ArrayLike, threshold: float) -> LinePredictions:
    """Return where the predicted class changes along a line of inputs, and where it is wrong.

    The predicted class is that of the larger output; the correct one is 1 from `threshold` on.
    Between two inputs with different predictions the outputs are interpolated linearly.

    Args:
        x: (n,) inputs in ascending order.
        outputs: (n, 2) the network's outputs for them.
        threshold: The input at which the labels change.
    """
    places, values = np.asarray(x, float), np.asarray(outputs, float)
    if not len(places):
        return LinePredictions((), ())
    answers = values.argmax(axis=1) == 1
    with np.errstate(invalid="ignore"):  # a network that diverged
        ahead = values[:, 1] - values[:, 0]
    changes = np.flatnonzero(answers[1:] != answers[:-1]).tolist()
    edges = [_crossing(places, ahead, i) for i in changes]
    low, high = places[[0, -1]].tolist()
    wrong = []
    for left, right in pairwise(sorted({low, *edges, min(max(threshold, low), high), high})):
        middle = (left + right) / 2
        answer = answers[0] ^ (sum(edge < middle for edge in edges) % 2 == 1)
        if answer != (middle >= threshold) and right - left > MIN_WIDTH:
            wrong.append((left, right))
    return LinePredictions(tuple(edges), tuple(wrong))


def _crossing(x: Array, ahead: Array, i: int) -> float:
    """Return where `ahead` is 0 between input i and the next; the midpoint if it is not finite."""
    here, there = ahead[i : i + 2].tolist()
    share = here / (here - there) if np.isfinite(ahead[i : i + 2]).all() else 0.5
    return float(x[i] + share * (x[i + 1] - x[i]))


def boundaries(
    network: Network, low: float = 0.0, high: float = 1.0, points: int = 1001
) -> tuple[float, ...]:
    """Return the inputs at which the predicted class changes.

    The network is evaluated at evenly spaced points; between two with different predictions the
    boundary is found by bisection. Two boundaries between neighbouring points are missed.

    Args:
        network: A network with one input.
        low: The smallest input.
        high: The largest input.
        points: Number of points.

    Returns:
        The boundaries in ascending order.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "boundaries")
    line = np.linspace(low, high, points)
    answers = predicted_classes(network.predict(line))
    changes = np.flatnonzero(answers[1:] != answers[:-1])
    left, right, before = line[changes], line[changes + 1], answers[changes]
    for _ in range(24):  # float32 has 24 binary digits
        middle = (left + right) / 2
        same = predicted_classes(network.predict(middle)) == before
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return tuple(((left + right) / 2).tolist())
