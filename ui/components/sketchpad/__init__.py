"""A field to draw in: it collects drawings of a learner's classes, or reads what is drawn.

Strokes stay in the browser until a drawing is added, or the pen rests; a reload keeps them. The
browser shows the class buttons and what the network outputs, so neither waits for the server.
Classes' names are written as text: whatever a learner types appears as it was typed.

`strokes.js` draws, `kept.js` has what outlives a reload, `collecting.js` has the classes,
`reading.js` the network; `sketchpad.js` ties them together. A message from the browser may be
anything: `read_added` and `read_drawn` check it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from nncore.nn.packing import PackedNetwork
from ui.charts.palette import MUTED
from ui.components import pen
from ui.components.component import register
from ui.core import state
from ui.core.keys import Key

Frame: TypeAlias = dict[str, Any]
#: Pen strokes: each a list of points (x, y) in pixels of the field.
Strokes: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]

#: The field's side in pixels, and the width of its pen.
SIDE, PEN = 280, 20
#: Points of all strokes that a drawing may have.
MOST_POINTS = 1600
#: Bounds of a change to a prepared drawing: its size as a factor, and pixels that it moves.
SIZES, MOST_MOVED = (0.4, 1.4), 8
#: Drawings that one message may bring.
MOST_DRAWINGS = 20

#: What the field shares with the pen of lesson 4, and its own parts.
_SHARED = ("field", "dense", "weights", "canvas")
_OWN = ("strokes", "kept", "collecting", "reading", "sketchpad")
_HTML = """
<div class="sketchpad">
  <div class="work">
    <div class="classes" role="radiogroup" aria-label="The class to draw"></div>
    <div class="field">
      <canvas class="paper" tabindex="0" role="img"></canvas>
      <p class="hint"></p>
      <span class="cursor" hidden></span>
    </div>
    <div class="tools">
      <button type="button" class="undo"></button>
      <button type="button" class="clear"></button>
      <button type="button" class="add"></button>
    </div>
    <span class="status" role="status"></span>
  </div>
  <div class="reading">
    <h3></h3><p></p><ul></ul>
    <div class="changes">
      <canvas class="input" role="img" width="28" height="28"></canvas>
      <div>
        <label for="size"></label>
        <input id="size" class="size" type="range" min="40" max="140" step="5" value="100">
        <label for="across"></label>
        <input id="across" class="across" type="range" min="-8" max="8" value="0">
        <label for="down"></label>
        <input id="down" class="down" type="range" min="-8" max="8" value="0">
      </div>
      <button type="button" class="reset"></button>
    </div>
  </div>
