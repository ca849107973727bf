"""Synthetic digits in writing styles that MNIST hardly has, drawn from a few strokes each.

MNIST was written by Americans. In other countries people write a 1 with a long upstroke, cross the
7, strike through the 0, draw the 2 with loops or like a Z, and leave the 4 open. A network that
never saw such digits misreads them, so the default reader also learns from these. Every skeleton
was written down for the lab; none was taken from a person's handwriting.

This module does not know how a network learns from the digits, nor where people draw theirs.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.digits.preprocess import to_mnist
from nncore.digits.strokes import fit_strokes, render_strokes
from nncore.experiment import Experiment

Array: TypeAlias = NDArray[Any]

#: The number of images that `images` draws, the same ones each time.
COUNT = 2000
#: Their share of the training images, where a network learns from them.
SHARE = 0.1
#: The canvas's side, the digit's longer side and the narrowest and widest pen, in pixels.
_SIDE, _EXTENT, _PENS = 84, 60, (3.6, 12.0)
#: The standard deviation of each point's wobble in percent of the height, the largest rotation in
#: radians, the slant's standard deviation, and the range of factors for the width.
_WOBBLE, _TURN, _SLANT, _WIDTHS = 4.0, 0.2, 0.15, (0.6, 1.3)
#: Tighter ranges for digits that would turn into others: a wide 1 looks like a 7, a narrow 8 like a
#: 1, and a wide pen fills an 8 and the halves of a 0 that is struck through.
_OWN_TURNS = {1: 0.1}
_OWN_WIDTHS = {0: (0.8, 1.3), 1: (0.6, 1.05), 8: (0.8, 1.3)}
_OWN_PENS = {0: (3.6, 7.5), 8: (3.6, 9.0)}
_STEPS = 3  # points drawn between two of a skeleton's; the pen smooths them

_ROUND_0 = "S 30,0 5,22 0,50 5,78 30,100 55,78 60,50 55,22 30,0"
_TOP_OF_9 = "S 48,15 25,0 2,20 15,48 40,42 50,12"
#: The writing styles of each digit. A style is a list of strokes, split by "|": L draws straight
#: lines from point to point, S a smooth curve. Points are x,y in percent of the digit's height, y
#: down. A point that appears twice is moved only once.
SKELETONS: dict[int, tuple[str, ...]] = {
    0: (
        f"{_ROUND_0} | L 5,95 55,5",  # struck through
        f"{_ROUND_0} | L -8,108 68,-8",
        f"{_ROUND_0} | L 18,115 45,-15",
        "S 35,5 10,15 0,50 12,90 35,98 55,80 58,45 45,10 25,5 20,18 38,22",  # ends in a loop
        "S 32,0 8,18 0,52 8,85 30,98 50,85 58,55 54,28",  # not quite closed
    ),
    1: (
        "L 0,40 35,0 35,100",  # with an upstroke
        "L 0,62 40,0 38,100",
        "L 0,85 32,0 30,100",
        "L 8,25 30,0 30,100",
        "L 14,16 28,0 28,100",  # a short one
        "L 16,24 26,0 22,100",
        "S 0,45 20,30 35,0 | L 35,0 32,100",
        "L 0,35 30,0 30,100 | L 5,100 55,100",  # on a foot
        "L 28,0 28,100 | L 0,100 55,100",
    ),
    2: (
        "L 0,10 50,5 0,100 55,98",  # like a Z
        "S 2,25 20,0 48,10 45,40 0,98 | L 0,98 60,98",
        "S 0,25 15,3 40,0 52,20 40,50 12,85 5,95 12,78 25,85 45,98 62,90",  # a loop at the foot
        "S 40,40 20,40 15,20 30,0 45,10 42,40 20,75 0,95 | S 0,95 20,82 40,95 65,85",  # at the top
        "S 22,30 10,22 20,2 42,5 42,35 20,70 0,98 | S 0,98 15,85 40,95 60,90",
    ),
    3: (
        "L 2,3 50,3 22,40 | S 22,40 50,50 55,75 35,98 0,90",  # a flat top
        "S 2,12 25,0 48,12 40,38 18,48 25,40 48,55 52,80 25,100 0,88",  # a loop in the middle
        "S 0,10 25,0 45,15 20,45 | S 20,45 52,50 50,90 0,95",
    ),
    4: (
        "L 8,0 0,55 60,55 | L 45,5 45,100",  # open at the top
        "L 20,0 0,50 55,50 | L 50,0 30,100",
        "L 30,0 0,60 60,60 | L 40,30 35,100",
        "S 5,0 2,30 5,52 30,58 48,50 | L 50,0 48,100",
        "S 2,0 0,35 20,50 45,45 | L 50,0 50,100",
        "L 45,100 45,0 0,65 65,65",  # closed
        "L 40,0 0,55 70,52 | L 42,0 40,100",
        "L 45,0 0,60 45,58 | L 45,0 44,100",
        "S 45,0 15,30 0,58 | L 0,58 60,54 | L 45,0 48,100",
        "L 28,0 0,66 62,62 | L 42,35 38,100",  # its leg begins low
        "S 32,0 18,25 0,60 | L 0,60 58,55 | L 46,32 38,100",
    ),
    5: (
        "S 55,3 20,5 8,25 20,42 45,50 52,75 30,98 0,92",  # like an S
        "L 10,5 5,45 | S 5,45 35,40 52,65 40,95 0,95 | L 12,5 60,0",  # its bar drawn last
        "L 8,0 4,42 | S 4,42 40,42 50,72 30,98 0,94 | L 10,0 65,-6",
        "L 55,0 8,0 4,45 | S 4,45 30,38 52,60 40,95 2,95",
        "L 50,3 20,3 18,45 | S 18,45 45,55 40,90 5,98",
    ),
    6: (
        "S 45,0 15,30 2,70 20,98 45,90 48,68 25,58 5,72",
        "L 40,0 5,60 | S 5,60 3,85 25,100 48,85 40,62 8,68",  # a straight back
        "S 10,0 2,60 15,98 48,90 45,62 5,72",
    ),
    7: (
        "L 0,5 55,3 20,100 | L 8,52 52,48",  # crossed
        "L 0,5 50,3 40,100 | L 15,50 65,48",
        "S 0,8 15,2 30,8 55,2 | L 55,2 20,100 | L 12,52 55,46",
        "L 0,18 3,3 58,3 | S 58,3 35,40 25,100 | L 10,50 55,48",
        "L 0,20 2,3 55,3 22,100",  # with a serif
        "S 0,8 15,2 30,8 55,2 | L 55,2 20,100",
    ),
    8: (
        "S 30,0 12,10 15,35 30,45 48,35 48,10 30,0 | S 30,45 5,60 5,88 30,100 55,88 55,60 30,45",
        "S 52,8 30,0 8,15 25,42 50,70 40,98 10,95 5,75 30,48 55,10",  # in one go
        "S 55,12 30,0 10,18 30,45 48,75 28,100 8,80 25,50 58,14",
        "S 50,0 30,35 10,70 25,100 45,80 30,48 10,20 25,2 40,10",
        "S 27,0 14,10 20,40 33,72 26,98 13,94 13,70 26,42 36,12 27,0",  # narrow
        "S 0,8 8,35 30,60 45,85 28,100 10,85 22,60 50,30 65,0",  # open at the top
    ),
    9: (
        f"{_TOP_OF_9} | L 50,12 48,100",  # a straight leg
        f"{_TOP_OF_9} | L 50,12 22,100",
        f"{_TOP_OF_9} | S 50,12 52,60 40,95 5,95",  # a hook
        "S 45,8 25,0 10,15 22,35 42,25 45,8 | S 45,8 48,50 42,100",
    ),
}


@lru_cache(maxsize=1)
def images() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `COUNT` digits, each in a random style and shape; the same ones each time.

    Returns:
        (`COUNT`, 784) uint8 in MNIST's form, and their labels, (`COUNT`,), equally many of each.
    """
    random = np.random.default_rng(0)
    labels = np.arange(COUNT) % 10
    drawn = np.empty((COUNT, 784), np.uint8)
    for row, label in enumerate(labels.tolist()):
        style = int(random.integers(len(SKELETONS[label])))
        drawn[row] = draw_digit(label, style, random)
    return drawn, labels


