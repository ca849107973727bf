"""Where the answer of a one-input network changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.units import check_one_input
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]


class Along(NamedTuple):
    """What two output neurons answer along a line of inputs.

    Attributes:
        edges: Where the answer changes, in ascending order.
        wrong: The stretches with the wrong answer.
    """

    edges: tuple[float, ...]
    wrong: tuple[tuple[float, float], ...]


#: A stretch of wrong answers that is narrower than this is not told: it would be a flicker.
NARROW = 0.005


def answers_along(x: ArrayLike, outputs: ArrayLike, threshold: float) -> Along:
    """Where the answer changes along a line, and where it is wrong.

    The answer is the neuron with the larger output; the right one is the second from `threshold`
    on. Between two inputs with different answers the outputs are taken to be straight lines.

    Args:
        x: (n,) inputs in ascending order.
        outputs: (n, 2) what the neurons say to them.
        threshold: Where the labels change.
    """
    places, values = np.asarray(x, float), np.asarray(outputs, float)
    if not len(places):
        return Along((), ())
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
        if answer != (middle >= threshold) and right - left > NARROW:
            wrong.append((left, right))
    return Along(tuple(edges), tuple(wrong))


def _crossing(x: Array, ahead: Array, i: int) -> float:
    """Where `ahead` is 0 between an input and the next one; half-way where it is no number."""
    here, there = ahead[i : i + 2].tolist()
    share = here / (here - there) if np.isfinite(ahead[i : i + 2]).all() else 0.5
    return float(x[i] + share * (x[i + 1] - x[i]))


def boundaries(
    network: Network, low: float = 0.0, high: float = 1.0, points: int = 1001
) -> tuple[float, ...]:
    """Where the answer changes along a line of inputs.

    It is looked at in evenly spaced points, and between two that differ the place is found by
    halving; two changes closer together than the points are missed.

    Args:
        network: A network with one input.
        low: Where the line begins.
        high: Where it ends.
        points: How many points to look at.

    Returns:
        The places in ascending order.

    Raises:
        ValueError: If the network has more than one input.
    """
    check_one_input(network, "boundaries")
    line = np.linspace(low, high, points)
    answers = predicted_classes(network.predict(line))
    changes = np.flatnonzero(answers[1:] != answers[:-1])
    left, right, before = line[changes], line[changes + 1], answers[changes]
    for _ in range(24):  # as many as float32 has digits
        middle = (left + right) / 2
        same = predicted_classes(network.predict(middle)) == before
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return tuple(((left + right) / 2).tolist())
