"""The runs of a sweep as Plotly figures: pure functions, beside `figures.py`.

Both figures colour a score in the same way, by the logarithm of the share of errors: from 97 to 98
per cent is as far as from 40 to 60. The colours are cividis, which people see alike whatever their
colour vision; its darkest end is left out in the dark, its lightest in the light.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nncore.sweep import Axis, Value
from ui.charts.palette import MUTED, WRONG
from ui.charts.vega import Spec

CIVIDIS = (
    *("#00224e", "#123570", "#3b496c", "#575d6d", "#707173"),
    *("#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"),
)
#: What of the scale is used on a light ground, and what on a dark one.
_PARTS = {False: (0.0, 0.86), True: (0.22, 1.0)}
#: Errors below this share look alike.
_FINEST = 0.0005
_TICKS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
#: Where the score's axis has those that diverged.
_BELOW = -0.14
_BINS = 10
_NAMES = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam"}
#: Pixels of both figures.
HEIGHT = 360
#: Words beside the lines, and what is behind them, on a light and on a dark ground.
_WORDS = {False: ("#3F3D3A", "rgba(255,255,255,0.8)"), True: ("#D5D2CD", "rgba(23,22,20,0.8)")}
#: On the coloured fields, whatever the theme.
_DARK_INK, _LIGHT_INK = "#1A1A1A", "#FFFFFF"


class Result(NamedTuple):
    """A run of a sweep.

    Attributes:
        points: Its combinations of values, in the order of the axes.
        value: Its score; None where there is none.
        diverged: Whether it has none because it diverged, or because it was not trained yet.
        best: Whether it is the best of all.
    """

    points: tuple[tuple[Value, ...], ...]
    value: float | None
    diverged: bool = False
    best: bool = False


class Scale:
    """Places scores between the worst and the best of some.

    Args:
        values: The scores.
        dark: Whether the figure stands on a dark ground.
    """

    def __init__(self, values: Sequence[float], dark: bool = False) -> None:
        places = [_errors(value) for value in values] or [0.0, 1.0]
        self.low, self.high = min(places), max(places)
        if self.high - self.low < 0.02:  # all alike
            self.low, self.high = self.low - 0.01, self.high + 0.01
        self.dark = dark
        self._part = _PARTS[dark]

    def place(self, value: float) -> float:
        """0 for the worst, 1 for the best."""
        return (_errors(value) - self.low) / (self.high - self.low)

    def colour(self, value: float) -> str:
        """The colour of a score."""
        return self._mixed(min(1.0, max(0.0, self.place(value))))

    def ink(self, value: float) -> str:
        """The colour of text on it."""
        low, high = self._part
        return _DARK_INK if low + (high - low) * self.place(value) > 0.55 else _LIGHT_INK

    def stops(self) -> list[list[float | str]]:
        """The whole scale as Plotly takes it."""
        return [[i / _BINS, self._mixed(i / _BINS)] for i in range(_BINS + 1)]

    def ticks(self, most: int = 4) -> list[tuple[float, str]]:
        """Places with round scores beside them, at most so many."""
        found = [value for value in _TICKS if 0 <= self.place(value) <= 1]
        if len(found) < 2:
            found = [_value(self.low), _value(self.high)]
        step = math.ceil(len(found) / most)
        return [(self.place(value), percent(value)) for value in found[::-1][::step][::-1]]

    def _mixed(self, share: float) -> str:
        low, high = self._part
        at = (low + (high - low) * share) * (len(CIVIDIS) - 1)
        left = min(int(at), len(CIVIDIS) - 2)
        parts = zip(_rgb(CIVIDIS[left]), _rgb(CIVIDIS[left + 1]), strict=True)
        return "#" + "".join(f"{round(a + (b - a) * (at - left)):02x}" for a, b in parts)


def _errors(value: float) -> float:
    return -math.log10(max(_FINEST, 1.0 - value))


def _value(place: float) -> float:
    return float(1.0 - 10.0**-place)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def percent(value: float) -> str:
    """A score as it is written: one digit behind the point, none where it is 0."""
    return f"{value * 100:.1f}".removesuffix(".0") + " %"


# The map


def heat_map(
    axes: Sequence[Axis],
    results: Sequence[Result],
    across: str,
    down: str | None,
    name: str,
    labels: Mapping[str, str],
    *,
    dark: bool = False,
) -> Spec:
    """Two settings against each other, a field for each pair of values, coloured by score.

    Args:
        axes: What the sweep varies.
        results: Its runs; several that share a field are averaged.
        across: The axis whose values stand beside each other.
        down: The one whose values stand above each other; None where there is only one.
        name: What the score is called.
        labels: What axes are called.
        dark: Whether it stands on a dark ground.

    Returns:
        A Plotly figure. A star marks the best run, a cross a field where all diverged, a dot one
        whose runs are still to come.
    """
    columns = _values(axes, across)
    rows = _values(axes, down) if down else ("",)
    fields = _fields(axes, results, across, down)
    means = {place: _mean(found) for place, found in fields.items()}
    scores = {place: value for place, value in means.items() if value is not None}
    scale = Scale(list(scores.values()), dark)
    z = [
        [scale.place(scores[x, y]) if (x, y) in scores else None for x in range(len(columns))]
        for y in range(len(rows))
    ]
    tiles = {
        "type": "heatmap",
        "z": z,
        "zmin": 0,
        "zmax": 1,
        "colorscale": scale.stops(),
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
        "hoverongaps": False,
        "colorbar": _bar(scale, name),
    }
    layout = _layout(max(HEIGHT, 150 + 26 * len(rows))) | {
        "xaxis": _categories(columns, "") | {"automargin": False},
        "annotations": [_below(labels[across], columns)],
        "margin": {"l": 10, "r": 14, "t": 10, "b": 40 + _under(columns)},
        "yaxis": _categories(rows, labels[down] if down else ""),
    }
    marks = [_numbers(scores, scale), *_signs(fields, means), _hovers(fields, columns, rows)]
    return {"data": [tiles, *marks, *_star(fields, scale, scores)], "layout": layout}


Field = tuple[int, int]


def _values(axes: Sequence[Axis], name: str) -> tuple[Value, ...]:
    return next(axis.values for axis in axes if axis.name == name)


def _fields(
    axes: Sequence[Axis], results: Sequence[Result], across: str, down: str | None
) -> dict[Field, list[Result]]:
    """The runs of each field."""
    names = [axis.name for axis in axes]
    x, y = names.index(across), names.index(down) if down else None
    fields: dict[Field, list[Result]] = {}
    for result in results:
        for point in result.points:
            place = (
                axes[x].values.index(point[x]),
                0 if y is None else axes[y].values.index(point[y]),
            )
            held = fields.setdefault(place, [])
            if result not in held:
                held.append(result)
    return fields


def _mean(results: Sequence[Result]) -> float | None:
    values = [result.value for result in results if result.value is not None]
    return sum(values) / len(values) if values else None


def _numbers(scores: Mapping[Field, float], scale: Scale) -> Spec:
    """The scores written on their fields."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x for x, _ in scores],
        "y": [y for _, y in scores],
        "text": [f"{value * 100:.1f}" for value in scores.values()],
        "textfont": {"size": 11, "color": [scale.ink(value) for value in scores.values()]},
        "hoverinfo": "skip",
    }


