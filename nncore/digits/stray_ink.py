"""Drop ink that nobody sees: faint pixels, an eraser's fringe, specks, a scanner's noise.

A crop to every pixel with any ink would follow these, and make the digit small or move it. Ink
counts where it belongs to a strong piece; the faint edge around a piece belongs to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.digits.ink import Ink
from nncore.digits.placement import BOX, FIELD

#: Strong ink reaches this share of the drawing's typical level.
_STRONG = 0.25
#: Ink below this share never counts: a scanner's noise, or less than a tenth of a covered pixel.
_FAINT = 0.08
#: A piece with this share of the heaviest piece's ink is a main piece: it sets the drawing's size.
_MAIN = 0.1
#: How far the edge of a piece reaches, in pixels of the field.
_EDGE = 1.0


def drop_stray_ink(ink: Ink) -> Ink:
    """Return ink without the pixels that do not count.

    Args:
        ink: (height, width), 0 to 1.

    Returns:
        The same ink where it counts, 0 elsewhere. A picture of the field's own size does not
        change: each of its pixels is as large as one of the field.
    """
    if not ink.any() or max(ink.shape) <= FIELD:
        return ink
    from scipy import ndimage  # when first used: it takes a tenth of a second to import

    level = _typical_level(ink)
    strong = ink >= _STRONG * level
    labels, count = ndimage.label(strong, np.ones((3, 3)))
    masses = ndimage.sum_labels(ink, labels, np.arange(1, count + 1))
    boxes = _boxes(ndimage.find_objects(labels))
    is_main = masses >= _MAIN * masses.max()
    main = boxes[is_main]
    pixel = (main[:, 2:].max(axis=0) - main[:, :2].min(axis=0)).max() / BOX
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    counts = np.concatenate([[False], is_main | (sides >= pixel)])
    reach = 2 * int(np.ceil(_EDGE * pixel)) + 1
    near = ndimage.maximum_filter(counts[labels], size=reach)
    return np.where(near & (ink >= _FAINT * level), ink, np.float32(0))


def _typical_level(ink: Ink) -> float:
    """Return the level that divides the ink in two halves of equal mass."""
    levels = np.sort(ink[ink > 0])
    mass = np.cumsum(levels, dtype=np.float64)
    return float(levels[np.searchsorted(mass, mass[-1] / 2)])


def _boxes(places: list[tuple[slice, slice]]) -> NDArray[np.int64]:
    """Return (n, 4): the first row and column of each piece, and those after the last."""
    return np.array([(r.start, c.start, r.stop, c.stop) for r, c in places], np.int64)
