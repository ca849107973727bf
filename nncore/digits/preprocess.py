"""A drawing -> 28 x 28 pixels as MNIST has them, stage by stage.

The recipe is that of MNIST's makers (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of
handwritten digits", http://yann.lecun.com/exdb/mnist/): the ink is scaled to fit a box of 20 x 20
pixels with its aspect kept, grey levels come from averaging areas, and the box is placed in a field
of 28 x 28 so that the centre of mass of the ink lies at the centre. In MNIST's own arrays that
centre is pixel 14 of 0 to 27, with whole-pixel shifts; run through this file they stay as they are.

This file does not know what a network makes of the result, nor where the drawing was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array: TypeAlias = NDArray[Any]
Ink: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]
Strokes: TypeAlias = Iterable[Sequence[Sequence[float]]]

#: MNIST's field, the box that the ink is made to fit, and the pixel where its mass is centred.
FIELD, BOX, CENTRE = 28, 20, 14
#: A drawing whose ink differs less from its paper, on a scale of 0 to 1, is blank.
LEAST_CONTRAST = 0.1
#: Ink differs from the paper more than this many times as much as the paper does from itself.
UNEVENNESS = 8
#: ITU-R BT.601, as Pillow's mode "L": what red, green and blue add to brightness.
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_HALF_A_LEVEL = 0.5 / 255  # of grey: less is rounding
_FINE = 4  # strokes are drawn this many times as large, and averaged: that makes smooth edges
#: Lines are made thicker or thinner on a picture of at most so many pixels a side.
_WORKING_SIDE = 280
#: Bounds of what a `Recipe` may change: pixels of the field.
MOST_SHIFT, THINNEST, THICKEST = 6, -2.0, 3.0


@dataclass(frozen=True)
class Recipe:
    """How a drawing becomes 28 x 28 numbers. As it is made without arguments it is MNIST's own.

    Args:
        thickness: By how many pixels of the field lines get thicker, or thinner below 0. A line
            that would vanish is left as its middle.
        crop: Whether to cut to the ink. Otherwise the whole picture goes into the box.
        box: The side of the box that it is scaled to fit.
        keep_aspect: Whether height and width are scaled alike.
        centre: Whether the centre of mass goes to the centre. Otherwise the box does.
        shift: By how many pixels all is moved at the end, to the right and down. What goes over
            the edge is lost.
        light: Whether ink is light on dark, as in MNIST. Otherwise it is as on white paper.
        scaled: Whether the numbers are divided by 255.

    Raises:
        ValueError: If a number is out of bounds.
    """

    thickness: float = 0.0
    crop: bool = True
    box: int = BOX
    keep_aspect: bool = True
    centre: bool = True
    shift: tuple[int, int] = (0, 0)
    light: bool = True
    scaled: bool = True

    def __post_init__(self) -> None:
        farthest = max(map(abs, self.shift))
        for name, value, low, high in (
            ("thickness", self.thickness, THINNEST, THICKEST),
            ("box", self.box, 1, FIELD),
            ("shift", farthest, 0, MOST_SHIFT),
        ):
            if not low <= value <= high:
                raise ValueError(
                    f"{name} must be from {low:g} to {high:g} pixels. "
                    f"Received: {name}={getattr(self, name)}"
                )

    def numbers(self, image: Pixels) -> Pixels | Ink:
        """What the network is to be given: pixels that it divides by 255, or is not to divide.

        Args:
            image: (28, 28) uint8.

        Returns:
            The same as uint8, which a `Network` scales where it was trained so; or as float32 from
            0 to 255, which it takes as they are.
        """
        return image if self.scaled else image.astype(np.float32)


MNIST = Recipe()


@dataclass(frozen=True, eq=False)
class Stages:
    """A drawing on its way to 28 x 28.

    Attributes:
        ink: (height, width) float32: how much ink lies where, 0 to 1.
        cropped: The part of `ink` that holds any.
        boxed: (20, 20) uint8: `cropped` scaled to fit; (28, 28) where nothing was cropped. Smaller
            for the rare drawing of which centring would push a part over the edge.
        centred: (28, 28) uint8: `boxed` in MNIST's field.
        moved: (28, 28) uint8: `centred` after what a `Recipe` does at the end: shift and colours.

    The last four are None for a blank drawing.
    """

    ink: Ink
    cropped: Ink | None = None
    boxed: Pixels | None = None
    centred: Pixels | None = None
    moved: Pixels | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is no ink."""
        return self.centred is None

    @property
    def image(self) -> Pixels | None:
        """What the network is to see: (28, 28) uint8, 0..255; None if blank."""
        return self.moved


