"""Charts of the number of samples in each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ui.charts.decision import NUMBERS
from ui.charts.histogram import keep_finite, list_bins
from ui.charts.palette import INK, MUTED
from ui.charts.vega import (
    FROM_TO,
    Chart,
    Row,
    build_chart,
    build_layer,
    build_mark,
    by_name,
    horizontal_bars,
    quantity,
    tooltip,
)


def number_histogram(
    x: ArrayLike,
    y: ArrayLike,
    threshold: float,
    class_names: Sequence[str] = NUMBERS,
    bins: int = 20,
) -> Chart:
    """Return a histogram of numbers between 0 and 1, by label, 200 pixels high.

    Args:
        x: Numbers in [0, 1), shape `(n,)` or `(n, 1)`.
        y: Their labels, 0 or 1, shape `(n,)`. With label noise both are on either side.
        threshold: The labels change here.
        class_names: Names of class 0 and class 1.
        bins: Number of bars.
    """
    values, truth = keep_finite(x, y)
    edges = np.linspace(0.0, 1.0, bins + 1)
    rows: list[Row] = [{"part": "threshold", "low": threshold}]
    for number, name in enumerate(class_names):
        bars = list_bins(values[truth == number], edges)
        rows += [{"part": "bar", "label": name, **bar} for bar in bars]
    position = quantity("low", "number x", format=".1f", domain=[0, 1]) | {"bin": "binned"}
    bar = {
        "x2": {"field": "high"},
        "y": quantity("count", "how many", format=",d", ticks=4, step=1),
        "color": by_name("label", class_names, [MUTED, INK]),
        "tooltip": tooltip(("label", "label"), ("count", "numbers", ",d"), *FROM_TO),
    }
    layers = [
        build_layer("bar", build_mark("bar", binSpacing=1, opacity=0.8), x=position, **bar),
        build_layer("threshold", build_mark("rule", INK, strokeDash=[4, 2]), x=position),
    ]
    spec = {"layer": layers, "height": 200}
    return build_chart(rows, spec, "How many numbers there are, by label.")


def class_counts(labels: ArrayLike, class_names: Sequence[str]) -> Chart:
    """Return a chart with one bar for each class: its number of samples.

    Args:
        labels: Class numbers, shape `(n,)`.
        class_names: Names of the classes.
    """
    counts = np.bincount(np.asarray(labels).ravel(), minlength=len(class_names))
    rows: list[Row] = [
        {"part": "bar", "name": name, "value": int(n), "label": f"{n:,}"}
        for name, n in zip(class_names, counts, strict=True)
    ]
    x = quantity("value", "images", format=",d", ticks=4, step=1)
    x["scale"] = {"domain": [0, 1.18 * float(counts.max(initial=1))], "nice": False}
    return horizontal_bars(rows, x, "How many samples each class has.")
