"""A film: pictures that move together, frame by frame, played by the browser alone.

Here stands what the player can show (a network, a chart, the weights of units that look at
images), as plain numbers that are sent once; `film.js` plays them without asking the server. What
a film shows of which lesson is not decided here.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ui.charts.palette import MUTED, NEGATIVE, POSITIVE, RIGHT, WRONG
from ui.components.component import register
from ui.components.network import HTML, Array, frame

Picture: TypeAlias = dict[str, Any]

#: What stands for a weight that is no number, among those from -127 to 127.
NOT_A_NUMBER = -128

_HTML = f"""
<template>{HTML}</template>
<section class="film" aria-label="Film of the training">
  <div class="pictures"></div>
  <div class="player">
    <button type="button" class="play"></button>
    <button type="button" class="back" aria-label="One frame back" title="One frame back">
      <svg viewBox="0 0 10 10" aria-hidden="true"><path d="M7 1 3 5l4 4" /></svg>
    </button>
    <input type="range" min="0" step="1" aria-label="Frame of the film" />
    <button type="button" class="forth" aria-label="One frame on" title="One frame on">
      <svg viewBox="0 0 10 10" aria-hidden="true"><path d="M3 1l4 4-4 4" /></svg>
    </button>
  </div>
  <div class="caption"></div>
