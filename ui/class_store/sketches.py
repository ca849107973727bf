"""Classes that a teacher hands out to draw, and the drawings that the class has shared of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from urllib.parse import parse_qsl, urlencode

from nncore.own_drawings import MOST_DRAWINGS, Drawing, OwnDrawings
from ui.class_store.sketch import SketchRow
from ui.class_store.values import HANDED_OUT, Card

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
    return Card(f"Draw: {', '.join(own.names)}", _write_address(own.names), "classes")


def offer(names: Sequence[str]) -> Card:
    """Return the card that offers the drawings of all to each member of a class.

    Args:
        names: The classes' names, as they were handed out.
    """
    return Card("Train on the drawings of the whole class", _write_address(names), "drawings")


def _write_address(names: Sequence[str]) -> str:
    return f"{PAGE}?{urlencode([(PARAMETER, name) for name in names])}"


def read_names(card: Card) -> tuple[str, ...]:
    """Return the names on a card; none for a card that is not about classes to draw."""
    if card.kind not in HANDED_OUT:
        return ()
    pairs = parse_qsl(card.address.partition("?")[2], keep_blank_values=True)
    return tuple(value for name, value in pairs if name == PARAMETER)


def find_handed_out(cards: Iterable[Card]) -> Card | None:
    """Return the last card about classes to draw; None if there is none.

    Args:
        cards: What the teacher has sent, the oldest first.
    """
    found = [card for card in cards if card.kind in HANDED_OUT]
    return found[-1] if found else None


@dataclass(frozen=True)
class Collection:
    """The drawings of a class as one value to train on, and the person who drew each.

    Args:
        own: The classes and drawings.
        authors: A name for each drawing's person, such as "Blue Heron".
    """

    own: OwnDrawings
    authors: tuple[str, ...]

    @cached_property
    def counts(self) -> Mapping[str, tuple[int, ...]]:
        """The drawings of each class, by person."""
        labels = (drawing.label for drawing in self.own.drawings)
        return count_by_person(zip(self.authors, labels, strict=True), self.own.classes)

    @cached_property
    def parts(self) -> Mapping[str, OwnDrawings]:
        """The drawings without those of one person, by that person."""
        return {author: self._choose(author, is_theirs=False) for author in self.counts}

    def only(self, author: str) -> OwnDrawings:
        """Return the drawings of one person."""
        return self._choose(author, is_theirs=True)

    def _choose(self, author: str, is_theirs: bool) -> OwnDrawings:
        pairs = zip(self.own.drawings, self.authors, strict=True)
        return OwnDrawings(self.own.names, tuple(d for d, a in pairs if (a == author) == is_theirs))


def count_by_person(drawn: Iterable[tuple[str, int]], classes: int) -> dict[str, tuple[int, ...]]:
    """Return how many drawings of each class each person has made, the people in order.

    Args:
        drawn: The person and the class of each drawing.
        classes: The number of classes.
    """
    totals = Counter(drawn)
    people = sorted({person for person, _ in totals})
    return {one: tuple(totals[one, label] for label in range(classes)) for one in people}


def collect(names: Sequence[str], rows: Sequence[SketchRow]) -> Collection:
    """Return the shared drawings as one value to train on.

    Drawings that the teacher has hidden, and those of classes that were not handed out, are left
    out. Each class gets an equal part of the room. Within it the members take turns, so one who
    draws a lot does not push the others out.

    Args:
        names: The classes' names, as they were handed out.
        rows: The shared drawings, the oldest first.
    """
    room = MOST_DRAWINGS // len(names)
    chosen = list(chain(*(_take_turns(_choose_rows(rows, name), room) for name in names)))
    chosen.sort(key=lambda row: row.number)
    labels = {name: label for label, name in enumerate(names)}
    drawings = tuple(Drawing(row.sketch.pixels, labels[row.sketch.name]) for row in chosen)
    return Collection(OwnDrawings(tuple(names), drawings), tuple(row.member for row in chosen))


def _choose_rows(rows: Sequence[SketchRow], name: str) -> list[SketchRow]:
    """Return the rows of one class that may be shown, each drawing once, the oldest first."""
    shown = [row for row in rows if not row.is_hidden and row.sketch.name == name]
    first = {row.sketch.pixels: row for row in reversed(shown)}
    return [row for row in shown if first[row.sketch.pixels] is row]


def _take_turns(rows: Sequence[SketchRow], most: int) -> list[SketchRow]:
    """Return at most so many rows: the newest of each member, then the second newest, ..."""
    by_member: dict[str, list[SketchRow]] = {}
    for row in reversed(rows):
        by_member.setdefault(row.member, []).append(row)
    turns = chain(*zip_longest(*by_member.values()))
    return [row for row in turns if row is not None][:most]
