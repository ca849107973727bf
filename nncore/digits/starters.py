"""Ready-made classes and drawings for a first try, made by the lab itself from a few strokes.

Every skeleton was written down for the lab; none was taken from a person's handwriting. A set's
drawings are always the same ones, so runs on them can be stored and linked to.

Two sets are made of another one to show a mistake: in `"sizes"` one class is drawn large and the
other small, and in `"uneven"` one class has five times the drawings of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nncore.cached_once import cached_once
from nncore.digits.own_changes import scale_class
from nncore.digits.synthetic import draw_skeleton
from nncore.experiment import STARTERS
from nncore.own_drawings import FIELD, OwnDrawings, Pixels, join

#: Drawings of each class: 20 to learn from, and 7 held out.
COUNT = 27
#: The narrowest and widest pen in pixels, and the range of factors for the width: a wide pen would
#: fill a narrow face.
_PENS, _WIDTHS = (2.4, 5.5), (0.75, 1.2)
#: Drawings of each class in `"uneven"`: the larger one has five times those of the smaller.
_UNEVEN = (30, 6)
#: The size of the second class in `"sizes"`.
_SMALL = 0.5

_HEAD = "S 50,0 12,12 0,50 12,88 50,100 88,88 100,50 88,12 50,0"
_EYES = "L 32,32 33,36 | L 67,32 68,36"
_SMILE, _FROWN = "S 24,60 50,80 76,60", "S 24,78 50,58 76,78"


@dataclass(frozen=True)
class _Class:
    """A class of a starter set.

    Args:
        name: Its name.
        skeletons: The ways in which it is drawn, in the form of `nncore.digits.skeletons`.
        others: The ways in which a neighbour draws it.
    """

    name: str
    skeletons: tuple[str, ...]
    others: tuple[str, ...]


_FACES = (
    _Class(
        "smiley",
        (f"{_HEAD} | {_EYES} | {_SMILE}",),
        (f"{_EYES} | {_SMILE}", f"{_HEAD} | {_EYES} | L 25,58 42,75 60,75 76,58"),
    ),
    _Class(
        "frown",
        (f"{_HEAD} | {_EYES} | {_FROWN}",),
        (f"{_EYES} | {_FROWN}", f"{_HEAD} | {_EYES} | L 25,80 42,62 60,62 76,80"),
    ),
)
_SHAPES = (
    _Class(
        "circle",
        ("S 50,0 12,12 0,50 12,88 50,100 88,88 100,50 88,12 50,0",),
        ("S 55,0 10,20 0,55 20,95 60,98 96,70 92,25 60,2 48,6",),
    ),
    _Class(
        "square",
        ("L 0,0 100,0 100,100 0,100 0,0",),
        ("L 2,0 0,98 98,100 100,4 6,2", "L 0,0 100,0 | L 100,0 100,100 0,100 | L 0,100 0,0"),
    ),
    _Class(
        "triangle",
        ("L 50,0 100,95 0,95 50,0",),
        ("L 0,100 50,4 100,98 4,96", "L 20,0 100,70 0,95 20,0"),
    ),
)
_ALIKE = (
    _Class("u", ("S 5,0 5,65 30,100 56,70 60,0",), ("S 0,0 8,85 45,90 56,0 | L 56,0 60,100",)),
    _Class("v", ("L 0,0 30,100 62,0",), ("S 0,0 18,60 30,100 40,60 66,0",)),
)
_SETS: Mapping[str, tuple[_Class, ...]] = {
    "faces": _FACES,
    "shapes": _SHAPES,
    "alike": _ALIKE,
    "sizes": _FACES,
    "uneven": _FACES,
}


@cached_once(maxsize=8)
def starter(name: str) -> OwnDrawings:
    """Return a starter set, the same one each time.

    Args:
        name: One of `STARTERS`.
    """
    assert name in STARTERS, name
    if name == "sizes":
        return scale_class(starter("faces"), 1, _SMALL)
    counts = _UNEVEN if name == "uneven" else (COUNT,) * STARTERS[name]
    return _draw(_SETS[name], counts, seed=0)


@cached_once(maxsize=8)
def neighbour(name: str) -> OwnDrawings:
    """Return the same classes as another person draws them, 10 of each, to test with.

    Args:
        name: One of `STARTERS`.
    """
    ways = tuple(_Class(one.name, one.others, ()) for one in _SETS[name])
    return _draw(ways, (10,) * len(ways), seed=1)


def _draw_image(one: _Class, turn: int, random: np.random.Generator) -> Pixels:
    skeleton = one.skeletons[turn % len(one.skeletons)]
    return draw_skeleton(skeleton, random, pens=_PENS, widths=_WIDTHS).reshape(FIELD, FIELD)


def _draw(classes: tuple[_Class, ...], counts: tuple[int, ...], seed: int) -> OwnDrawings:
    random = np.random.default_rng(seed)
    drawn = [
        (_draw_image(one, turn, random), label)
        for label, (one, count) in enumerate(zip(classes, counts, strict=True))
        for turn in range(count)
    ]
    return join(tuple(one.name for one in classes), drawn)
