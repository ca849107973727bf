"""Images and weights as pictures: arrays to colours, mosaics and data URIs."""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from nncore.digits.png import png_bytes

Array: TypeAlias = NDArray[Any]
#: The background of a picture: white, or the near-black of Streamlit's dark theme.
LIGHT_PAPER, DARK_PAPER = "#FFFFFF", "#171614"
#: NaN, such as a weight of a diverged network, is grey. No weight has this colour.
NOT_A_NUMBER = "#808080"
_SIDE = 28
#: Steps of colour on either side of 0 in a picture of signed numbers: few enough for a palette.
_STEPS = 127


def weight_images(kernel: Array) -> NDArray[np.float32]:
    """Return the weights of a layer that looks at images, as images.

    Args:
        kernel: (784, units).

    Returns:
        (units, 28, 28) float32.
    """
    return np.ascontiguousarray(kernel.T, dtype=np.float32).reshape(-1, _SIDE, _SIDE)


def mosaic(images: Array, columns: int, gap: int = 1, fill: float = 0) -> Array:
    """Return many images as one, in rows, so that the browser loads a single picture.

    Args:
        images: (n, height, width).
        columns: Images in a row.
        gap: Pixels between images.
        fill: Value of gaps and empty places.

    Returns:
        (rows * (height + gap) - gap, columns * (width + gap) - gap), of the images' dtype.
    """
    rows = -(-len(images) // columns)
    short = rows * columns - len(images)
    padded = np.pad(images, ((0, short), (0, gap), (0, gap)), constant_values=fill)
    height, width = padded.shape[1:]
    tiles = padded.reshape(rows, columns, height, width).swapaxes(1, 2)
    whole = tiles.reshape(rows * height, columns * width)
    return whole[: rows * height - gap, : columns * width - gap]


def to_rgb(
    values: Array, positive: str, negative: str, *, limit: float | None = None, dark: bool = False
) -> NDArray[np.uint8]:
    """Return numbers as colours, equally strong at equal distance from 0.

    Args:
        values: (height, width).
        positive: Colour of `limit`, such as `"#0072B2"`.
        negative: Colour of `-limit`.
        limit: The size that gets the full colour; by default the largest size in `values`.
        dark: Draw 0 near-black instead of white.

    Returns:
        (height, width, 3) uint8. NaN is grey.
    """
    values = np.asarray(values, dtype=np.float64)
    limit = limit or _largest_size(values)
    strength = np.clip(np.abs(values) / limit, 0, 1)[..., np.newaxis]  # (height, width, 1)
    colour = np.where(values[..., np.newaxis] > 0, _rgb(positive), _rgb(negative))
    paper = _rgb(DARK_PAPER if dark else LIGHT_PAPER)
    mixed = np.where(np.isnan(strength), _rgb(NOT_A_NUMBER), paper + strength * (colour - paper))
    return np.rint(mixed).astype(np.uint8)


def signed_png(
    values: Array,
    positive: str,
    negative: str,
    *,
    limit: float | None = None,
    dark: bool = False,
    scale: int = 1,
) -> str:
    """Return numbers as a PNG data URI in the colours of `to_rgb`, in 127 steps on either side.

    Args:
        values: (height, width).
        positive: Colour of `limit`.
        negative: Colour of `-limit`.
        limit: The size that gets the full colour; by default the largest size in `values`.
        dark: Draw 0 near-black instead of white.
        scale: Pixels of the PNG for each number, along one side.
    """
    limit = limit or _largest_size(values)
    clipped = np.clip(values, -limit, limit).astype(np.float64)
    steps = np.rint(clipped / limit * _STEPS) + _STEPS
    numbers = np.where(np.isnan(steps), 2 * _STEPS + 1, steps).astype(np.uint8)
    all_steps = np.append(np.arange(-_STEPS, _STEPS + 1) / _STEPS, np.nan)[np.newaxis]
    palette = to_rgb(all_steps, positive, negative, limit=1, dark=dark)[0]
    return _data_uri(png_bytes(numbers, scale, palette))


def _largest_size(values: Array) -> float:
    """Return the largest finite size of an array's numbers; 1 where all are 0."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0


def to_grey(pixels: Array, *, dark: bool = False) -> NDArray[np.uint8]:
    """Return pixels as ink on paper: black on white, or white on near-black.

    Args:
        pixels: (height, width), uint8 0..255 or float 0..1; 0 is the paper, as in MNIST.
        dark: Use near-black paper.

    Returns:
        (height, width, 3) uint8.
    """
    ink = pixels / 255 if pixels.dtype == np.uint8 else np.clip(pixels, 0, 1)
    if dark:
        return to_rgb(ink, LIGHT_PAPER, LIGHT_PAPER, limit=1, dark=True)
    return to_rgb(ink, "#000000", "#000000", limit=1)


def png_data_uri(picture: NDArray[np.uint8], scale: int = 1) -> str:
    """Return a picture as an address that contains the whole PNG, see `png_bytes`."""
    return _data_uri(png_bytes(picture, scale))


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array(ImageColor.getrgb(colour), dtype=np.float64)
