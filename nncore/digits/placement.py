"""Crop ink, scale it to a box and place it in MNIST's field of 28 x 28 pixels."""

from __future__ import annotations

import numpy as np

from nncore.digits.ink import Array, Ink, Pixels

#: MNIST's field, the box that the ink is scaled to fit, and the pixel of its centre of mass.
FIELD, BOX, CENTRE = 28, 20, 14
#: Decimals of a pixel that do not depend on the processor.
_DECIMALS = 6


def crop_to_ink(ink: Ink) -> Ink:
    """Return the part of `ink` that holds any."""
    (top, bottom), (left, right) = extent_of(ink)
    return ink[top:bottom, left:right]


def extent_of(ink: Array) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first row with ink and the one after the last, and the same for columns."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def place_in_field(ink: Ink, box: int, keep_aspect: bool, centre: bool) -> tuple[Pixels, Pixels]:
    """Scale ink to a box and place it in the field.

    Args:
        ink: (height, width), with some ink.
        box: The side of the box in pixels. It shrinks where centring would push ink over the edge.
        keep_aspect: True to scale height and width alike.
        centre: True to put the centre of mass at the field's centre, False to centre the box.

    Returns:
        The box, (side, side), and the field, (28, 28), both uint8.
    """
    for side in range(box, 0, -1):
        boxed = scale_to_box(ink, side, keep_aspect)
        top, left = _corner(boxed, centre)
        if _fits(boxed, top, left):
            break
    return boxed, _paste(boxed, top, left)


def scale_to_box(ink: Ink, side: int, keep_aspect: bool) -> Pixels:
    """Average `ink` down (or spread it up) to `side` x `side`, its darkest pixel becoming 255.

    With the aspect kept, a drawing that is not square lies in the middle of the box. Computed with
    float64, because processors add float32 numbers in different orders: a pixel that is 1 higher
    would be another drawing, and a worker on such a machine would refuse a run on it.
    """
    height, width = ink.shape
    down, across = (max(ink.shape),) * 2 if keep_aspect else ink.shape
    scaled = cell_weights(height, down, side) @ ink @ cell_weights(width, across, side).T
    # Rounded twice: a half stays a half in spite of the last bits.
    return np.rint((255 * (scaled / scaled.max())).round(_DECIMALS)).astype(np.uint8)


def cell_weights(length: int, span: int, cells: int) -> Array:
    """Return (cells, length) float64: the share of each cell that each pixel of a line covers.

    The cells together are as long as `span` pixels. The line's `length` lies in their middle, to a
    whole pixel, so that a drawing of the right size is not blurred.
    """
    edges = np.arange(cells + 1) * span / cells - (span - length) // 2
    pixels = np.arange(length)
    starts, ends = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    overlap = np.minimum(ends, pixels + 1) - np.maximum(starts, pixels)  # (cells, length)
    shares: Array = np.maximum(overlap, 0) * cells / span
    return shares


def _corner(boxed: Pixels, centre: bool) -> tuple[int, int]:
    """Return the row and column of the field where the box's top left corner goes."""
    side = len(boxed)
    if not centre:
        return ((FIELD - side) // 2,) * 2
    rows, columns = boxed.sum(axis=1), boxed.sum(axis=0)
    places = np.arange(side)
    mass = rows.sum()
    return round(CENTRE - rows @ places / mass), round(CENTRE - columns @ places / mass)


def _fits(boxed: Pixels, top: int, left: int) -> bool:
    """Return True if all ink lies within the field."""
    rows, columns = extent_of(boxed)
    return (
        min(top + rows[0], left + columns[0]) >= 0
        and max(top + rows[1], left + columns[1]) <= FIELD
    )


def _paste(boxed: Pixels, top: int, left: int) -> Pixels:
    """Return the field with the box in it. Empty parts of the box may lie outside."""
    (first, last), (start, stop) = extent_of(boxed)
    field = np.zeros((FIELD, FIELD), np.uint8)
    field[top + first : top + last, left + start : left + stop] = boxed[first:last, start:stop]
    return field


def shift_images(images: Pixels, right: int, down: int) -> Pixels:
    """Move images by whole pixels. Ink that leaves the field is lost; new pixels are black.

    Args:
        images: (height, width) or (n, height, width).
        right: Pixels to the right; to the left if negative.
        down: Pixels downwards; upwards if negative.
    """
    moved = np.zeros_like(images)
    (to_rows, rows), (to_columns, columns) = _overlap(down), _overlap(right)
    moved[..., to_rows, to_columns] = images[..., rows, columns]
    return moved


def _overlap(by: int) -> tuple[slice, slice]:
    """Return where the pixels of a line go when it moves, and where they come from."""
    if by >= 0:
        return slice(by, None), slice(None, -by or None)
    return slice(None, by), slice(-by, None)
