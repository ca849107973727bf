"""Other drawings made of a learner's own, for experiments: fewer, uneven, larger or smaller.

Each function returns a new `OwnDrawings` with the same classes. `nncore.experiment` trains on it as
on any other; the learner's own value stays as it is.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from nncore.digits.ink import Pixels
from nncore.digits.placement import FIELD
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
