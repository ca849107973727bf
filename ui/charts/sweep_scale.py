"""The colour scale and the labels that both charts of a sweep share.

A score's colour depends on the logarithm of its share of errors: from 97% to 98% is as far as from
40% to 60%. The colours are cividis, which looks alike to people with and without colour blindness.
Its lightest end is left out on a light page, its darkest end on a dark one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from nncore.sweep import Value
from ui.charts.vega import Spec

CIVIDIS = (
    *("#00224e", "#123570", "#3b496c", "#575d6d", "#707173"),
    *("#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"),
)
#: Steps of the scale as Plotly takes it, and of the colours that lines are grouped by.
STEPS = 10
#: Height of both charts in pixels.
HEIGHT = 360
#: Text on coloured fields and outlines around them, in either theme.
DARK_INK, LIGHT_INK = "#1A1A1A", "#FFFFFF"

#: The part of the scale that is used, by whether the page is dark.
_PARTS = {False: (0.0, 0.86), True: (0.22, 1.0)}
#: Shares of errors below this look alike.
_SMALLEST_ERROR = 0.0005
_ROUND_SCORES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
_NAMES = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam"}


class Result(NamedTuple):
    """A run of a sweep.

    Attributes:
        points: Its combinations of values, in the order of the axes.
        value: Its score, 0 to 1; None if it diverged or is not trained yet.
        diverged: Whether it diverged.
        best: Whether it is the best run.
    """

    points: tuple[tuple[Value, ...], ...]
    value: float | None
    diverged: bool = False
    best: bool = False


class Scale:
    """A scale from the worst to the best of some scores.

    Args:
        scores: The scores, 0 to 1.
        dark: Whether the page is dark.
    """

    def __init__(self, scores: Sequence[float], dark: bool = False) -> None:
        places = [_log_error(score) for score in scores] or [0.0, 1.0]
        self.low, self.high = min(places), max(places)
        if self.high - self.low < 0.02:  # all scores are alike
            self.low, self.high = self.low - 0.01, self.high + 0.01
        self.dark = dark
        self._part = _PARTS[dark]

    def place(self, score: float) -> float:
        """Return where a score lies: 0 for the worst, 1 for the best."""
        return (_log_error(score) - self.low) / (self.high - self.low)

    def colour(self, score: float) -> str:
        """Return the colour of a score, such as `"#3b496c"`."""
        return self._colour_at(min(1.0, max(0.0, self.place(score))))

    def ink(self, score: float) -> str:
        """Return the colour of text that is readable on a score's colour."""
        low, high = self._part
        return DARK_INK if low + (high - low) * self.place(score) > 0.55 else LIGHT_INK

    def stops(self) -> list[list[float | str]]:
        """Return the whole scale as Plotly takes it."""
        return [[i / STEPS, self._colour_at(i / STEPS)] for i in range(STEPS + 1)]

    def ticks(self, most: int = 4) -> list[tuple[float, str]]:
        """Return places of round scores with their labels, at most `most`."""
        found = [score for score in _ROUND_SCORES if 0 <= self.place(score) <= 1]
        if len(found) < 2:
            found = [_score_of(self.low), _score_of(self.high)]
        step = math.ceil(len(found) / most)
        return [(self.place(score), percent(score)) for score in found[::-1][::step][::-1]]

    def _colour_at(self, place: float) -> str:
        low, high = self._part
        at = (low + (high - low) * place) * (len(CIVIDIS) - 1)
        left = min(int(at), len(CIVIDIS) - 2)
        channels = zip(_rgb(CIVIDIS[left]), _rgb(CIVIDIS[left + 1]), strict=True)
        return "#" + "".join(f"{round(a + (b - a) * (at - left)):02x}" for a, b in channels)


def _log_error(score: float) -> float:
    return -math.log10(max(_SMALLEST_ERROR, 1.0 - score))


def _score_of(log_error: float) -> float:
    return float(1.0 - 10.0**-log_error)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def percent(share: float) -> str:
    """Return a share in percent with one decimal, or none if that is 0: `"90%"`, `"91.2%"`."""
    return f"{share * 100:.1f}".removesuffix(".0") + "%"


def value_label(value: Value) -> str:
    """Return a setting's value as an axis shows it."""
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return _NAMES.get(str(value), str(value).replace("_", " "))


def layout(height: int) -> Spec:
    """Return the layout that both charts start from: no legend, no zoom, transparent."""
    return {
        "height": height,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "margin": {"l": 10, "r": 14, "t": 10, "b": 10},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
