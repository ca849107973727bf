"""The confusion matrix as a Plotly figure."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.charts.palette import RIGHT, WRONG
from ui.charts.vega import Spec, shorten
from ui.core.wording import count

Array: TypeAlias = NDArray[Any]


def confusion_matrix(matrix: ArrayLike, class_names: Sequence[str]) -> Spec:
    """Build a confusion matrix: a heat map under squares that can be clicked.

    Args:
        matrix: (k, k) counts: `matrix[i, j]` samples of class i were predicted as class j.
        class_names: The classes' names, as plain text: Plotly takes `<b>` for markup.

    Returns:
        A Plotly figure. The diagonal is green, by the share of the row; all mistakes are purple, by
        their count on a logarithmic scale, so that 1 and 20 mistakes both stand out from 0. A
        clicked square's `customdata` is `[i, j, count, share of the row]`.
    """
    counts, names = np.asarray(matrix), [html.escape(name, quote=False) for name in class_names]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis = {"tickvals": list(range(len(names))), "ticktext": names, "automargin": True}
    axis |= {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""}
    ends = [-0.5, len(names) - 0.5]
    predicted = {"title": {"text": "predicted"}, "range": ends, "tickangle": _tilt(names)}
    layout = _LAYOUT | {
        "height": 30 * len(names) + (140 if _tilt(names) else 100),
        "margin": {**_LAYOUT["margin"], "t": 30},  # room for the toolbar, which would cover squares
        "xaxis": axis | predicted,
        "yaxis": axis | {"title": {"text": "label"}, "range": ends[::-1]},
    }
    return {"data": [_tiles(counts, shares), _squares(counts, shares, names)], "layout": layout}


def _tiles(counts: Array, shares: Array) -> Spec:
    """Return the coloured tiles: right from 0 to 1, wrong from 0 to -1, none for a count of 0."""
    levels = np.where(np.eye(len(counts), dtype=bool), shares, -_mistake_levels(counts))
    return {
        "type": "heatmap",
        "z": [
            [shorten(z) if n else None for z, n in zip(*row, strict=True)]
            for row in zip(levels, counts, strict=True)
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


def _mistake_levels(counts: Array) -> NDArray[np.float64]:
    """Return how strong the colour of each count of mistakes is, from 0 to 1, logarithmically."""
    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    largest = np.log1p(mistakes.max(initial=1))
    return np.asarray(np.log1p(mistakes) / largest, np.float64)


def _squares(counts: Array, shares: Array, names: list[str]) -> Spec:
    """Return invisible markers on the tiles: a Plotly heat map does not report clicks."""
    cells = [(i, j) for i in range(len(names)) for j in range(len(names))]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [j for _, j in cells],
        "y": [i for i, _ in cells],
        "customdata": [[i, j, int(counts[i, j]), shorten(shares[i, j])] for i, j in cells],
        "hovertext": [
            f"Label {names[i]}, predicted {names[j]}:<br>"
            f"{count(int(counts[i, j]), 'image')}, {shares[i, j]:.1%} of all {names[i]}"
            for i, j in cells
        ],
        "hoverinfo": "text",
        "marker": {"symbol": "square", "size": 26, "color": _ON_COLOUR, "opacity": 0},
        "selected": {"marker": {"opacity": 0.3}},
        "unselected": {"marker": {"opacity": 0}},
    }


#: Text on green or purple (at least 5:1), and the two at their palest: in light and in dark.
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
    """Return by how many degrees the names are turned; 0 if they fit side by side."""
    return -45 if max(map(len, names)) > 3 else 0
