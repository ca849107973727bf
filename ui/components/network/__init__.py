"""A dense network as circles and lines: it moves while it trains, and can be clicked.

Here it is decided what is shown of a network, as one small *frame* of plain numbers; `network.js`
draws frames and knows nothing else. The same key and a new frame change the drawing in place: it
can be called several times a second, and the drawing moves evenly from frame to frame. A film is a
list of frames.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise, product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components.component import register
from ui.components.replay import BEAT
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count

Array: TypeAlias = NDArray[Any]
Frame: TypeAlias = dict[str, Any]

#: Lines of one layer, and of all: more are neither told apart nor drawn smoothly.
MAX_LAYER_LINES, MAX_LINES = 256, 600
#: Pixels: what a circle takes of a column's height at least, and what titles and caption take.
ROW, MARGINS = 14, 92
#: From how many places of the bar lines start where there are no weights to choose the strongest.
BAR_PLACES = 16

HTML = """
<figure>
  <svg class="network"></svg>
  <figcaption>
    <div>
      <svg class="key" aria-hidden="true">
        <line class="positive" x2="22" y1="5" y2="5" />
      </svg> positive
      <svg class="key" aria-hidden="true">
        <line class="negative" x2="22" y1="5" y2="5" />
      </svg> negative
    </div>
    <div class="note"></div>
  </figcaption>
</figure>
"""


class Node(NamedTuple):
    """A circle. Layer 0 holds the inputs; units count from 0."""

    layer: int
    unit: int


_component = register(
    "network",
    html=HTML,
    colours={"positive": POSITIVE, "negative": NEGATIVE},
    scripts=(BEAT, "network/network.js", "network/live.js"),
    styles=("network/network.css",),
)


def draw_network(
    sizes: Sequence[int],
    weights: Sequence[Array] | None = None,
    *,
    key: str,
    activations: Sequence[str] = (),
    labels: tuple[Sequence[str], Sequence[str]] = ((), ()),
    height: int = 360,
    lit: Collection[tuple[int, int]] | None = None,
    clickable: bool = False,
) -> Node | None:
    """Draw a network, or change the drawing that exists under the same key.

    Args:
        sizes: Units from the inputs to the outputs, as `Experiment.layer_sizes`.
        weights: `(kernel, bias, kernel, bias, ...)`; None draws thin grey lines.
        key: The drawing's key.
        activations: One name a layer, for the titles.
        labels: The inputs' and the outputs' names; empty for none.
        height: Pixels, titles and caption included.
        lit: Nodes `(layer, unit)` that stand out, with the lines between them; None lights all.
        clickable: Whether circles can be clicked, or reached with Tab and chosen with Enter.

    Returns:
        The circle whose click made this run of the page, else None.

    Raises:
        ValueError: If `weights` do not have the shapes that `sizes` ask for.
    """
    drawn = frame(sizes, weights, activations, labels, height, lit) | {"clickable": clickable}
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    result = _component(key=key, data=[drawn], height=height, on_clicked_change=lambda: None)
    return _node(result.clicked, sizes) if clickable else None


def clicked(key: str, sizes: Sequence[int]) -> Node | None:
    """Return the circle whose click caused this run, before the network is drawn.

    Args:
        key: The drawing's key.
        sizes: Units from the inputs to the outputs.
    """
    held = state.get(Key[Any](key, None))
    return _node(held.get("clicked") if isinstance(held, dict) else None, sizes)


def _node(clicked: object, sizes: Sequence[int]) -> Node | None:
    """Return the node of a browser's message; None unless it is one of this network."""
    match clicked:
        case {"layer": int(layer), "unit": int(unit)}:
            if 0 <= layer < len(sizes) and 0 <= unit < sizes[layer]:
                return Node(layer, unit)
    return None


