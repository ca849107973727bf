"""Whether a drawing is a digit at all: how far it lies from what the network has learnt from.

Softmax is sure of a scribble, too: its ten outputs always add up to 1. So the drawing is compared
with training images, as the network sees them: by the activations of its last hidden layer, scaled
to length 1. A drawing whose k-th nearest training image lies farther than for nearly all digits
that the network has never seen is refused.

Source: Sun, Ming, Zhu and Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", 2022.
Nothing but digits is needed to set it up. This file knows neither Keras nor pages.
"""

# NumPy's own annotations give Any for most of what is computed here.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data import Dataset
from nncore.network import Network

Array: TypeAlias = NDArray[Any]

#: Which of the nearest training images counts.
NEIGHBOURS = 5
#: Training images that are compared with, and test images that the limit is set by, at most.
MOST, MOST_TESTED = 12_000, 2_000
#: The share of test images that is not refused. Of digits that people drew on tablets (UNIPEN, the
#: part "tune") this keeps about 98 of 100: they differ more from MNIST than its own test images.
KEPT = 0.988
#: Rows that are worked on at a time.
_ROWS = 500


@dataclass(frozen=True, eq=False)
class Gauge:
    """What a network's drawings are compared with.

    Args:
        features: (n, units) float32, of length 1 each: training images as the network sees them.
        rows: (n,) which training images they are.
        limit: The largest distance that is still a digit's, 0 to 2.
        usual: The median distance of test images.
    """

    features: NDArray[np.float32]
    rows: NDArray[np.int64]
    limit: float
    usual: float


@dataclass(frozen=True)
class Judgement:
    """What there is to say on whether a drawing is a digit.

    Args:
        distance: To the k-th nearest training image, 0 to 2.
        limit: The largest distance that is still a digit's.
        usual: The median distance of test images.
        nearest: The training rows of the k nearest, the nearest first.
    """

    distance: float
    limit: float
    usual: float
    nearest: tuple[int, ...]

    @property
    def refused(self) -> bool:
        """Whether it is no digit, as far as the network can tell."""
        return not self.distance <= self.limit  # true for NaN, too


def fit(network: Network, dataset: Dataset) -> Gauge:
    """Compares test images with training images, and so finds out how far a digit may lie off.

    Args:
        network: A trained one.
        dataset: What it learnt from. Of its training images at most `MOST`, drawn by lot, are kept.
    """
    rows = _drawn(len(dataset.x_train), MOST)
    known = features(network, dataset.x_train[rows])
    tested = dataset.x_test[_drawn(len(dataset.x_test), MOST_TESTED)]
    distances = _distances(known, features(network, tested))
    return Gauge(known, rows, float(np.quantile(distances, KEPT)), float(np.median(distances)))


def judge(gauge: Gauge, network: Network, image: Array) -> Judgement:
    """Whether a drawing is a digit at all.

    Args:
        gauge: `fit` of the same network.
        network: The network.
        image: (28, 28) or (784,), as for `Network.predict`.
    """
    similar = gauge.features @ features(network, image)[0]  # (n,)
    count = min(NEIGHBOURS, len(similar))
    order = np.argsort(-similar, kind="stable")[:count]
    distance = float(_distance(similar[order[-1]]))
    nearest = tuple(int(row) for row in gauge.rows[order])
    return Judgement(distance, gauge.limit, gauge.usual, nearest)


def distances(gauge: Gauge, network: Network, images: Array) -> NDArray[np.float32]:
    """For many images how far each lies from its k-th nearest training image, (n,)."""
    return _distances(gauge.features, features(network, images))


def features(network: Network, images: Array) -> NDArray[np.float32]:
    """Images as the network sees them: its last hidden layer's activations, scaled to length 1.

    Without a hidden layer these are the pixels.

    Args:
        network: The network.
        images: As for `Network.predict`, one or many.

    Returns:
        (n, units) float32; a row of zeros stays one.
    """
    rows = network.count(images)
    flat = np.reshape(images, (rows, network.inputs))
    parts = [_seen(network, flat[start : start + _ROWS]) for start in range(0, rows, _ROWS)]
    found: Array = np.concatenate(parts)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return found / lengths


def _seen(network: Network, images: Array) -> Array:
    values: Array = network.prepare(images)
    for layer in network.layers[:-1]:
        _, values = layer(values)
    return values


def _distances(known: Array, seen: Array) -> NDArray[np.float32]:
    """To the k-th nearest of `known` for each of `seen`."""
    nth = min(NEIGHBOURS, len(known)) - 1
    found = [
        np.partition(-(seen[start : start + _ROWS] @ known.T), nth, axis=1)[:, nth]
        for start in range(0, len(seen), _ROWS)
    ]
    return _distance(-np.concatenate(found))


def _distance(similarity: Array) -> Array:
    """How far two points on the unit sphere are apart, from the cosine between them."""
    return np.sqrt(np.maximum(2 - 2 * similarity, 0))


def _drawn(count: int, most: int) -> NDArray[np.int64]:
    """So many rows, drawn by lot, the same each time; all of them where there are fewer."""
    return np.sort(np.random.default_rng(0).permutation(count)[:most])
