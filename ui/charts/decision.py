"""The outputs of a network with one input, along the number line, as live charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.decision_boundary import predict_along
from ui.charts.palette import INK, MUTED, WRONG
from ui.charts.vega import (
    VALUE_FORMAT,
    Chart,
    Row,
    Spec,
    arrow_table,
    build_chart,
    build_layer,
    build_mark,
    by_name,
    quantity,
    shorten,
    stack_tables,
    tooltip,
)

Array: TypeAlias = NDArray[Any]

#: Names of lesson 1's two classes, that of label 0 first.
NUMBERS = ("< 0.5", ">= 0.5")


def decision_curve(
    x: ArrayLike,
    outputs: ArrayLike,
    threshold: float,
    class_names: Sequence[str] = NUMBERS,
    height: int = 210,
) -> Chart:
    """Return two outputs over a line of inputs, and where the prediction changes.

    The prediction is the class with the larger output. The label is the second class from
    `threshold` on. A band under a cross marks inputs with a wrong prediction.

    Args:
        x: Inputs in ascending order, shape `(n,)`.
        outputs: The two outputs, shape `(n, 2)`; not finite where there is none yet.
        threshold: The labels change from the first class to the second here.
        class_names: Names of the outputs.
        height: Height in pixels, axis and legend included.
    """
    inputs, values = np.asarray(x, float), np.asarray(outputs, float)
    span = [float(inputs[0]), float(inputs[-1])]
    finite = np.isfinite(values).all(axis=1)
    rows = [
        *_border_rows(inputs[finite], values[finite], threshold),
        *_curve_rows(inputs[finite], values[finite], class_names),
    ]
    spec = {"layer": _decision_layers(span, class_names), "height": height}
    return build_chart(rows, spec, "Both outputs over the inputs.")


def _border_rows(inputs: Array, values: Array, threshold: float) -> Iterator[Row]:
    """Yield where labels and predictions change, and the bands of wrong predictions."""
    edges, wrong = predict_along(inputs, values, threshold)
    changes = _describe_changes(edges) if len(inputs) else ""
    yield {"part": "caption", "label": f"\u250a labels change at {threshold:g}  {changes}"}
    yield {"part": "truth", "x": threshold}
    for edge in edges:
        yield {"part": "border", "x": shorten(edge)}
    for low, high in wrong:
        middle = shorten((low + high) / 2)
        yield {"part": "wrong", "x": shorten(low), "x2": shorten(high), "middle": middle}


def _describe_changes(edges: Sequence[float]) -> str:
    if len(edges) == 1:
        return f"\u2502 prediction at {edges[0]:.2f}"
    return f"\u2502 prediction {len(edges)} times" if edges else "· prediction never"


def _curve_rows(inputs: Array, values: Array, class_names: Sequence[str]) -> Iterator[Row]:
    for name, column in zip(class_names, values.T, strict=True):
        for x, value in zip(inputs, column, strict=True):
            yield {"part": "curve", "x": shorten(x), "output": shorten(value), "neuron": name}


def _decision_layers(span: list[float], class_names: Sequence[str]) -> list[Spec]:
    x = quantity("x", "input x", format=".2~f", domain=span, nice=False)
    y = quantity("output", "output", format=VALUE_FORMAT, ticks=4, domain={"unionWith": [0, 1]})
    color = by_name("neuron", class_names, [MUTED, INK]) | {"legend": {"offset": 22}}
    dash = by_name("neuron", class_names, [[5, 3], [1, 0]]) | {"legend": {"offset": 22}}
    tips = tooltip(
        ("neuron", "output"), ("x", "x", VALUE_FORMAT), ("output", "value", VALUE_FORMAT)
    )
    cross = {"type": "text", "text": "\u00d7", "fontSize": 18, "color": WRONG, "dy": 10}
    caption = {"type": "text", "align": "left", "color": INK, "dy": -10}
    return [
        build_layer("wrong", build_mark("rect", WRONG, opacity=0.3), x=x, x2={"field": "x2"}),
        build_layer("wrong", cross, x=x | {"field": "middle"}, y={"value": 0}),
        build_layer("truth", build_mark("rule", INK, strokeDash=[2, 3]), x=x),
        build_layer("border", build_mark("rule", INK), x=x),
        build_layer(
            "curve",
            {"type": "line", "strokeWidth": 2},
            x=x,
            y=y,
            color=color,
            strokeDash=dash,
            tooltip=tips,
        ),
        build_layer("caption", caption, x={"value": -30}, y={"value": 0}, text={"field": "label"}),
    ]


def extrapolation_curve(
    x: ArrayLike,
    outputs: ArrayLike,
    threshold: float,
    class_names: Sequence[str] = NUMBERS,
    *,
    bends: Sequence[tuple[float, str]] = (),
    seen: tuple[float, float] = (0.0, 1.0),
    height: int = 230,
    legend: bool = True,
) -> Chart:
    """Return a `decision_curve` beyond the training data, with the data as a band.

    Args:
        x: Inputs, as for `decision_curve`.
        outputs: Outputs, as for `decision_curve`.
        threshold: As for `decision_curve`.
        class_names: As for `decision_curve`.
        bends: Inputs at which hidden units bend, and the unit's name. They are marked on the second
            curve; bends beyond its ends are left out.
        seen: Smallest and largest training number.
        height: Height in pixels, axis and legend included.
        legend: Name the outputs.
    """
    inputs, values = np.asarray(x, float), np.asarray(outputs, float)
    chart = decision_curve(x, outputs, threshold, class_names, height)
    low, high = max(seen[0], float(inputs[0])), min(seen[1], float(inputs[-1]))
    rows: list[Row] = [
        {"part": "seen", "x": low, "x2": high},
        *_bend_rows(inputs, values[:, 1], bends),
    ]
    *below, curves, caption = chart.spec["layer"]
    channels = curves["encoding"]
    if not legend:
        unnamed = {name: channels[name] | {"legend": None} for name in ("color", "strokeDash")}
        curves = curves | {"encoding": channels | unnamed}
    band, ends = build_mark("rect", MUTED, opacity=0.2), {"x2": {"field": "x2"}}
    layers = [
        build_layer("seen", band, x=channels["x"], **ends),
        *below,
        curves,
        caption,
        _bend_layer(channels),
    ]
    return Chart(stack_tables(chart.data, arrow_table(rows)), chart.spec | {"layer": layers})


def _bend_rows(inputs: Array, curve: Array, bends: Sequence[tuple[float, str]]) -> Iterator[Row]:
    for x, unit in bends:
        if inputs[0] <= x <= inputs[-1]:
            output = float(np.interp(x, inputs, curve))
            yield {"part": "bend", "x": shorten(x), "output": output, "unit": unit}


def _bend_layer(channels: Spec) -> Spec:
    mark = {"type": "point", "shape": "diamond", "size": 70, "filled": True, "opacity": 0.9}
    tips = tooltip(("unit", "bends"), ("x", "at x", VALUE_FORMAT))
    return build_layer(
        "bend", mark | {"color": INK}, x=channels["x"], y=channels["y"], tooltip=tips
    )
