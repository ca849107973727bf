"""A learning curve: the accuracy on held-out drawings over the drawings to learn from."""

from __future__ import annotations

from collections.abc import Sequence

from ui.charts.palette import VALIDATION
from ui.charts.vega import Chart, Row, build_chart, quantity, tooltip


def drawings_curve(points: Sequence[tuple[int, float]], height: int = 220) -> Chart:
    """Return a line with a point for each number of drawings.

    Args:
        points: Drawings of each class, and the accuracy, 0 to 1.
        height: Height in pixels.
    """
    rows: list[Row] = [{"drawings": float(number), "accuracy": share} for number, share in points]
    x = quantity("drawings", "drawings of each class to learn from", step=1, zero=True)
    y = quantity("accuracy", "accuracy on held-out drawings", format=".0%", domain=[0, 1])
    shown = tooltip(("drawings", "drawings of each class", ".0f"), ("accuracy", "accuracy", ".1%"))
    return build_chart(
        rows,
        {
            "mark": {"type": "line", "point": {"size": 70}, "color": VALIDATION},
            "encoding": {"x": x, "y": y, "tooltip": shown},
            "height": height,
        },
        "Accuracy on held-out drawings over the number of drawings of each class.",
    )
