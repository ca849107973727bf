"""A sweep as a map: two settings against each other, each field coloured by its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nncore.sweep import Axis, Value
from ui.charts.palette import MUTED, WRONG
from ui.charts.sweep_scale import (
    DARK_INK,
    HEIGHT,
    LIGHT_INK,
    Result,
    Scale,
    layout,
    percent,
    value_label,
)
from ui.charts.vega import Spec

#: Column and row of a field.
Field = tuple[int, int]
#: More values than this are turned, so that their labels do not overlap.
_MOST_UPRIGHT = 7


def heat_map(
    axes: Sequence[Axis],
    results: Sequence[Result],
    across: str,
    down: str | None,
    score_name: str,
    labels: Mapping[str, str],
    *,
    dark: bool = False,
) -> Spec:
    """Return the map of two settings.

    Args:
        axes: The settings that the sweep varies.
        results: Its runs; the runs that share a field are averaged.
        across: Name of the axis whose values make the columns.
        down: Name of the axis whose values make the rows; None if only one setting is varied.
        score_name: Title of the colour scale.
        labels: Titles of the axes, by name.
        dark: Whether the page is dark.

    Returns:
        A Plotly figure. A star marks the best run, a cross a field where all runs diverged, a dot
        a field that is not trained yet.
    """
    columns = _values(axes, across)
    rows = _values(axes, down) if down else ("",)
    fields = _group_by_field(axes, results, across, down)
    means = {field: _mean(runs) for field, runs in fields.items()}
    scores = {field: mean for field, mean in means.items() if mean is not None}
    scale = Scale(list(scores.values()), dark)
    figure_layout = layout(max(HEIGHT, 150 + 26 * len(rows))) | {
        "xaxis": _axis(columns, "") | {"automargin": False},
        "annotations": [_column_title(labels[across], columns)],
        "margin": {"l": 10, "r": 14, "t": 10, "b": 40 + _label_height(columns)},
        "yaxis": _axis(rows, labels[down] if down else ""),
    }
    data = [
        _tiles(scores, scale, (len(columns), len(rows)), score_name),
        _numbers(scores, scale),
        *_crosses_and_dots(fields, means),
        _hover_texts(fields, columns, rows),
        *_star(fields),
    ]
    return {"data": data, "layout": figure_layout}


def _values(axes: Sequence[Axis], name: str) -> tuple[Value, ...]:
    return next(axis.values for axis in axes if axis.name == name)


def _group_by_field(
    axes: Sequence[Axis], results: Sequence[Result], across: str, down: str | None
) -> dict[Field, list[Result]]:
    """Return the runs of each field."""
    names = [axis.name for axis in axes]
    x, y = names.index(across), names.index(down) if down else None
    fields: dict[Field, list[Result]] = {}
    for result in results:
        for point in result.points:
            column = axes[x].values.index(point[x])
            row = 0 if y is None else axes[y].values.index(point[y])
            runs = fields.setdefault((column, row), [])
            if result not in runs:
                runs.append(result)
    return fields


def _mean(runs: Sequence[Result]) -> float | None:
    values = [run.value for run in runs if run.value is not None]
    return sum(values) / len(values) if values else None


def _tiles(
    scores: Mapping[Field, float], scale: Scale, size: tuple[int, int], score_name: str
) -> Spec:
    """Return the coloured fields; fields without a score are left empty."""
    columns, rows = size
    z = [
        [scale.place(scores[x, y]) if (x, y) in scores else None for x in range(columns)]
        for y in range(rows)
    ]
    return {
        "type": "heatmap",
        "z": z,
        "zmin": 0,
        "zmax": 1,
        "colorscale": scale.stops(),
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
        "hoverongaps": False,
        "colorbar": _colour_bar(scale, score_name),
    }


def _colour_bar(scale: Scale, title: str) -> Spec:
    ticks = scale.ticks()
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 1.0,
        "x": 0.5,
        "xanchor": "center",
        "y": 1.0,
        "yanchor": "bottom",
        "ypad": 8,
        "outlinewidth": 0,
        "title": {"text": title, "side": "top"},
        "tickvals": [place for place, _ in ticks],
        "ticktext": [text for _, text in ticks],
    }


def _numbers(scores: Mapping[Field, float], scale: Scale) -> Spec:
    """Return the scores in percent, written on their fields."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x for x, _ in scores],
        "y": [y for _, y in scores],
        "text": [f"{score * 100:.1f}" for score in scores.values()],
        "textfont": {"size": 11, "color": [scale.ink(score) for score in scores.values()]},
        "hoverinfo": "skip",
    }