</div>
"""
_component = register(
    "sketchpad",
    html=_HTML,
    colours={"muted": MUTED},
    scripts=[f"pen/{part}.js" for part in _SHARED] + [f"sketchpad/{part}.js" for part in _OWN],
)
_WORDS = {
    "undo": "Undo",
    "clear": "Clear",
    "add": "Add to {name}",
    "reset": "As it was drawn",
    "size": "Size",
    "across": "Left or right",
    "down": "Up or down",
}


class ClassButton(NamedTuple):
    """A class that drawings can be added to.

    Attributes:
        key: A number that names it, also after it was renamed.
        name: Its name, as it was typed.
        total: How many drawings it has.
    """

    key: int
    name: str
    total: int


class Heard(NamedTuple):
    """The last drawing that the server has taken over.

    Attributes:
        token: Names the page in the browser that it came from; a reload makes another one.
        number: Its number there.
    """

    token: str = ""
    number: int = 0


class Added(NamedTuple):
    """A drawing that the learner has added to a class.

    Attributes:
        key: The class's number.
        strokes: The drawing.
    """

    key: int
    strokes: Strokes


class Drawn(NamedTuple):
    """A drawing that is to be read.

    Attributes:
        turn: A name that the browser gave it.
        strokes: The drawing; empty for a field that was cleared.
        size: The factor by which the prepared drawing gets larger.
        across: Pixels by which it moves to the right.
        down: Pixels by which it moves down.
    """

    turn: str
    strokes: Strokes
    size: float = 1.0
    across: int = 0
    down: int = 0


@dataclass(frozen=True)
class Reading:
    """The network that reads what is drawn, and how its outputs are shown.

    Args:
        network: The network; None before there is one that does not change.
        names: The classes' names.
        words: The sentences by the names that `reading.js` lists, with places to fill.
        sure: From this probability on the sentence `sure` is shown, below it `unsure`.
        turn: Names the drawing that the server has read; empty for none.
        is_none: Whether that drawing is none of the classes.
    """

    network: PackedNetwork | None
    names: Sequence[str]
    words: Mapping[str, str]
    sure: float = 0.8
    turn: str = ""
    is_none: bool = False


def collect(
    classes: Sequence[ClassButton],
    heard: Key[Heard],
    *,
    key: str,
    label: str,
    hint: str,
    dark: bool,
    is_ready: bool,
    on_add: Callable[[Sequence[Added]], None],
) -> None:
    """Draw a field with a button for each class and one that adds the drawing.

    Args:
        classes: The classes, at least one.
        heard: Where the last drawing is noted that the server has.
        key: The field's key.
        label: What the field is for, and how the keyboard draws, for screen readers.
        hint: A sentence in the empty field.
        dark: Whether the page is dark.
        is_ready: True once the classes are those that the learner had before a reload: drawings
            that were on their way then are sent again.
        on_add: Called with new drawings. It may be called again with the same ones.
    """

    def receive() -> None:
        added, now = read_added(state.get(Key[object](key, None)), state.get(heard))
        if added:
            on_add(added)
        # Only now: Streamlit may end a callback at any look at its state, for a newer message.
        state.put(heard, now)

    collecting = {
        "classes": [one._asdict() for one in classes],
        "heard": state.get(heard)._asdict(),
        "isReady": is_ready,
    }
    frame = _frame(label, hint, dark) | {"collecting": collecting}
    _component(key=key, data=[frame], on_added_change=receive)


def find_drawn(key: str) -> Drawn | None:
    """Return the drawing that the browser has sent last from a field that reads; None for none."""
    return read_drawn(state.get(Key[object](key, None)))


def read(reading: Reading, *, key: str, label: str, hint: str, dark: bool) -> None:
    """Draw a field that reads what is drawn; `find_drawn` returns the drawing.

    Args:
        reading: The network, and how its outputs are shown.
        key: The field's key.
        label: What the field is for, and how the keyboard draws, for screen readers.
        hint: A sentence in the empty field.
        dark: Whether the page is dark.
    """
    message = state.get(Key[object](key, None))
    sent: Frame = {
        **pen.frame(reading.network, pen.wanted_digest(message)),
        "names": list(reading.names),
        "words": dict(reading.words),
        "sure": reading.sure,
        "answer": {"turn": reading.turn, "isNone": reading.is_none} if reading.turn else None,
    }
    frame = _frame(label, hint, dark) | {"reading": sent}
    _component(key=key, data=[frame], on_drawn_change=_nothing, on_wanted_change=_nothing)


def _frame(label: str, hint: str, dark: bool) -> Frame:
    buttons = {**_WORDS, "hint": hint}
    head = {"label": label, "dark": dark, "buttons": buttons}
    return head | {"collecting": None, "reading": None}


def _nothing() -> None:
    """Do nothing: the message only has to run the fragment."""


def read_added(message: object, heard: Heard) -> tuple[list[Added], Heard]:
    """Return the drawings of a browser's message that are new, and the last of them.

    Args:
        message: What the browser sent; it may be anything.
        heard: The last drawing that the server has.
    """
    match message:
        case {"added": {"token": str(token), "drawings": list(listed)}} if len(token) <= 40:
            last = heard.number if heard.token == token else 0
            added: list[Added] = []
            for one in listed[:MOST_DRAWINGS]:
                number, drawing = _read_one(one)
                if number > last:
                    added += [drawing] if drawing is not None else []
                    last = number  # also of one that cannot be used: it would come for ever
            return added, Heard(token, last)
    return [], heard


def _read_one(value: object) -> tuple[int, Added | None]:
    match value:
        case {"number": int(number), "key": int(key), "strokes": sent}:
            strokes = read_strokes(sent)
            return number, Added(key, strokes) if strokes else None
    return 0, None


def read_drawn(message: object) -> Drawn | None:
    """Return the drawing of a browser's message that is to be read; None for anything else."""
    match message:
        case {"drawn": {"turn": str(turn), "strokes": sent, **changes}} if len(turn) <= 60:
            strokes, change = read_strokes(sent), _read_change(changes)
            return None if strokes is None or change is None else Drawn(turn, strokes, *change)
    return None


def _read_change(value: object) -> tuple[float, int, int] | None:
    match value:
        case {"size": int() | float() as size, "across": int(across), "down": int(down)}:
            is_bounded = max(abs(across), abs(down)) <= MOST_MOVED
            return (float(size), across, down) if is_bounded and _is_size(size) else None
    return None


def _is_size(factor: float) -> bool:
    return SIZES[0] <= factor <= SIZES[1]


def read_strokes(value: object) -> Strokes | None:
    """Return strokes that a browser sent; None unless they are bounded lists of whole numbers."""
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        return None
    if sum(map(len, value)) > MOST_POINTS or not all(value):
        return None
    strokes = tuple(tuple(map(_read_point, stroke)) for stroke in value)
    checked = tuple(tuple(point for point in stroke if point is not None) for stroke in strokes)
    return checked if list(map(len, checked)) == list(map(len, value)) else None


def _read_point(value: object) -> tuple[int, int] | None:
    match value:
        case [int(x), int(y)] if 0 <= x <= SIDE and 0 <= y <= SIDE:
            return x, y
    return None
