"""Whether a drawing is a digit at all: how unlike it is to what the network has learnt from.

Softmax is sure of a scribble, too: its ten outputs always add up to 1. So two signs are looked at
that softmax does not show:

*   The distance. The drawing is compared with training images, as the network sees them: by the
    activations of its last hidden layer, scaled to length 1. The k-th nearest counts (Sun, Ming,
    Zhu and Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", 2022).
*   The evidence, the logarithm of the sum of the exponentials of the output's weighted sums, which
    softmax divides away: the energy with its sign turned (Liu, Wang, Owens and Li, "Energy-based
    Out-of-distribution Detection", 2020).

Each is measured in standard deviations from what is usual for test images, and both are added up.
A drawing with more of that than nearly all digits that the network has never seen is refused.
Nothing but digits is needed to set it up. This file knows neither Keras nor pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]

#: Which of the nearest training images counts.
NEIGHBOURS = 5
#: Training images that are compared with, and test images that the limit is set by, at most.
MOST, MOST_TESTED = 12_000, 2_000
#: The share of test images that is not refused. Of digits that people drew on tablets (UNIPEN, the
#: part "tune") this keeps about 98 of 100: they differ more from MNIST than its own test images.
KEPT = 0.986
#: Rows that are worked on at a time.
_ROWS = 500


@dataclass(frozen=True)
class Usual:
    """What one sign is for test images.

    Args:
        value: The median.
        spread: The standard deviation; 1 where there is none.
    """

    value: float
    spread: float

    @classmethod
    def of(cls, values: Array) -> Usual:
        """That of many test images, (n,)."""
        return cls(float(np.median(values)), float(np.std(values)) or 1.0)


@dataclass(frozen=True, eq=False)
class Gauge:
    """What a network's drawings are compared with.

    Args:
        features: (n, units) float32, of length 1 each: training images as the network sees them,
            and then what it has learnt from beside those.
        rows: Which training images they are; as many as there are of them.
        distance: What the distance to the k-th nearest training image is for test images, 0 to 2.
        evidence: What the evidence is for them.
        limit: The largest strangeness that is still a digit's.
    """

    features: NDArray[np.float32]
    rows: NDArray[np.int64]
    distance: Usual
    evidence: Usual
    limit: float

    def strangeness(self, distance: Any, evidence: Any) -> Any:
        """How unlike to digits, in standard deviations: farther, and with less evidence.

        Args:
            distance: To the k-th nearest training image, a number or an array.
            evidence: As `evidence` computes it, likewise.
        """
        farther = (distance - self.distance.value) / self.distance.spread
        less = (self.evidence.value - evidence) / self.evidence.spread
        return farther + less


@dataclass(frozen=True)
class Judgement:
    """What there is to say on whether a drawing is a digit.

    Args:
        distance: To the k-th nearest training image, 0 to 2.
        evidence: How much the output's weighted sums speak for anything.
        strangeness: How unlike to digits it is by both, in standard deviations.
        limit: The largest strangeness that is still a digit's.
        usual_distance: The median distance of test images.
        usual_evidence: Their median evidence.
        nearest: The training rows of the k nearest, the nearest first.
    """

    distance: float
    evidence: float
    strangeness: float
    limit: float
    usual_distance: float
    usual_evidence: float
    nearest: tuple[int, ...]

    @property
    def refused(self) -> bool:
        """Whether it is no digit, as far as the network can tell."""
        return not self.strangeness <= self.limit  # true for NaN, too


def fit(network: Network, dataset: Dataset, beside: Array | None = None) -> Gauge:
    """Compares test images with training images, and so finds out how strange a digit may be.

    Args:
        network: A trained one.
        dataset: What it learnt from. Of its training images at most `MOST`, drawn by lot, are kept.
        beside: Images that it learnt from, too, and which are not in the data set: (n, 784).
    """
    rows = _drawn(len(dataset.x_train), MOST)
    known = features(network, dataset.x_train[rows])
    if beside is not None:
        known = np.concatenate([known, features(network, beside)])
    tested = dataset.x_test[_drawn(len(dataset.x_test), MOST_TESTED)]
    seen, sums = _seen(network, tested)
    away, speaks = _distances(known, seen), evidence(sums)
    gauge = Gauge(known, rows, Usual.of(away), Usual.of(speaks), limit=np.inf)
    limit = float(np.quantile(gauge.strangeness(away, speaks), KEPT))
    return replace(gauge, limit=limit)


def judge(gauge: Gauge, network: Network, image: Array) -> Judgement:
    """Whether a drawing is a digit at all.

    Args:
        gauge: `fit` of the same network.
        network: The network.
        image: (28, 28) or (784,), as for `Network.predict`.
    """
    seen, sums = _seen(network, image)
    similar = seen @ gauge.features.T  # (1, n)
    away, speaks = float(_to_kth(similar)[0]), float(evidence(sums)[0])
    strange = float(gauge.strangeness(away, speaks))
    order = np.argsort(-similar[0, : len(gauge.rows)], kind="stable")[:NEIGHBOURS]
    nearest = tuple(int(row) for row in gauge.rows[order])
    usual = gauge.distance.value, gauge.evidence.value
    return Judgement(away, speaks, strange, gauge.limit, *usual, nearest)


def strangeness(gauge: Gauge, network: Network, images: Array) -> NDArray[np.float64]:
    """How strange each of many images is, (n,): as `judge` finds, at once."""
    seen, sums = _seen(network, images)
    away = _distances(gauge.features, seen)
    found: NDArray[np.float64] = gauge.strangeness(away, evidence(sums))
    return found


def evidence(sums: Array) -> NDArray[np.float64]:
    """How much an output layer's weighted sums speak for anything: log sum exp.

    A single output z speaks for yes by z / 2 and for no by -z / 2.

    Args:
        sums: (n, outputs).

    Returns:
        (n,). NaN where a sum is NaN.
    """
    sums = np.asarray(sums, np.float64)
    if sums.shape[1] == 1:
        sums = np.hstack([sums, -sums]) / 2
    found: NDArray[np.float64] = np.logaddexp.reduce(sums, axis=1)
    return found


def features(network: Network, images: Array) -> NDArray[np.float32]:
    """Images as the network sees them: its last hidden layer's activations, scaled to length 1.

    Without a hidden layer these are the pixels.

    Args:
        network: The network.
        images: As for `Network.predict`, one or many.

    Returns:
        (n, units) float32; a row of zeros stays one.
    """
    return _seen(network, images)[0]


def _seen(network: Network, images: Array) -> tuple[NDArray[np.float32], Array]:
    """For each image its features and the output's weighted sums: (n, units), (n, outputs)."""
    rows = network.count(images)
    flat = np.reshape(images, (rows, network.inputs))
    hidden, sums = [], []
    for start in range(0, rows, _ROWS):
        values: Array = network.prepare(flat[start : start + _ROWS])
        for layer in network.layers[:-1]:
            _, values = layer(values)
        hidden.append(values)
        sums.append(network.layers[-1](values)[0])
    found: Array = np.concatenate(hidden)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return found / lengths, np.concatenate(sums)


def _distances(known: Array, seen: Array) -> NDArray[np.float32]:
    """To the k-th nearest of `known` for each of `seen`."""
    parts = [seen[start : start + _ROWS] @ known.T for start in range(0, len(seen), _ROWS)]
    return np.concatenate([_to_kth(part) for part in parts])


def _to_kth(similar: Array) -> Array:
    """How far the k-th nearest is: (n,), from the cosines between n points and all others.

    On the unit sphere the distance follows from the cosine.
    """
    nth = min(NEIGHBOURS, similar.shape[1]) - 1
    cosines = -np.partition(-similar, nth, axis=1)[:, nth]
    return np.sqrt(np.maximum(2 - 2 * cosines, 0))


def _drawn(count: int, most: int) -> NDArray[np.int64]:
    """So many rows, drawn by lot, the same each time; all of them where there are fewer."""
    return np.sort(np.random.default_rng(0).permutation(count)[:most])
