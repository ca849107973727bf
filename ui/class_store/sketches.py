"""Classes that a teacher hands out to draw, and the drawings that the class has shared of them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from nncore.own_drawings import MOST_DRAWINGS, Drawing, OwnDrawings
from ui.class_store.sketch import SketchRow
from ui.class_store.values import Card

#: The page that a card with classes opens, and the parameter that names each of them.
PAGE, PARAMETER = "/own", "class"


def hand_out(names: Sequence[str]) -> Card:
    """Return the card that asks a class to draw.

    Args:
        names: The classes' names, 2 to 10, all different.

    Raises:
        nncore.own_drawings.DrawingError: If the names cannot be used.
    """
    own = OwnDrawings(tuple(names))
    query = urlencode([(PARAMETER, name) for name in own.names])
    return Card(f"Draw: {', '.join(own.names)}", f"{PAGE}?{query}", "classes")


def read_names(card: Card) -> tuple[str, ...]:
    """Return the names on a card; none for a card that hands out no classes."""
    if card.kind != "classes":
        return ()
    pairs = parse_qsl(card.address.partition("?")[2], keep_blank_values=True)
    return tuple(value for name, value in pairs if name == PARAMETER)


def collect(names: Sequence[str], rows: Sequence[SketchRow]) -> OwnDrawings:
    """Return the shared drawings as one value to train on, of each class the newest ones.

    Drawings that the teacher has hidden, and those of classes that were not handed out, are left
    out. Each class gets an equal part of the room.

    Args:
        names: The classes' names, as they were handed out.
        rows: The shared drawings, the oldest first.
    """
    room = MOST_DRAWINGS // len(names)
    chosen: list[Drawing] = []
    for label, name in enumerate(names):
        shown = [one.sketch for one in rows if not one.is_hidden and one.sketch.name == name]
        drawings = dict.fromkeys(Drawing(sketch.pixels, label) for sketch in shown)
        chosen += [*drawings][-room:]
    return OwnDrawings(tuple(names), tuple(chosen))
