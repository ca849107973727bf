"""A learner's own drawings, split into those to learn from and those that are held out.

The split is stratified: about a quarter of each class is held out. Which drawings follows from a
hash of each one and a seed, not from its place in the list: so a drawing that is added later moves
at most one other drawing of its class to the other side, and what a network was tested on before
mostly stays held out.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.own_drawings import LEAST, DrawingError, OwnDrawings

#: One drawing in this many of each class is held out, rounded; of two drawings it is one.
ONE_IN = 4


class Split(NamedTuple):
    """The drawings' places in `OwnDrawings.drawings`, counted from 0.

    Attributes:
        train: (n,) int64: to learn from. The classes take turns, so that the first k times the
            number of classes are k of each class, and smaller training sets are part of larger.
        held_out: (m,) int64: to test with.
    """

    train: NDArray[np.int64]
    held_out: NDArray[np.int64]


def split_drawings(own: OwnDrawings, seed: int = 0) -> Split:
    """Split drawings into those to learn from and those that are held out.

    Args:
        own: The drawings.
        seed: Another seed holds out other drawings.

    Raises:
        DrawingError: If a class has too few drawings; the message says which.
    """
    for name, count in zip(own.names, own.counts, strict=True):
        if count < LEAST:
            raise DrawingError(f"Each class needs at least {LEAST} drawings. {name!r} has {count}.")
    salt = f"{seed}:".encode()
    hashes = [hashlib.sha256(salt + one.pixels).digest() for one in own.drawings]
    order = sorted(range(len(own)), key=hashes.__getitem__)
    train, held_out = [], []
    for label in range(own.classes):
        rows = [row for row in order if own.drawings[row].label == label]
        cut = (len(rows) + ONE_IN // 2) // ONE_IN
        held_out += [(turn, label, row) for turn, row in enumerate(rows[:cut])]
        train += [(turn, label, row) for turn, row in enumerate(rows[cut:])]
    return Split(*(np.array([row for *_, row in sorted(part)]) for part in (train, held_out)))
