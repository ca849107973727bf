"""First-layer weights as pictures: each of a unit's 784 weights at the place of its pixel."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.network import Network
from ui.charts.images import mosaic, png_data_uri, to_rgb, weight_images
from ui.charts.palette import NEGATIVE, POSITIVE

Array: TypeAlias = NDArray[Any]

#: First-layer pictures drawn during training: more are too small to read, and cost time.
MAX_LIVE_PICTURES = 32


def first_layer_png(
    network: Network, is_dark: bool = False, max_units: int = MAX_LIVE_PICTURES
) -> str:
    """Return the first layer's weights as one mosaic of pictures, as a PNG data URI.

    All pictures share one colour scale, so that strong and weak units can be told apart; the
    strongest 1% of the weights have the full colour.

    Args:
        network: A network on images.
        is_dark: True if a weight of 0 is dark.
        max_units: How many units to show at most; the first ones are shown.
    """
    images = weight_images(network.layers[0].kernel[:, :max_units])
    tiles = mosaic(images, mosaic_columns(len(images)), gap=2)
    return colour_weights(tiles, full_colour_size(images), is_dark)


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


def colour_weights(weights: Array, limit: float | None, is_dark: bool, scale: int = 4) -> str:
    """Return weights as a PNG data URI: blue above 0, orange below.

    Args:
        weights: (height, width).
        limit: The size from which a weight has the full colour; None to use the largest.
        is_dark: True if a weight of 0 is dark.
        scale: Pixels of the PNG for each weight, along one side.
    """
    return png_data_uri(to_rgb(weights, POSITIVE, NEGATIVE, limit=limit, dark=is_dark), scale)


def full_colour_size(weights: Array) -> float | None:
    """Return the size from which a weight has the full colour; None if no weight is finite."""
    sizes = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(sizes, 0.99)) if sizes.size else None


def mosaic_columns(count: int) -> int:
    """Return how many of `count` pictures are side by side in a mosaic."""
    return next((columns for most, columns in ((4, 2), (10, 5), (18, 6)) if count <= most), 8)
