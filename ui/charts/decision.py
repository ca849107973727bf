"""What a one-input network outputs along the number line, as live charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nncore.analysis.decision_boundary import answers_along
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

#: Names of lesson 1's and lesson 2's two classes, the one with label 0 first.
NUMBERS = ("< 0.5", ">= 0.5")


def decision_curve(
    x: ArrayLike,
    outputs: ArrayLike,
    threshold: float,
    class_names: Sequence[str] = NUMBERS,
    height: int = 210,
) -> Chart:
    """What each of two output neurons says along a line of inputs, and where the answer changes.

    The answer is the neuron with the larger output; the right one is the second from `threshold`
    on. Inputs that get the wrong answer lie in a band under a cross.

    Args:
        x: Inputs in ascending order, shape `(n,)`.
        outputs: The neurons' outputs, shape `(n, 2)`; not finite where there is no answer yet.
        threshold: Where the labels change from the first class to the second.
        class_names: The neurons' names.
        height: Pixels, axis and legend included.

    Returns:
        A chart of the curves, the places where labels and answers change, and what lies between.
    """
    inputs, values = np.asarray(x, float), np.asarray(outputs, float)
    span = [float(inputs[0]), float(inputs[-1])]
    answered = np.isfinite(values).all(axis=1)
    inputs, values = inputs[answered], values[answered]
    edges, wrong = answers_along(inputs, values, threshold)
    said = f"\u250a labels change at {threshold:g}  {_answers_change(edges) if len(inputs) else ''}"
    rows: list[Row] = [{"part": "said", "label": said}, {"part": "truth", "x": threshold}]
    rows += [{"part": "border", "x": shorten(edge)} for edge in edges]
    rows += [
        {
            "part": "wrong",
            "x": shorten(low),
            "x2": shorten(high),
            "middle": shorten((low + high) / 2),
        }
        for low, high in wrong
    ]
    for name, column in zip(class_names, values.T, strict=True):
        rows += [
            {"part": "curve", "x": shorten(at), "output": shorten(value), "neuron": name}
            for at, value in zip(inputs, column, strict=True)
        ]
    spec = {"layer": _decision_layers(span, class_names), "height": height}
    return build_chart(rows, spec, "What each output neuron says over the inputs.")


def _answers_change(edges: Sequence[float]) -> str:
    if len(edges) == 1:
        return f"\u2502 answers at {edges[0]:.2f}"
    return f"\u2502 answers {len(edges)} times" if edges else "· answers never"


def _decision_layers(span: list[float], class_names: Sequence[str]) -> list[Spec]:
    x = quantity("x", "input x", format=".2~f", domain=span, nice=False)
    y = quantity("output", "output", format=VALUE_FORMAT, ticks=4, domain={"unionWith": [0, 1]})
    color = by_name("neuron", class_names, [MUTED, INK]) | {"legend": {"offset": 22}}
    dash = by_name("neuron", class_names, [[5, 3], [1, 0]]) | {"legend": {"offset": 22}}
    tips = tooltip(
        ("neuron", "neuron"), ("x", "x", VALUE_FORMAT), ("output", "output", VALUE_FORMAT)
    )
    cross = {"type": "text", "text": "\u00d7", "fontSize": 18, "color": WRONG, "dy": 10}
    said = {"type": "text", "align": "left", "color": INK, "dy": -10}
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
        build_layer("said", said, x={"value": -30}, y={"value": 0}, text={"field": "label"}),
    ]


def outside_curve(
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
    """`decision_curve` beyond the samples: with a band where they lie, and where units bend.

    Args:
        x: As for `decision_curve`, and so are the others that are not named here.
        outputs: See there.
        threshold: See there.
        class_names: See there.
        bends: Where hidden units bend, and which one does in words. They are marked on the second
            neuron's curve; those beyond its ends are left out.
        seen: Where the samples begin and end.
        height: Pixels, axis and legend included.
        legend: Whether to name the neurons.
    """
    inputs, values = np.asarray(x, float), np.asarray(outputs, float)
    chart = decision_curve(x, outputs, threshold, class_names, height)
    low, high = max(seen[0], float(inputs[0])), min(seen[1], float(inputs[-1]))
    rows: list[Row] = [{"part": "seen", "x": low, "x2": high}]
    for at, unit in bends:
        if inputs[0] <= at <= inputs[-1]:
            height_there = float(np.interp(at, inputs, values[:, 1]))
            rows.append({"part": "bend", "x": shorten(at), "output": height_there, "unit": unit})
    *under, curves, said = chart.spec["layer"]
    channels = curves["encoding"]
    if not legend:
        unnamed = {name: channels[name] | {"legend": None} for name in ("color", "strokeDash")}
        curves = curves | {"encoding": channels | unnamed}
    bend = {"type": "point", "shape": "diamond", "size": 70, "filled": True, "opacity": 0.9}
    tips = tooltip(("unit", "bends"), ("x", "at x", VALUE_FORMAT))
    layers = [
        build_layer(
            "seen", build_mark("rect", MUTED, opacity=0.2), x=channels["x"], x2={"field": "x2"}
        ),
        *under,
        curves,
        said,
        build_layer("bend", bend | {"color": INK}, x=channels["x"], y=channels["y"], tooltip=tips),
    ]
    return Chart(stack_tables(chart.data, arrow_table(rows)), chart.spec | {"layer": layers})
