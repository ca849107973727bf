"""What one asks about a trained network: where it errs, what its weights look like, who decides.

Arrays go in and arrays, numbers or PNG bytes come out. This file does not know how a network was
trained, and what the colours it is handed stand for.
"""

from __future__ import annotations

import base64
import io
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageColor

from nncore.nn.backprop import input_gradient
from nncore.nn.losses import predicted_classes
from nncore.nn.network import ROWS_AT_ONCE, Network

Array: TypeAlias = NDArray[Any]

#: What a picture lies on: white, or the near-black of Streamlit's dark theme.
LIGHT_PAPER, DARK_PAPER = "#FFFFFF", "#171614"
#: What is no number (a diverged network's weight) is grey, which no weight is.
NOT_A_NUMBER = "#808080"
_SIDE = 28


# Right and wrong.


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, classes: int) -> NDArray[np.int64]:
    """How often each class was taken for which.

    Args:
        labels: (n,) true class numbers.
        predicted: (n,) class numbers that the network gave.
        classes: How many classes there are.

    Returns:
        (classes, classes) int64: a row for each true class, a column for each answer.

    Raises:
        ValueError: If a class number is out of range, or there are not as many of both.
    """
    true, given = np.asarray(labels), np.asarray(predicted)
    in_range = all(((numbers >= 0) & (numbers < classes)).all() for numbers in (true, given))
    if true.shape != given.shape or not in_range:
        raise ValueError(
            f"labels and predicted must hold as many class numbers, from 0 to {classes - 1}. "
            f"Received: shapes {true.shape} and {given.shape}"
        )
    counts = np.bincount(true * classes + given, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


class ClassScores(NamedTuple):
    """One number for each class.

    Attributes:
        precision: Of the samples that were given this answer, the share that was right; NaN where
            the answer was never given.
        recall: Of the samples of this class, the share that was found; NaN where there are none.
        support: How many samples are of this class.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    support: NDArray[np.int64]

    @property
    def f1(self) -> NDArray[np.float64]:
        """The harmonic mean of both; 0 where nothing was found, NaN where a class never occurs."""
        precision, recall = np.nan_to_num(self.precision), np.nan_to_num(self.recall)
        both = precision + recall
        means = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
        return np.where(np.isnan(self.precision) & np.isnan(self.recall), np.nan, means)


def precision_recall_support(matrix: NDArray[np.int64]) -> ClassScores:
    """Precision, recall and support of each class.

    Args:
        matrix: (classes, classes), as `confusion_matrix` gives it.
    """
    right, given, true = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: there is nothing to take a share of
        return ClassScores(right / given, right / true, true)


def baseline_accuracy(labels: ArrayLike) -> float:
    """The accuracy of always giving the commonest answer.

    Args:
        labels: (n,) class numbers, at least one.

    Returns:
        The commonest class's share: 0.9108 for "five or not five" on the MNIST test set.
    """
    labels = np.asarray(labels)
    return float(np.bincount(labels).max() / len(labels))


def worst_mistakes(
    outputs: Array, labels: ArrayLike, count: int, threshold: float = 0.5
) -> NDArray[np.int64]:
    """The samples that the network is most confidently wrong about.

    Args:
        outputs: (n, outputs).
        labels: (n,) true class numbers; 0 and 1 for a single output.
        count: How many to give at most.
        threshold: Above it a single output says class 1. Several outputs do not use it.

    Returns:
        At most `count` indices, most confident first. Confidence is the size of the largest
        output (ties: the right one's smallness), or a single output's distance from `threshold`.
    """
    outputs, labels = np.asarray(outputs), np.asarray(labels)
    wrong = np.flatnonzero(predicted_classes(outputs, threshold) != labels)
    if outputs.shape[-1] == 1:
        order = np.argsort(-np.abs(outputs[wrong, 0] - threshold), kind="stable")
    else:
        order = np.lexsort((outputs[wrong, labels[wrong]], -outputs[wrong].max(axis=-1)))
    return wrong[order][:count]


def answered(
    outputs: Array, labels: ArrayLike, label: int | None = None, answer: int | None = None
) -> NDArray[np.int64]:
    """The samples of one cell of the confusion matrix, or the mistakes of a row or column.

    Args:
        outputs: (n, outputs), at least two outputs.
        labels: (n,) true class numbers.
        label: Only samples of this class; None for any.
        answer: Only samples that were given this answer; None for any wrong one.

    Returns:
        Their indices, those with the largest winning output first. Unless both `label` and
        `answer` are given, samples that were answered right are left out.
    """
    outputs, labels = np.asarray(outputs), np.asarray(labels)
    answers = predicted_classes(outputs)
    chosen = np.ones(len(labels), bool) if label is None else labels == label
    if answer is not None:
        chosen &= answers == answer
    if label is None or answer is None:
        chosen &= answers != labels
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-outputs[rows].max(axis=-1), kind="stable")]


# How sure it is.


class Calibration(NamedTuple):
    """How often answers are right, by how sure the network was of them.

    Attributes:
        edges: (bins + 1,) from 0 to 1. An answer of confidence c is in the bin with
            `edges[i] < c <= edges[i + 1]`.
        counts: (bins,) how many answers are in each bin.
        confidence: (bins,) their mean confidence; NaN where there are none.
        accuracy: (bins,) the share of them that is right; NaN where there are none.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap of confidence and accuracy, by counts."""
        gaps = np.nan_to_num(np.abs(self.accuracy - self.confidence))
        return float(np.average(gaps, weights=self.counts))

    @property
    def mean_confidence(self) -> float:
        """How sure it is on average."""
        return float(np.average(np.nan_to_num(self.confidence), weights=self.counts))


def calibration(outputs: Array, labels: ArrayLike, bins: int = 10) -> Calibration:
    """Compares how sure a network is with how often it is right (Guo et al., 2017, section 2).

    Args:
        outputs: (n, outputs) probabilities, such as those of softmax; the largest is the answer,
            and how sure the network is of it. At least one row.
        labels: (n,) true class numbers.
        bins: How many bins of equal width.

    Returns:
        Counts, mean confidence and accuracy of each bin (arXiv:1706.04599, equations 2 to 5).

    Raises:
        ValueError: If an output is no probability.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    sure = outputs.max(axis=-1)
    if not ((sure >= 0) & (sure <= 1 + 1e-6)).all():
        raise ValueError(f"outputs must be from 0 to 1. Received: largest output {sure.max()}")
    edges = np.linspace(0, 1, bins + 1)
    places = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    right = predicted_classes(outputs) == np.asarray(labels)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: an empty bin
        confidence = np.bincount(places, sure, bins) / counts
        return Calibration(edges, counts, confidence, np.bincount(places, right, bins) / counts)


def output_range(outputs: Array) -> tuple[float, float]:
    """The smallest and the largest of all outputs; both NaN where one of them is."""
    return float(np.min(outputs)), float(np.max(outputs))


# Who decides.


def contributions(network: Network, x: Array, unit: int) -> NDArray[np.float32]:
    """What each input number adds to the weighted sum of one output.

    Without a hidden layer this is input times weight, and the numbers add up to the weighted sum
    less its bias. With hidden layers it is input times gradient (Shrikumar et al., 2016,
    arXiv:1605.01713), the same seen from where the network stands for this input.

    Args:
        network: Any network.
        x: One input, as for `Network.prepare`.
        unit: Which unit of the output layer.

    Returns:
        float32 of `x`'s shape: above 0 what speaks for the unit, below 0 what speaks against.
    """
    inputs = network.prepare(x)
    with np.errstate(all="ignore"):
        parts = inputs * input_gradient(network, inputs, unit)
    return parts.reshape(np.shape(x))


def deciding_units(network: Network, x: Array, one: int, other: int) -> NDArray[np.float32]:
    """What each unit of the last hidden layer adds to one output's sum, less the other's.

    Args:
        network: A network with a hidden layer.
        x: One input, as for `Network.prepare`.
        one: A unit of the output layer.
        other: Another one.

    Returns:
        (units,) float32: above 0 what speaks for `one`. With the difference of both biases they
        add up to the difference of both weighted sums.
    """
    _, activations = network.forward(x)[-2]
    kernel = network.layers[-1].kernel
    with np.errstate(all="ignore"):
        return activations[0] * (kernel[:, one] - kernel[:, other])


def hinges(network: Network) -> NDArray[np.float32]:
    """Where each unit of the first layer bends: its weighted sum is 0 at `x = -bias / weight`.

    A relu turns on or off there; a sigmoid or tanh is at its steepest.

    Args:
        network: A network with one input.

    Returns:
        (units,) float32; NaN for a unit whose weight is 0, which bends nowhere.

    Raises:
        ValueError: If the network has more than one input.
    """
    _check_one_input(network, "hinges")
    weights, biases = network.layers[0].kernel[0], network.layers[0].bias
    bends = np.full_like(weights, np.nan)
    with np.errstate(all="ignore"):
        return np.divide(-biases, weights, out=bends, where=weights != 0)


def dead_units(network: Network, x: Array) -> tuple[NDArray[np.bool_], ...]:
    """Which hidden units are off for every sample, so that no gradient reaches their weights.

    Args:
        network: Any network. Only `relu` units can be dead.
        x: Samples as for `Network.prepare`.

    Returns:
        For each hidden layer (units,) bool, true where `relu` gives 0 for all of `x`.
    """
    hidden = network.layers[:-1]
    rows = np.reshape(x, (network.count(x), network.inputs))
    dead = [np.full(len(layer.bias), layer.activation == "relu") for layer in hidden]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        passed = network.forward(rows[start : start + ROWS_AT_ONCE])
        for off, (_, activations) in zip(dead, passed, strict=False):
            off &= (activations == 0).all(axis=0)
    return tuple(dead)


def where_on(network: Network, low: float = 0.0, high: float = 1.0) -> tuple[str, ...]:
    """Whether each unit of the first layer is on for inputs from `low` (without it) to `high`.

    A unit is on where its weighted sum is above 0. A relu that never is answers 0 to all of these
    inputs, and no gradient reaches its weights: it is dead there, whatever it does outside.

    Args:
        network: A network with one input.
        low: Where the inputs begin.
        high: Where they end.

    Returns:
        `"never"`, `"always"` or `"in part"` for each unit. In part means that it bends in between.

    Raises:
        ValueError: If the network has more than one input.
    """
    _check_one_input(network, "where_on")
    at_low, at_high = network.forward(np.array([low, high]))[0][0]  # a line: its ends tell all
    always = (at_low >= 0) & (at_high > 0)
    never = (at_low <= 0) & (at_high <= 0)
    return tuple(np.select([always, never], ["always", "never"], "in part").tolist())


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
    _check_one_input(network, "boundaries")
    line = np.linspace(low, high, points)
    answers = predicted_classes(network.predict(line))
    changes = np.flatnonzero(answers[1:] != answers[:-1])
    left, right, before = line[changes], line[changes + 1], answers[changes]
    for _ in range(24):  # as many as float32 has digits
        middle = (left + right) / 2
        same = predicted_classes(network.predict(middle)) == before
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return tuple(((left + right) / 2).tolist())


def _check_one_input(network: Network, what: str) -> None:
    if network.inputs != 1:
        raise ValueError(f"{what} need a network with one input. Received: {network.inputs} inputs")


# Pictures.


def weight_images(kernel: Array) -> NDArray[np.float32]:
    """The weights of a layer that looks at images, as images.

    Args:
        kernel: (784, units).

    Returns:
        (units, 28, 28) float32.
    """
    return np.ascontiguousarray(kernel.T, dtype=np.float32).reshape(-1, _SIDE, _SIDE)


def mosaic(images: Array, columns: int, gap: int = 1, fill: float = 0) -> Array:
    """Many images as one, in rows, so that the browser gets one picture.

    Args:
        images: (n, height, width).
        columns: How many stand side by side.
        gap: Pixels between them.
        fill: What gaps and empty places hold.

    Returns:
        (rows * (height + gap) - gap, columns * (width + gap) - gap), of the images' dtype.
    """
    rows = -(-len(images) // columns)
    short = rows * columns - len(images)
    padded = np.pad(images, ((0, short), (0, gap), (0, gap)), constant_values=fill)
    height, width = padded.shape[1:]
    tiles = padded.reshape(rows, columns, height, width).swapaxes(1, 2)
    whole = tiles.reshape(rows * height, columns * width)
    return whole[: rows * height - gap, : columns * width - gap]


def to_rgb(
    values: Array, positive: str, negative: str, *, limit: float | None = None, dark: bool = False
) -> NDArray[np.uint8]:
    """Numbers above and below 0 as colours, equally strong at equal distance from 0.

    Args:
        values: (height, width).
        positive: Colour of `limit`, such as `"#0072B2"`.
        negative: Colour of `-limit`.
        limit: The size that gets the full colour; by default the largest there is.
        dark: Whether 0 is near-black rather than white.

    Returns:
        (height, width, 3) uint8. What is no number is grey.
    """
    values = np.asarray(values, dtype=np.float64)
    sizes = np.abs(values)
    limit = limit or float(sizes[np.isfinite(sizes)].max(initial=0.0)) or 1.0
    strength = np.clip(sizes / limit, 0, 1)[..., np.newaxis]  # (height, width, 1)
    colour = np.where(values[..., np.newaxis] > 0, _rgb(positive), _rgb(negative))
    paper = _rgb(DARK_PAPER if dark else LIGHT_PAPER)
    mixed = np.where(np.isnan(strength), _rgb(NOT_A_NUMBER), paper + strength * (colour - paper))
    return np.rint(mixed).astype(np.uint8)


def to_grey(pixels: Array, *, dark: bool = False) -> NDArray[np.uint8]:
    """Pixels as ink on paper: black on white, or white on near-black.

    Args:
        pixels: (height, width), uint8 0..255 or float 0..1; 0 is the paper, as in MNIST.
        dark: Whether the paper is near-black.

    Returns:
        (height, width, 3) uint8.
    """
    ink = pixels / 255 if pixels.dtype == np.uint8 else np.clip(pixels, 0, 1)
    if dark:
        return to_rgb(ink, LIGHT_PAPER, LIGHT_PAPER, limit=1, dark=True)
    return to_rgb(ink, "#000000", "#000000", limit=1)


def png_bytes(picture: NDArray[np.uint8], scale: int = 1) -> bytes:
    """A picture as a PNG file.

    Args:
        picture: (height, width) grey or (height, width, 3) colour, uint8.
        scale: How many pixels wide and high each of its pixels becomes.

    Raises:
        ValueError: If the picture is no such array.
    """
    grey_or_colour = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)
    if picture.dtype != np.uint8 or not grey_or_colour:
        raise ValueError(
            "picture must be uint8 of shape (height, width) or (height, width, 3). "
            f"Received: {picture.dtype} of shape {picture.shape}"
        )
    image = Image.fromarray(picture)
    if scale != 1:
        size = (image.width * scale, image.height * scale)
        image = image.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, format="PNG", compress_level=1)  # faster, and hardly larger
    return file.getvalue()


def png_data_uri(picture: NDArray[np.uint8], scale: int = 1) -> str:
    """A picture as an address that holds the whole PNG: see `png_bytes`."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(picture, scale)).decode()


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array(ImageColor.getrgb(colour), dtype=np.float64)
