"""Arrays and records -> chart specs: pure functions, the same result for the same numbers.

This file knows no Streamlit, no session and no page. It gives two kinds of figure:

*Live charts* are Vega-Lite: a `Chart` of a table and a spec, drawn by

    st.vega_lite_chart(*decision_curve(x, outputs, 0.5), key="rounding.curve")

What changes from frame to frame is in the table alone. While the spec stays equal Streamlit
replaces the rows inside the drawing that is there; a changed spec, or data inside one of its
layers, throws the drawing away and builds another: the page would flicker. The table is Arrow's,
because Streamlit makes pandas frames of lists and dictionaries, and importing pandas takes longer
than the page's first paint.

*Plotly figures*, as plain dictionaries for `st.plotly_chart`, are for results that stand still:
Plotly draws anew at every change, but reports clicks on markers.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.decision_boundary import answers_along
from nncore.nn.activations import activate

# Okabe and Ito's colours, which people see apart whatever their colour vision. Each has one
# meaning in the whole lab, and never stands for it alone: a dash, a shape or a place says the same.
POSITIVE = "#0072B2"  # blue: a weight or bias above 0; solid
NEGATIVE = "#D55E00"  # vermillion: a weight or bias below 0; dashed
TRAINING = "#56B4E9"  # sky blue: measured on training samples; solid, circles
VALIDATION = "#E69F00"  # orange: measured on validation samples; dashed, squares
RIGHT = "#009E73"  # green: answered as the label says; on the diagonal, on the right side
WRONG = "#CC79A7"  # purple: answered otherwise; off the diagonal, under a cross
# What means none of these, the two classes of lessons 1 and 2 among it, is drawn in two greys.
INK = "currentColor"  # the page's text colour, in light and in dark
MUTED = "#8C8C8C"

#: Names of lesson 1's and lesson 2's two classes, the one with label 0 first.
NUMBERS = ("< 0.5", ">= 0.5")
FIVES = ("not five", "five")

Spec: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, float | str | None]
Array: TypeAlias = NDArray[Any]


class Chart(NamedTuple):
    """A live chart, in the order in which `st.vega_lite_chart(*chart)` takes it.

    Attributes:
        data: The rows, a `pyarrow.Table`: what changes while something runs.
        spec: The Vega-Lite spec: stays equal while only numbers change.
    """

    data: Any
    spec: Spec


# Live charts


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
    return _chart(rows or [begin], body, f"Loss and {metric} over the epochs, by kind of sample.")


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
        field: `"loss"` or `"accuracy"`.
        history: As for `learning_curves`, and so are the others.
        trace: As for `learning_curves`.
        epochs: As for `learning_curves`.
        validated: As for `learning_curves`.
        height: Pixels, axes and legend included.
    """
    rows = [
        *_epoch_rows("training", history, "", "accuracy"),
        *_epoch_rows("validation", history, "val_", "accuracy"),
        *_trace_rows(trace),
    ]
    sets = ["training", "validation"] if validated else ["training"]
    scale = {"zero": False, "domainMax": 1} if field == "accuracy" else {"domainMin": 0}
    begin: Row = {"set": "within", "epoch": 0, "loss": 1, "accuracy": 0.5}
    body = {
        "height": height,
        **_curves_panel(field, scale, sets, max(epochs, len(history.get("loss", ())))),
    }
    return _chart(rows or [begin], body, f"{field} over the epochs, by kind of sample.")


def _epoch_rows(
    name: str, history: Mapping[str, Sequence[float]], prefix: str, metric: str
) -> Iterator[Row]:
    losses, metrics = history.get(f"{prefix}loss", ()), history.get(f"{prefix}{metric}", ())
    for epoch, (loss, value) in _thinned(list(enumerate(zip(losses, metrics, strict=False), 1))):
        yield {"set": name, "epoch": epoch, "loss": loss, metric: value}


