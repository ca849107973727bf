"""The films of lessons 1 and 2: what a run's weights were on the way, as pictures that move.

The weights come with the run's checkpoint; what the networks of the film say is computed here from
them, once a run. The player, in the browser, asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore import film as reel
from nncore.analysis.decision_boundary import answers_along
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn import losses
from nncore.nn import network as network_module
from nncore.nn.network import Network
from ui.components.network import film as player
from ui.components.network.film import Axis, Bar, Picture, Shot
from ui.content.lesson import Lesson
from ui.core import resources
from ui.perceptron import single_output as parts
from ui.perceptron.single_output import KERAS_THRESHOLD, number
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]

#: Where lesson 1's curves are looked at.
LINE = np.linspace(0.0, 1.0, 101, dtype=np.float32)
#: Training numbers on which the loss below the film is measured.
MEASURED = 2000
#: Bars of a histogram.
BARS = 40


class Moment(NamedTuple):
    """One frame of a film, with what its network says.

    Attributes:
        updates: Gradient updates made until then.
        network: The network as it was.
        outputs: What it said to the samples that the film watches, `(n, outputs)`.
        loss: Its mean loss on them.
        accuracy: The share of them that it answered right.
    """

    updates: int
    network: Network
    outputs: Array
    loss: float
    accuracy: float


def show_rounding_film(page: LessonPage, shown: View) -> None:
    """Show the film of lesson 1: the network, and what it learns."""
    _show(page.lesson, shown, _rounding_film)


def show_perceptron_film(page: LessonPage, shown: View) -> None:
    """Show the film of lesson 2: its weights, and its outputs."""
    _show(page.lesson, shown, _perceptron_film)


def _show(lesson: Lesson, shown: View, build: Callable[[Checkpoint, Dataset], Picture]) -> None:
    checkpoint = shown.checkpoint
    why = missing(checkpoint)
    if checkpoint is None or why:
        numbers = {"most": reel.MAX_PARAMETERS, "parameters": shown.experiment.parameters}
        st.info(lesson.text(why, **numbers), icon=":material/movie:")
        return
    st.markdown(lesson.text("film"))
    made = resources.film(checkpoint, build)
    player.play_film(made, key=f"{lesson.name}.film")


def missing(checkpoint: Checkpoint | None) -> str:
    """Which of a lesson's texts says why there is no film to show; empty where there is one."""
    if checkpoint is None:
        return "film_first"
    if checkpoint.experiment.parameters > reel.MAX_PARAMETERS:
        return "film_too_large"
    if not checkpoint.updates:
        return "film_recording"
    return "" if checkpoint.film else "film_none"


def frames(checkpoint: Checkpoint) -> reel.Film:
    """The film that was kept, and behind it where the run stands now."""
    now = reel.Frame.of(checkpoint.updates, checkpoint.weights)
    kept = checkpoint.film
    if kept and kept[-1].updates == now.updates:  # a weight may have been set by hand since
        kept = kept[:-1]
    return (*kept, now)


def moments(checkpoint: Checkpoint, x: Array, y: Array) -> list[Moment]:
    """What the networks of a film say to some samples.

    Args:
        checkpoint: A run with a film.
        x: The samples, as for `Network.prepare`.
        y: (n,) class numbers.
    """
    experiment = checkpoint.experiment
    targets, rows, made = losses.encode_labels(experiment, y), None, []
    for frame in frames(checkpoint):
        network = Network.of(experiment, frame.arrays(experiment.layer_sizes))
        rows = network.prepare(x) if rows is None else rows
        sums, outputs = network.forward(rows)[-1]
        logits = sums if network.layers[-1].activation in ("sigmoid", "softmax") else None
        with np.errstate(all="ignore"):  # a network that diverged
            loss = float(losses.loss(experiment.fit.loss, targets, outputs, logits).mean())
        loss += network_module.penalty(network, experiment)
        accuracy = float(losses.metric("accuracy", targets, outputs).mean())
        made.append(Moment(frame.updates, network, outputs, loss, accuracy))
    return made


def _film(checkpoint: Checkpoint, seen: Sequence[Moment], *pictures: Picture) -> Picture:
    experiment = checkpoint.experiment
    samples = len(resources.dataset(experiment.data).x_train)
    steps = updates_per_epoch(samples, experiment.fit)
    captions = [caption(moment, steps) for moment in seen]
    updates = [moment.updates for moment in seen]
    return player.film(resources.film_name(checkpoint), updates, captions, *pictures)


