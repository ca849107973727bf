"""Make the lines of a drawing thicker or thinner."""

from __future__ import annotations

import numpy as np

from nncore.digits.ink import Ink
from nncore.digits.placement import BOX, cell_weights, extent_of

#: Larger pictures are averaged down to this many pixels a side before their lines change.
_WORKING_SIDE = 280


def thicken(ink: Ink, by: float) -> Ink:
    """Make lines thicker or thinner on both sides.

    Args:
        ink: (height, width), 0 to 1.
        by: Pixels of MNIST's field, in which the ink's longer side measures 20; negative makes
            lines thinner. The change is rounded to whole pixels of `ink` on each side, so a tiny
            drawing may not change.

    Returns:
        float32 of `ink`'s shape, averaged down to 280 pixels a side where it is larger. A line
        never vanishes: its middle is kept.
    """
    if not by or not ink.any():
        return ink
    ink = _reduce(ink)
    longer = max(last - first for first, last in extent_of(ink))
    steps = round(abs(by) / 2 * longer / BOX)
    return _dilate(ink, steps) if by > 0 else _erode(ink, steps)


def _reduce(ink: Ink) -> Ink:
    longest = max(ink.shape)
    if longest <= _WORKING_SIDE:
        return ink
    rows, columns = (max(1, round(side * _WORKING_SIDE / longest)) for side in ink.shape)
    height, width = ink.shape
    small = cell_weights(height, height, rows) @ ink @ cell_weights(width, width, columns).T
    return (small * (ink.max() / small.max())).astype(np.float32)


def _dilate(ink: Ink, steps: int) -> Ink:
    for step in range(steps):
        ink = _extreme(ink, np.maximum, square=step % 2 == 1)
    return ink


def _erode(ink: Ink, steps: int) -> Ink:
    """Remove the rim, but keep any part that has no inside (Lantuejoul's skeleton)."""
    skeleton = np.zeros_like(ink)
    for step in range(steps):
        square = step % 2 == 1
        inside = _extreme(ink, np.minimum, square=square)
        vanishing = ink - _extreme(inside, np.maximum, square=square)
        skeleton = np.where(vanishing > ink.max() / 2, np.maximum(skeleton, ink), skeleton)
        ink = inside
    return np.maximum(ink, skeleton)


def _extreme(ink: Ink, choose: np.ufunc, *, square: bool) -> Ink:
    """Return the largest or smallest of each pixel and its four (or eight) neighbours.

    Alternating the two shapes turns a dot into an octagon, which is close to a disc.
    """
    padded = np.pad(ink, 1, mode="edge")
    across = choose(choose(padded[:, :-2], padded[:, 2:]), padded[:, 1:-1])  # (height + 2, width)
    if square:
        return choose(choose(across[:-2], across[2:]), across[1:-1])
    down = choose(padded[:-2, 1:-1], padded[2:, 1:-1])
    return choose(across[1:-1], down)