def _crosses_and_dots(
    fields: Mapping[Field, list[Result]], means: Mapping[Field, float | None]
) -> Iterator[Spec]:
    """Yield the crosses of fields where all runs diverged, then the dots of untrained ones."""
    empty = [field for field, mean in means.items() if mean is None]
    diverged = [field for field in empty if any(run.diverged for run in fields[field])]
    untrained = [field for field in empty if field not in diverged]
    yield _marks(diverged, "x-thin", 10, WRONG, outline=2)
    yield _marks(untrained, "circle", 4, MUTED)


def _marks(
    fields: Sequence[Field], symbol: str, size: int, colour: str, *, outline: int = 0
) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in fields],
        "y": [y for _, y in fields],
        "marker": {
            "symbol": symbol,
            "size": size,
            "color": colour,
            "line": {"width": outline, "color": colour},
        },
        "hoverinfo": "skip",
    }


def _hover_texts(
    fields: Mapping[Field, list[Result]], columns: Sequence[Value], rows: Sequence[Value]
) -> Spec:
    """Return unseen markers that carry the text for the field under the pointer."""

    def title(x: int, y: int) -> str:
        return " × ".join(value_label(value) for value in (columns[x], rows[y]) if value != "")

    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in fields],
        "y": [y for _, y in fields],
        "marker": {"symbol": "square", "size": 30, "opacity": 0, "color": MUTED},
        "hovertext": [f"{title(x, y)}<br>{_summary(runs)}" for (x, y), runs in fields.items()],
        "hoverinfo": "text",
    }


def _summary(runs: Sequence[Result]) -> str:
    """Return the mean and the range of a field's scores, and how many runs have none."""
    values = sorted(run.value for run in runs if run.value is not None)
    diverged = sum(run.diverged for run in runs)
    lines = []
    if len(values) == 1:
        lines.append(percent(values[0]))
    elif values:
        mean = percent(sum(values) / len(values))
        ends = f"{percent(values[0])} to {percent(values[-1])}"
        lines.append(f"{mean} on average of {len(values)} runs, {ends}")
    if diverged:
        lines.append(f"{diverged} diverged" if len(runs) > 1 else "diverged")
    untrained = len(runs) - len(values) - diverged
    if untrained:
        lines.append(f"{untrained} not trained yet")
    return "<br>".join(lines)


def _star(fields: Mapping[Field, list[Result]]) -> Iterator[Spec]:
    """Yield a star on the field of the best run, if there is one."""
    best = [field for field, runs in fields.items() if any(run.best for run in runs)]
    if best:
        star = _marks(best, "star", 12, LIGHT_INK)
        star["y"] = [y - 0.29 for _, y in best]  # below the number
        star["marker"]["line"] = {"width": 1.2, "color": DARK_INK}
        yield star


def _axis(values: Sequence[Value], title: str) -> Spec:
    """Return an axis whose values are equally far apart, whatever their size."""
    return {
        "title": {"text": title, "standoff": 10},
        "tickvals": list(range(len(values))),
        "ticktext": [value_label(value) for value in values],
        "range": [-0.5, len(values) - 0.5],
        "type": "linear",
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "tickangle": 0 if len(values) <= _MOST_UPRIGHT else -45,
    }


def _label_height(values: Sequence[Value]) -> int:
    """Return the pixels that the columns' labels take; turned ones take more."""
    return 24 if len(values) <= _MOST_UPRIGHT else 50


def _column_title(title: str, values: Sequence[Value]) -> Spec:
    """Return the title below the columns: Plotly would draw its own over short labels."""
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0, "yshift": -_label_height(values)}
    look = {"xanchor": "center", "yanchor": "top", "showarrow": False, "font": {"size": 14}}
    return place | look | {"text": title}
