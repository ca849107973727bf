"""Shapes drawn for measuring: a 1 with an upstroke, and signs that are not digits.

None is drawn from the skeletons that the lab's readers learn from.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.people import see

Strokes = list[list[list[float]]]

#: How many times each sign is drawn.
TIMES = 24
_TURNS = np.linspace(0, 2 * np.pi, 25)
_HEART = np.stack(
    [
        16 * np.sin(_TURNS) ** 3,
        -(13 * np.cos(_TURNS) - 5 * np.cos(2 * _TURNS) - 2 * np.cos(3 * _TURNS)),
    ],
    axis=1,
)
#: Signs that are not digits, as strokes, y down.
_SIGNS: dict[str, Strokes] = {
    "T": [[[0, 0], [6, 0]], [[3, 0], [3, 8]]],
    "+": [[[0, 4], [8, 4]], [[4, 0], [4, 8]]],
    "heart": [_HEART.tolist()],
    "house": [[[0, 8], [0, 3], [4, 0], [8, 3], [8, 8], [0, 8]], [[0, 3], [8, 3]]],
    "H": [[[0, 0], [0, 8]], [[5, 0], [5, 8]], [[0, 4], [5, 4]]],
    "E": [[[5, 0], [0, 0], [0, 8], [5, 8]], [[0, 4], [4, 4]]],
    "B": [
        [[0, 0], [0, 8]],
        [[0, 0], [3, 0], [4.5, 1], [4.5, 3], [3, 4], [0, 4]],
        [[0, 4], [3.5, 4], [5, 5], [5, 7], [3.5, 8], [0, 8]],
    ],
    "R": [
        [[0, 0], [0, 8]],
        [[0, 0], [3, 0], [4.5, 1], [4.5, 3], [3, 4], [0, 4]],
        [[1, 4], [5, 8]],
    ],
}


def draw_upstroke_ones() -> NDArray[np.uint8]:
    """Draw 18 digits 1 with an upstroke, (18, 28, 28).

    They vary in the upstroke's height and width and in the stem's slant.
    """
    shapes = product((0.3, 0.45, 0.6), (0.2, 0.35, 0.5), (0.0, 0.25))
    return np.stack([see([_trace_one(*shape)]) for shape in shapes])


def _trace_one(low: float, wide: float, slant: float) -> list[list[float]]:
    """Return the points of a 1: its upstroke starts `low` below the top, `wide` to the left."""
    share = np.linspace(0, 1, 12)[:, np.newaxis]
    start, top, foot = np.array([[0.0, low], [wide, 0.0], [wide - slant, 1.0]])
    path = np.concatenate([start + share * (top - start), top + share[1:] * (foot - top)])
    points: list[list[float]] = path.tolist()
    return points


def draw_signs() -> dict[str, NDArray[np.uint8]]:
    """Draw each sign `TIMES` times, each time a little different, (`TIMES`, 28, 28) by name."""
    random = np.random.default_rng(0)
    return {
        name: np.stack([see(_vary(strokes, random)) for _ in range(TIMES)])
        for name, strokes in _SIGNS.items()
    }


def _vary(strokes: Strokes, random: np.random.Generator) -> Strokes:
    """Move each point a little, and stretch and slant the whole."""
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    height = np.ptp(points[:, 1])
    width, slant = random.uniform(0.75, 1.3), random.normal(0, 0.12)
    shape = np.array([[width, slant], [0, 1]])
    return [
        (_bend(np.array(stroke, float), 0.025 * height, random) @ shape.T).tolist()
        for stroke in strokes
    ]


def _bend(
    stroke: NDArray[np.float64], by: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """Return a stroke with twice its points, each moved by the standard deviation `by`."""
    middles = (stroke[:-1] + stroke[1:]) / 2
    path = np.empty((2 * len(stroke) - 1, 2))
    path[::2], path[1::2] = stroke, middles
    return path + random.normal(0, by, path.shape)
