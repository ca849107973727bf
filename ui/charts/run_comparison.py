"""Charts that compare runs: the curves of several runs, and the results of their seeds.

Pure functions that return Plotly figures as plain dictionaries. In every chart, a run's colour and
marker follow from its place among the chosen runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from nncore.analysis.significance import Spread
from ui.charts.palette import MUTED, NEGATIVE, POSITIVE, RIGHT, TRAINING, VALIDATION, WRONG

Spec: TypeAlias = dict[str, Any]

#: A colour of Okabe and Ito's and a marker for each run that one chart can tell apart.
COLOURS = (POSITIVE, NEGATIVE, RIGHT, VALIDATION, TRAINING, WRONG, "#F0E442", MUTED)
SIGNS = ("●", "■", "◆", "▲", "▼", "✚", "★", "✖")
_MARKERS = (*("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "star", "x"),)
MOST = len(COLOURS)
#: Characters of a name in a legend at most.
_LEGEND = 42
#: Pixels that a run takes in a legend.
_LEGEND_ROW = 22


class Line(NamedTuple):
    """A run in a chart of curves.

    Attributes:
        name: Its name in the legend.
        place: Its place among the chosen runs, from 0; it decides colour and marker.
        training: A number for each epoch; NaN and infinity leave a gap.
        validation: The same on held-out samples; empty if none are held out.
        per_epoch: Length of an epoch on the horizontal axis.
        within: Points `(epochs, number)` within the epochs, for a run of very few epochs.
    """

    name: str
    place: int
    training: Sequence[float]
    validation: Sequence[float]
    per_epoch: float = 1.0
    within: Sequence[tuple[float, float]] = ()


def run_curves(lines: Sequence[Line], quantity: str, along: str, *, dark: bool = False) -> Spec:
    """Return the curves of several runs: solid for training, dotted for validation.

    Args:
        lines: The runs.
        quantity: Title of the vertical axis, `"accuracy"` or `"loss"`.
        along: Title of the horizontal axis.
        dark: Whether the page is dark.
    """
    data = [trace for line in lines for trace in _traces(line)]
    percent = {"tickformat": ".0%"} if quantity == "accuracy" else {"rangemode": "tozero"}
    layout = _layout(dark, 300 + _LEGEND_ROW * len(lines)) | {
        "xaxis": _axis(along, dark),
        "yaxis": _axis(quantity, dark) | percent,
        "hovermode": "closest",
        "showlegend": True,
        "legend": _legend(),
    }
    return {"data": data, "layout": layout}


def _legend() -> Spec:
    """Return the legend: a row for each run at the bottom, clear of the axis's title."""
    return {
        "orientation": "v",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "x": 0,
        "font": {"size": 12},
    }


def _traces(line: Line) -> list[Spec]:
    epochs = range(1, 1 + max(len(line.training), len(line.validation)))
    x = [epoch * line.per_epoch for epoch in epochs]
    colour, name = COLOURS[line.place], _short(line.name)
    marked = len(x) <= 40
    common: Spec = {"type": "scatter", "legendgroup": f"{line.place}", "x": x}
    marker = {"symbol": _MARKERS[line.place], "size": 8, "color": colour}
    solid: Spec = {
        "name": name,
        "mode": "lines+markers" if marked else "lines",
        "y": _finite(line.training),
        "line": {"color": colour, "width": 2},
        "marker": marker,
        "hovertemplate": f"{name}, training<br>%{{x}}: %{{y}}<extra></extra>",
    }
    traces = [common | solid]
    if line.within:
        thin = {"mode": "lines", "line": {"color": colour, "width": 1}, "hoverinfo": "skip"}
        x_within = [at * line.per_epoch for at, _ in line.within]
        y_within = _finite([y for _, y in line.within])
        traces.append(common | thin | {"x": x_within, "y": y_within, "showlegend": False})
    if line.validation:
        dotted = {
            "showlegend": False,
            "y": _finite(line.validation),
            "line": {"color": colour, "width": 2, "dash": "dot"},
            "marker": marker | {"symbol": f"{_MARKERS[line.place]}-open"},
            "hovertemplate": f"{name}, validation<br>%{{x}}: %{{y}}<extra></extra>",
        }
        traces.append(common | solid | dotted)
    return traces


class Dots(NamedTuple):
    """The results of an experiment's seeds.

    Attributes:
        name: Its name.
        place: Its place among the chosen runs; it decides colour and marker.
        values: The result of each seed, by the seed.
        own: The seed of the chosen run.
        spread: Mean and standard deviation of the results.
    """

    name: str
    place: int
    values: Mapping[int, float]
    own: int
    spread: Spread


def seed_dots(rows: Sequence[Dots], quantity: str, *, dark: bool = False) -> Spec:
    """Return a row for each experiment: a dot for each seed, and a bar for the spread.

    The bar marks the mean and reaches one standard deviation to both sides.

    Args:
        rows: One or more experiments.
        quantity: Title of the horizontal axis.
        dark: Whether the page is dark.
    """
    data = [trace for row, dots in enumerate(rows) for trace in _dots(row, dots, dark)]
    axis = _axis(quantity, dark)
    if "accuracy" in quantity:
        axis["tickformat"] = ".2~%"
    signs = [SIGNS[dots.place] for dots in rows]
    layout = _layout(dark, 110 + 70 * len(rows)) | {
        "xaxis": axis | {"nticks": 6},
        "yaxis": {
            "tickvals": list(range(len(rows))),
            "ticktext": signs,
            "range": [len(rows) - 0.5, -0.5],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
    }
    return {"data": data, "layout": layout}


def _dots(row: int, dots: Dots, dark: bool) -> list[Spec]:
    colour, seeds = COLOURS[dots.place], list(dots.values)
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": list(dots.values.values()),
        "y": [row + 0.16] * len(seeds),
        "customdata": seeds,
        "hovertemplate": "seed %{customdata}: %{x}<extra></extra>",
        "marker": {
            "symbol": _MARKERS[dots.place],
            "size": 11,
            "color": colour,
            "opacity": 0.75,
            "line": {
                "width": [2 if seed == dots.own else 0 for seed in seeds],
                "color": _ink(dark),
            },
        },
    }
    mean, deviation = dots.spread.mean, dots.spread.deviation
    bar = {
        "type": "scatter",
        "mode": "markers",
        "x": [mean],
        "y": [row - 0.2],
        "hovertemplate": "mean %{x}<extra></extra>",
        "marker": {"symbol": "line-ns-open", "size": 16, "color": _ink(dark), "line": {"width": 2}},
    }
    if math.isfinite(deviation):
        bar["error_x"] = {"array": [deviation], "color": _ink(dark), "thickness": 1.5, "width": 6}
    return [points, bar]


def _ink(dark: bool) -> str:
    return "#EDEBE8" if dark else "#141312"


def _layout(dark: bool, height: int) -> Spec:
    return {
        "height": height,
        "showlegend": False,
        "dragmode": False,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _ink(dark)},
    }


def _axis(title: str, dark: bool) -> Spec:
    return {
        "title": {"text": title},
        "automargin": True,
        "fixedrange": True,
        "gridcolor": "#3A3833" if dark else "#E4E2DF",
        "zeroline": False,
    }


def _finite(values: Sequence[float]) -> list[float | None]:
    """Return the values with None for NaN and infinity: Plotly leaves a gap there."""
    return [value if math.isfinite(value) else None for value in values]


def _short(name: str) -> str:
    """Return a name that fits a legend, escaped: Plotly would read `<` as a tag."""
    shown = name if len(name) <= _LEGEND else f"{name[: _LEGEND - 1]}…"
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