def to_mnist(
    image: Array,
    *,
    crop: bool = True,
    keep_aspect: bool = True,
    centre: bool = True,
    invert: bool | None = None,
) -> Stages:
    """Makes of a drawing what MNIST's makers made of theirs.

    Args:
        image: (height, width) or (height, width, 1) grey, (height, width, 3) RGB or
            (height, width, 4) RGBA; uint8 0..255 or float 0..1. Any size.
        crop: Whether to cut to the ink. Otherwise the whole picture is scaled to 28 pixels.
        keep_aspect: Whether height and width are scaled alike.
        centre: Whether the centre of mass goes to the centre. Otherwise the box does.
        invert: What the paper is. True: white, and the ink dark. False: black, and the ink light.
            None: what most of the border shows; where that is transparent, all else is ink.

    Returns:
        Every stage. The darkest pixel of `boxed` is 255, as in MNIST, however pale the ink. A
        single dot fills the box.

    Raises:
        ValueError: If `image` has another shape or dtype, or a number out of range.
    """
    recipe = Recipe(crop=crop, box=BOX if crop else FIELD, keep_aspect=keep_aspect, centre=centre)
    return follow(image, recipe, invert)


def follow(image: Array, recipe: Recipe = MNIST, invert: bool | None = None) -> Stages:
    """Makes 28 x 28 pixels of a drawing by any recipe.

    Args:
        image: As for `to_mnist`.
        recipe: What to do, and what to leave out.
        invert: As for `to_mnist`.

    Returns:
        Every stage.

    Raises:
        ValueError: As `to_mnist`.
    """
    ink = thicken(find_ink(image, invert), recipe.thickness)
    if not ink.any():
        return Stages(ink)
    cropped = _crop(ink) if recipe.crop else ink
    for side in range(recipe.box, 0, -1):
        boxed = _fit(cropped, side, recipe.keep_aspect)
        top, left = _corner(boxed, recipe.centre)
        if _fits(boxed, top, left):
            break
    centred = _place(boxed, top, left)
    moved = shifted(centred, *recipe.shift)
    return Stages(ink, cropped, boxed, centred, moved if recipe.light else 255 - moved)


def resized_only(image: Array, invert: bool | None = None) -> Pixels:
    """The naive way, for comparison: the whole picture squeezed into 28 x 28.

    Args:
        image: As for `to_mnist`.
        invert: As for `to_mnist`.

    Returns:
        (28, 28) uint8, light on dark; all 0 for a blank drawing.

    Raises:
        ValueError: As `to_mnist`.
    """
    stages = to_mnist(image, crop=False, keep_aspect=False, centre=False, invert=invert)
    return np.zeros((FIELD, FIELD), np.uint8) if stages.image is None else stages.image


# Ink.


def find_ink(image: Array, invert: bool | None = None) -> Ink:
    """Tells ink from paper.

    Args:
        image: As for `to_mnist`.
        invert: As for `to_mnist`.

    Returns:
        (height, width) float32, 0 to 1: how far each pixel is from the paper; all 0 for a blank.

    Raises:
        ValueError: As `to_mnist`.
    """
    grey, alpha = _grey_and_alpha(_checked(image))
    if invert is None and np.median(_border(alpha)) < 0.5:  # the paper is transparent
        grey, paper = alpha, 0.0
    else:
        paper = float(np.median(_border(grey)) if invert is None else invert)
        grey = paper + (grey - paper) * alpha  # what is see-through shows the paper
    ink = np.maximum(paper - grey if paper >= 0.5 else grey - paper, 0)
    unevenness = np.median(np.abs(_border(grey) - paper)) if invert is None else 0.0
    ink[ink <= max(_HALF_A_LEVEL, UNEVENNESS * float(unevenness))] = 0
    return ink if ink.max() >= LEAST_CONTRAST else np.zeros_like(ink)


