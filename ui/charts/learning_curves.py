"""A loss or metric over the epochs, as a live chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ui.charts.palette import TRAINING, VALIDATION
from ui.charts.vega import (
    VALUE_FORMAT,
    Chart,
    Row,
    Spec,
    build_chart,
    by_name,
    condition,
    quantity,
    shorten,
    tooltip,
)
from ui.core.wording import count, listing, number

#: Columns of the trace within the epochs, after the epoch itself.
TRACED = ("loss", "accuracy")
#: About so many rows at most: a screen shows no more.
MAX_ROWS = 400
#: With more epochs than this the line has no points.
MAX_POINTS = 50


def learning_curve(
    field: str,
    history: Mapping[str, Sequence[float]],
    trace: Iterable[tuple[float, float, float]] = (),
    *,
    epochs: int,
    validated: bool = False,
    height: int = 150,
) -> Chart:
    """Return the curve of a loss or metric, for training and validation samples.

    Args:
        field: A column of `history`, such as `"loss"` or `"accuracy"`.
        history: One number for each finished epoch, by name: `"loss"`, `"val_loss"`, ...
        trace: Rows `(epoch, loss, accuracy)` within the epochs, drawn as a thin line.
        epochs: Number of planned epochs: the horizontal axis ends there, or later if more ran.
        validated: Samples are held out, so the legend names them from the start.
        height: Height in pixels, axes and legend included.

    Returns:
        A chart. Numbers that are not finite leave a gap.
    """
    rows = [
        *_epoch_rows("training", history, field, ""),
        *_epoch_rows("validation", history, field, "val_"),
        *_trace_rows(trace, field),
    ]
    sets = ["training", "validation"] if validated else ["training"]
    end = max(epochs, len(history.get(field, ())))
    # A line of one point draws nothing, but it gives numbers to axes that have no data yet.
    start: Row = {"set": "within", "epoch": 0, field: 0.5 if field == "accuracy" else 1}
    body = {"height": height, **_curve(field, sets, end)}
    title = f"{field.replace('_', ' ')} over the epochs, by kind of sample."
    return build_chart(rows or [start], body, title)


def describe_curve(field: str, history: Mapping[str, Sequence[float]]) -> str:
    """Return the curve in words, with its last values, for readers who do not see it.

    Args:
        field: A column of `history`, as for `learning_curve`.
        history: One number for each finished epoch, by name; at least one epoch is finished.
    """
    name = field.replace("_", " ")
    kinds = {field: "training", f"val_{field}": "validation"}
    ends = [f"{number(history[key][-1])} in {kinds[key]}" for key in kinds if history.get(key)]
    return f"{name} after {count(len(history[field]), 'epoch')}: {listing(ends)}"


def _epoch_rows(
    name: str, history: Mapping[str, Sequence[float]], field: str, prefix: str
) -> Iterator[Row]:
    for epoch, value in _thin(list(enumerate(history.get(f"{prefix}{field}", ()), 1))):
        yield {"set": name, "epoch": epoch, field: value}


def _trace_rows(trace: Iterable[tuple[float, float, float]], field: str) -> Iterator[Row]:
    if field in TRACED:
        place = 1 + TRACED.index(field)
        for row in _thin(list(trace)):
            yield {"set": "within", "epoch": shorten(row[0]), field: row[place]}


def _thin(rows: list[Any]) -> list[Any]:
    """Return at most about `MAX_ROWS` of the rows, always with the last one."""
    return rows[::-1][:: math.ceil(len(rows) / MAX_ROWS) or 1][::-1]


def _curve(field: str, sets: list[str], epochs: int) -> Spec:
    """Return mark and encoding.

    The line within the epochs is a third "set" without points. As a layer of its own it would keep
    Streamlit from fitting the chart to the column.
    """
    domain = [*sets, "within"]

    def by_set(training: str, validation: str, within: str) -> Spec:
        values = [*[training, validation][: len(sets)], within]
        return by_name("set", domain, values) | {"legend": {"values": sets}}

    points = {"size": 36, "filled": True} if epochs <= MAX_POINTS else False
    scale: Spec = {"zero": False, "domainMax": 1} if field == "accuracy" else {"domainMin": 0}
    return {
        "mark": {"type": "line", "point": points},
        "encoding": {
            "x": quantity("epoch", "epochs", format="d", step=1, ticks=5, domain=[0, epochs]),
            "y": quantity(field, _short_name(field), format=VALUE_FORMAT, ticks=3, **scale),
            "color": by_set(TRAINING, VALIDATION, TRAINING),
            "shape": by_set("circle", "square", "M0 0"),
            "strokeDash": condition("datum.set === 'validation'", [5, 3], [1, 0]),
            "strokeWidth": condition("datum.set === 'within'", 1, 2),
            "tooltip": tooltip(
                ("set", "samples"), ("epoch", "epoch", ".3~g"), (field, field, VALUE_FORMAT)
            ),
        },
    }


def _short_name(name: str) -> str:
    """Return a metric's name, short enough for the axis."""
    return name.removeprefix("mean_").replace("_", " ")
