"""Cut ink into digits: the pieces of one digit belong together, neighbours do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nncore.digits.ink import Ink

#: A digit is at least this tall beside the tallest one, and has such a share of its ink.
_LEAST_HEIGHT, _LEAST_MASS = 0.4, 0.08
#: A piece lower than this share of a line's height is part of a digit near it.
_PART = 0.5
#: The largest gap between two parts of a digit, as a share of the line's height.
_GAP = 0.25
#: Two pieces side by side are one digit, as the halves of an open 4 are, where the lower one has
#: less than this share of the other's height. They neither gape nor overlap by more than this share
#: of the line's height.
_NEAR_PART, _TOUCH = 0.7, 0.05
#: Two pieces belong together where they share this part of the narrower one's width.
_OVERLAP = 0.5

Boxes = NDArray[np.int64]


def cut_digits(ink: Ink) -> list[Ink]:
    """Cut ink into digits.

    Args:
        ink: (height, width), 0 to 1, with no ink but that of digits.

    Returns:
        The ink of each digit, cropped, in reading order: line by line, from left to right.
    """
    from scipy import ndimage

    labels, count = ndimage.label(ink > 0.3, np.ones((3, 3)))
    if not count:
        return []
    places = ndimage.find_objects(labels)
    boxes = np.array([(r.start, c.start, r.stop, c.stop) for r, c in places], np.int64)
    groups = _group(boxes)
    cut = [_cut(ink, labels, group, _around(boxes[group])) for group in groups]
    masses = np.array([part.sum() for part in cut])
    tall = np.array([_around(boxes[group]) for group in groups])
    heights = tall[:, 2] - tall[:, 0]
    is_digit = (heights >= _LEAST_HEIGHT * heights.max()) & (masses >= _LEAST_MASS * masses.max())
    order = [number for number in _reading_order(tall) if is_digit[number]]
    return [cut[number] for number in order]


def _group(boxes: Boxes) -> list[list[int]]:
    """Return the numbers of the pieces of each digit."""
    heights = boxes[:, 2] - boxes[:, 0]
    line = float(np.median(heights[heights >= 0.4 * heights.max()]))
    group = np.arange(len(boxes))
    for one in range(len(boxes)):
        for other in range(one):
            if group[one] != group[other] and _belong_together(boxes[one], boxes[other], line):
                group[group == group[one]] = group[other]
    return [np.flatnonzero(group == number).tolist() for number in np.unique(group)]


def _belong_together(one: NDArray[np.int64], other: NDArray[np.int64], line: float) -> bool:
    """Return True for two pieces of the same digit.

    Args:
        one: A piece's first row and column, and those after the last.
        other: Another piece's.
        line: The height of a line of digits in pixels.
    """
    down, across = (max(one[a], other[a]) - min(one[a + 2], other[a + 2]) for a in (0, 1))
    narrower = min(one[3] - one[1], other[3] - other[1])
    lower, taller = sorted((one[2] - one[0], other[2] - other[0]))
    if down > _GAP * line or across > _GAP * line:
        return False
    almost_touch = down <= 0 and abs(across) <= _TOUCH * line
    if lower < _PART * line or (lower < _NEAR_PART * taller and almost_touch):
        return True
    return bool(-across >= _OVERLAP * narrower and down <= 0.1 * line)


def _around(boxes: Boxes) -> NDArray[np.int64]:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _cut(ink: Ink, labels: NDArray[np.int32], group: list[int], box: NDArray[np.int64]) -> Ink:
    """Return the ink of a group's pieces with their faint edges."""
    from scipy import ndimage

    top, left, bottom, right = (int(edge) for edge in box)
    rows, columns = slice(max(0, top - 2), bottom + 2), slice(max(0, left - 2), right + 2)
    part = labels[rows, columns]
    own = np.isin(part, np.array(group) + 1)
    near = ndimage.maximum_filter(own, 5)
    return np.where(near & (own | (part == 0)), ink[rows, columns], np.float32(0))


def _reading_order(boxes: Boxes) -> list[int]:
    """Return the numbers of boxes line by line, and from left to right in each line."""
    lines: list[list[int]] = []
    for number in np.argsort(boxes[:, 0] + boxes[:, 2], kind="stable").tolist():
        middle = (boxes[number, 0] + boxes[number, 2]) / 2
        last = lines[-1] if lines else []
        if last and middle < np.mean(boxes[last, 2]):
            last.append(number)
        else:
            lines.append([number])
    return [number for line in lines for number in sorted(line, key=lambda i: int(boxes[i, 1]))]
