"""Other drawings made of a learner's own, for experiments: fewer, uneven, resized or moved.

Each function returns a new `OwnDrawings` with the same classes. `nncore.experiment` trains on it as
on any other; the learner's own value stays as it is.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from nncore.digits.ink import Pixels
from nncore.digits.placement import FIELD, shift_images
from nncore.own_drawings import Drawing, OwnDrawings


def scale_class(own: OwnDrawings, label: int, factor: float) -> OwnDrawings:
    """Return the drawings with those of one class larger or smaller, around the image's centre.

    Args:
        own: The drawings.
        label: The class.
        factor: The new size as a multiple of the old one, 0.2 to 1.4: 1.4 times MNIST's box of 20
            pixels fills the image.
    """
    return OwnDrawings(
        own.names,
        tuple(
            Drawing.from_image(scale_image(one.image, factor), label) if one.label == label else one
            for one in own.drawings
        ),
    )


def scale_image(image: Pixels, factor: float) -> Pixels:
    """Return an image with its content larger or smaller, around its centre.

    Args:
        image: (28, 28) uint8.
        factor: The new size as a multiple of the old one, 0.2 to 1.4.

    Returns:
        (28, 28) uint8; content that leaves the field is lost.

    Raises:
        ValueError: If the factor is out of bounds.
    """
    if not 0.2 <= factor <= 1.4:
        raise ValueError(f"factor must be from 0.2 to 1.4. Received: {factor!r}")
    middle, half = FIELD / 2, FIELD / 2 / factor
    whole = Image.fromarray(image)
    if factor < 1:  # Pillow averages only within the picture: give it room
        room = int(np.ceil(half - middle))
        whole = Image.fromarray(np.pad(image, room))
        middle += room
    box = (middle - half, middle - half, middle + half, middle + half)
    return np.asarray(whole.resize((FIELD, FIELD), Image.Resampling.BILINEAR, box=box))


def change_class(
    own: OwnDrawings, label: int, factor: float = 1.0, across: int = 0, down: int = 0
) -> OwnDrawings:
    """Return the drawings with those of one class resized and moved, without losing any ink.

    Args:
        own: The drawings.
        label: The class.
        factor: The new size as a multiple of the old one, 0.2 to 1.4; less where there is no room.
        across: Pixels to the right; to the left if negative; fewer where there is no room.
        down: Pixels downwards; upwards if negative; fewer where there is no room.
    """
    changed = (
        Drawing.from_image(_change_image(one.image, factor, across, down), label)
        if one.label == label
        else one
        for one in own.drawings
    )
    return OwnDrawings(own.names, tuple(dict.fromkeys(changed)))


def _change_image(image: Pixels, factor: float, across: int, down: int) -> Pixels:
    """Return an image resized and moved as far as its ink stays in the field."""
    if not image.any():
        return image
    (top, bottom), (left, right) = _find_edges(image)
    reach = max(FIELD - 2 * min(top, left), 2 * max(bottom, right) - FIELD) / 2  # from the centre
    scaled = scale_image(image, min(factor, max(1.0, FIELD / 2 / reach)))
    (top, bottom), (left, right) = _find_edges(scaled)
    moved_right = min(max(across, -left), FIELD - right)
    return shift_images(scaled, moved_right, min(max(down, -top), FIELD - bottom))


def _find_edges(image: Pixels) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first row with ink and the row below the last, and the same of the columns."""
    lines = (np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0)))
    (top, bottom), (left, right) = ((int(line[0]), int(line[-1]) + 1) for line in lines)
    return (top, bottom), (left, right)


def thin_out(own: OwnDrawings, label: int, count: int) -> OwnDrawings:
    """Return the drawings with only the first `count` of one class, for a class with few examples.

    Args:
        own: The drawings.
        label: The class.
        count: How many of its drawings stay.
    """
    places = [place for place, one in enumerate(own.drawings) if one.label == label]
    gone = set(places[count:])
    return OwnDrawings(
        own.names, tuple(one for place, one in enumerate(own.drawings) if place not in gone)
    )
