"""Histograms and curves of a network's outputs and activations, as live charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.nn.activations import activate
from ui.charts.palette import INK, MUTED, RIGHT, WRONG
from ui.charts.vega import (
    FROM_TO,
    VALUE_FORMAT,
    Chart,
    Row,
    Spec,
    build_chart,
    build_layer,
    build_mark,
    by_name,
    horizontal_bars,
    quantity,
    shorten,
    tooltip,
)

Array: TypeAlias = NDArray[Any]
FIVES = ("not five", "five")


def output_histogram(
    outputs: ArrayLike,
    labels: ArrayLike,
    threshold: float,
    value_range: tuple[float, float] | None = None,
    class_names: Sequence[str] = FIVES,
) -> Chart:
    """Where a single output falls: the second class's samples upwards, the first's downwards.

    Heights are shares of each class, since one may be nine times as large as the other. The band
    from 0 to 1 is where the labels lie.

    Args:
        outputs: The output for each sample, shape `(n,)`; those not finite are left out.
        labels: 1 for the second class, 0 for the first, shape `(n,)`.
        threshold: Outputs above it are read as the second class, as Keras reads them.
        value_range: The horizontal axis's ends, by default wide enough for all outputs and 0..1.
            Outputs beyond them count at the ends.
        class_names: Names of class 0 and class 1.

    Returns:
        A chart 240 pixels high.
    """
    values, truth = _finite(outputs, labels)
    low, high = value_range or _widened(values)
    values, edges = np.clip(values, low, high), np.linspace(low, high, 41)
    rows: list[Row] = [
        {"part": "band", "low": 0.0, "high": 1.0},
        {"part": "threshold", "low": threshold},
    ]
    for number, name in enumerate(class_names):
        of_class = values[truth == number]
        read_right = (of_class > threshold) == bool(number)
        for verdict, chosen in (("right", read_right), ("wrong", ~read_right)):
            common: Row = {"part": "bar", "class": name, "verdict": verdict}
            for bar in _bins(of_class[chosen], edges):
                share = (1 if number else -1) * float(bar["count"]) / len(of_class)
                rows.append({**common, **bar, "share": shorten(share)})
    spec = {"layer": _histogram_layers(class_names), "height": 240}
    return build_chart(rows, spec, "How often the network gives which output, by class.")


def _histogram_layers(class_names: Sequence[str]) -> list[Spec]:
    x = quantity("low", "output", format=VALUE_FORMAT, domain={"unionWith": [0, 1]}) | {
        "bin": "binned"
    }
    y = quantity("share", "share of the class", ticks=5)
    y["axis"]["labelExpr"] = "format(abs(datum.value), '.0%')"
    verdict = by_name("verdict", ["right", "wrong"], [RIGHT, WRONG])
    tips = tooltip(("class", "label"), ("verdict", "answer"), ("count", "images", ",d"), *FROM_TO)
    end = {"field": "high"}
    up = {"type": "text", "text": f"{class_names[1]} \u2191", "align": "left", "dy": 10}
    down = {"type": "text", "text": f"{class_names[0]} \u2193", "align": "left", "dy": -10}
    return [
        build_layer("band", build_mark("rect", MUTED, opacity=0.2), x=x, x2=end),
        build_layer(
            "bar", build_mark("bar", binSpacing=0), x=x, x2=end, y=y, color=verdict, tooltip=tips
        ),
        build_layer("threshold", build_mark("rule", INK, strokeDash=[4, 2]), x=x),
        build_layer("band", up | {"color": INK}, x={"value": 5}, y={"value": 0}),
        build_layer("band", down | {"color": INK}, x={"value": 5}, y={"value": "height"}),
    ]


def margin_histogram(margins: ArrayLike) -> Chart:
    """How far the right class's output lies above the largest of the others, sample by sample.

    Args:
        margins: Right output less the largest other one, shape `(n,)`; above 0 the answer is
            right. Those not finite are left out.

    Returns:
        A chart 240 pixels high.
    """
    values, _ = _finite(margins, margins)
    low, high = float(values.min(initial=-1.0)), float(values.max(initial=1.0))
    edges = np.append(np.linspace(low, 0.0, 21), np.linspace(0.0, high, 21)[1:])
    rows: list[Row] = [{"part": "even", "low": 0.0}]
    for verdict, chosen in (("right", values > 0), ("wrong", values <= 0)):
        bars = _bins(values[chosen], edges)
        rows += [{"part": "bar", "verdict": verdict, **bar} for bar in bars]
    x = quantity("low", "right output less the largest other", format=VALUE_FORMAT) | {
        "bin": "binned"
    }
    tips = tooltip(("verdict", "answer"), ("count", "images", ",d"), *FROM_TO)
    bar = {
        "x2": {"field": "high"},
        "y": quantity("count", "images", format=",d", ticks=4, step=1),
        "color": by_name("verdict", ["right", "wrong"], [RIGHT, WRONG]),
        "tooltip": tips,
    }
    layers = [
        build_layer("bar", build_mark("bar", binSpacing=0), x=x, **bar),
        build_layer("even", build_mark("rule", INK, strokeDash=[4, 2]), x=x),
    ]
    return build_chart(rows, {"layer": layers, "height": 240}, "How clearly the right class wins.")


def _finite(values: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """The finite of the values, and their labels."""
    flat, truth = np.asarray(values, float).ravel(), np.asarray(labels).ravel()
    finite = np.isfinite(flat)
    return flat[finite], truth[finite]


def _widened(values: Array) -> tuple[float, float]:
    """The range of `values` and of 0..1, a little widened."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=1.0))
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _bins(values: Array, edges: Array) -> Iterator[dict[str, float]]:
    """The bars of a histogram that are not empty."""
    counts, _ = np.histogram(values, edges)
    for count, (low, high) in zip(counts, pairwise(edges), strict=True):
        if count:
            yield {"low": shorten(low), "high": shorten(high), "count": int(count)}


