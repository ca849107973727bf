"""A network's response to an input as grids of lights: each unit a square, as bright as its value.

Python decides what to show and sends a small frame of plain numbers; `lights.js` only draws frames.
Unlike `ui.components.network` it shows every unit, even of hundreds, and of the weights only the
strongest paths. The same key with a new frame changes the picture in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.activation_trace import Connection
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components.component import register
from ui.components.network import Node
from ui.core import state
from ui.core.keys import Key

Array: TypeAlias = NDArray[Any]
Frame: TypeAlias = dict[str, Any]

HEIGHT = 300
#: The fewest units that are drawn as a grid instead of a column.
GRID = 17


_component = register(
    "lights",
    html='<canvas class="lights" role="img"></canvas>',
    colours={"positive": POSITIVE, "negative": NEGATIVE},
)


def draw_lights(
    values: Sequence[Array],
    lines: Sequence[Connection] = (),
    *,
    key: str,
    titles: Sequence[str],
    labels: Sequence[str] = (),
    chosen: Node | None = None,
    dark: bool = False,
    sums: bool = False,
    on_click: Callable[[], None],
) -> None:
    """Draw the lights, or change those that exist under the same key.

    Args:
        values: For each layer (units,) numbers; the first are the inputs.
        lines: Paths to draw between the lights.
        key: The picture's key.
        titles: A title above each layer.
        labels: The outputs' names.
        chosen: The light with a frame around it.
        dark: Whether the theme is dark.
        sums: Whether the numbers are weighted sums; what the browser reads while the pen of
            `ui.components.pen` moves is then shown likewise.
        on_click: Called when a light is clicked, before the page runs: see `clicked`.
    """
    drawn = frame(values, lines, titles, labels, chosen) | {"dark": dark, "sums": sums}
    _component(key=key, data=[drawn], height=HEIGHT, on_clicked_change=on_click)


def clicked(key: str, sizes: Sequence[int]) -> Node | None:
    """Return the light whose click caused this run of the page.

    Args:
        key: The picture's key.
        sizes: Units from the inputs to the outputs. A message can hold anything: other units,
            and inputs, are ignored.
    """
    held = state.get(Key[Any](key, None))
    match held.get("clicked") if hasattr(held, "get") else None:
        case {"layer": int(layer), "unit": int(unit)}:
            if 0 < layer < len(sizes) and 0 <= unit < sizes[layer]:
                return Node(layer, unit)
    return None


def frame(
    values: Sequence[Array],
    lines: Sequence[Connection],
    titles: Sequence[str],
    labels: Sequence[str],
    chosen: Node | None,
) -> Frame:
    """Return the data that `lights.js` draws, ready for JSON.

    Args:
        values: As for `draw_lights`.
        lines: As for `draw_lights`.
        titles: As for `draw_lights`.
        labels: As for `draw_lights`.
        chosen: As for `draw_lights`.

    Returns:
        `text`, the picture in words; `layers` with their values from -1 to 1 (the largest of a
        layer is 1 or -1; what is not finite is None), the numbers themselves, and how many stand
        side by side; `lines` as `[layer, source, target, -1..1]`; `chosen`.
    """
    last = len(values) - 1
    layers = [
        {
            "title": title,
            "columns": columns(len(layer)),
            "lights": [_short(value, 3) for value in _scaled(layer)],
            "values": [_short(value, 4) for value in layer] if number else [],
            "labels": list(labels) if number == last else [],
        }
        for number, (layer, title) in enumerate(zip(values, titles, strict=True))
    ]
    strongest = max((abs(line.part) for line in lines), default=1.0)
    return {
        "text": describe(values),
        "height": HEIGHT,
        "layers": layers,
        "lines": [[*line[:3], _short(line.part / strongest, 3)] for line in lines],
        "chosen": None if chosen is None else list(chosen),
    }


def describe(values: Sequence[Array]) -> str:
    """Return the picture as a sentence for screen readers: how many units are on."""
    counts = [f"{int((layer > 0).sum())} of {len(layer)}" for layer in values[1:-1]]
    hidden = f"Of the hidden layers' units {', then '.join(counts)} are above 0. " if counts else ""
    return f"{hidden}The largest output is number {int(np.argmax(values[-1]))}."


def columns(units: int) -> int:
    """Return the lights in a row of a layer: a grid is twice as high as wide."""
    side = round(sqrt(units))
    if side * side == units and side > 20:  # a picture
        return side
    return 1 if units < GRID else round(sqrt(units / 2))


def _scaled(layer: Array) -> Array:
    finite = layer[np.isfinite(layer)]
    return layer / (np.abs(finite).max(initial=0.0) or 1.0)


def _short(value: float, digits: int) -> float | None:
    return float(f"{value:.{digits}g}") if np.isfinite(value) else None
