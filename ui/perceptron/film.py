"""Lesson 2's film: the weights as pictures, and the outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.film import is_filmed_whole
from nncore.nn import losses
from ui.charts.weight_pictures import find_inked_pixels, mask_weights
from ui.components.network import film as player
from ui.components.network.film import Axis, Bar, Picture, Shot
from ui.perceptron.run_outputs import sample_test_images
from ui.perceptron.single_output.scores import KERAS_THRESHOLD, describe_outputs
from ui.tools.film_tool import assemble_film, score_frames, show_film
from ui.tools.first_layer_film import build_first_layer_film
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]

#: Bars of a histogram.
BARS = 40


def show_perceptron_film(page: LessonPage, view: View) -> None:
    """Show the film of lesson 2: of a network with hidden units, its first layer."""
    if is_filmed_whole(view.experiment.layer_sizes):
        show_film(page, view, build_perceptron_film)
    else:
        show_film(page, view, build_first_layer_film, needs_whole=False)


def build_perceptron_film(checkpoint: Checkpoint, dataset: Dataset) -> Picture:
    """Return the film of a run of lesson 2.

    Args:
        checkpoint: A run with a film.
        dataset: Its data.
    """
    images, labels = sample_test_images(dataset)
    frames = score_frames(checkpoint, images, labels)
    outputs = [frame.outputs for frame in frames]
    if checkpoint.experiment.outputs == 1:
        single = [values[:, 0] for values in outputs]
        chart = histogram_picture(single, labels, dataset.class_names)
    else:
        chart = recall_picture(outputs, labels, dataset.class_names)
    kernels = [frame.network.layers[0].kernel for frame in frames]
    weights = _weights_picture(kernels, checkpoint.experiment, dataset)
    return assemble_film(checkpoint, frames, weights, chart)


def _weights_picture(kernels: Sequence[Array], experiment: Experiment, dataset: Dataset) -> Picture:
    inked, units = find_inked_pixels(dataset), kernels[0].shape[1]
    shares = []
    for kernel in kernels:
        weights, limit = mask_weights(kernel, inked)
        with np.errstate(invalid="ignore"):
            shares.append(weights / (limit or 1.0))
    has_hidden_layer = bool(experiment.model.units)
    names = [f"unit {i + 1}" for i in range(units)] if has_hidden_layer else dataset.class_names
    return player.weights_picture(
        f"Its {784 * units:,} weights",
        np.stack(shares),
        names=names if units > 1 else (),
        text="The weights, laid out like the pixels: blue above 0, orange below 0.",
    )


def histogram_picture(
    outputs: Sequence[Array],
    labels: Array,
    names: Sequence[str],
    threshold: float = KERAS_THRESHOLD,
) -> Picture:
    """Draw where a single output falls, for each frame: class 1 upwards, class 0 downwards.

    Args:
        outputs: For each frame (n,).
        labels: (n,), 1 or 0.
        names: The names of class 0 and class 1.
        threshold: Outputs above it count as class 1.
    """
    shots = [_histogram_frame(values, labels, threshold) for values in outputs]
    bars = [bar for shot in shots for bar in shot.bars]
    down, up = min((bar.y for bar in bars), default=-1.0), max((bar.y2 for bar in bars), default=1)
    shares = player.ticks(down, up, most=6)
    y = Axis("share of the class", down, up, [(at, f"{abs(at):.0%}") for at, _ in shares])
    x = _output_axis(np.array([0.0, 1.0]))
    return player.chart_picture(
        "Its outputs",
        "How often the network gives each output, by class.",
        (x, y),
        shots,
        always=Shot(bars=[Bar(0.0, 1.0, down, up, "band")], rules=[(threshold, "truth")]),
        key=[("right", "right"), ("wrong", "wrong")],
        corners=(f"{names[1]} \u2191", f"{names[0]} \u2193"),
    )


def _histogram_frame(outputs: Array, labels: Array, threshold: float) -> Shot:
    x = _output_axis(outputs)
    bars = _histogram_bars(outputs, labels, threshold, np.linspace(x.low, x.high, BARS + 1))
    said = describe_outputs(float(outputs.min()), float(outputs.max()))
    return Shot(bars=list(bars), said=said, x=x)


def _output_axis(outputs: Array) -> Axis:
    """Return an axis for these outputs and 0 to 1, with round ends, which change in few frames."""
    finite = outputs[np.isfinite(outputs)].astype(float)
    low = -player.round_up(max(0.0, -finite.min(initial=0.0)))
    high = player.round_up(max(1.0, finite.max(initial=1.0)))
    room = 0.05 * (high - low)
    return Axis("output", low - room, high + room, player.ticks(low, high))


def _histogram_bars(outputs: Array, labels: Array, threshold: float, edges: Array) -> Iterator[Bar]:
    """Yield bars for the shares of each class, the right predictions nearer to 0."""
    finite = np.isfinite(outputs)
    values, truth = outputs[finite], labels[finite]
    for label, way in ((1, 1), (0, -1)):
        of_class = values[truth == label]
        is_right = (of_class > threshold) == bool(label)
        base = np.zeros(BARS)
        for style, chosen in (("right", is_right), ("wrong", ~is_right)):
            counts, _ = np.histogram(of_class[chosen], edges)
            top = base + counts / max(1, len(of_class))
            for i in np.flatnonzero(counts):
                low, high = sorted((round(way * base[i], 4), round(way * top[i], 4)))
                yield Bar(_shorten(edges[i]), _shorten(edges[i + 1]), low, high, style)
            base = top


def _shorten(value: float) -> float:
    return float(f"{value:.4g}")


def recall_picture(outputs: Sequence[Array], labels: Array, names: Sequence[str]) -> Picture:
    """Draw the share of each class's samples that is predicted correctly, for each frame.

    Args:
        outputs: For each frame (n, classes).
        labels: (n,) class numbers.
        names: The classes' names.
    """
    counts = np.maximum(1, np.bincount(labels, minlength=len(names)))
    shots = []
    for values in outputs:
        right = labels[losses.predicted_classes(values) == labels]
        recalls = np.bincount(right, minlength=len(names)) / counts
        bars = [
            Bar(i - 0.4, i + 0.4, 0.0, round(recall, 3), "right")
            for i, recall in enumerate(recalls)
            if recall
        ]
        shots.append(Shot(bars=bars))
    x = Axis("class", -0.6, len(names) - 0.4, list(enumerate(names)))
    y = Axis("predicted correctly", 0.0, 1.0, [(i / 4, f"{i / 4:.0%}") for i in range(5)])
    text = "The share of each class that is predicted correctly."
    return player.chart_picture("Which digits it finds", text, (x, y), shots)