def _signs(
    fields: Mapping[Field, list[Result]], means: Mapping[Field, float | None]
) -> Iterator[Spec]:
    """A cross where all runs of a field diverged, a dot where none has been trained."""
    empty = [place for place, mean in means.items() if mean is None]
    crossed = [place for place in empty if any(one.diverged for one in fields[place])]
    waiting = [place for place in empty if place not in crossed]
    for places, symbol, size, colour in (
        (crossed, "x-thin", 10, WRONG),
        (waiting, "circle", 4, MUTED),
    ):
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [x for x, _ in places],
            "y": [y for _, y in places],
            "marker": {
                "symbol": symbol,
                "size": size,
                "color": colour,
                "line": {"width": 2 if symbol == "x-thin" else 0, "color": colour},
            },
            "hoverinfo": "skip",
        }


def _hovers(
    fields: Mapping[Field, list[Result]], columns: Sequence[Value], rows: Sequence[Value]
) -> Spec:
    """What is said of a field under the pointer."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in fields],
        "y": [y for _, y in fields],
        "marker": {"symbol": "square", "size": 30, "opacity": 0, "color": MUTED},
        "hovertext": [
            f"{' × '.join(written(v) for v in (columns[x], rows[y]) if v != '')}<br>{_told(found)}"
            for (x, y), found in fields.items()
        ],
        "hoverinfo": "text",
    }


def _told(results: Sequence[Result]) -> str:
    """How many runs share a field, and from where to where they go."""
    values = sorted(result.value for result in results if result.value is not None)
    lost = sum(result.diverged for result in results)
    parts = []
    if len(values) == 1:
        parts.append(percent(values[0]))
    elif values:
        mean = sum(values) / len(values)
        ends = f"{percent(values[0])} to {percent(values[-1])}"
        parts.append(f"{percent(mean)} on average of {len(values)} runs, {ends}")
    if lost:
        parts.append(f"{lost} diverged" if len(results) > 1 else "diverged")
    if len(values) + lost < len(results):
        parts.append(f"{len(results) - len(values) - lost} to come")
    return "<br>".join(parts)


def _star(
    fields: Mapping[Field, list[Result]], scale: Scale, scores: Mapping[Field, float]
) -> Iterator[Spec]:
    """A star on the field of the best run."""
    places = [place for place, found in fields.items() if any(one.best for one in found)]
    if places:
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [x for x, _ in places],
            "y": [y - 0.29 for _, y in places],
            "marker": {
                "symbol": "star",
                "size": 12,
                "color": _LIGHT_INK,
                "line": {"width": 1.2, "color": _DARK_INK},
            },
            "hoverinfo": "skip",
        }


def _categories(values: Sequence[Value], title: str) -> Spec:
    """An axis of values that stand beside each other, whatever their size."""
    return {
        "title": {"text": title, "standoff": 10},
        "tickvals": list(range(len(values))),
        "ticktext": [written(value) for value in values],
        "range": [-0.5, len(values) - 0.5],
        "type": "linear",
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "tickangle": 0 if len(values) <= 7 else -45,
    }


def _under(values: Sequence[Value]) -> int:
    """Pixels that the values take below the fields; more where they are turned."""
    return 24 if len(values) <= 7 else 50


def _below(title: str, values: Sequence[Value]) -> Spec:
    """The lower axis's title: Plotly puts its own over the values where these are short."""
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0, "yshift": -_under(values)}
    look = {"xanchor": "center", "yanchor": "top", "showarrow": False, "font": {"size": 14}}
    return place | look | {"text": title}


