"""Synthetic digits in writing styles that MNIST hardly has, drawn from a few strokes each.

MNIST was written by Americans. In other countries people write a 1 with a long upstroke, cross the
7, strike through the 0, draw the 2 with loops or like a Z, and leave the 4 open. A network that
never saw such digits misreads them, so the default reader also learns from these. Every skeleton
was written down for the lab; none was taken from a person's handwriting.

This module does not know how a network learns from the digits, nor where people draw theirs.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.cached_once import cached_once
from nncore.digits.kept_drawings import load_or_draw
from nncore.digits.preprocess import to_mnist
from nncore.digits.skeletons import SIGNS, SKELETONS
from nncore.digits.strokes import fit_strokes, render_strokes
from nncore.experiment import Experiment

Array: TypeAlias = NDArray[Any]
#: The number of images that `images` draws, the same ones each time.
COUNT = 3000
#: The number of images that `sign_images` draws.
SIGN_COUNT = 600
#: The SHA-256 of the pixels of both, on every processor. Where other images are meant to be drawn,
#: `tests/nncore/digits/test_synthetic.py` says the new ones.
_DIGEST = "d586d75fb0672eec762a08d0c6e18750b290a409e584b696b199eefb6b1f90c7"
_SIGN_DIGEST = "699a6cdbd5baacdfe884d6849c7e515c8aa77c5ab61b41603b93c2b55afc4485"
#: The share of `images` in the training images, where a network learns from them.
SHARE = 0.2
#: The canvas's side, the digit's longer side and the narrowest and widest pen, in pixels.
_SIDE, _EXTENT, _PENS = 84, 60, (2.4, 12.0)
#: Decimals of a point that do not depend on the processor.
_DECIMALS = 6
#: The standard deviation of each point's wobble in percent of the height, the largest rotation in
#: radians, the slant's standard deviation, and the range of factors for the width.
_WOBBLE, _TURN, _SLANT, _WIDTHS = 4.0, 0.2, 0.15, (0.6, 1.3)
#: Tighter ranges for digits that would turn into others: a wide 1 looks like a 7, a narrow 8 like a
#: 1, and a wide pen fills an 8 and the halves of a 0 that is struck through.
_OWN_TURNS = {1: 0.1}
_OWN_WIDTHS = {0: (0.8, 1.3), 1: (0.65, 1.1), 8: (0.75, 1.3)}
_OWN_PENS = {0: (2.4, 7.5), 8: (2.4, 9.0)}
#: Points drawn between two of a skeleton's, on lines and on curves; the pen smooths them.
_LINE_STEPS, _CURVE_STEPS = 3, 2


@cached_once(maxsize=1)
def images() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return `COUNT` digits, each in a random style and shape; they are drawn once and kept.

    Returns:
        (`COUNT`, 784) uint8 in MNIST's form, and their labels, (`COUNT`,), equally many of each.
    """
    return load_or_draw("digits", _DIGEST, _draw_images), np.arange(COUNT) % 10


def _draw_images() -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    drawn = np.empty((COUNT, 784), np.uint8)
    for row in range(COUNT):
        label = row % 10
        style = int(random.integers(len(SKELETONS[label])))
        drawn[row] = draw_digit(label, style, random)
    return drawn


def extra_images(experiment: Experiment) -> NDArray[np.uint8] | None:
    """Return the images that this experiment adds to its data set: `images`, or None."""
    return images()[0] if experiment.fit.augment == "styles" else None


@cached_once(maxsize=1)
def sign_images() -> NDArray[np.uint8]:
    """Return `SIGN_COUNT` signs that are not digits, each in turn; they are drawn once and kept.

    Returns:
        (`SIGN_COUNT`, 784) uint8 in MNIST's form.
    """
    return load_or_draw("signs", _SIGN_DIGEST, _draw_signs)


def _draw_signs() -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    return np.stack([draw_skeleton(SIGNS[row % len(SIGNS)], random) for row in range(SIGN_COUNT)])


def other_signs(experiment: Experiment) -> NDArray[np.uint8] | None:
    """Return `sign_images` if this experiment's reader reads digits, or None."""
    return sign_images() if experiment.data.name == "digits" else None


def draw_digit(label: int, style: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one digit and turn it into MNIST's form.

    Args:
        label: The digit, 0 to 9.
        style: The index of one of its `SKELETONS`.
        random: The source of its wobble, slant, rotation, width and pen.

    Returns:
        (784,) uint8.
    """
    return draw_skeleton(
        SKELETONS[label][style],
        random,
        _OWN_TURNS.get(label, _TURN),
        _OWN_WIDTHS.get(label, _WIDTHS),
        _OWN_PENS.get(label, _PENS),
    )


def draw_skeleton(
    skeleton: str,
    random: np.random.Generator,
    most: float = _TURN,
    widths: tuple[float, float] = _WIDTHS,
    pens: tuple[float, float] = _PENS,
) -> NDArray[np.uint8]:
    """Draw a skeleton in a random shape and turn it into MNIST's form, (784,).

    Args:
        skeleton: Its strokes, in the form of `nncore.digits.skeletons`.
        random: The source of its wobble, slant, rotation, width and pen.
        most: The largest rotation in radians.
        widths: The range of factors for its width.
        pens: The narrowest and the widest pen in pixels.
    """
    lines = _strokes(skeleton, random)
    turn = random.uniform(-most, most)
    slant = random.normal(0, _SLANT)
    width = random.uniform(*widths)
    cos, sin = math.cos(turn), math.sin(turn)
    shape = np.array([[cos, -sin], [sin, cos]]) @ np.array([[width, -slant], [0, 1]])
    # Rounded, because processors differ in the last bits, and a pixel's edge is sharp.
    turned = [(line @ shape.T).round(_DECIMALS).tolist() for line in lines]
    fitted = fit_strokes(turned, _SIDE, _EXTENT)
    pen = random.uniform(*pens)
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
    share = np.linspace(0, 1, _LINE_STEPS, endpoint=False)[:, np.newaxis]
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
    t = np.linspace(0, 1, _CURVE_STEPS, endpoint=False)[:, np.newaxis]
    square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - 3 * c + d - a
    between = (2 * b + (c - a) * t + square * t**2 + cube * t**3) / 2  # (n - 1, _CURVE_STEPS, 2)
    return np.vstack([between.reshape(-1, 2), points[-1:]])