def _checked(image: Array) -> Ink:
    """`image` as (height, width, channels) from 0 to 1."""
    image = np.asarray(image)
    shape = image.shape if image.ndim == 3 else (*image.shape, 1)
    if len(shape) != 3 or shape[2] not in (1, 3, 4) or 0 in shape:
        raise ValueError(
            "image must be of shape (height, width), or (height, width, channels) with 1, 3 or 4 "
            f"channels. Received: shape {image.shape}"
        )
    if image.dtype == np.uint8:
        return np.divide(image.reshape(shape), 255, dtype=np.float32)
    if image.dtype.kind != "f":
        raise ValueError(f"image must be uint8 or float. Received: dtype {image.dtype}")
    if not (image.min() >= 0 and image.max() <= 1):  # false for NaN too
        raise ValueError(
            "image must hold numbers from 0 to 1 where it is float. "
            f"Received: {image.min()} to {image.max()}"
        )
    return image.reshape(shape).astype(np.float32)


def _grey_and_alpha(channels: Ink) -> tuple[Ink, Ink]:
    """Brightness and opacity, each (height, width)."""
    colours = channels.shape[2]
    grey = channels[..., 0] if colours == 1 else channels[..., :3] @ _LUMINANCE
    return grey, channels[..., 3] if colours == 4 else np.ones_like(grey)


def _border(values: Ink) -> Ink:
    """The outermost pixels, where a drawing shows its paper."""
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])


# Geometry.


def _crop(ink: Ink) -> Ink:
    (top, bottom), (left, right) = _extent(ink)
    return ink[top:bottom, left:right]


