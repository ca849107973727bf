"""Lesson 2's pictures of weights and of digits, as addresses of PNGs."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from ui.charts import palette
from ui.charts.images import mosaic, png_data_uri, to_grey, to_rgb, weight_images
from ui.perceptron.run_outputs import MAX_WATCHED

Array: TypeAlias = NDArray[Any]

#: A pixel counts as often inked if at least this share of the images ink it.
OFTEN = 0.01
#: This share of the weights is at most as large as the weight that gets the full colour.
FULL_COLOUR = 0.98
#: Grey of a picture without weights.
PALE = 0.06


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
    colours = to_rgb(image, palette.POSITIVE, palette.NEGATIVE, limit=limit, dark=dark)
    return png_data_uri(colours, scale)


def draw_blank(units: int, *, columns: int, scale: int, dark: bool) -> str:
    """Return pale pictures in place of the weights of an untrained network."""
    blank = mosaic(np.full((units, 28, 28), PALE), columns, gap=2)
    return png_data_uri(to_grey(blank, dark=dark), scale)


def find_inked_pixels(dataset: Dataset) -> Array:
    """Return True for pixels that more than a few images ink, `(28, 28)`."""
    often: Array = (dataset.x_train[:MAX_WATCHED] > 0).mean(axis=0) >= OFTEN
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


def draw_examples(dataset: Dataset, labels: list[int], *, columns: int, dark: bool) -> str:
    """Return the first training images of some labels: a picture with at least a row for each."""
    rows = [np.flatnonzero(dataset.y_train == label)[:columns] for label in labels]
    images = dataset.x_train[[place for row in rows for place in row]]
    return png_data_uri(to_grey(mosaic(images, columns, gap=2), dark=dark), scale=2)


def draw_digit(image: Array, *, dark: bool) -> str:
    """Return one image, ink on paper."""
    return png_data_uri(to_grey(image, dark=dark), scale=3)