def caption(moment: Moment, steps: int) -> str:
    """The line below the film.

    Args:
        moment: What is shown.
        steps: Updates in an epoch.

    Returns:
        `"update 120 · epoch 0.4 · loss 0.31 · accuracy 0.944"`.
    """
    when = f"epoch {moment.updates / steps:,.1f}" if moment.updates else "not trained yet"
    return (
        f"update {moment.updates:,} · {when} · loss {number(moment.loss)} "
        f"· accuracy {moment.accuracy:.3f}"
    )


# Lesson 1.


def _rounding_film(checkpoint: Checkpoint, dataset: Dataset) -> Picture:
    experiment, names = checkpoint.experiment, dataset.class_names
    seen = moments(checkpoint, dataset.x_train[:MEASURED], dataset.y_train[:MEASURED])
    network = player.network_picture(
        "The network",
        experiment.layer_sizes,
        [[a for layer in m.network.layers for a in (layer.kernel, layer.bias)] for m in seen],
        labels=(("x",), names),
    )
    curve = decision_picture(
        [moment.network.predict(LINE) for moment in seen], experiment.data.threshold, names
    )
    return _film(checkpoint, seen, network, curve)


def decision_picture(outputs: Sequence[Array], threshold: float, names: Sequence[str]) -> Picture:
    """What two output neurons say along `LINE`, frame by frame, and where the answer changes.

    Args:
        outputs: For each frame `(len(LINE), 2)`.
        threshold: Where the labels change.
        names: The neurons' names.
    """
    low, high = span(outputs)
    x = Axis("input x", 0.0, 1.0, player.ticks(0.0, 1.0))
    y = Axis("output", low, high, player.ticks(low, high))
    shots = [_decision_shot(values, threshold, (low, high)) for values in outputs]
    return player.chart_picture(
        "What it learns",
        "What each output neuron says over the inputs, and where its answer changes.",
        (x, y),
        shots,
        always=Shot(rules=[(threshold, "truth")]),
        key=[("first", names[0]), ("second", names[1])],
    )


def _decision_shot(values: Array, threshold: float, ends: tuple[float, float]) -> Shot:
    edges, wrong = answers_along(LINE, values, threshold)
    at = ", ".join(f"{edge:.2f}" for edge in edges[:3]) + ("…" if edges[3:] else "")
    change = f"at {at}" if at else "never"
    return Shot(
        bars=[Bar(round(low, 4), round(high, 4), *ends, "off") for low, high in wrong],
        lines=[
            (style, player.rounded(column, *ends))
            for style, column in zip(("first", "second"), values.T, strict=True)
        ],
        rules=[(round(edge, 4), "border") for edge in edges],
        marks=[(round((low + high) / 2, 4), "\u00d7", "cross") for low, high in wrong],
        said=f"\u250a labels change at {threshold:g}  \u2502 answers {change}",
    )


def span(outputs: Sequence[Array]) -> tuple[float, float]:
    """Ends of an axis that holds 0, 1 and the outputs of most frames.

    The middle one of the frames' smallest outputs, and of their largest: networks that begin, or
    end, with outputs in the thousands leave room for the others.
    """
    finite = [values[np.isfinite(values)] for values in outputs]
    held = [values for values in finite if len(values)]
    low = float(np.median([values.min() for values in held])) if held else 0.0
    high = float(np.median([values.max() for values in held])) if held else 1.0
    return min(0.0, low), max(1.0, high)


# Lesson 2.


def _perceptron_film(checkpoint: Checkpoint, dataset: Dataset) -> Picture:
    images, labels = parts.watched(dataset)
    seen = moments(checkpoint, images, labels)
    outputs = [moment.outputs for moment in seen]
    one = checkpoint.experiment.outputs == 1
    said = (
        histogram_picture([values[:, 0] for values in outputs], labels, dataset.class_names)
        if one
        else found_picture(outputs, labels, dataset.class_names)
    )
    kernels = [moment.network.layers[0].kernel for moment in seen]
    return _film(checkpoint, seen, _weights(kernels, checkpoint.experiment, dataset), said)