def _bar(scale: Scale, name: str) -> Spec:
    """The legend of the colours, above the fields."""
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
        "title": {"text": name, "side": "top"},
        "tickvals": [place for place, _ in ticks],
        "ticktext": [text for _, text in ticks],
    }


def written(value: Value) -> str:
    """A value beside an axis."""
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return _NAMES.get(str(value), str(value).replace("_", " "))


def _layout(height: int) -> Spec:
    return {
        "height": height,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "margin": {"l": 10, "r": 14, "t": 10, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }


# The lines


def parallel(
    axes: Sequence[Axis],
    results: Sequence[Result],
    name: str,
    labels: Mapping[str, str],
    *,
    dark: bool = False,
    height: int = HEIGHT,
) -> Spec:
    """Each run as a line through its values, which ends at its score.

    Args:
        axes: What the sweep varies.
        results: Its runs; those to come are left out.
        name: What the score is called.
        labels: What axes are called.
        dark: Whether it stands on a dark ground.
        height: Pixels.

    Returns:
        A Plotly figure. The lines have their scores' colours, the best one is thick, those that
        diverged are dotted and end below the axis.
    """
    shown = [one for one in results if one.value is not None or one.diverged]
    scale = Scale([one.value for one in shown if one.value is not None], dark)
    names = [labels[axis.name] for axis in axes]
    ticks = [_places(axis) for axis in axes]
    score_ticks = dict(scale.ticks(5))
    if any(one.diverged for one in shown):
        score_ticks[_BELOW] = "diverged"
    layout = _layout(height) | {
        "xaxis": _rail(len(axes)),
        "yaxis": {
            "range": [_BELOW - 0.08, 1.2],
            "visible": False,
            "fixedrange": True,
        },
        "shapes": [_upright(x) for x in range(len(axes) + 1)],
        "annotations": [
            *(_note(x, 1.07, title, dark, bold=True) for x, title in enumerate([*names, name])),
            *(
                _note(x, place, text, dark, left=x < len(axes))
                for x, places in enumerate([*ticks, score_ticks])
                for place, text in places.items()
            ),
        ],
    }
    return {"data": list(_lines(axes, shown, scale, names, name)), "layout": layout}


def _lines(
    axes: Sequence[Axis], shown: Sequence[Result], scale: Scale, names: list[str], name: str
) -> Iterator[Spec]:
    """The lines, those of about one colour together, worse ones under better ones."""
    groups: dict[str, list[Result]] = {}
    for one in sorted(shown, key=lambda one: -1.0 if one.value is None else one.value):
        bin_ = "diverged" if one.value is None else f"{round(scale.place(one.value) * _BINS)}"
        groups.setdefault("best" if one.best else bin_, []).append(one)
    best = groups.pop("best", [])
    for bin_, runs in groups.items():
        colour = WRONG if runs[0].value is None else scale.colour(runs[len(runs) // 2].value or 0.0)
        line = {"color": colour, "width": 1.8, "dash": "dot" if bin_ == "diverged" else "solid"}
        yield _line(axes, runs, scale, names, name, line)
    if best and best[0].value is not None:
        outline = _LIGHT_INK if scale.dark else _DARK_INK
        for colour, width in ((outline, 6.5), (scale.colour(best[0].value), 4.0)):
            line = {"color": colour, "width": width}
            yield _line(axes, best, scale, names, name, line)


def _line(
    axes: Sequence[Axis],
    runs: Sequence[Result],
    scale: Scale,
    names: list[str],
    name: str,
    line: Spec,
) -> Spec:
    """Some runs as one trace, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    for run in runs:
        point = run.points[0]
        places = [_place(axis, value) for axis, value in zip(axes, point, strict=True)]
        end = _BELOW if run.value is None else scale.place(run.value)
        score = "diverged" if run.value is None else percent(run.value)
        said = [f"{title}: {written(v)}" for title, v in zip(names, point, strict=True)]
        x += [*range(len(axes) + 1), None]
        y += [*places, end, None]
        texts += ["<br>".join([*said, f"{name}: {score}"])] * (len(axes) + 1) + [""]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "hovertext": texts,
        "hoverinfo": "text",
    }


def _place(axis: Axis, value: Value) -> float:
    """Where a value lies on its axis; values are equally far apart."""
    last = len(axis.values) - 1
    return axis.values.index(value) / last if last else 0.5


def _places(axis: Axis) -> dict[float, str]:
    return {_place(axis, value): written(value) for value in axis.values}


def _rail(last: int) -> Spec:
    return {"range": [-0.5, last + 0.42], "visible": False, "fixedrange": True}


def _upright(x: int) -> Spec:
    line = {"color": MUTED, "width": 1}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _note(
    x: float, y: float, text: str, dark: bool, *, bold: bool = False, left: bool = False
) -> Spec:
    """A word beside an axis, or above it."""
    colour, ground = _WORDS[dark]
    note = {"x": x, "y": y, "text": text, "showarrow": False, "bgcolor": ground, "borderpad": 1}
    note |= {"font": {"size": 11, "color": colour}}
    if bold:
        return note | {"text": f"<b>{text}</b>", "xanchor": "center", "yanchor": "bottom"}
    side = {"xanchor": "right", "xshift": -5} if left else {"xanchor": "left", "xshift": 6}
    return note | side
