"""A chart of calibration: how often predictions of each confidence are right."""

from __future__ import annotations

import numpy as np

from nncore.analysis.metrics import Calibration
from ui.charts.palette import INK, RIGHT, WRONG
from ui.charts.vega import (
    Chart,
    Row,
    Spec,
    build_chart,
    build_layer,
    build_mark,
    quantity,
    shorten,
    tooltip,
)


def reliability(calibration: Calibration, height: int = 250) -> Chart:
    """Build a reliability diagram: accuracy by confidence, with the diagonal.

    Args:
        calibration: Counts, confidence and accuracy of each bin.
        height: Pixels, axes included.

    Returns:
        A chart of one bar for each bin with predictions, its count above it, and the line on which
        accuracy equals confidence; a purple rule marks the gap between bar and line.
    """
    rows: list[Row] = [{"part": "even", "low": x, "accuracy": x} for x in (0.0, 1.0)]
    for i in np.flatnonzero(calibration.counts):
        confidence = float(calibration.confidence[i])
        accuracy = float(calibration.accuracy[i])
        rows.append(
            {
                "part": "bar",
                "low": shorten(calibration.edges[i]),
                "high": shorten(calibration.edges[i + 1]),
                "middle": shorten((calibration.edges[i] + calibration.edges[i + 1]) / 2),
                "accuracy": shorten(accuracy),
                "confidence": shorten(confidence),
                "count": int(calibration.counts[i]),
                "label": f"{int(calibration.counts[i]):,}",
            }
        )
    return build_chart(
        rows,
        {"layer": _reliability_layers(), "height": height},
        "Accuracy by confidence, with the number of predictions in each bin.",
    )


def _reliability_layers() -> list[Spec]:
    shares: Spec = {"format": ".0%", "domain": [0, 1]}
    x = quantity("low", "confidence (largest output)", **shares) | {"bin": "binned"}
    y = quantity("accuracy", "accuracy", **shares | {"domain": [0, 1.08]})
    y["axis"]["values"] = x["axis"]["values"] = [0, 0.2, 0.4, 0.6, 0.8, 1]
    tips = tooltip(
        ("count", "predictions", ",d"),
        ("confidence", "confidence", ".1%"),
        ("accuracy", "accuracy", ".1%"),
    )
    middle = x | {"field": "middle"}
    del middle["bin"]
    gap = build_mark("rule", WRONG, strokeWidth=3)
    count = {"type": "text", "baseline": "bottom", "dy": -3, "fontSize": 10, "color": INK}
    line = {"x": x | {"field": "low"}, "y": y}
    del line["x"]["bin"]
    confidence = {"field": "confidence", "type": "quantitative"}
    return [
        build_layer("bar", build_mark("bar", RIGHT), x=x, x2={"field": "high"}, y=y, tooltip=tips),
        build_layer("even", build_mark("line", INK, strokeDash=[4, 3]), **line),
        build_layer("bar", gap, x=middle, y=y, y2=confidence, tooltip=tips),
        build_layer("bar", count, x=middle, y=y, text={"field": "label"}, tooltip=tips),
    ]
