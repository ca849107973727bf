"""Charts of lesson 4: the outputs for a drawing, and the accuracy when digits are shifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.charts.palette import INK, MUTED
from ui.charts.vega import Chart, Row, build_chart, build_layer, build_mark, quantity, shorten

#: Half the width of a marker line, as a share of the axis from 0 to 1.
THIN = 0.006


def draw_moving_bars(
    values: ArrayLike | None,
    names: Sequence[str],
    before: ArrayLike | None = None,
    *,
    mark: str = "",
    height: int = 244,
) -> Chart:
    """Draw a bar for each class, and a line where it ended for other values.

    Args:
        values: (classes,); clipped to 0 to 1. None draws no bars.
        names: The classes' names.
        before: (classes,) the values to compare with, or None.
        mark: A few words on those values.
        height: Pixels, with the axis.

    Returns:
        A chart whose spec does not depend on the numbers.
    """
    rows: list[Row] = [{"part": "bar", "name": n, "value": 0, "label": ""} for n in names]
    if values is not None:
        shown = _clip(values)
        best = int(shown.argmax())
        rows = [
            {
                "part": "winner" if i == best else "bar",
                "name": name,
                "value": shorten(value),
                "label": f"{value:.1%}",
            }
            for i, (name, value) in enumerate(zip(names, shown, strict=True))
        ]
    if before is not None:
        ends = zip(names, _clip(before), strict=True)
        rows += [
            {"part": "before", "name": n, "value": shorten(end - THIN), "end": shorten(end + THIN)}
            for n, end in ends
        ]
    return build_chart(
        rows, _bars_spec(list(names), mark, height), "The network's output for each class."
    )


def _clip(values: ArrayLike) -> NDArray[Any]:
    bounded: NDArray[Any] = np.clip(np.nan_to_num(np.asarray(values, float).ravel()), 0, 1)
    return bounded


def _bars_spec(names: list[str], mark: str, height: int) -> dict[str, object]:
    title = f"probability  (\N{BOX DRAWINGS LIGHT VERTICAL} {mark})" if mark else "probability"
    x = quantity("value", title, format=".0%", domain=[0, 1.22], nice=False)
    x["axis"]["values"] = [0, 0.5, 1]
    axis = {"title": None, "labelOverlap": False}
    y = {"field": "name", "type": "nominal", "sort": names, "axis": axis}
    text = {"type": "text", "align": "left", "dx": 4, "color": INK}
    label = {"field": "label"}
    thin = build_mark("bar", INK, opacity=0.75, height={"band": 0.95})
    layers = [
        build_layer("bar", build_mark("bar", MUTED), x=x, y=y),
        build_layer("winner", build_mark("bar", INK), x=x, y=y),
        build_layer("before", thin, x=x, x2={"field": "end"}, y=y),
        build_layer("bar", text, x=x, y=y, text=label),
        build_layer("winner", text | {"fontWeight": "bold"}, x=x, y=y, text=label),
    ]
    return {"layer": layers, "height": height}


def draw_shift_curve(accuracies: Sequence[float | None], here: int, baseline: float) -> Chart:
    """Draw how shifting the test images lowers the accuracy.

    Args:
        accuracies: For 0, 1, 2, ... pixels, 0 to 1; None where not measured yet.
        here: The drawing's own shift in pixels.
        baseline: The accuracy of always predicting the most frequent class, 0 to 1.
    """
    known = [(k, value) for k, value in enumerate(accuracies) if value is not None]
    rows: list[Row] = [{"part": "guess", "accuracy": baseline}]
    rows += [{"part": "line", "pixels": k, "accuracy": shorten(value)} for k, value in known]
    rows += [
        {"part": "here", "pixels": k, "accuracy": shorten(value), "label": f"{value:.1%}"}
        for k, value in known
        if k == here
    ]
    most = len(accuracies) - 1
    x = quantity("pixels", "pixels shifted", step=1, ticks=most, domain=[0, most], nice=False)
    y = quantity("accuracy", "accuracy", format=".0%", domain=[0, 1], ticks=3)
    text = {"type": "text", "align": "left", "dx": 7, "dy": -9, "color": INK, "fontWeight": "bold"}
    layers = [
        build_layer("guess", build_mark("rule", MUTED, strokeDash=[3, 3]), y=y),
        build_layer("line", build_mark("line", MUTED), x=x, y=y),
        build_layer("line", build_mark("point", MUTED, filled=True, size=40), x=x, y=y),
        build_layer("here", build_mark("point", INK, filled=True, size=90), x=x, y=y),
        build_layer("here", text, x=x, y=y, text={"field": "label"}),
    ]
    body = {"layer": layers, "height": 150}
    return build_chart(
        rows, body, "The test accuracy, by the number of pixels that the images are shifted."
    )