def activation_curve(
    name: str,
    weighted_sums: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str] = FIVES,
    most: int = 60,
) -> Chart:
    """An activation function, and on it the weighted sums that this network comes to.

    Args:
        name: The activation, as Keras calls it.
        weighted_sums: What the neuron adds up for each sample, shape `(n,)`; those not finite are
            left out.
        labels: 1 for the second class, 0 for the first, shape `(n,)`.
        class_names: Names of class 0 and class 1.
        most: How many samples of each class to show: evenly by rank, lowest and highest included.

    Returns:
        A chart 240 pixels high.
    """
    sums, truth = _finite(weighted_sums, labels)
    line = np.linspace(sums.min(initial=-6.0), sums.max(initial=6.0), 201)
    rows: list[Row] = [{"part": "curve", **point} for point in _points(name, line)]
    for number, class_name in enumerate(class_names):
        of_class = np.sort(sums[truth == number])
        ranks = np.linspace(0, len(of_class) - 1, min(most, len(of_class))).round().astype(int)
        points = _points(name, of_class[ranks])
        rows += [{"part": "sum", "class": class_name, **point} for point in points]
    x = quantity("z", "weighted sum z", format=VALUE_FORMAT, nice=False)
    y = quantity("a", f"{name}(z)", format=VALUE_FORMAT, ticks=4)
    marked = {
        "color": by_name("class", class_names, [MUTED, INK]),
        "shape": by_name("class", class_names, ["circle", "diamond"]),
        "tooltip": tooltip(
            ("class", "label"), ("z", "z", VALUE_FORMAT), ("a", f"{name}(z)", VALUE_FORMAT)
        ),
    }
    point = {"type": "point", "size": 40, "filled": True, "opacity": 0.7}
    layers = [
        build_layer("curve", build_mark("line", MUTED, strokeWidth=2), x=x, y=y),
        build_layer("sum", point, x=x, y=y, **marked),
    ]
    spec = {"layer": layers, "height": 240}
    return build_chart(rows, spec, f"The function {name}, with this network's weighted sums on it.")


def _points(name: str, sums: Array) -> Iterator[dict[str, float]]:
    for z, a in zip(sums, activate(name, sums), strict=True):
        yield {"z": shorten(z), "a": shorten(a)}


def probability_bars(
    probabilities: ArrayLike, class_names: Sequence[str], winner: int | None = None
) -> Chart:
    """What the network gives each class for one sample; the winner is set off.

    Args:
        probabilities: One number for each class, 0 to 1.
        class_names: The classes' names.
        winner: The class that is answered, by default the one with the largest number.

    Returns:
        A chart of one bar a class.
    """
    values = np.asarray(probabilities, float).ravel()
    best = int(values.argmax()) if winner is None else winner
    rows: list[Row] = [
        {
            "part": "winner" if i == best else "bar",
            "name": name,
            "value": shorten(value),
            "label": f"{value:.1%}",
        }
        for i, (name, value) in enumerate(zip(class_names, values, strict=True))
    ]
    x = quantity("value", "probability", format=".0%", domain=[0, 1.18], nice=False)
    x["axis"]["values"] = [0, 0.5, 1]
    return horizontal_bars(rows, x, "The probability of each class.")
