"""Tell the ink of a picture from its paper.

A picture may be grey, RGB or RGBA. Its ink is a map of numbers from 0 (paper) to 1. The module
does not crop or scale anything.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Ink: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]

#: A picture whose ink differs less from its paper than this (0 to 1) is blank.
LEAST_CONTRAST = 0.1
#: Ink differs from the paper by more than this many times the paper's own variation.
UNEVENNESS = 8
#: ITU-R BT.601, as Pillow's mode "L": the share of red, green and blue in brightness.
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_HALF_A_LEVEL = 0.5 / 255  # less than half a grey level is a rounding error


def find_ink(image: Array, invert: bool | None = None) -> Ink:
    """Return how far each pixel is from the paper.

    Args:
        image: (height, width) or (height, width, 1) grey, (height, width, 3) RGB or
            (height, width, 4) RGBA; uint8 from 0 to 255 or float from 0 to 1. Any size.
        invert: The paper's colour. True: white, with dark ink. False: black, with light ink. None:
            the colour of most of the border; where the border is transparent, every opaque pixel
            is ink.

    Returns:
        (height, width) float32, 0 to 1; all 0 for a blank picture.

    Raises:
        ValueError: If `image` has another shape or dtype, or a number out of range.
    """
    grey, alpha = _grey_and_alpha(_checked(image))
    if invert is None and np.median(border(alpha)) < 0.5:  # the paper is transparent
        grey, paper = alpha, 0.0
    else:
        paper = float(np.median(border(grey)) if invert is None else invert)
        grey = paper + (grey - paper) * alpha  # a transparent pixel shows the paper
    ink = np.maximum(paper - grey if paper >= 0.5 else grey - paper, 0)
    unevenness = np.median(np.abs(border(grey) - paper)) if invert is None else 0.0
    ink[ink <= max(_HALF_A_LEVEL, UNEVENNESS * float(unevenness))] = 0
    return ink if ink.max() >= LEAST_CONTRAST else np.zeros_like(ink)


def _checked(image: Array) -> Ink:
    """Return `image` as (height, width, channels) from 0 to 1."""
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
    """Return brightness and opacity, each (height, width)."""
    colours = channels.shape[2]
    grey = channels[..., 0] if colours == 1 else channels[..., :3] @ _LUMINANCE
    return grey, channels[..., 3] if colours == 4 else np.ones_like(grey)


def border(values: Array) -> Array:
    """Return the outermost pixels, where a drawing usually shows its paper."""
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])