</section>
"""


_component = register(
    "film",
    html=_HTML,
    colours={
        "positive": POSITIVE,
        "negative": NEGATIVE,
        "right": RIGHT,
        "wrong": WRONG,
        "muted": MUTED,
    },
    scripts=("network/network.js", "network/film.js"),
    styles=("network/network.css", "network/film.css"),
)


class Axis(NamedTuple):
    """An axis of a chart.

    Attributes:
        title: What it measures.
        low: Its lower end.
        high: Its upper end.
        ticks: Places on it, each with what is written there.
    """

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]

    def sent(self) -> dict[str, Any]:
        """Return the axis, ready for JSON."""
        return {"title": self.title, "domain": [self.low, self.high], "ticks": list(self.ticks)}


class Bar(NamedTuple):
    """A rectangle of a chart, in the units of its axes. Styles are those of `film.css`."""

    x: float
    x2: float
    y: float
    y2: float
    style: str


class Shot(NamedTuple):
    """The contents of a chart in one frame.

    Attributes:
        bars: Rectangles.
        lines: `(style, heights)`: lines through heights that are spread evenly over the x axis.
        rules: `(x, style)`: upright lines.
        marks: `(x, text, style)`: texts at the top.
        said: A sentence above the chart.
        x: A horizontal axis of this frame's own, instead of the chart's.
    """

    bars: Sequence[Bar] = ()
    lines: Sequence[tuple[str, Sequence[float | None]]] = ()
    rules: Sequence[tuple[float, str]] = ()
    marks: Sequence[tuple[float, str, str]] = ()
    said: str = ""
    x: Axis | None = None

    def sent(self) -> dict[str, Any]:
        """Return the frame, ready for JSON."""
        return self._asdict() | {"x": self.x and self.x.sent()}


def network_picture(
    title: str,
    sizes: Sequence[int],
    weights: Iterable[Sequence[Array]],
    *,
    labels: tuple[Sequence[str], Sequence[str]] = ((), ()),
    height: int = 250,
) -> Picture:
    """Return a picture of the network, drawn as `draw_network` draws it.

    Args:
        title: What stands above it.
        sizes: Units from the inputs to the outputs.
        weights: `(kernel, bias, ...)` for each frame.
        labels: The inputs' and the outputs' names; empty for none.
        height: Pixels.
    """
    frames = [frame(sizes, arrays, labels=labels, height=height) for arrays in weights]
    return {"kind": "network", "title": title, "height": height, "frames": frames}


def chart_picture(
    title: str,
    text: str,
    axes: tuple[Axis, Axis],
    shots: Iterable[Shot],
    *,
    always: Shot = Shot(),  # noqa: B008 - it is a constant
    key: Sequence[tuple[str, str]] = (),
    corners: tuple[str, str] = ("", ""),
    height: int = 250,
) -> Picture:
    """Return a picture of bars, lines and rules over two axes.

    Args:
        title: What stands above it.
        text: The chart in words, for those who do not see it.
        axes: The horizontal and the vertical one.
        shots: What is shown in each frame.
        always: What is shown in every frame, behind the rest.
        key: `(style, name)` of what needs a name.
        corners: Words at the left, above and below.
        height: Pixels.
    """
    x, y = (axis.sent() for axis in axes)
    return {
        "kind": "chart",
        "title": title,
        "text": text,
        "height": height,
        "x": x,
        "y": y,
        "key": list(key),
        "corners": list(corners),
        "always": always.sent(),
        "frames": [shot.sent() for shot in shots],
    }


def weights_picture(
    title: str, shares: Array, *, names: Sequence[str] = (), text: str = ""
) -> Picture:
    """Return a picture of weights, laid out as the pixels they multiply.

    Args:
        title: What stands above it.
        shares: (frames, units, height, width): weights as shares of the full colour, from -1 to 1;
            NaN where a weight is no number.
        names: The units' names; empty for none.
        text: The picture in words.
    """
    with np.errstate(invalid="ignore"):
        steps = np.where(
            np.isnan(shares), NOT_A_NUMBER, np.rint(np.clip(shares, -1, 1) * 127)
        ).astype(np.int8)
    return {
        "kind": "weights",
        "title": title,
        "text": text,
        "names": list(names),
        "size": list(shares.shape[1:]),
        "frames": [base64.b64encode(shot.tobytes()).decode() for shot in steps],
    }


def film(name: str, updates: Sequence[int], captions: Sequence[str], *pictures: Picture) -> Picture:
    """Return a film, ready to be sent.

    Args:
        name: Tells it from other films: the same name is not unpacked again.
        updates: For each frame after how many updates it was.
        captions: For each frame what stands below the pictures.
        pictures: What moves, each with as many frames.

    Raises:
        ValueError: If a picture has another number of frames.
    """
    counts = [len(updates), len(captions), *(len(picture["frames"]) for picture in pictures)]
    if len(set(counts)) > 1:
        raise ValueError(
            "updates, captions and pictures must have as many frames. "
            f"Received: {', '.join(map(str, counts))}"
        )
    sent = {"name": name, "updates": list(updates), "captions": list(captions)}
    return sent | {"pictures": list(pictures)}


def ticks(low: float, high: float, most: int = 5) -> list[tuple[float, str]]:
    """Return round numbers between two ends, each with its label.

    Args:
        low: The lower end.
        high: The upper end, above `low`.
        most: How many at most.
    """
    step = round_up((high - low) / most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(i * step, f"{i * step:g}".replace("-", "\u2212")) for i in range(first, last + 1)]


def round_up(value: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten, at or above a number; 0 for 0."""
    if not value:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * by for by in (1, 2, 5, 10) if power * by >= value * (1 - 1e-9))


def rounded(values: ArrayLike, low: float, high: float) -> list[float | None]:
    """Return numbers in few digits, clipped between two ends; None for NaN.

    Args:
        values: Numbers, `(n,)`.
        low: Lower ones count as this.
        high: Higher ones count as this.
    """
    kept = np.clip(np.asarray(values, float), low, high)
    digits = max(0, 3 - math.floor(math.log10(high - low)))
    return [None if math.isnan(value) else round(value, digits) for value in kept.tolist()]


def play_film(film: Picture, *, key: str) -> None:
    """Show a film with a play button and a slider.

    Args:
        film: As `film` made it.
        key: The player's key.
    """
    _component(key=key, data=[film])  # in a list: see `draw_network`
