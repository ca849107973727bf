"""The finished runs of a class as dots: accuracy over a number that the teacher chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ui.charts.palette import INK, MUTED, POSITIVE, RIGHT
from ui.charts.vega import (
    Chart,
    Row,
    Spec,
    build_chart,
    build_layer,
    build_mark,
    condition,
    quantity,
    tooltip,
)

#: The name of the selection that holds the `number` of the clicked run.
PICKED = "picked"
#: Height in pixels, and the size of text that is read from the last row.
HEIGHT, FONT = 460, 16


class Dot(NamedTuple):
    """A finished run.

    Attributes:
        number: Its number in the class.
        x: Its place on the horizontal axis.
        accuracy: Its accuracy, 0 to 1.
        words: Its member and settings.
        is_best: True for the best run so far.
    """

    number: int
    x: float
    accuracy: float
    words: str
    is_best: bool = False


def run_dots(
    dots: Sequence[Dot], title: str, target: float, *, is_log: bool = False, with_zero: bool = True
) -> Chart:
    """Return a chart with a dot for each run; a click selects `PICKED`.

    Args:
        dots: The runs.
        title: Title of the horizontal axis.
        target: The accuracy that the class is to reach, as a line; 0 for none.
        is_log: True for a logarithmic horizontal axis.
        with_zero: True if the horizontal axis begins at 0.
    """
    rows: list[Row] = [
        {
            "part": "dot",
            "number": dot.number,
            "x": dot.x,
            "accuracy": dot.accuracy,
            "words": dot.words,
            "best": "best" if dot.is_best else "",
        }
        for dot in dots
    ]
    if target:
        rows.append({"part": "target", "accuracy": target, "words": f"target {target:.1%}"})
    scale: Spec = {"type": "log"} if is_log else {"zero": with_zero}
    x = quantity("x", title, **scale)
    y = quantity("accuracy", "test accuracy", format=".0%", zero=False, nice=True)
    spec = {"layer": [*_target_layers(y), _dot_layer(x, y)], "height": HEIGHT}
    chart = build_chart(rows, spec, "Each finished run of the class, by its accuracy.")
    return Chart(chart.data, chart.spec | {"config": _large(chart.spec["config"])})


def _target_layers(y: Spec) -> list[Spec]:
    words = build_mark("text", INK, align="left", baseline="bottom", dx=4, dy=-4, fontSize=FONT)
    return [
        build_layer("target", build_mark("rule", RIGHT, strokeWidth=3, strokeDash=[8, 4]), y=y),
        build_layer("target", words, y=y, x={"value": 0}, text={"field": "words"}),
    ]


def _dot_layer(x: Spec, y: Spec) -> Spec:
    is_best = "datum.best === 'best'"
    layer = build_layer(
        "dot",
        build_mark("point", filled=True, opacity=0.8, cursor="pointer"),
        x=x,
        y=y,
        color=condition(is_best, RIGHT, POSITIVE),
        size=condition(is_best, 420, 170),
        shape=condition(is_best, "diamond", "circle"),
        stroke={"condition": {"param": PICKED, "empty": False, "value": INK}, "value": MUTED},
        strokeWidth={"condition": {"param": PICKED, "empty": False, "value": 3}, "value": 0},
        tooltip=tooltip(("words", "run"), ("accuracy", "accuracy", ".2%")),
    )
    params = [{"name": PICKED, "select": {"type": "point", "fields": ["number"]}}]
    return layer | {"params": params}


def _large(config: Spec) -> Spec:
    axis = {**config["axis"], "titleFontSize": FONT, "labelFontSize": FONT - 2}
    return {**config, "axis": axis}
