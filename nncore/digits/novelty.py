"""Tell drawings that are not digits: measure how unlike the training images a drawing is.

Softmax is confident about a scribble too: its ten outputs always add up to 1. So three things are
measured that softmax hides:

*   The distance to the k-th nearest training image. Images are compared by the activations of the
    network's last hidden layer, scaled to length 1 (Sun, Ming, Zhu and Li, "Out-of-Distribution
    Detection with Deep Nearest Neighbors", 2022).
*   The evidence: the logarithm of the sum of the exponentials of the logits, which softmax divides
    away. It is the negative energy of Liu, Wang, Owens and Li, "Energy-based Out-of-distribution
    Detection", 2020.
*   The lead of other signs: how much nearer the drawing is to the lab's own letters and shapes
    (`nncore.digits.skeletons`) than to digits. It is measured only where such signs are given.

Each is measured in standard deviations from its median over the test images. The strangeness is the
sum of the first two, or the weighted third if that is larger. A drawing that is stranger than
nearly every test image is refused. Only digits are needed to fit the limit. This module knows
neither Keras nor pages.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]

#: The distance to the nearest training image of this rank is measured.
NEIGHBOURS = 5
#: The same for the signs, of which there are fewer.
SIGN_NEIGHBOURS = 3
#: The most training images to compare with, and the most test images that set the limit.
MOST, MOST_TESTED = 12_000, 2_000
#: The most features of training images: as many as `MOST` images have behind a layer of 256 units.
#: They take 12 MB; with 1,024 units they would take 49 MB, and seconds to compute.
MOST_FEATURES = MOST * 256
#: The share of test images that is accepted. About 98 of 100 digits that people drew are then
#: accepted: they differ more from MNIST than its test images.
KEPT = 0.9875
#: The weight of the lead of other signs. The larger of two is taken instead of a sum so that
#: scribbles and noise, which are far from signs too, are refused as often as without signs.
LEAD_WEIGHT = 1.5
#: Images of a block: what is computed at once.
_ROWS = 500


class TwoSets(Protocol):
    """Images to compare with, and others of the same kind, such as a `Dataset` has them."""

    @property
    def x_train(self) -> NDArray[Any]:
        """(n, 28, 28)."""

    @property
    def x_test(self) -> NDArray[Any]:
        """(m, 28, 28)."""


@dataclass(frozen=True)
class Typical:
    """The usual value of one sign over the test images.

    Args:
        value: The median.
        spread: The standard deviation; 1 where there is none.
    """

    value: float
    spread: float

    @classmethod
    def from_values(cls, values: Array) -> Typical:
        """Return the typical value of many test images, (n,)."""
        return cls(float(np.median(values)), float(np.std(values)) or 1.0)


@dataclass(frozen=True, eq=False)
class Gauge:
    """The reference that drawings are compared with, for one network.

    Args:
        features: (n, units) float32, of length 1 each: the network's features of training images,
            followed by those of extra images that it learnt from.
        rows: The rows of those training images in the data set.
        distance: The typical distance of test images to the k-th nearest training image, 0 to 2.
        evidence: The typical evidence of test images.
        limit: The largest strangeness that is accepted as a digit.
        signs: (m, units) float32: the features of signs that are not digits; None without any.
        lead: The typical lead of these signs over digits.
    """

    features: NDArray[np.float32]
    rows: NDArray[np.int64]
    distance: Typical
    evidence: Typical
    limit: float
    signs: NDArray[np.float32] | None = None
    lead: Typical = field(default_factory=lambda: Typical(0.0, 1.0))

    def strangeness(self, distance: Any, evidence: Any, lead: Any = None) -> Any:
        """Return how unlike a digit an image is: far away, with little evidence, like a sign.

        Args:
            distance: The distance to the k-th nearest training image, a number or an array.
            evidence: The result of `evidence`, a number or an array.
            lead: The result of `lead_of_signs`, a number or an array; None without signs.

        Returns:
            Standard deviations: the sum over distance and evidence, or the weighted lead if that is
            larger.
        """
        farther = (distance - self.distance.value) / self.distance.spread
        less = (self.evidence.value - evidence) / self.evidence.spread
        if lead is None:
            return farther + less
        nearer = (lead - self.lead.value) / self.lead.spread
        return np.maximum(farther + less, LEAD_WEIGHT * nearer)

    @property
    def nbytes(self) -> int:
        """The memory that its arrays take, in bytes."""
        return self.features.nbytes + (0 if self.signs is None else self.signs.nbytes)

    def lead_of_signs(self, seen: Array, distances: Array) -> Array | None:
        """Return how much nearer images are to signs than to digits; None without signs.

        Args:
            seen: (n, units) their features.
            distances: (n,) their distances to the k-th nearest training image.

        Returns:
            (n,) differences of two distances, -2 to 2.
        """
        return None if self.signs is None else _lead_of(self.signs, seen, distances)


@dataclass(frozen=True)
class Judgement:
    """The evidence for and against a drawing being a digit.

    Args:
        distance: The distance to the k-th nearest training image, 0 to 2.
        evidence: The result of `evidence` for the drawing.
        strangeness: How unlike a digit it is, in standard deviations.
        limit: The largest strangeness that is accepted as a digit.
        usual_distance: The median distance of test images.
        usual_evidence: Their median evidence.
        nearest: The data set's rows of the k nearest training images, the nearest first.
    """

    distance: float
    evidence: float
    strangeness: float
    limit: float
    usual_distance: float
    usual_evidence: float
    nearest: tuple[int, ...]

    @property
    def is_refused(self) -> bool:
        """True if the drawing is too strange to be a digit, or its strangeness is NaN."""
        return not self.strangeness <= self.limit


@dataclass(frozen=True, eq=False)
class Fitting:
    """A detector that is not ready: it is made block by block, so that others can use the worker.

    Args:
        features: The features of the first blocks of training images, extra images and signs.
        measured: What `_measure` returned for the first blocks of test images.
    """

    features: tuple[NDArray[np.float32], ...] = ()
    measured: tuple[NDArray[np.float64], ...] = ()


def fit(
    network: Network, dataset: TwoSets, extra: Array | None = None, signs: Array | None = None
) -> Gauge:
    """Compare test images with training images to find how strange a digit may be.

    Args:
        network: A trained network.
        dataset: Its training data. A random choice of at most `MOST` training images is kept, and
            of at most `MOST_FEATURES` features.
        extra: Further images that it learnt from, which are not in the data set: (n, 784).
        signs: Images of signs that are not digits, (m, 784).
    """
    made = go_on(Fitting(), network, dataset, extra, signs, seconds=math.inf)
    assert isinstance(made, Gauge), "Only the time ends a fit earlier."
    return made


def go_on(
    fitting: Fitting,
    network: Network,
    dataset: TwoSets,
    extra: Array | None,
    signs: Array | None,
    seconds: float,
) -> Fitting | Gauge:
    """Continue a fit for about this many seconds; the result is the same however it is cut.

    Args:
        fitting: What was made so far; `Fitting()` to begin with.
        network: As for `fit`, the same for all pieces; so are the next three.
        dataset: As for `fit`.
        extra: As for `fit`.
        signs: As for `fit`.
        seconds: Seconds after which no further block of images is begun.

    Returns:
        The detector, or what was made of it: at least one block more.
    """
    end = time.monotonic() + seconds
    width = len(network.layers[-1].kernel)
    rows = _choose_rows(len(dataset.x_train), min(MOST, MOST_FEATURES // width))
    known = [*_split(dataset.x_train[rows]), *_split(extra)]
    blocks = [*known, *_split(signs)]
    tested = _split(dataset.x_test[_choose_rows(len(dataset.x_test), MOST_TESTED)])
    made, measured = list(fitting.features), list(fitting.measured)
    while len(made) < len(blocks):
        made.append(features(network, blocks[len(made)]))
        if time.monotonic() >= end:
            return Fitting(tuple(made), tuple(measured))
    reference = np.concatenate(made[: len(known)])
    others = None if signs is None else np.concatenate(made[len(known) :])
    while len(measured) < len(tested):
        measured.append(_measure(network, reference, others, tested[len(measured)]))
        if time.monotonic() >= end and len(measured) < len(tested):
            return Fitting(tuple(made), tuple(measured))
    return _finish(reference, rows, others, np.concatenate(measured, axis=1))


def _split(images: Array | None) -> list[Array]:
    """Return images in blocks; none without images."""
    if images is None:
        return []
    return [images[start : start + _ROWS] for start in range(0, len(images), _ROWS)]


def _measure(
    network: Network, known: Array, signs: Array | None, images: Array
) -> NDArray[np.float64]:
    """Return the distance and the evidence of images, and their lead if there are signs.

    Returns:
        (2, n) or (3, n): the arguments of `Gauge.strangeness`.
    """
    seen, sums = _features_and_logits(network, images)
    distances = _distances(known, seen)
    leads = [] if signs is None else [_lead_of(signs, seen, distances)]
    return np.stack([distances, evidence(sums), *leads]).astype(np.float64)


def _finish(known: Array, rows: Array, signs: Array | None, measured: Array) -> Gauge:
    """Return the detector, given what was measured of all test images."""
    distance, evidence, *lead = (Typical.from_values(values) for values in measured)
    gauge = Gauge(known, rows, distance, evidence, np.inf, signs, *lead)
    return replace(gauge, limit=float(np.quantile(gauge.strangeness(*measured), KEPT)))


def judge(gauge: Gauge, network: Network, image: Array) -> Judgement:
    """Judge whether a drawing is a digit.

    Args:
        gauge: The result of `fit` for the same network.
        network: The network that reads the drawing.
        image: (28, 28) or (784,), as for `Network.predict`.
    """
    seen, sums = _features_and_logits(network, image)
    similar = seen @ gauge.features.T  # (1, n)
    distances, supports = _to_kth(similar, NEIGHBOURS), evidence(sums)
    distance, support = float(distances[0]), float(supports[0])
    lead = gauge.lead_of_signs(seen, distances)
    strange = float(gauge.strangeness(distances, supports, lead)[0])
    order = np.argsort(-similar[0, : len(gauge.rows)], kind="stable")[:NEIGHBOURS]
    nearest = tuple(int(row) for row in gauge.rows[order])
    usual = gauge.distance.value, gauge.evidence.value
    return Judgement(distance, support, strange, gauge.limit, *usual, nearest)


def strangeness(gauge: Gauge, network: Network, images: Array) -> NDArray[np.float64]:
    """Return the strangeness of each of many images, (n,), as `judge` computes it."""
    seen, sums = _features_and_logits(network, images)
    distances = _distances(gauge.features, seen)
    lead = gauge.lead_of_signs(seen, distances)
    result: NDArray[np.float64] = gauge.strangeness(distances, evidence(sums), lead)
    return result


def evidence(sums: Array) -> NDArray[np.float64]:
    """Return how strongly the logits support any class: log sum exp.

    A single output z counts as two: z / 2 for yes and -z / 2 for no.

    Args:
        sums: (n, outputs), the output layer's weighted sums (logits).

    Returns:
        (n,). NaN where a sum is NaN.
    """
    sums = np.asarray(sums, np.float64)
    if sums.shape[1] == 1:
        sums = np.hstack([sums, -sums]) / 2
    found: NDArray[np.float64] = np.logaddexp.reduce(sums, axis=1)
    return found


def features(network: Network, images: Array) -> NDArray[np.float32]:
    """Return the activations of the last hidden layer for each image, scaled to length 1.

    Without a hidden layer the features are the pixels.

    Args:
        network: The network.
        images: As for `Network.predict`, one or many.

    Returns:
        (n, units) float32; a row of zeros stays zero.
    """
    return _features_and_logits(network, images)[0]


def _features_and_logits(network: Network, images: Array) -> tuple[NDArray[np.float32], Array]:
    """Return each image's features and logits: (n, units), (n, outputs)."""
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


