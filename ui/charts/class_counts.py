"""How many samples each class has, as charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ui.charts.decision import NUMBERS
from ui.charts.outputs import _bins, _finite
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
    """How many numbers there are between 0 and 1, by label.

    Args:
        x: Numbers in [0, 1), shape `(n,)` or `(n, 1)`.
        y: Their labels, 0 or 1, shape `(n,)`. With label noise both occur on either side.
        threshold: Where the labels change.
        class_names: Names of class 0 and class 1.
        bins: How many bars.

    Returns:
        A chart 200 pixels high.
    """
    values, truth = _finite(x, y)
    edges = np.linspace(0.0, 1.0, bins + 1)
    rows: list[Row] = [{"part": "threshold", "low": threshold}]
    for number, name in enumerate(class_names):
        bars = _bins(values[truth == number], edges)
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
    return build_chart(
        rows, {"layer": layers, "height": 200}, "How many numbers there are, by label."
    )


def class_counts(labels: ArrayLike, class_names: Sequence[str]) -> Chart:
    """How many samples each class has.

    Args:
        labels: Class numbers, shape `(n,)`.
        class_names: Their names.

    Returns:
        A chart of one bar a class.
    """
    counts = np.bincount(np.asarray(labels).ravel(), minlength=len(class_names))
    rows: list[Row] = [
        {"part": "bar", "name": name, "value": int(n), "label": f"{n:,}"}
        for name, n in zip(class_names, counts, strict=True)
    ]
    x = quantity("value", "images", format=",d", ticks=4, step=1)
    x["scale"] = {"domain": [0, 1.18 * float(counts.max(initial=1))], "nice": False}
    return horizontal_bars(rows, x, "How many samples each class has.")
