"""Loss and metric over the epochs, as live charts."""

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


def learning_curves(
    history: Mapping[str, Sequence[float]],
    trace: Iterable[tuple[float, float, float]] = (),
    *,
    epochs: int,
    validated: bool = False,
    metric: str = "accuracy",
    height: int = 92,
) -> Chart:
    """Loss above and accuracy below, epoch by epoch, for training and validation samples.

    Args:
        history: One number for each epoch done, by name: `"loss"`, `"accuracy"`, `"val_loss"`, ...
        trace: Rows `(epochs, loss, accuracy)` within the epochs, drawn as a thin line.
        epochs: How many epochs are planned: the horizontal axis ends there.
        validated: Whether validation samples are held out: the legend names them from the start.
        metric: The lower panel's column of `history`.
        height: Pixels of each of the two panels; titles and legend take about 70 more.

    Returns:
        A chart. Numbers that are not finite leave a gap.
    """
    rows = [
        *_epoch_rows("training", history, "", metric),
        *_epoch_rows("validation", history, "val_", metric),
        *_trace_rows(trace),
    ]
    sets = ["training", "validation"] if validated else ["training"]
    epochs = max(epochs, len(history.get("loss", ())))
    scale = {"zero": False, "domainMax": 1} if metric == "accuracy" else {"domainMin": 0}
    panels = [
        {"height": height, **_curves_panel("loss", {"domainMin": 0}, sets, epochs)},
        {"height": height, **_curves_panel(metric, scale, sets, epochs)},
    ]
    panels[0]["encoding"]["x"]["axis"] |= {"labels": False, "title": None}
    # A line of one point draws nothing, but it gives axes that have no data yet their numbers.
    begin: Row = {"set": "within", "epoch": 0, "loss": 1, metric: 0.5}
    body = {"vconcat": panels, "spacing": 8}
    return build_chart(
        rows or [begin], body, f"Loss and {metric} over the epochs, by kind of sample."
    )


def learning_curve(
    field: str,
    history: Mapping[str, Sequence[float]],
    trace: Iterable[tuple[float, float, float]] = (),
    *,
    epochs: int,
    validated: bool = False,
    height: int = 150,
) -> Chart:
    """One panel of `learning_curves`, to stand beside others.

    Args:
        field: `"loss"` or a metric, such as `"accuracy"`.
        history: As for `learning_curves`, and so are the others.
        trace: As for `learning_curves`.
        epochs: As for `learning_curves`.
        validated: As for `learning_curves`.
        height: Pixels, axes and legend included.
    """
    metric = "accuracy" if field == "loss" else field
    rows = [
        *_epoch_rows("training", history, "", metric),
        *_epoch_rows("validation", history, "val_", metric),
        *(_trace_rows(trace) if metric == "accuracy" else ()),  # a trace has no other metric
    ]
    sets = ["training", "validation"] if validated else ["training"]
    scale = {"zero": False, "domainMax": 1} if field == "accuracy" else {"domainMin": 0}
    begin: Row = {"set": "within", "epoch": 0, "loss": 1, metric: 0.5}
    body = {
        "height": height,
        **_curves_panel(field, scale, sets, max(epochs, len(history.get("loss", ())))),
    }
    return build_chart(rows or [begin], body, f"{field} over the epochs, by kind of sample.")


def _epoch_rows(
    name: str, history: Mapping[str, Sequence[float]], prefix: str, metric: str
) -> Iterator[Row]:
    losses, metrics = history.get(f"{prefix}loss", ()), history.get(f"{prefix}{metric}", ())
    for epoch, (loss, value) in _thinned(list(enumerate(zip(losses, metrics, strict=False), 1))):
        yield {"set": name, "epoch": epoch, "loss": loss, metric: value}


def _trace_rows(trace: Iterable[tuple[float, float, float]]) -> Iterator[Row]:
    for epoch, loss, accuracy in _thinned(list(trace)):
        yield {"set": "within", "epoch": shorten(epoch), "loss": loss, "accuracy": accuracy}


def _thinned(rows: list[Any], most: int = 400) -> list[Any]:
    """At most about `most` of the rows, the last among them: a screen shows no more."""
    return rows[::-1][:: math.ceil(len(rows) / most) or 1][::-1]


def _curves_panel(field: str, scale: Spec, sets: list[str], epochs: int) -> Spec:
    """One of the two panels.

    The line within the epochs is a third "set" without points: as a layer of its own it would
    keep Streamlit from fitting the panels to the column.
    """
    domain = [*sets, "within"]

    def by_set(training: str, validation: str, within: str) -> Spec:
        values = [*[training, validation][: len(sets)], within]
        return by_name("set", domain, values) | {"legend": {"values": sets}}

    points = {"size": 36, "filled": True} if epochs <= 50 else False
    return {
        "mark": {"type": "line", "point": points},
        "encoding": {
            "x": quantity("epoch", "epochs", format="d", step=1, ticks=5, domain=[0, epochs]),
            "y": quantity(field, _plain(field), format=VALUE_FORMAT, ticks=3, **scale),
            "color": by_set(TRAINING, VALIDATION, TRAINING),
            "shape": by_set("circle", "square", "M0 0"),
            "strokeDash": condition("datum.set === 'validation'", [5, 3], [1, 0]),
            "strokeWidth": condition("datum.set === 'within'", 1, 2),
            "tooltip": tooltip(
                ("set", "samples"), ("epoch", "epoch", ".3~g"), (field, field, VALUE_FORMAT)
            ),
        },
    }


def _plain(name: str) -> str:
    """A metric's name as an axis that is 92 pixels long can show it."""
    return name.removeprefix("mean_").replace("_", " ")