def _trace_rows(trace: Iterable[tuple[float, float, float]]) -> Iterator[Row]:
    for epoch, loss, accuracy in _thinned(list(trace)):
        yield {"set": "within", "epoch": _short(epoch), "loss": loss, "accuracy": accuracy}


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
        return _by("set", domain, values) | {"legend": {"values": sets}}

    points = {"size": 36, "filled": True} if epochs <= 50 else False
    return {
        "mark": {"type": "line", "point": points},
        "encoding": {
            "x": _quantity("epoch", "epochs", format="d", step=1, ticks=5, domain=[0, epochs]),
            "y": _quantity(field, _plain(field), format=_VALUE, ticks=3, **scale),
            "color": by_set(TRAINING, VALIDATION, TRAINING),
            "shape": by_set("circle", "square", "M0 0"),
            "strokeDash": _if("datum.set === 'validation'", [5, 3], [1, 0]),
            "strokeWidth": _if("datum.set === 'within'", 1, 2),
            "tooltip": _tooltip(
                ("set", "samples"), ("epoch", "epoch", ".3~g"), (field, field, _VALUE)
            ),
        },
    }


def _plain(name: str) -> str:
    """A metric's name as an axis that is 92 pixels long can show it."""
    return name.removeprefix("mean_").replace("_", " ")


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
    rows += [{"part": "border", "x": _short(edge)} for edge in edges]
    rows += [
        {"part": "wrong", "x": _short(low), "x2": _short(high), "middle": _short((low + high) / 2)}
        for low, high in wrong
    ]
    for name, column in zip(class_names, values.T, strict=True):
        rows += [
            {"part": "curve", "x": _short(at), "output": _short(value), "neuron": name}
            for at, value in zip(inputs, column, strict=True)
        ]
    spec = {"layer": _decision_layers(span, class_names), "height": height}
    return _chart(rows, spec, "What each output neuron says over the inputs.")


def _answers_change(edges: Sequence[float]) -> str:
    if len(edges) == 1:
        return f"\u2502 answers at {edges[0]:.2f}"
    return f"\u2502 answers {len(edges)} times" if edges else "· answers never"