def _distances(known: Array, seen: Array, rank: int = NEIGHBOURS) -> NDArray[np.float32]:
    """Return the distance of each row of `seen` to the `rank`-th nearest row of `known`."""
    starts = range(0, len(seen), _ROWS)  # one part after another: all cosines take 200 MB
    return np.concatenate([_to_kth(seen[at : at + _ROWS] @ known.T, rank) for at in starts])


def _lead_of(signs: Array, seen: Array, distances: Array) -> Array:
    """Return how much nearer images are to signs than to digits, see `Gauge.lead_of_signs`."""
    lead: Array = distances - _distances(signs, seen, SIGN_NEIGHBOURS)
    return lead


def _to_kth(similar: Array, rank: int) -> Array:
    """Return the distance to the `rank`-th nearest, (n,), from cosines between n points and others.

    On the unit sphere the distance follows from the cosine.
    """
    count = similar.shape[1]
    nth = count - min(rank, count)  # from below
    cosines = np.partition(similar, nth, axis=1)[:, nth]
    return np.sqrt(np.maximum(2 - 2 * cosines, 0))


def _choose_rows(count: int, most: int) -> NDArray[np.int64]:
    """Choose up to `most` of `count` rows at random, the same ones each time."""
    return np.sort(np.random.default_rng(0).permutation(count)[:most])