def _extent(ink: Array) -> tuple[tuple[int, int], tuple[int, int]]:
    """First row and the one after the last that hold ink, and the same for columns."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def _fit(ink: Ink, side: int, keep_aspect: bool) -> Pixels:
    """`ink` averaged down (or spread up) to `side` x `side`, its darkest pixel made 255.

    With its aspect kept a drawing that is not square lies in the middle of that box.
    """
    height, width = ink.shape
    down, across = (max(ink.shape),) * 2 if keep_aspect else ink.shape
    scaled = _areas(height, down, side) @ ink @ _areas(width, across, side).T
    return np.rint(255 * (scaled / scaled.max())).astype(np.uint8)


def _areas(length: int, span: int, cells: int) -> Ink:
    """(cells, length): the part of each cell that each pixel of a line covers.

    The cells are as long as `span` pixels together, and the line's `length` lies in their middle,
    to a whole pixel, so that a drawing of the right size is not blurred.
    """
    edges = np.arange(cells + 1) * span / cells - (span - length) // 2
    pixels = np.arange(length)
    starts, ends = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    overlap = np.minimum(ends, pixels + 1) - np.maximum(starts, pixels)  # (cells, length)
    return (np.maximum(overlap, 0) * cells / span).astype(np.float32)


def _corner(boxed: Pixels, centre: bool) -> tuple[int, int]:
    """Where in the field the box's top left corner goes."""
    side = len(boxed)
    if not centre:
        return ((FIELD - side) // 2,) * 2
    rows, columns = boxed.sum(axis=1), boxed.sum(axis=0)
    places = np.arange(side)
    mass = rows.sum()
    return round(CENTRE - rows @ places / mass), round(CENTRE - columns @ places / mass)


def _fits(boxed: Pixels, top: int, left: int) -> bool:
    """Whether all ink lies within the field."""
    rows, columns = _extent(boxed)
    return (
        min(top + rows[0], left + columns[0]) >= 0
        and max(top + rows[1], left + columns[1]) <= FIELD
    )


def _place(boxed: Pixels, top: int, left: int) -> Pixels:
    """The field with the box in it, and without what of the box lies outside."""
    (first, last), (start, stop) = _extent(boxed)
    field = np.zeros((FIELD, FIELD), np.uint8)
    field[top + first : top + last, left + start : left + stop] = boxed[first:last, start:stop]
    return field


def shifted(images: Pixels, right: int, down: int) -> Pixels:
    """Images moved by whole pixels. What goes over the edge is lost; what comes in is black.

    Args:
        images: (height, width) or (n, height, width).
        right: By how many pixels to the right; to the left below 0.
        down: By how many pixels down; up below 0.
    """
    moved = np.zeros_like(images)
    (to_rows, rows), (to_columns, columns) = _overlap(down), _overlap(right)
    moved[..., to_rows, to_columns] = images[..., rows, columns]
    return moved


def _overlap(by: int) -> tuple[slice, slice]:
    """Where pixels of a line go when it is moved, and where they come from."""
    if by >= 0:
        return slice(by, None), slice(None, -by or None)
    return slice(None, by), slice(-by, None)


# The width of lines.


def thicken(ink: Ink, by: float) -> Ink:
    """Makes lines thicker or thinner on both of their sides.

    Args:
        ink: (height, width), 0 to 1.
        by: Pixels of MNIST's field, in which the ink's longer side will measure 20; below 0
            thinner. It comes to whole pixels of `ink` on each side: a tiny drawing may not change.

    Returns:
        float32 of `ink`'s shape; where that is larger than 280 pixels, averaged down to it. There
        is ink wherever there was a line: what would vanish leaves its middle.
    """
    if not by or not ink.any():
        return ink
    ink = _reduced(ink)
    longer = max(last - first for first, last in _extent(ink))
    steps = round(abs(by) / 2 * longer / BOX)
    return _thickened(ink, steps) if by > 0 else _thinned(ink, steps)


def _reduced(ink: Ink) -> Ink:
    longest = max(ink.shape)
    if longest <= _WORKING_SIDE:
        return ink
    rows, columns = (max(1, round(side * _WORKING_SIDE / longest)) for side in ink.shape)
    height, width = ink.shape
    small = _areas(height, height, rows) @ ink @ _areas(width, width, columns).T
    return small * (ink.max() / small.max())


def _thickened(ink: Ink, steps: int) -> Ink:
    for step in range(steps):
        ink = _extreme(ink, np.maximum, square=step % 2 == 1)
    return ink


def _thinned(ink: Ink, steps: int) -> Ink:
    """Ink less its rim; what has no inside is kept as it is (Lantuejoul's skeleton)."""
    kept = np.zeros_like(ink)
    for step in range(steps):
        square = step % 2 == 1
        inside = _extreme(ink, np.minimum, square=square)
        without = ink - _extreme(inside, np.maximum, square=square)  # what would vanish
        kept = np.where(without > ink.max() / 2, np.maximum(kept, ink), kept)
        ink = inside
    return np.maximum(ink, kept)


def _extreme(ink: Ink, choose: np.ufunc, *, square: bool) -> Ink:
    """The largest or smallest of each pixel and its four neighbours, or its eight.

    Taken in turn, the two make a disc (an octagon) of a dot.
    """
    padded = np.pad(ink, 1, mode="edge")
    across = choose(choose(padded[:, :-2], padded[:, 2:]), padded[:, 1:-1])  # (height + 2, width)
    if square:
        return choose(choose(across[:-2], across[2:]), across[1:-1])
    down = choose(padded[:-2, 1:-1], padded[2:, 1:-1])
    return choose(across[1:-1], down)


# Strokes.


def render_strokes(strokes: Strokes, size: int = 280, width: float = 20) -> Pixels:
    """Draws pen strokes as the page's canvas does (Fabric.js, `PencilBrush`).

    The pen is round, and its path is smoothed: quadratic curves from the middle between two points
    to the middle between the next two, bent by the point they share.

    Args:
        strokes: Each a list of points `[x, y]` in pixels, y downwards. One point makes a dot.
        size: The canvas's width and height.
        width: The pen's width.

    Returns:
        (size, size) uint8: ink, 0 to 255.

    Raises:
        ValueError: If a stroke is no list of finite points.
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
    """Pen strokes scaled and moved to the middle of a canvas.

    Args:
        strokes: Each a list of points `[x, y]`, in any unit.
        size: The canvas's width and height.
        extent: What the longer side of the drawing is to measure.

    Returns:
        For each stroke its points, (n, 2) float64, in pixels.

    Raises:
        ValueError: If a stroke is no list of finite points.
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
    """The points of Fabric's smoothed path: (n, 2)."""
    if len(points) < 3:
        return points
    bends = points[1:-1]
    ends = (bends + points[2:]) / 2
    starts = np.concatenate([points[:1], ends[:-1]])
    t = np.linspace(0, 1, 9)[1:, np.newaxis, np.newaxis]  # eight straight pieces a curve
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * bends + t**2 * ends  # (8, n, 2)
    inner = curves.swapaxes(0, 1).reshape(-1, 2)
    return np.concatenate([points[:1], inner, points[-1:]])
