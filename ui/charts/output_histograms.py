"""Histograms and curves of a network's outputs and weighted sums, as live charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.nn.activations import activate
from ui.charts.histogram import keep_finite, list_bins
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
    quantity,
    shorten,
    tooltip,
)

Array: TypeAlias = NDArray[Any]

#: Names of lesson 2's two classes, that of label 0 first.
FIVES = ("not five", "five")
VERDICTS = by_name("verdict", ["right", "wrong"], [RIGHT, WRONG])
HEIGHT, BINS = 240, 40


def output_histogram(
    outputs: ArrayLike,
    labels: ArrayLike,
    threshold: float,
    value_range: tuple[float, float] | None = None,
    class_names: Sequence[str] = FIVES,
) -> Chart:
    """Return a histogram of a single output: class 1 upwards, class 0 downwards.

    Heights are shares of each class, because one may be nine times as large as the other. The band
    from 0 to 1 is the range of the labels.

    Args:
        outputs: The output for each sample, shape `(n,)`; those not finite are left out.
        labels: 1 or 0 for each sample, shape `(n,)`.
        threshold: Outputs above it predict class 1, as in Keras.
        value_range: Ends of the horizontal axis; by default all outputs and 0 to 1 fit. Outputs
            beyond them count at the ends.
        class_names: Names of class 0 and class 1.
    """
    values, truth = keep_finite(outputs, labels)
    low, high = value_range or _widen(values)
    values, edges = np.clip(values, low, high), np.linspace(low, high, BINS + 1)
    rows: list[Row] = [
        {"part": "band", "low": 0.0, "high": 1.0},
        {"part": "threshold", "low": threshold},
    ]
    for number, name in enumerate(class_names):
        of_class = values[truth == number]
        is_right = (of_class > threshold) == bool(number)
        for verdict, chosen in (("right", is_right), ("wrong", ~is_right)):
            common: Row = {"part": "bar", "class": name, "verdict": verdict}
            for bar in list_bins(of_class[chosen], edges):
                share = (1 if number else -1) * float(bar["count"]) / len(of_class)
                rows.append({**common, **bar, "share": shorten(share)})
    spec = {"layer": _histogram_layers(class_names), "height": HEIGHT}
    return build_chart(rows, spec, "How often the network gives each output, by class.")


def _widen(values: Array) -> tuple[float, float]:
    """Return the range of `values` and of 0 to 1, and a little more."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=1.0))
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _histogram_layers(class_names: Sequence[str]) -> list[Spec]:
    x = quantity("low", "output", format=VALUE_FORMAT, domain={"unionWith": [0, 1]}) | {
        "bin": "binned"
    }
    y = quantity("share", "share of the class", ticks=5)
    y["axis"]["labelExpr"] = "format(abs(datum.value), '.0%')"
    tips = tooltip(("class", "label"), ("verdict", "verdict"), ("count", "images", ",d"), *FROM_TO)
    end = {"field": "high"}
    up = {"type": "text", "text": f"{class_names[1]} \u2191", "align": "left", "dy": 10}
    down = {"type": "text", "text": f"{class_names[0]} \u2193", "align": "left", "dy": -10}
    return [
        build_layer("band", build_mark("rect", MUTED, opacity=0.2), x=x, x2=end),
        build_layer(
            "bar", build_mark("bar", binSpacing=0), x=x, x2=end, y=y, color=VERDICTS, tooltip=tips
        ),
        build_layer("threshold", build_mark("rule", INK, strokeDash=[4, 2]), x=x),
        build_layer("band", up | {"color": INK}, x={"value": 5}, y={"value": 0}),
        build_layer("band", down | {"color": INK}, x={"value": 5}, y={"value": "height"}),
    ]


def margin_histogram(margins: ArrayLike) -> Chart:
    """Return a histogram of how far the right output is above the largest of the others.

    Args:
        margins: Right output minus the largest other one, shape `(n,)`; above 0 the prediction is
            right. Those not finite are left out.
    """
    values, _ = keep_finite(margins, margins)
    low, high = float(values.min(initial=-1.0)), float(values.max(initial=1.0))
    edges = np.append(np.linspace(low, 0.0, 21), np.linspace(0.0, high, 21)[1:])
    rows: list[Row] = [{"part": "even", "low": 0.0}]
    for verdict, chosen in (("right", values > 0), ("wrong", values <= 0)):
        bars = list_bins(values[chosen], edges)
        rows += [{"part": "bar", "verdict": verdict, **bar} for bar in bars]
    x = quantity("low", "right output minus the largest other", format=VALUE_FORMAT) | {
        "bin": "binned"
    }
    bar = {
        "x2": {"field": "high"},
        "y": quantity("count", "images", format=",d", ticks=4, step=1),
        "color": VERDICTS,
        "tooltip": tooltip(("verdict", "verdict"), ("count", "images", ",d"), *FROM_TO),
    }
    layers = [
        build_layer("bar", build_mark("bar", binSpacing=0), x=x, **bar),
        build_layer("even", build_mark("rule", INK, strokeDash=[4, 2]), x=x),
    ]
    spec = {"layer": layers, "height": HEIGHT}
    return build_chart(rows, spec, "How clearly the right class wins.")


def activation_curve(
    name: str,
    weighted_sums: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str] = FIVES,
    most: int = 60,
) -> Chart:
    """Return an activation function with this network's weighted sums marked on it.

    Args:
        name: The activation, by Keras's name.
        weighted_sums: The unit's sum for each sample, shape `(n,)`; those not finite are left out.
        labels: 1 or 0 for each sample, shape `(n,)`.
        class_names: Names of class 0 and class 1.
        most: Most samples of each class: evenly spaced by rank, lowest and highest included.
    """
    sums, truth = keep_finite(weighted_sums, labels)
    line = np.linspace(sums.min(initial=-6.0), sums.max(initial=6.0), 201)
    rows: list[Row] = [{"part": "curve", **point} for point in _points(name, line)]
    for number, class_name in enumerate(class_names):
        of_class = np.sort(sums[truth == number])
        ranks = np.linspace(0, len(of_class) - 1, min(most, len(of_class))).round().astype(int)
        points = _points(name, of_class[ranks])
        rows += [{"part": "sum", "class": class_name, **point} for point in points]
    spec = {"layer": _activation_layers(name, class_names), "height": HEIGHT}
    return build_chart(rows, spec, f"The function {name}, with this network's weighted sums on it.")


def _points(name: str, sums: Array) -> Iterator[dict[str, float]]:
    for z, a in zip(sums, activate(name, sums), strict=True):
        yield {"z": shorten(z), "a": shorten(a)}


def _activation_layers(name: str, class_names: Sequence[str]) -> list[Spec]:
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
    return [
        build_layer("curve", build_mark("line", MUTED, strokeWidth=2), x=x, y=y),
        build_layer("sum", point, x=x, y=y, **marked),
    ]