def extra_images(experiment: Experiment) -> NDArray[np.uint8] | None:
    """Return the images that this experiment adds to its data set: `images`, or None."""
    return images()[0] if experiment.fit.augment == "styles" else None


def draw_digit(label: int, style: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one digit and turn it into MNIST's form.

    Args:
        label: The digit, 0 to 9.
        style: The index of one of its `SKELETONS`.
        random: The source of its wobble, slant, rotation, width and pen.

    Returns:
        (784,) uint8.
    """
    lines = _strokes(SKELETONS[label][style], random)
    most = _OWN_TURNS.get(label, _TURN)
    turn = random.uniform(-most, most)
    slant = random.normal(0, _SLANT)
    width = random.uniform(*_OWN_WIDTHS.get(label, _WIDTHS))
    cos, sin = math.cos(turn), math.sin(turn)
    shape = np.array([[cos, -sin], [sin, cos]]) @ np.array([[width, -slant], [0, 1]])
    fitted = fit_strokes([(line @ shape.T).tolist() for line in lines], _SIDE, _EXTENT)
    pen = random.uniform(*_OWN_PENS.get(label, _PENS))
    ink = render_strokes([line.tolist() for line in fitted], _SIDE, pen)
    image = to_mnist(ink, invert=False).image
    assert image is not None  # there is ink
    return image.reshape(784)


def _strokes(skeleton: str, random: np.random.Generator) -> list[Array]:
    """Return a skeleton's strokes with each point moved a little, (n, 2) each."""
    moved: dict[str, Array] = {}
    strokes = []
    for stroke in skeleton.split("|"):
        kind, *names = stroke.split()
        for name in names:
            if name not in moved:
                point = np.array([float(number) for number in name.split(",")])
                moved[name] = point + random.normal(0, _WOBBLE, 2)
        points = np.array([moved[name] for name in names])
        strokes.append(_curve(points) if kind == "S" else _line(points))
    return strokes


def _line(points: Array) -> Array:
    """Return points along straight lines from point to point."""
    share = np.linspace(0, 1, _STEPS, endpoint=False)[:, np.newaxis]
    parts = [a + (b - a) * share for a, b in pairwise(points)]
    return np.vstack([*parts, points[-1:]])


def _curve(points: Array) -> Array:
    """Return points along a smooth curve through all points (Catmull and Rom, 1974)."""
    is_closed = np.array_equal(points[0], points[-1])
    before = points[-2] if is_closed else 2 * points[0] - points[1]
    after = points[1] if is_closed else 2 * points[-1] - points[-2]
    a, b, c, d = (
        np.vstack([before, points, after])[start : start + len(points) - 1, np.newaxis]
        for start in range(4)
    )
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, np.newaxis]
    square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - 3 * c + d - a
    between = (2 * b + (c - a) * t + square * t**2 + cube * t**3) / 2  # (n - 1, _STEPS, 2)
    return np.vstack([between.reshape(-1, 2), points[-1:]])
