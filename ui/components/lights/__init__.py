"""A network's answer to one input as grids of lights: each unit a square, as bright as its value.

Here it is decided what is shown, as one small frame of plain numbers; `lights.js` draws frames and
knows nothing else. Unlike `ui.components.network` it shows every unit, of hundreds too, and no
weights but the strongest paths. The same key and a new frame change the picture in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.activation_trace import Line
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components.component import register
from ui.components.network import Node
from ui.core import state

Array: TypeAlias = NDArray[Any]
Frame: TypeAlias = dict[str, Any]

HEIGHT = 300
#: From how many units on a layer is a grid rather than a column.
GRID = 17


_component = register(
    "lights",
    html='<canvas class="lights" role="img"></canvas>',
    colours={"positive": POSITIVE, "negative": NEGATIVE},
)


def draw_lights(
    values: Sequence[Array],
    lines: Sequence[Line] = (),
    *,
    key: str,
    titles: Sequence[str],
    labels: Sequence[str] = (),
    chosen: Node | None = None,
    dark: bool = False,
    on_click: Callable[[], None],
) -> None:
    """Draws the lights here, or changes those that are here under the same key.

    Args:
        values: For each layer (units,) numbers; the first are the inputs.
        lines: Paths to draw between the lights.
        key: The picture's key.
        titles: What stands above each layer.
        labels: The outputs' names.
        chosen: The light that is framed.
        dark: Whether the page is dark: another theme is another picture.
        on_click: Called when a light is clicked, before the page runs: see `clicked`.
    """
    drawn = frame(values, lines, titles, labels, chosen) | {"dark": dark}
    _component(key=key, data=[drawn], height=HEIGHT, on_clicked_change=on_click)


def clicked(key: str, sizes: Sequence[int]) -> Node | None:
    """The light whose click makes this run of the page.

    Args:
        key: The picture's key.
        sizes: Units from the inputs to the outputs. Anybody can send anything: what is no unit of
            these, or is an input, is passed over.
    """
    held: Any = state.get(key, None)
    match held.get("clicked") if hasattr(held, "get") else None:
        case {"layer": int(layer), "unit": int(unit)}:
            if 0 < layer < len(sizes) and 0 <= unit < sizes[layer]:
                return Node(layer, unit)
    return None


def frame(
    values: Sequence[Array],
    lines: Sequence[Line],
    titles: Sequence[str],
    labels: Sequence[str],
    chosen: Node | None,
) -> Frame:
    """What `lights.js` draws, as numbers and texts for JSON.

    Args:
        values: This and the others are those of `draw_lights`.
        lines: See there.
        titles: See there.
        labels: See there.
        chosen: See there.

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
    """The picture in a sentence, for those who do not see it: how many units are on."""
    counts = [f"{int((layer > 0).sum())} of {len(layer)}" for layer in values[1:-1]]
    hidden = f"Of the hidden layers' units {', then '.join(counts)} are above 0. " if counts else ""
    return f"{hidden}The largest output is number {int(np.argmax(values[-1]))}."


def columns(units: int) -> int:
    """How many lights of a layer stand side by side: a grid twice as high as wide."""
    side = round(sqrt(units))
    if side * side == units and side > 20:  # a picture
        return side
    return 1 if units < GRID else round(sqrt(units / 2))


def _scaled(layer: Array) -> Array:
    finite = layer[np.isfinite(layer)]
    return layer / (np.abs(finite).max(initial=0.0) or 1.0)


def _short(value: float, digits: int) -> float | None:
    return float(f"{value:.{digits}g}") if np.isfinite(value) else None