def _decision_layers(span: list[float], class_names: Sequence[str]) -> list[Spec]:
    x = _quantity("x", "input x", format=".2~f", domain=span, nice=False)
    y = _quantity("output", "output", format=_VALUE, ticks=4, domain={"unionWith": [0, 1]})
    color = _by("neuron", class_names, [MUTED, INK]) | {"legend": {"offset": 22}}
    dash = _by("neuron", class_names, [[5, 3], [1, 0]]) | {"legend": {"offset": 22}}
    tips = _tooltip(("neuron", "neuron"), ("x", "x", _VALUE), ("output", "output", _VALUE))
    cross = {"type": "text", "text": "\u00d7", "fontSize": 18, "color": WRONG, "dy": 10}
    said = {"type": "text", "align": "left", "color": INK, "dy": -10}
    return [
        _layer("wrong", _mark("rect", WRONG, opacity=0.3), x=x, x2={"field": "x2"}),
        _layer("wrong", cross, x=x | {"field": "middle"}, y={"value": 0}),
        _layer("truth", _mark("rule", INK, strokeDash=[2, 3]), x=x),
        _layer("border", _mark("rule", INK), x=x),
        _layer(
            "curve",
            {"type": "line", "strokeWidth": 2},
            x=x,
            y=y,
            color=color,
            strokeDash=dash,
            tooltip=tips,
        ),
        _layer("said", said, x={"value": -30}, y={"value": 0}, text={"field": "label"}),
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
            rows.append({"part": "bend", "x": _short(at), "output": height_there, "unit": unit})
    *under, curves, said = chart.spec["layer"]
    channels = curves["encoding"]
    if not legend:
        unnamed = {name: channels[name] | {"legend": None} for name in ("color", "strokeDash")}
        curves = curves | {"encoding": channels | unnamed}
    bend = {"type": "point", "shape": "diamond", "size": 70, "filled": True, "opacity": 0.9}
    tips = _tooltip(("unit", "bends"), ("x", "at x", _VALUE))
    layers = [
        _layer("seen", _mark("rect", MUTED, opacity=0.2), x=channels["x"], x2={"field": "x2"}),
        *under,
        curves,
        said,
        _layer("bend", bend | {"color": INK}, x=channels["x"], y=channels["y"], tooltip=tips),
    ]
    return Chart(_stacked(chart.data, table(rows)), chart.spec | {"layer": layers})


def _stacked(above: Any, below: Any) -> Any:
    """Two tables as one, with the columns of both."""
    import pyarrow as pa

    return pa.concat_tables([above, below], promote_options="default")


def output_histogram(
    outputs: ArrayLike,
    labels: ArrayLike,
    threshold: float,
    value_range: tuple[float, float] | None = None,
    class_names: Sequence[str] = FIVES,
) -> Chart:
    """Where a single output falls: the second class's samples upwards, the first's downwards.

    Heights are shares of each class, since one may be nine times as large as the other. The band
    from 0 to 1 is where the labels lie.

    Args:
        outputs: The output for each sample, shape `(n,)`; those not finite are left out.
        labels: 1 for the second class, 0 for the first, shape `(n,)`.
        threshold: Outputs above it are read as the second class, as Keras reads them.
        value_range: The horizontal axis's ends, by default wide enough for all outputs and 0..1.
            Outputs beyond them count at the ends.
        class_names: Names of class 0 and class 1.

    Returns:
        A chart 240 pixels high.
    """
    values, truth = _finite(outputs, labels)
    low, high = value_range or _widened(values)
    values, edges = np.clip(values, low, high), np.linspace(low, high, 41)
    rows: list[Row] = [
        {"part": "band", "low": 0.0, "high": 1.0},
        {"part": "threshold", "low": threshold},
    ]
    for number, name in enumerate(class_names):
        of_class = values[truth == number]
        read_right = (of_class > threshold) == bool(number)
        for verdict, chosen in (("right", read_right), ("wrong", ~read_right)):
            common: Row = {"part": "bar", "class": name, "verdict": verdict}
            for bar in _bins(of_class[chosen], edges):
                share = (1 if number else -1) * float(bar["count"]) / len(of_class)
                rows.append({**common, **bar, "share": _short(share)})
    spec = {"layer": _histogram_layers(class_names), "height": 240}
    return _chart(rows, spec, "How often the network gives which output, by class.")


def _histogram_layers(class_names: Sequence[str]) -> list[Spec]:
    x = _quantity("low", "output", format=_VALUE, domain={"unionWith": [0, 1]}) | {"bin": "binned"}
    y = _quantity("share", "share of the class", ticks=5)
    y["axis"]["labelExpr"] = "format(abs(datum.value), '.0%')"
    verdict = _by("verdict", ["right", "wrong"], [RIGHT, WRONG])
    tips = _tooltip(("class", "label"), ("verdict", "answer"), ("count", "images", ",d"), *_FROM_TO)
    end = {"field": "high"}
    up = {"type": "text", "text": f"{class_names[1]} \u2191", "align": "left", "dy": 10}
    down = {"type": "text", "text": f"{class_names[0]} \u2193", "align": "left", "dy": -10}
    return [
        _layer("band", _mark("rect", MUTED, opacity=0.2), x=x, x2=end),
        _layer("bar", _mark("bar", binSpacing=0), x=x, x2=end, y=y, color=verdict, tooltip=tips),
        _layer("threshold", _mark("rule", INK, strokeDash=[4, 2]), x=x),
        _layer("band", up | {"color": INK}, x={"value": 5}, y={"value": 0}),
        _layer("band", down | {"color": INK}, x={"value": 5}, y={"value": "height"}),
    ]


def margin_histogram(margins: ArrayLike) -> Chart:
    """How far the right class's output lies above the largest of the others, sample by sample.

    Args:
        margins: Right output less the largest other one, shape `(n,)`; above 0 the answer is
            right. Those not finite are left out.

    Returns:
        A chart 240 pixels high.
    """
    values, _ = _finite(margins, margins)
    low, high = float(values.min(initial=-1.0)), float(values.max(initial=1.0))
    edges = np.append(np.linspace(low, 0.0, 21), np.linspace(0.0, high, 21)[1:])
    rows: list[Row] = [{"part": "even", "low": 0.0}]
    for verdict, chosen in (("right", values > 0), ("wrong", values <= 0)):
        bars = _bins(values[chosen], edges)
        rows += [{"part": "bar", "verdict": verdict, **bar} for bar in bars]
    x = _quantity("low", "right output less the largest other", format=_VALUE) | {"bin": "binned"}
    tips = _tooltip(("verdict", "answer"), ("count", "images", ",d"), *_FROM_TO)
    bar = {
        "x2": {"field": "high"},
        "y": _quantity("count", "images", format=",d", ticks=4, step=1),
        "color": _by("verdict", ["right", "wrong"], [RIGHT, WRONG]),
        "tooltip": tips,
    }
    layers = [
        _layer("bar", _mark("bar", binSpacing=0), x=x, **bar),
        _layer("even", _mark("rule", INK, strokeDash=[4, 2]), x=x),
    ]
    return _chart(rows, {"layer": layers, "height": 240}, "How clearly the right class wins.")


def _finite(values: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """The finite of the values, and their labels."""
    flat, truth = np.asarray(values, float).ravel(), np.asarray(labels).ravel()
    finite = np.isfinite(flat)
    return flat[finite], truth[finite]


def _widened(values: Array) -> tuple[float, float]:
    """The range of `values` and of 0..1, a little widened."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=1.0))
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _bins(values: Array, edges: Array) -> Iterator[dict[str, float]]:
    """The bars of a histogram that are not empty."""
    counts, _ = np.histogram(values, edges)
    for count, (low, high) in zip(counts, pairwise(edges), strict=True):
        if count:
            yield {"low": _short(low), "high": _short(high), "count": int(count)}


def activation_curve(
    name: str,
    weighted_sums: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str] = FIVES,
    most: int = 60,
) -> Chart:
    """An activation function, and on it the weighted sums that this network comes to.

    Args:
        name: The activation, as Keras calls it.
        weighted_sums: What the neuron adds up for each sample, shape `(n,)`; those not finite are
            left out.
        labels: 1 for the second class, 0 for the first, shape `(n,)`.
        class_names: Names of class 0 and class 1.
        most: How many samples of each class to show: evenly by rank, lowest and highest included.

    Returns:
        A chart 240 pixels high.
    """
    sums, truth = _finite(weighted_sums, labels)
    line = np.linspace(sums.min(initial=-6.0), sums.max(initial=6.0), 201)
    rows: list[Row] = [{"part": "curve", **point} for point in _points(name, line)]
    for number, class_name in enumerate(class_names):
        of_class = np.sort(sums[truth == number])
        ranks = np.linspace(0, len(of_class) - 1, min(most, len(of_class))).round().astype(int)
        points = _points(name, of_class[ranks])
        rows += [{"part": "sum", "class": class_name, **point} for point in points]
    x = _quantity("z", "weighted sum z", format=_VALUE, nice=False)
    y = _quantity("a", f"{name}(z)", format=_VALUE, ticks=4)
    marked = {
        "color": _by("class", class_names, [MUTED, INK]),
        "shape": _by("class", class_names, ["circle", "diamond"]),
        "tooltip": _tooltip(("class", "label"), ("z", "z", _VALUE), ("a", f"{name}(z)", _VALUE)),
    }
    point = {"type": "point", "size": 40, "filled": True, "opacity": 0.7}
    layers = [
        _layer("curve", _mark("line", MUTED, strokeWidth=2), x=x, y=y),
        _layer("sum", point, x=x, y=y, **marked),
    ]
    spec = {"layer": layers, "height": 240}
    return _chart(rows, spec, f"The function {name}, with this network's weighted sums on it.")


def _points(name: str, sums: Array) -> Iterator[dict[str, float]]:
    for z, a in zip(sums, activate(name, sums), strict=True):
        yield {"z": _short(z), "a": _short(a)}


def number_histogram(
    x: ArrayLike,
    y: ArrayLike,
    threshold: float,
    class_names: Sequence[str] = NUMBERS,
    bins: int = 20,
) -> Chart:
    """How many numbers there are between 0 and 1, by label.

    Args:
        x: Numbers in [0, 1), shape `(n,)` or `(n, 1)`.
        y: Their labels, 0 or 1, shape `(n,)`. With label noise both occur on either side.
        threshold: Where the labels change.
        class_names: Names of class 0 and class 1.
        bins: How many bars.

    Returns:
        A chart 200 pixels high.
    """
    values, truth = _finite(x, y)
    edges = np.linspace(0.0, 1.0, bins + 1)
    rows: list[Row] = [{"part": "threshold", "low": threshold}]
    for number, name in enumerate(class_names):
        bars = _bins(values[truth == number], edges)
        rows += [{"part": "bar", "label": name, **bar} for bar in bars]
    position = _quantity("low", "number x", format=".1f", domain=[0, 1]) | {"bin": "binned"}
    bar = {
        "x2": {"field": "high"},
        "y": _quantity("count", "how many", format=",d", ticks=4, step=1),
        "color": _by("label", class_names, [MUTED, INK]),
        "tooltip": _tooltip(("label", "label"), ("count", "numbers", ",d"), *_FROM_TO),
    }
    layers = [
        _layer("bar", _mark("bar", binSpacing=1, opacity=0.8), x=position, **bar),
        _layer("threshold", _mark("rule", INK, strokeDash=[4, 2]), x=position),
    ]
    return _chart(rows, {"layer": layers, "height": 200}, "How many numbers there are, by label.")


def class_counts(labels: ArrayLike, class_names: Sequence[str]) -> Chart:
    """How many samples each class has.

    Args:
        labels: Class numbers, shape `(n,)`.
        class_names: Their names.

    Returns:
        A chart of one bar a class.
    """
    counts = np.bincount(np.asarray(labels).ravel(), minlength=len(class_names))
    rows: list[Row] = [
        {"part": "bar", "name": name, "value": int(n), "label": f"{n:,}"}
        for name, n in zip(class_names, counts, strict=True)
    ]
    x = _quantity("value", "images", format=",d", ticks=4, step=1)
    x["scale"] = {"domain": [0, 1.18 * float(counts.max(initial=1))], "nice": False}
    return _bars(rows, x, "How many samples each class has.")


def probability_bars(
    probabilities: ArrayLike, class_names: Sequence[str], winner: int | None = None
) -> Chart:
    """What the network gives each class for one sample; the winner is set off.

    Args:
        probabilities: One number for each class, 0 to 1.
        class_names: The classes' names.
        winner: The class that is answered, by default the one with the largest number.

    Returns:
        A chart of one bar a class.
    """
    values = np.asarray(probabilities, float).ravel()
    best = int(values.argmax()) if winner is None else winner
    rows: list[Row] = [
        {
            "part": "winner" if i == best else "bar",
            "name": name,
            "value": _short(value),
            "label": f"{value:.1%}",
        }
        for i, (name, value) in enumerate(zip(class_names, values, strict=True))
    ]
    x = _quantity("value", "probability", format=".0%", domain=[0, 1.18], nice=False)
    x["axis"]["values"] = [0, 0.5, 1]
    return _bars(rows, x, "The probability of each class.")


def _bars(rows: list[Row], x: Spec, description: str) -> Chart:
    """Lying bars, one a row, each with its value written at its end."""
    names = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "axis": {"title": None, "labelOverlap": False},
    }
    value = {"type": "text", "align": "left", "dx": 4, "color": INK}
    layers = [
        _layer("bar", _mark("bar", MUTED), x=x, y=names),
        _layer("winner", _mark("bar", INK), x=x, y=names),
        _layer("bar", value, x=x, y=names, text={"field": "label"}),
        _layer("winner", value | {"fontWeight": "bold"}, x=x, y=names, text={"field": "label"}),
    ]
    return _chart(rows, {"layer": layers, "height": 22 * len(rows) + 44}, description)


# What live charts are put together from

_CONFIG: Spec = {
    "axis": {"titlePadding": 6, "labelPadding": 5, "titleFontSize": 12, "labelFontSize": 11},
    "axisY": {"minExtent": 28},  # room for the labels, so that the plot stays where it is
    "legend": {
        "orient": "top",
        "title": None,
        "labelFontSize": 12,
        "symbolSize": 70,
        "symbolStrokeWidth": 2,
        "padding": 0,
        "offset": 6,
    },
    "text": {"fontSize": 11},
}
_PADDING = {"left": 2, "right": 8, "top": 4, "bottom": 4}
_VALUE = ".6~g"  # with its precision named: else Vega writes 6e+2 for 600
_FROM_TO = (("low", "from", _VALUE), ("high", "to", _VALUE))


def _chart(rows: Iterable[Row], body: Spec, description: str) -> Chart:
    common = {"description": description, "config": _CONFIG, "padding": _PADDING}
    return Chart(table(rows), common | body)


def table(rows: Iterable[Row]) -> Any:
    """Records as an Arrow table, made without pandas.

    Args:
        rows: Dictionaries of numbers and texts; a name may be missing, a number may be NaN.

    Returns:
        A `pyarrow.Table` with a column for each name that occurs: text where a value is a text,
        else float64; what is missing or not finite is null.
    """
    import pyarrow as pa
    from pyarrow import json as arrow_json

    records = [{name: _json(value) for name, value in row.items()} for row in rows]
    kinds = {name: pa.float64() for row in records for name in row}
    for row in records:
        kinds |= {name: pa.string() for name, value in row.items() if isinstance(value, str)}
    if not records:
        return pa.Table.from_batches([], pa.schema([("part", pa.string())]))
    # Through JSON, since pyarrow imports pandas to see whether a list is one of its series.
    return arrow_json.read_json(
        io.BytesIO("\n".join(map(json.dumps, records)).encode()),
        read_options=arrow_json.ReadOptions(use_threads=False),
        parse_options=arrow_json.ParseOptions(explicit_schema=pa.schema(list(kinds.items()))),
    )


def _json(value: float | str | None) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None


def _short(value: float) -> float:
    """Five digits: more than a screen shows, and fewer bytes."""
    return float(f"{value:.5g}")


def _layer(part: str, mark: Spec, **encoding: Any) -> Spec:
    """One layer, drawn from the table's rows of this part."""
    rows = {"filter": f"datum.part === '{part}'"}
    return {"transform": [rows], "mark": mark, "encoding": encoding}


def _mark(kind: str, color: str | None = None, **properties: Any) -> Spec:
    return {"type": kind, **({"color": color} if color else {}), **properties}


def _quantity(
    field: str,
    title: str,
    *,
    format: str = "",
    ticks: int | None = None,
    step: float | None = None,
    **scale: Any,
) -> Spec:
    """A position by a number: its axis and its scale."""
    axis = {"title": title, "format": format, "tickCount": ticks, "tickMinStep": step}
    axis = {name: value for name, value in axis.items() if value not in (None, "")}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def _by(field: str, names: Sequence[str], values: Sequence[Any]) -> Spec:
    """A channel that gives each of `names` its own of `values`."""
    scale = {"domain": list(names), "range": list(values)}
    return {"field": field, "type": "nominal", "scale": scale}


def _if(test: str, value: Any, otherwise: Any) -> Spec:
    """A channel with two values; unlike a scale it does not show in the legend."""
    return {"condition": {"test": test, "value": value}, "value": otherwise}


def _tooltip(*fields: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """What hovering shows: texts as `(field, title)`, numbers as `(field, title, format)`."""
    return [
        {"field": field, "title": title, "type": "quantitative", "format": form[0]}
        if form
        else {"field": field, "title": title, "type": "nominal"}
        for field, title, *form in fields
    ]


# Finished results


def confusion_matrix(matrix: ArrayLike, class_names: Sequence[str]) -> Spec:
    """What was answered for what, as a heat map under squares that can be clicked.

    Args:
        matrix: Counts, `matrix[i, j]` samples of class i answered as class j, shape `(k, k)`.
        class_names: The classes' names.

    Returns:
        A Plotly figure. Green on the diagonal is right, purple elsewhere is wrong; the fuller the
        colour the larger the share of the row, on a square-root scale so that single mistakes
        show. A clicked square's `customdata` is `[i, j, count, share of the row]`.
    """
    counts, names = np.asarray(matrix), list(class_names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis = {"tickvals": list(range(len(names))), "ticktext": names, "automargin": True}
    axis |= {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""}
    ends = [-0.5, len(names) - 0.5]
    answered = {"title": {"text": "answered"}, "range": ends, "tickangle": _tilt(names)}
    layout = _LAYOUT | {
        "height": 30 * len(names) + (140 if _tilt(names) else 100),
        "margin": {**_LAYOUT["margin"], "t": 30},  # for the toolbar, which hides squares else
        "xaxis": axis | answered,
        "yaxis": axis | {"title": {"text": "it is"}, "range": ends[::-1]},
    }
    return {"data": [_tiles(counts, shares), _squares(counts, shares, names)], "layout": layout}


def _tiles(counts: Array, shares: Array) -> Spec:
    """The coloured fields: right from 0 to 1, wrong from 0 to -1, none where the count is 0."""
    signs = 2 * np.eye(len(counts)) - 1
    return {
        "type": "heatmap",
        "z": [
            [_short(z) if n else None for z, n in zip(*row, strict=True)]
            for row in zip(signs * np.sqrt(shares), counts, strict=True)
        ],
        "text": [[f"{n}" if n else "" for n in row] for row in counts],
        "texttemplate": "%{text}",
        "textfont": {"size": 11 if counts.max(initial=0) < 1000 else 10, "color": _ON_COLOUR},
        "colorscale": [[0, WRONG], [0.499, _PALE_WRONG], [0.501, _PALE_RIGHT], [1, RIGHT]],
        "zmin": -1,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hoverinfo": "skip",
        "hoverongaps": False,
    }


def _squares(counts: Array, shares: Array, names: list[str]) -> Spec:
    """Markers on the fields, seen only when chosen: a Plotly heat map does not report clicks."""
    cells = [(i, j) for i in range(len(names)) for j in range(len(names))]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [j for _, j in cells],
        "y": [i for i, _ in cells],
        "customdata": [[i, j, int(counts[i, j]), _short(shares[i, j])] for i, j in cells],
        "hovertext": [
            f"It is {names[i]}, answered {names[j]}:<br>"
            f"{counts[i, j]:,} images, {shares[i, j]:.1%} of all {names[i]}"
            for i, j in cells
        ],
        "hoverinfo": "text",
        "marker": {"symbol": "square", "size": 26, "color": _ON_COLOUR, "opacity": 0},
        "selected": {"marker": {"opacity": 0.3}},
        "unselected": {"marker": {"opacity": 0}},
    }


def class_accuracy(matrix: ArrayLike, class_names: Sequence[str]) -> Spec:
    """The share of each class that was answered right: its recall.

    Args:
        matrix: Counts, `matrix[i, j]` samples of class i answered as class j, shape `(k, k)`.
        class_names: The classes' names.

    Returns:
        A Plotly figure of one bar a class; a clicked bar's `customdata` is `[i]`.
    """
    counts = np.asarray(matrix)
    right, totals = np.diag(counts), counts.sum(axis=1)
    shares = right / np.maximum(totals, 1)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [_short(share) for share in shares],
        "y": list(class_names),
        "text": [f"{share:.1%}" for share in shares],
        "textposition": "inside",
        "insidetextanchor": "end",
        "insidetextfont": {"color": _ON_COLOUR},
        "customdata": [[i] for i in range(len(counts))],
        "hovertext": [f"{a:,} of {b:,} right" for a, b in zip(right, totals, strict=True)],
        "hoverinfo": "y+text",
        "marker": {"color": RIGHT},
    }
    ticks = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%", "fixedrange": True}
    layout = _LAYOUT | {
        "height": 26 * len(counts) + 80,
        "bargap": 0.2,
        "xaxis": ticks | {"title": {"text": "answered right"}, "range": [0, 1.02]},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
        },
    }
    return {"data": [bars], "layout": layout}


#: Text on green or purple, and the two at their palest: the same in light and in dark.
_ON_COLOUR, _PALE_RIGHT, _PALE_WRONG = "#1A1A1A", "#B4E2D3", "#EDD5E3"
_LAYOUT: Spec = {
    "showlegend": False,
    "dragmode": False,
    "clickmode": "event+select",
    "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
}


def _tilt(names: Sequence[str]) -> int:
    """Degrees by which names are turned that do not fit beside each other."""
    return -45 if max(map(len, names)) > 3 else 0
