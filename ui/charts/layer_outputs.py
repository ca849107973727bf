"""Charts of the layers' outputs for one image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ui.charts.palette import INK, MUTED
from ui.charts.vega import (
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
from ui.core.wording import not_finite

_VALUE = ".4~g"
#: Units of a hidden layer that get a bar at most: those with the largest activations.
MOST_UNITS = 48


def hidden_layer(sums: ArrayLike, activations: ArrayLike, height: int = 210) -> Chart:
    """Build a chart of a hidden layer for one input: each unit's weighted sum and activation.

    Args:
        sums: (units,).
        activations: (units,).
        height: Pixels, axes included.

    Returns:
        A chart with a bar for each unit's activation and a tick for its sum; of more than
        `MOST_UNITS` units, only those with the largest activations.
    """
    z, a = np.asarray(sums, float), np.asarray(activations, float)
    units = shown_units(a)
    rows: list[Row] = [
        {"part": "unit", "unit": str(unit), "sum": shorten(z[unit]), "activation": shorten(a[unit])}
        for unit in units
        if np.isfinite((z[unit], a[unit])).all()
    ]
    x: Spec = {"field": "unit", "type": "nominal", "sort": [str(unit) for unit in units]}
    x["axis"] = {"title": "unit", "labels": len(units) <= 12, "ticks": False, "labelAngle": 0}
    y = quantity("activation", "activation", format=_VALUE, ticks=4)
    tips = tooltip(
        ("unit", "unit"), ("sum", "weighted sum", _VALUE), ("activation", "activation", _VALUE)
    )
    tick = build_mark("tick", MUTED, thickness=2)
    layers = [
        build_layer("unit", build_mark("bar", INK), x=x, y=y, tooltip=tips),
        build_layer("unit", tick, x=x, y=y | {"field": "sum"}, tooltip=tips),
    ]
    return build_chart(
        rows, {"layer": layers, "height": height}, "Weighted sum and activation of each unit."
    )


def shown_units(activations: ArrayLike) -> list[int]:
    """Return the units of a hidden layer that get a bar, by their number."""
    sizes = np.abs(np.asarray(activations, float))
    if len(sizes) <= MOST_UNITS:
        return list(range(len(sizes)))
    return sorted(np.argsort(-sizes, kind="stable")[:MOST_UNITS].tolist())


def outputs(
    values: ArrayLike, names: Sequence[str], marked: Sequence[int], title: str, form: str = ".3g"
) -> Chart:
    """Build a chart of the output layer as horizontal bars, those below 0 to the left.

    Args:
        values: (classes,).
        names: The classes' names.
        marked: Classes that are highlighted, such as the prediction.
        title: The quantity.
        form: How a number is written at its bar, as in `format()`; NaN is written "NaN".
    """
    numbers = np.asarray(values, float)
    rows: list[Row] = [
        {
            "part": "bar",
            "name": name,
            "value": shorten(value) if np.isfinite(value) else None,
            "label": format(value, form) if np.isfinite(value) else not_finite(value),
            "kind": "marked" if i in marked else "other",
            "end": "right" if value < 0 else "left",
        }
        for i, (name, value) in enumerate(zip(names, numbers, strict=True))
    ]
    x = quantity("value", title, format=_VALUE, ticks=4)
    finite = numbers[np.isfinite(numbers)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    room = 0.3 * ((high - low) or 1.0)
    x["scale"] = {"domain": [low - room * (low < 0), high + room], "nice": False}
    y: Spec = {"field": "name", "type": "nominal", "sort": list(names)}
    y["axis"] = {"title": None, "labelOverlap": False}
    kind = by_name("kind", ("marked", "other"), (INK, MUTED)) | {"legend": None}
    text: Spec = {"type": "text", "color": INK, "align": {"expr": "datum.end"}}
    text["dx"] = {"expr": "datum.end === 'left' ? 4 : -4"}
    layers = [
        build_layer("bar", build_mark("bar"), x=x, y=y, color=kind),
        build_layer("bar", text, x=x, y=y, text={"field": "label"}),
    ]
    height = 20 * len(names) + 44
    return build_chart(rows, {"layer": layers, "height": height}, f"{title}, for each class.")
