"""First-layer weights as pictures: each of a unit's 784 weights at the place of its pixel."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.charts.images import mosaic, png_data_uri, signed_png, to_grey, weight_images
from ui.charts.palette import NEGATIVE, POSITIVE

Array: TypeAlias = NDArray[Any]

#: First-layer pictures drawn during training: more are too small to read, and cost time.
MAX_LIVE_PICTURES = 32
#: Pixels of a PNG for each weight, along one side: where it stays, and while it moves.
STILL, MOVING = 4, 2
#: A pixel counts as often inked if at least this share of the images ink it.
OFTEN = 0.01
#: This share of the weights is at most as large as the weight that gets the full colour.
FULL_COLOUR = 0.98
#: Grey of a picture without weights.
PALE = 0.06
#: Training images looked at to find such pixels.
LOOKED_AT = 2000


def first_layer_png(
    network: Network,
    is_dark: bool = False,
    max_units: int = MAX_LIVE_PICTURES,
    is_moving: bool = False,
) -> str:
    """Return the first layer's weights as one mosaic of pictures, as a PNG data URI.

    All pictures share one colour scale, so that strong and weak units can be told apart; the
    strongest 1% of the weights have the full colour.

    Args:
        network: A network on images.
        is_dark: True if a weight of 0 is dark.
        max_units: How many units to show at most; the first ones are shown.
        is_moving: True for a picture that the next one soon replaces: it has fewer pixels, which
            takes less time. Thirty learners who train look at ten a second.
    """
    images = weight_images(network.layers[0].kernel[:, :max_units])
    tiles = mosaic(images, mosaic_columns(len(images)), gap=2)
    return colour_weights(tiles, full_colour_size(images), is_dark, MOVING if is_moving else STILL)


def output_pngs(network: Network, is_dark: bool = False) -> list[str]:
    """Return one picture of weights for each output of a network without a hidden layer.

    Args:
        network: A network on images with one layer.
        is_dark: True if a weight of 0 is dark.

    Returns:
        One PNG data URI for each output. Each picture has a colour scale of its own.
    """
    images = weight_images(network.layers[0].kernel)
    return [colour_weights(image, full_colour_size(image), is_dark) for image in images]


def colour_weights(weights: Array, limit: float | None, is_dark: bool, scale: int = STILL) -> str:
    """Return weights as a PNG data URI: blue above 0, orange below.

    Args:
        weights: (height, width).
        limit: The size from which a weight has the full colour; None to use the largest.
        is_dark: True if a weight of 0 is dark.
        scale: Pixels of the PNG for each weight, along one side.
    """
    return signed_png(weights, POSITIVE, NEGATIVE, limit=limit, dark=is_dark, scale=scale)


def full_colour_size(weights: Array) -> float | None:
    """Return the size from which a weight has the full colour; None if no weight is finite."""
    sizes = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(sizes, 0.99)) if sizes.size else None


def mosaic_columns(count: int) -> int:
    """Return how many of `count` pictures are side by side in a mosaic."""
    return next((columns for most, columns in ((4, 2), (10, 5), (18, 6)) if count <= most), 8)


def draw_weights(kernel: Array, dataset: Dataset, *, columns: int, scale: int, dark: bool) -> str:
    """Return the weights of each unit as a picture, all on one scale.

    Weights of pixels that hardly any image inks are blank. They hardly matter, and the random
    numbers that they started with would outshine the others.

    Args:
        kernel: `(784, units)`.
        dataset: The training images.
        columns: Pictures in a row.
        scale: Size of a weight in screen pixels.
        dark: Use the colours of the dark theme.
    """
    weights, limit = mask_weights(kernel, find_inked_pixels(dataset))
    image = mosaic(weights, columns, gap=2)
    return signed_png(image, POSITIVE, NEGATIVE, limit=limit, dark=dark, scale=scale)


def draw_blank(units: int, *, columns: int, scale: int, dark: bool) -> str:
    """Return pale pictures in place of the weights of an untrained network."""
    blank = mosaic(np.full((units, 28, 28), PALE), columns, gap=2)
    return png_data_uri(to_grey(blank, dark=dark), scale)


def find_inked_pixels(dataset: Dataset) -> Array:
    """Return True for pixels that more than a few images ink, `(28, 28)`."""
    often: Array = (dataset.x_train[:LOOKED_AT] > 0).mean(axis=0) >= OFTEN
    return often


def mask_weights(kernel: Array, inked: Array) -> tuple[Array, float | None]:
    """Return weights as pictures, and the size of a weight that gets the full colour.

    Args:
        kernel: `(784, units)`.
        inked: `(28, 28)`; elsewhere the pictures are 0.

    Returns:
        `(units, 28, 28)`, and the size; None if all weights are NaN.
    """
    weights = weight_images(kernel)
    sizes = np.abs(weights[np.isfinite(weights) & inked])
    limit = float(np.quantile(sizes, FULL_COLOUR)) if len(sizes) else None
    return np.where(inked, weights, 0.0), limit
