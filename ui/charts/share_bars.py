"""Horizontal bars for shares from 0 to 1, such as one bar for each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from ui.charts import vega
from ui.charts.palette import INK, RIGHT
from ui.charts.vega import Chart

Array: TypeAlias = NDArray[Any]


def share_bars(
    values: ArrayLike,
    names: Sequence[str],
    color: str,
    title: str,
    form: str = ".1%",
    height: int = 260,
) -> Chart:
    """Build a chart of shares as horizontal bars, each with its value at its end.

    Args:
        values: (n,) shares from 0 to 1; a value that is not finite gets no bar.
        names: The label of each bar.
        color: The bars' colour.
        title: The axis title; empty for none.
        form: How a value is written, as in `format()`.
        height: Height in pixels.

    Returns:
        A live chart: its spec does not depend on the values.
    """
    rows: list[vega.Row] = [
        {"name": name, "value": float(value), "label": format(float(value), form)}
        for name, value in zip(names, np.asarray(values), strict=True)
    ]
    y: vega.Spec = {"field": "name", "type": "nominal", "sort": list(names)}
    y["axis"] = {"title": None, "labelOverlap": False, "labelFlush": False, "labelBound": False}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1.2]},
        "axis": {
            "title": title or None,
            "format": ".0%" if "%" in form else "",
            "values": [0, 0.5, 1],
            "grid": False,  # its lines would cross the values
        },
    }
    text = {"type": "text", "align": "left", "dx": 4, "color": INK, "fontSize": 11}
    spec = {
        "layer": [
            {"mark": {"type": "bar", "color": color}, "encoding": {"x": x, "y": y}},
            {"mark": text, "encoding": {"x": x, "y": y, "text": {"field": "label"}}},
        ],
        "height": height,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
        "description": f"One bar for each of {', '.join(names)}.",
    }
    return Chart(vega.arrow_table(rows), spec)


def class_shares(
    network: Network | None, images: Array, labels: Array, names: Sequence[str]
) -> Chart:
    """Build a chart of the share of each class that a network predicts correctly.

    Args:
        network: The network; None draws empty axes.
        images: (n, height, width) or (n, inputs).
        labels: (n,) the classes.
        names: The classes' names, one for each output.

    Returns:
        A live chart of one bar for each class.
    """
    shares = np.zeros(len(names))
    if network is not None:
        is_right = predicted_classes(network.predict(images)) == labels
        found, counts = (
            np.bincount(part, minlength=len(names)) for part in (labels[is_right], labels)
        )
        shares = found / np.maximum(counts, 1)
    return share_bars(shares, names, RIGHT, "", height=200, form=".0%")
