"""A sweep as parallel lines: each run is a line through its values that ends at its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nncore.sweep import Axis, Value
from ui.charts.palette import MUTED, WRONG
from ui.charts.sweep_scale import (
    DARK_INK,
    HEIGHT,
    LIGHT_INK,
    STEPS,
    Result,
    Scale,
    layout,
    percent,
    value_label,
)
from ui.charts.vega import Spec

#: Where lines of runs that diverged end: below the score's axis.
_BELOW = -0.14
#: Colour of labels and of their background, by whether the page is dark.
_LABEL_COLOURS = {
    False: ("#3F3D3A", "rgba(255,255,255,0.8)"),
    True: ("#D5D2CD", "rgba(23,22,20,0.8)"),
}


class _Chart(NamedTuple):
    """Settings that all lines share: axes, their titles, the scale and the score's name."""

    axes: Sequence[Axis]
    titles: Sequence[str]
    scale: Scale
    score_name: str


def parallel_lines(
    axes: Sequence[Axis],
    results: Sequence[Result],
    score_name: str,
    labels: Mapping[str, str],
    *,
    dark: bool = False,
    height: int = HEIGHT,
) -> Spec:
    """Return a chart with an upright axis for each setting and one for the score.

    Args:
        axes: The settings that the sweep varies.
        results: Its runs; those not trained yet are left out.
        score_name: Title of the score's axis.
        labels: Titles of the other axes, by name.
        dark: Whether the page is dark.
        height: Height in pixels.

    Returns:
        A Plotly figure. Lines have the colours of their scores. The best line is thick; lines of
        runs that diverged are dotted and end below the axis.
    """
    shown = [run for run in results if run.value is not None or run.diverged]
    scale = Scale([run.value for run in shown if run.value is not None], dark)
    chart = _Chart(axes, [labels[axis.name] for axis in axes], scale, score_name)
    last = len(axes)
    figure_layout = layout(height) | {
        "xaxis": {"range": [-0.5, last + 0.42], "visible": False, "fixedrange": True},
        "yaxis": {"range": [_BELOW - 0.08, 1.2], "visible": False, "fixedrange": True},
        "shapes": [_upright(x) for x in range(last + 1)],
        "annotations": [*_titles(chart), *_value_labels(chart, shown)],
    }
    return {"data": list(_lines(chart, shown)), "layout": figure_layout}


def _lines(chart: _Chart, shown: Sequence[Result]) -> Iterator[Spec]:
    """Yield lines of about the same colour as one trace, better ones above worse ones."""
    groups: dict[str, list[Result]] = {}
    for run in sorted(shown, key=lambda run: -1.0 if run.value is None else run.value):
        groups.setdefault(_group(run, chart.scale), []).append(run)
    best = groups.pop("best", [])
    for name, runs in groups.items():
        middle = runs[len(runs) // 2].value
        colour = WRONG if middle is None else chart.scale.colour(middle)
        dash = "dot" if name == "diverged" else "solid"
        yield _trace(chart, runs, {"color": colour, "width": 1.8, "dash": dash})
    if best and best[0].value is not None:
        outline = LIGHT_INK if chart.scale.dark else DARK_INK
        yield _trace(chart, best, {"color": outline, "width": 6.5})
        yield _trace(chart, best, {"color": chart.scale.colour(best[0].value), "width": 4.0})


def _group(run: Result, scale: Scale) -> str:
    if run.best:
        return "best"
    return "diverged" if run.value is None else str(round(scale.place(run.value) * STEPS))


def _trace(chart: _Chart, runs: Sequence[Result], line: Spec) -> Spec:
    """Return some runs as one trace, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    for run in runs:
        point = run.points[0]
        places = [_place(axis, value) for axis, value in zip(chart.axes, point, strict=True)]
        end = _BELOW if run.value is None else chart.scale.place(run.value)
        x += [*range(len(chart.axes) + 1), None]
        y += [*places, end, None]
        texts += [_hover_text(chart, run)] * (len(chart.axes) + 1) + [""]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "hovertext": texts,
        "hoverinfo": "text",
    }


def _hover_text(chart: _Chart, run: Result) -> str:
    pairs = zip(chart.titles, run.points[0], strict=True)
    settings = [f"{title}: {value_label(value)}" for title, value in pairs]
    score = "diverged" if run.value is None else percent(run.value)
    return "<br>".join([*settings, f"{chart.score_name}: {score}"])


def _place(axis: Axis, value: Value) -> float:
    """Return where a value lies on its axis, 0 to 1; values are equally far apart."""
    last = len(axis.values) - 1
    return axis.values.index(value) / last if last else 0.5


def _upright(x: int) -> Spec:
    line = {"color": MUTED, "width": 1}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _titles(chart: _Chart) -> Iterator[Spec]:
    for x, title in enumerate([*chart.titles, chart.score_name]):
        label = _label(x, 1.07, f"<b>{title}</b>", chart.scale.dark)
        yield label | {"xanchor": "center", "yanchor": "bottom"}


def _value_labels(chart: _Chart, shown: Sequence[Result]) -> Iterator[Spec]:
    """Yield the values to the left of their axes, and the scores to the right of theirs."""
    for x, axis in enumerate(chart.axes):
        for value in axis.values:
            label = _label(x, _place(axis, value), value_label(value), chart.scale.dark)
            yield label | {"xanchor": "right", "xshift": -5}
    scores = dict(chart.scale.ticks(5))
    if any(run.diverged for run in shown):
        scores[_BELOW] = "diverged"
    for place, text in scores.items():
        label = _label(len(chart.axes), place, text, chart.scale.dark)
        yield label | {"xanchor": "left", "xshift": 6}


def _label(x: float, y: float, text: str, dark: bool) -> Spec:
    colour, background = _LABEL_COLOURS[dark]
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "bgcolor": background,
        "borderpad": 1,
        "font": {"size": 11, "color": colour},
    }
