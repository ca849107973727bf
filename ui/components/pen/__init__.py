"""The pen, live: a network that reads in the browser while a stroke is under way.

The browser reads the canvas at every animation frame, turns it into 28 x 28 pixels (`field.js`),
asks its own copy of the reader (`dense.js`) and shows the result in the components `bars`,
`pixels`, `lights` and `verdict`. The server gets the drawing when the pen has been lifted; it
decides what is refused, explained and kept. `pointer.js` says which pointer draws.

A reader's weights come over once: the browser keeps them by their digest, and asks for those that
it does not have.
"""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any, TypeAlias

from nncore.nn.packing import PackedNetwork
from ui.components.component import register
from ui.core import state
from ui.core.keys import Key

Frame: TypeAlias = dict[str, Any]

_PARTS = ("field", "dense", "weights", "pointer", "canvas", "pen")
_component = register("pen", scripts=[f"pen/{part}.js" for part in _PARTS])


def draw(
    reader: PackedNetwork | None,
    *,
    key: str,
    side: int,
    greys: tuple[int, int],
    erases: bool,
    mount: int,
) -> None:
    """Let the browser read the canvas on this page, after all that shows the result.

    Args:
        reader: The network that reads; None while there is none that does not change.
        key: The pen's key.
        side: The canvas's side in pixels.
        greys: The grey levels of ink and paper, 0 to 255.
        erases: True if strokes erase; then a tap counts too.
        mount: The number of the canvas: another one for a new canvas.
    """
    wanted = wanted_digest(state.get(Key[object](key, None)))
    sent = frame(reader, wanted) | {
        "side": side,
        "greys": list(greys),
        "dark": greys[0] > greys[1],
        "erases": erases,
        "mount": mount,
    }
    _component(key=key, data=[sent], on_wanted_change=_nothing)


def wanted_digest(message: object) -> str:
    """Return the digest that the browser asks for in this run; empty if it asks for none."""
    match message:
        case {"wanted": str(digest)}:
            return digest
    return ""


def frame(reader: PackedNetwork | None, wanted: str = "") -> Frame:
    """Return what the browser needs to know of a reader, ready for JSON.

    Args:
        reader: The reader, or None.
        wanted: The digest that the browser asks for: only then the weights go over.
    """
    if reader is None:
        return {"reader": None, "weights": None}
    layers = [asdict(layer) for layer in reader.layers]
    form = {"digest": reader.digest, "layers": layers, "scaled": reader.scaled}
    weights = base64.b64encode(reader.data).decode() if wanted == reader.digest else None
    return {"reader": form, "weights": weights}


def _nothing() -> None:
    """Do nothing: the message only has to run the fragment."""
