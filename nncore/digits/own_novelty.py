"""Tell drawings that are none of a learner's classes: measure how unlike their own drawings one is.

A network has no output for "none of these", and softmax always adds up to 1. So a drawing is
compared with the drawings that the network learnt from: if even the nearest of them is far away,
the drawing is none of the classes. That is the nearest-neighbour method of one-class classification
(Tax, "One-class classification", PhD thesis, Delft 2001).

Lesson 4 compares the activations of the last hidden layer (`nncore.digits.novelty`; Sun and others,
2022). A network of 32 units that learnt 45 drawings keeps too little of a drawing for that. Images
are compared instead, blurred by a pixel, so that a line that is drawn a little beside another one
is still near it (Simard, LeCun and Denker, "Efficient pattern recognition using a new
transformation distance", 1993), and scaled to length 1.

Measured on three signs of one person, 20 drawings each (`benchmarks/own.py`): pixels tell other
signs apart in 99.9 % of pairs (AUROC), the hidden layer in 94 %, the evidence in 77 %. Of letters
by sixty writers, whose shapes differ more than those of other letters, only a fifth of the others
is refused. The page says so: the limit is only as narrow as the drawings are alike.

This module knows neither the network nor pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.digits.novelty import TwoSets
from nncore.digits.placement import FIELD

Array: TypeAlias = NDArray[Any]

#: The standard deviation of the blur in pixels.
BLUR = 1.0
#: Standard deviations above the mean distance from which on a drawing is none of the classes. Of
#: drawings by the same person about 97 in 100 are then accepted.
ABOVE = 2.0


@dataclass(frozen=True, eq=False)
class Reference:
    """The drawings to compare with, and the distance that is still accepted.

    Args:
        known: (n, 784) float32, blurred and of length 1: the drawings that were learnt.
        usual: The mean distance of a learner's drawing to the nearest other one, 0 to 1.4.
        limit: The largest distance that is accepted.
    """

    known: NDArray[np.float32]
    usual: float
    limit: float


class Likeness(NamedTuple):
    """The likeness of a drawing to those that were learnt.

    Attributes:
        distance: Its distance to the nearest learnt drawing, 0 to 1.4; NaN for an empty drawing.
        limit: The largest distance that is accepted.
        nearest: The row of that drawing in `x_train`.
    """

    distance: float
    limit: float
    nearest: int

    @property
    def is_none(self) -> bool:
        """True where the drawing is like nothing that was learnt, or is empty."""
        return not self.distance <= self.limit


def fit(dataset: TwoSets) -> Reference:
    """Measure how far a learner's own drawings are from each other.

    Each learnt drawing is compared with the others, and each held-out one with all. The limit is
    two standard deviations above the mean of these distances: with so few drawings, a quantile
    would depend on one or two of them.

    Args:
        dataset: A learner's data. It takes milliseconds for 200 drawings.
    """
    known, held_out = _prepare(dataset.x_train), _prepare(dataset.x_test)
    alike = known @ known.T
    np.fill_diagonal(alike, -1)
    nearest = np.concatenate([alike.max(axis=1), (held_out @ known.T).max(axis=1, initial=-1)])
    distances = _distance(nearest)
    limit = float(distances.mean() + ABOVE * distances.std())
    return Reference(known, float(distances.mean()), limit)


def compare(reference: Reference, image: Array) -> Likeness:
    """Compare a drawing with those that were learnt.

    Args:
        reference: What `fit` returned.
        image: (28, 28) or (784,) uint8.
    """
    alike = (_prepare(image.reshape(1, -1)) @ reference.known.T)[0]
    nearest = int(alike.argmax())
    distance = float(_distance(alike[nearest])) if image.any() else float("nan")
    return Likeness(distance, reference.limit, nearest)


def measure(reference: Reference, images: Array) -> NDArray[np.float32]:
    """Return the distance of each drawing to the nearest learnt one.

    Args:
        reference: What `fit` returned.
        images: (n, 28, 28) or (n, 784) uint8, none of them empty.

    Returns:
        (n,) float32, 0 to 1.4.
    """
    return _distance((_prepare(images) @ reference.known.T).max(axis=1))


def _prepare(images: Array) -> NDArray[np.float32]:
    """Return images blurred and scaled to length 1, (n, 784); an empty one stays empty."""
    places = np.arange(FIELD)
    spread = np.exp(-(((places[:, np.newaxis] - places) / BLUR) ** 2) / 2)
    fields = images.reshape(-1, FIELD, FIELD).astype(np.float32)
    rows: Array = (spread @ fields @ spread.T).reshape(len(fields), -1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(lengths, 1e-9)).astype(np.float32)


def _distance(cosines: Any) -> Any:
    """Return the distance of two points on the unit sphere from the cosine between them."""
    return np.sqrt(np.maximum(2 - 2 * cosines, 0))