def frame(
    sizes: Sequence[int],
    weights: Sequence[Array] | None = None,
    activations: Sequence[str] = (),
    labels: tuple[Sequence[str], Sequence[str]] = ((), ()),
    height: int = 360,
    lit: Collection[tuple[int, int]] | None = None,
) -> Frame:
    """Return the data that `network.js` draws, ready for JSON.

    A column that does not fit in the height shows its first units, three dots and its last one;
    inputs that do not fit become a bar on which each input has its place. Of a layer's
    weights at most `MAX_LAYER_LINES` are drawn, the strongest, and of all `MAX_LINES`.

    Args:
        sizes: This and the others are those of `draw_network`.
        weights: See there.
        activations: See there.
        labels: See there.
        height: See there.
        lit: See there.

    Returns:
        `text`, the drawing in words; `note`, what is left out; `columns` of circles; `lines` from
        each column to the next, the strongest last; `lit`.

    Raises:
        ValueError: If `weights` do not have the shapes that `sizes` ask for.
    """
    weights = weights or None
    _check(sizes, weights)
    names = (labels[0], *((),) * (len(sizes) - 2), labels[1])
    biases = (None, *(weights[1::2] if weights else (None,) * (len(sizes) - 1)))
    kernels = weights[::2] if weights else (None,) * (len(sizes) - 1)
    columns = [
        _column(shown, title, name, bias)
        for shown, title, name, bias in zip(
            _shown(sizes, height), _titles(sizes, activations), names, biases, strict=True
        )
    ]
    most = min(MAX_LAYER_LINES, MAX_LINES // len(kernels))
    lines = [
        _lines(a, b, kernel, most)
        for (a, b), kernel in zip(pairwise(columns), kernels, strict=True)
    ]
    return {
        "text": describe(sizes, activations),
        "note": _note(sizes, lines, weights is not None),
        "height": height,
        "columns": columns,
        "lines": lines,
        "lit": None if lit is None else [list(node) for node in lit],
    }


def describe(sizes: Sequence[int], activations: Sequence[str] = ()) -> str:
    """Return the network as a sentence for screen readers.

    Args:
        sizes: Units from the inputs to the outputs.
        activations: One name a layer.

    Returns:
        `"Network with 1 input, 8 hidden units relu, 2 outputs softmax; 34 parameters"`.
    """
    parts = [
        " ".join(title).replace("unit", "hidden unit") for title in _titles(sizes, activations)
    ]
    parameters = sum(b * (a + 1) for a, b in pairwise(sizes))
    return f"Network with {', '.join(parts)}; {parameters:,} parameters"


def _titles(sizes: Sequence[int], activations: Sequence[str]) -> list[list[str]]:
    """Return a title for each column: its number of units and their activation, if known."""
    named = ["", *activations, *[""] * (len(sizes) - 1 - len(activations))]
    counts = [_count_units(sizes, layer) for layer in range(len(sizes))]
    return [[size, name] if name else [size] for size, name in zip(counts, named, strict=True)]


def _count_units(sizes: Sequence[int], layer: int) -> str:
    kind = {0: "input", len(sizes) - 1: "output"}.get(layer, "unit")
    return count(sizes[layer], kind)


def _check(sizes: Sequence[int], weights: Sequence[Array] | None) -> None:
    expected = [shape for a, b in pairwise(sizes) for shape in ((a, b), (b,))]
    received = expected if weights is None else [array.shape for array in weights]
    if received != expected:
        raise ValueError(f"weights must have the shapes {expected}. Received: {received}")


def _shown(sizes: Sequence[int], height: int) -> list[Frame]:
    """Return the units of each column that get a circle, and the number of the others."""
    fitting = max(6, (height - MARGINS) // ROW)
    shown: list[Frame] = []
    for layer, size in enumerate(sizes):
        units = list(range(size))
        if size > fitting:
            units = [*units[: fitting - 2], size - 1] if layer else []
        shown.append({"size": size, "units": units, "more": size - len(units) if units else 0})
    return shown


def _column(shown: Frame, title: list[str], labels: Sequence[str], bias: Array | None) -> Frame:
    units = shown["units"]
    return shown | {
        "title": title,
        "labels": [labels[unit] for unit in units] if labels else [],
        "biases": None if bias is None else [_short(bias[unit]) for unit in units],
        "largest": 0.0 if bias is None else _largest(bias),
    }


def _lines(a: Frame, b: Frame, kernel: Array | None, most: int) -> Frame:
    """Return the lines between two columns, the strongest last, so that it is drawn on top."""
    if kernel is None:
        places = np.linspace(0, a["size"] - 1, BAR_PLACES).round().astype(int).tolist()
        pairs = list(product(a["units"] or places, b["units"]))
        ends = {"from": [source for source, _ in pairs], "to": [target for _, target in pairs]}
        return ends | {"weights": None, "largest": 0.0}
    sources = np.array(a["units"] or range(a["size"]))
    targets = np.array(b["units"])
    shown = kernel[np.ix_(sources, targets)].ravel()
    size = np.abs(np.where(np.isfinite(shown), shown, 0.0))
    order = np.argsort(size, kind="stable")[-most:]
    return {
        "from": sources[order // len(targets)].tolist(),
        "to": targets[order % len(targets)].tolist(),
        "weights": [_short(w) for w in shown[order]],
        "largest": _largest(kernel),
    }


def _note(sizes: Sequence[int], lines: list[Frame], trained: bool) -> str:
    total = sum(a * b for a, b in pairwise(sizes))
    drawn = sum(len(layer["from"]) for layer in lines)
    if not trained:
        return "No weights yet: it has not been trained."
    if drawn == total:
        return "Lines are weights, rings are biases."
    return f"The {drawn:,} strongest of {total:,} weights."


def _largest(array: Array) -> float:
    """Return the largest absolute value in `array`; 0 if no number is finite."""
    finite = array[np.isfinite(array)]
    return _short(np.abs(finite).max(initial=0.0)) or 0.0


def _short(value: float) -> float | None:
    """Return a number in four digits; None for NaN and infinity, which JSON does not have."""
    return float(f"{value:.4g}") if np.isfinite(value) else None
