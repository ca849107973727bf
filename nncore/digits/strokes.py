"""Pen strokes as a picture, drawn as the page's canvas draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from nncore.digits.ink import Array, Pixels

Strokes: TypeAlias = Iterable[Sequence[Sequence[float]]]

_FINE = 4  # strokes are drawn this many times larger and averaged down, for smooth edges


def render_strokes(strokes: Strokes, size: int = 280, width: float = 20) -> Pixels:
    """Draw pen strokes as the page's canvas does (Fabric.js, `PencilBrush`).

    The pen is round and its path is smoothed: quadratic curves run from the middle of two points to
    the middle of the next two, bent by the point they share.

    Args:
        strokes: Each a list of points `[x, y]` in pixels, y downwards. One point makes a dot.
        size: The canvas's width and height in pixels.
        width: The pen's width in pixels.

    Returns:
        (size, size) uint8: ink, 0 to 255.

    Raises:
        ValueError: If a stroke is not a list of finite points.
    """
    canvas = Image.new("L", (size * _FINE, size * _FINE))
    pen = ImageDraw.Draw(canvas)
    radius = width * _FINE / 2 - 0.5  # Pillow draws the pixels at both ends
    for stroke in strokes:
        path = [(float(x), float(y)) for x, y in _smooth(_points(stroke)) * _FINE]
        pen.line(path, fill=255, width=round(width * _FINE))
        for x, y in path:  # round caps and joins
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.array(canvas.reduce(_FINE))


def fit_strokes(strokes: Strokes, size: int = 280, extent: float = 200) -> list[Array]:
    """Scale pen strokes and move them to the middle of a canvas.

    Args:
        strokes: Each a list of points `[x, y]`, in any unit.
        size: The canvas's width and height in pixels.
        extent: The length of the drawing's longer side in pixels.

    Returns:
        The points of each stroke, (n, 2) float64, in pixels.

    Raises:
        ValueError: If a stroke is not a list of finite points.
    """
    lines = [_points(stroke) for stroke in strokes]
    if not lines:
        return []
    low, high = (edge(np.concatenate(lines), axis=0) for edge in (np.min, np.max))
    longer = (high - low).max() or 1.0
    return [(line - (low + high) / 2) * (extent / longer) + size / 2 for line in lines]


def _points(stroke: Sequence[Sequence[float]]) -> Array:
    points = np.asarray(stroke, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(
            "a stroke must be a list of one or more points [x, y] of finite numbers. "
            f"Received: {stroke!r:.80}"
        )
    return points


def _smooth(points: Array) -> Array:
    """Return the points of Fabric's smoothed path, (n, 2)."""
    if len(points) < 3:
        return points
    bends = points[1:-1]
    ends = (bends + points[2:]) / 2
    starts = np.concatenate([points[:1], ends[:-1]])
    t = np.linspace(0, 1, 9)[1:, np.newaxis, np.newaxis]  # eight straight pieces for each curve
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * bends + t**2 * ends  # (8, n, 2)
    inner = curves.swapaxes(0, 1).reshape(-1, 2)
    return np.concatenate([points[:1], inner, points[-1:]])
