"""Charts of what a network gets wrong, and of what its layers make of one image: pure functions.

As `ui/figures.py`, whose forms they have: a table and a spec for `st.vega_lite_chart`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nncore.analysis.metrics import Calibration
from ui.charts.palette import INK, MUTED, RIGHT, WRONG
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

#: Units of a hidden layer that get a bar: of more, those whose activations are largest.
MOST_UNITS = 48
_VALUE = ".4~g"


def reliability(found: Calibration, height: int = 250) -> Chart:
    """How often answers were right, by how sure the network was: bars beside a diagonal.

    Args:
        found: Counts, confidence and accuracy, bin by bin.
        height: Pixels, axes included.

    Returns:
        A chart of one bar a bin that has answers, its count above it, and the line on which
        accuracy and confidence are the same; between bar and line the gap is hatched by a rule.
    """
    rows: list[Row] = [{"part": "even", "low": x, "accuracy": x} for x in (0.0, 1.0)]
    for i in np.flatnonzero(found.counts):
        sure, right = float(found.confidence[i]), float(found.accuracy[i])
        rows.append(
            {
                "part": "bar",
                "low": shorten(found.edges[i]),
                "high": shorten(found.edges[i + 1]),
                "middle": shorten((found.edges[i] + found.edges[i + 1]) / 2),
                "accuracy": shorten(right),
                "confidence": shorten(sure),
                "count": int(found.counts[i]),
                "label": f"{int(found.counts[i]):,}",
            }
        )
    return build_chart(
        rows,
        {"layer": _reliability_layers(), "height": height},
        "The share of right answers, by how sure the network was of them, with their number.",
    )


def _reliability_layers() -> list[Spec]:
    shares: Spec = {"format": ".0%", "domain": [0, 1]}
    x = quantity("low", "how sure it was (largest output)", **shares) | {"bin": "binned"}
    y = quantity("accuracy", "share that was right", **shares | {"domain": [0, 1.08]})
    y["axis"]["values"] = x["axis"]["values"] = [0, 0.2, 0.4, 0.6, 0.8, 1]
    tips = tooltip(
        ("count", "answers", ",d"), ("confidence", "sure", ".1%"), ("accuracy", "right", ".1%")
    )
    middle = x | {"field": "middle"}
    del middle["bin"]
    gap = build_mark("rule", WRONG, strokeWidth=3)
    count = {"type": "text", "baseline": "bottom", "dy": -3, "fontSize": 10, "color": INK}
    line = {"x": x | {"field": "low"}, "y": y}
    del line["x"]["bin"]
    sure = {"field": "confidence", "type": "quantitative"}
    return [
        build_layer("bar", build_mark("bar", RIGHT), x=x, x2={"field": "high"}, y=y, tooltip=tips),
        build_layer("even", build_mark("line", INK, strokeDash=[4, 3]), **line),
        build_layer("bar", gap, x=middle, y=y, y2=sure, tooltip=tips),
        build_layer("bar", count, x=middle, y=y, text={"field": "label"}, tooltip=tips),
    ]


def hidden_layer(sums: ArrayLike, activations: ArrayLike, height: int = 210) -> Chart:
    """What each unit of a hidden layer makes of one input: its weighted sum, its activation.

    Args:
        sums: (units,).
        activations: (units,).
        height: Pixels, axes included.

    Returns:
        A chart of one bar a unit for the activation, with a tick for the sum; of more than
        `MOST_UNITS` units only those with the largest activations have one.
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
        rows, {"layer": layers, "height": height}, "Sum and activation of each unit."
    )


def shown_units(activations: ArrayLike) -> list[int]:
    """The units of a hidden layer that get a bar, by their number."""
    sizes = np.abs(np.asarray(activations, float))
    if len(sizes) <= MOST_UNITS:
        return list(range(len(sizes)))
    return sorted(np.argsort(-sizes, kind="stable")[:MOST_UNITS].tolist())


def outputs(
    values: ArrayLike, names: Sequence[str], marked: Sequence[int], title: str, form: str = ".3g"
) -> Chart:
    """Numbers of the output layer as lying bars, to the right above 0 and to the left below.

    Args:
        values: (classes,).
        names: The classes' names.
        marked: Classes that stand out, such as the winner.
        title: What the numbers are.
        form: How a number is written at its bar, as in `format()`.
    """
    numbers = np.asarray(values, float)
    rows: list[Row] = [
        {
            "part": "bar",
            "name": name,
            "value": shorten(value) if np.isfinite(value) else None,
            "label": format(value, form),
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