def _weights(kernels: Sequence[Array], experiment: Experiment, dataset: Dataset) -> Picture:
    inked, units = parts.inked(dataset), kernels[0].shape[1]
    shares = []
    for kernel in kernels:
        weights, limit = parts.weights_where_inked(kernel, inked)
        with np.errstate(invalid="ignore"):
            shares.append(weights / (limit or 1.0))
    hidden = bool(experiment.model.units)
    names = [f"unit {i + 1}" for i in range(units)] if hidden else dataset.class_names
    return player.weights_picture(
        f"Its {784 * units:,} weights",
        np.stack(shares),
        names=names if units > 1 else (),
        text="The weights, laid out as the pixels lie: blue for, red against.",
    )


def histogram_picture(
    outputs: Sequence[Array],
    labels: Array,
    names: Sequence[str],
    threshold: float = KERAS_THRESHOLD,
) -> Picture:
    """Where a single output falls, frame by frame: class 1 upwards, class 0 downwards.

    Args:
        outputs: For each frame `(n,)`.
        labels: `(n,)`, 1 or 0.
        names: Names of class 0 and class 1.
        threshold: Outputs above it are read as class 1.
    """
    shots = [_histogram_shot(values, labels, threshold) for values in outputs]
    bars = [bar for shot in shots for bar in shot.bars]
    down, up = min((bar.y for bar in bars), default=-1.0), max((bar.y2 for bar in bars), default=1)
    shares = player.ticks(down, up, most=6)
    y = Axis("share of the class", down, up, [(at, f"{abs(at):.0%}") for at, _ in shares])
    x = _output_axis(np.array([0.0, 1.0]))
    return player.chart_picture(
        "Its outputs",
        "How often the network gives which output, by class.",
        (x, y),
        shots,
        always=Shot(bars=[Bar(0.0, 1.0, down, up, "band")], rules=[(threshold, "truth")]),
        key=[("right", "right"), ("wrong", "wrong")],
        corners=(f"{names[1]} \u2191", f"{names[0]} \u2193"),
    )


def _histogram_shot(outputs: Array, labels: Array, threshold: float) -> Shot:
    x = _output_axis(outputs)
    bars = _histogram_bars(outputs, labels, threshold, np.linspace(x.low, x.high, BARS + 1))
    low, high = (number(float(end)) for end in (outputs.min(), outputs.max()))
    return Shot(bars=list(bars), said=f"outputs from {low} to {high}", x=x)


def _output_axis(outputs: Array) -> Axis:
    """An axis for these outputs and 0 to 1, with round ends: it changes in few of the frames."""
    finite = outputs[np.isfinite(outputs)].astype(float)
    low = -player.round_up(max(0.0, -finite.min(initial=0.0)))
    high = player.round_up(max(1.0, finite.max(initial=1.0)))
    room = 0.05 * (high - low)
    return Axis("output", low - room, high + room, player.ticks(low, high))


def _histogram_bars(outputs: Array, labels: Array, threshold: float, edges: Array) -> Iterator[Bar]:
    """Bars of shares of each class, the right answers nearer to 0."""
    finite = np.isfinite(outputs)
    values, truth = outputs[finite], labels[finite]
    for label, way in ((1, 1), (0, -1)):
        of_class = values[truth == label]
        right = (of_class > threshold) == bool(label)
        base = np.zeros(BARS)
        for style, chosen in (("right", right), ("wrong", ~right)):
            counts, _ = np.histogram(of_class[chosen], edges)
            top = base + counts / max(1, len(of_class))
            for i in np.flatnonzero(counts):
                low, high = sorted((round(way * base[i], 4), round(way * top[i], 4)))
                yield Bar(_short(edges[i]), _short(edges[i + 1]), low, high, style)
            base = top


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def found_picture(outputs: Sequence[Array], labels: Array, names: Sequence[str]) -> Picture:
    """How many of each class's samples are answered right, frame by frame.

    Args:
        outputs: For each frame `(n, classes)`.
        labels: `(n,)` class numbers.
        names: The classes' names.
    """
    counts = np.maximum(1, np.bincount(labels, minlength=len(names)))
    shots = []
    for values in outputs:
        right = labels[losses.predicted_classes(values) == labels]
        found = np.bincount(right, minlength=len(names)) / counts
        bars = [Bar(i - 0.4, i + 0.4, 0.0, round(s, 3), "right") for i, s in enumerate(found) if s]
        shots.append(Shot(bars=bars))
    x = Axis("class", -0.6, len(names) - 0.4, list(enumerate(names)))
    y = Axis("answered right", 0.0, 1.0, [(i / 4, f"{i / 4:.0%}") for i in range(5)])
    text = "How many of each class are answered right."
    return player.chart_picture("Which it finds", text, (x, y), shots)
