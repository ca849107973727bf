"""Images distorted anew in each epoch, inside the compiled loop. Worker side: imports TensorFlow.

All that is random follows from a seed and the number of the update, so that a run distorts in the
same way however it is cut into slices.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nncore.digits import synthetic
from nncore.nn.losses import encode

SIDE = 28
ROTATION = 17 * math.pi / 180
SHEAR = 0.35
SCALE = (0.75, 1.25)
SHIFT = 2.0
#: The same for `"styles"`: what a page centres by its mass lies off by a pixel at most.
STYLES_SHIFT = 1.0
#: Elastic: how far pixels are pushed, as a root mean square, where it is strongest; over how many
#: pixels the push is alike; and how many pictures of pushes there are to draw from.
PUSH = 1.25
SMOOTH = 4.0
FIELDS = 1024


def distort(images: tf.Tensor, kind: str, seed: tf.Tensor) -> tf.Tensor:
    """Rotates, shears, scales and shifts each image by random amounts of its own.

    Rotation up to 17 degrees, shear up to 0.35, scale 0.75 to 1.25, shift up to 2 pixels;
    `"affine_thickness"` then makes strokes thicker or thinner. `"elastic"` does so too, and bends
    them before: each pixel is pushed up to some pixels aside, neighbours alike (Simard, Steinkraus
    and Platt, 2003). `"styles"` is that with a shift up to 1 pixel; see `mixed` for the rest of it.

    Args:
        images: (n, 784) float32.
        kind: `"none"`, `"affine"`, `"affine_thickness"`, `"elastic"` or `"styles"`.
        seed: (2,) integers for `tf.random.stateless_uniform`.

    Returns:
        (n, 784) float32 in the range of `images`.
    """
    if kind == "none":
        return images
    amounts = tf.random.stateless_uniform((tf.shape(images)[0], 7), seed, -1.0, 1.0)
    row, column = _sources(amounts, STYLES_SHIFT if kind == "styles" else SHIFT)
    if kind in ("elastic", "styles"):
        down, across = _pushes(tf.shape(images)[0], seed)
        row, column = row + down, column + across
    moved = _resampled(images, row, column)
    return moved if kind == "affine" else _thickened(moved, amounts[:, 6:])


def mixed(
    images: tf.Tensor, labels: tf.Tensor, kind: str, form: str, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Replace some images by synthetic digits of unusual handwriting (`nncore.digits.synthetic`).

    Args:
        images: (n, 784) uint8.
        labels: Theirs, as `network.encode` makes them for ten classes.
        kind: Only for `"styles"` is anything replaced: by lot, each image with a chance of
            `styles.SHARE`.
        form: The labels' form, `"integer"` or `"one_hot"`.
        seed: (2,) integers for `tf.random.stateless_uniform`.

    Returns:
        Images and labels, of the same shapes and types.
    """
    if kind != "styles":
        return images, labels
    digits, classes = synthetic.images()
    known = tf.cast(encode(classes, form, 10), labels.dtype)
    chances = tf.random.stateless_uniform((tf.shape(images)[0], 2), seed + 2_000_003)
    which = tf.cast(chances[:, 0] * len(digits), tf.int32)
    replaced = chances[:, 1] < synthetic.SHARE
    x = tf.where(replaced[:, tf.newaxis], tf.gather(tf.constant(digits), which), images)
    mask = replaced if labels.shape.rank == 1 else replaced[:, tf.newaxis]
    return x, tf.where(mask, tf.gather(known, which), labels)


def _sources(amounts: tf.Tensor, shift: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Where each pixel of the distorted image comes from: rows and columns, (n, 784) each."""
    angle, shear = ROTATION * amounts[:, 0:1], SHEAR * amounts[:, 1:2]
    low, high = SCALE
    tall = 1 / ((low + high) / 2 + (high - low) / 2 * amounts[:, 2:3])
    wide = 1 / ((low + high) / 2 + (high - low) / 2 * amounts[:, 3:4])
    middle = (SIDE - 1) / 2
    grid = tf.range(SIDE * SIDE)
    row = tf.cast(grid // SIDE, tf.float32) - middle - shift * amounts[:, 4:5]  # (n, 784)
    column = tf.cast(grid % SIDE, tf.float32) - middle - shift * amounts[:, 5:6]
    column = column + shear * row
    cos, sin = tf.cos(angle), tf.sin(angle)
    return (tall * (cos * row - sin * column) + middle, wide * (sin * row + cos * column) + middle)


def _pushes(count: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """How far each pixel is pushed down and to the right, (n, 784) each.

    To smooth noise for each image would cost more than to learn from it. So each takes two of a
    thousand smooth fields that were made once, a million pairs, and a strength of its own.
    """
    chances = tf.random.stateless_uniform((count, 3), seed + 1_000_003)
    which = tf.cast(chances[:, :2] * FIELDS, tf.int32)
    fields, strength = tf.constant(_fields()), PUSH * chances[:, 2:]
    down, across = (tf.gather(fields, which[:, axis]) for axis in (0, 1))
    return strength * down, strength * across


@lru_cache(maxsize=1)
def _fields() -> NDArray[np.float32]:
    """Random smooth pictures, (FIELDS, 784), each pixel with mean 0 and standard deviation 1.

    Sums of Gaussian bumps on a grid that reaches over the image's edges, with random heights.
    """
    centres = np.linspace(-2, SIDE + 1, 7)
    bumps = np.exp(-(((np.arange(SIDE) - centres[:, np.newaxis]) / SMOOTH) ** 2) / 2)  # (7, 28)
    pictures = np.einsum("ai,bj->abij", bumps, bumps).reshape(len(centres) ** 2, SIDE * SIDE)
    pictures /= np.sqrt((pictures**2).sum(axis=0))
    heights = np.random.default_rng(0).standard_normal((FIELDS, len(pictures)))
    fields: NDArray[np.float32] = (heights @ pictures).astype(np.float32)
    return fields


def _resampled(images: tf.Tensor, row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
    """Bilinear interpolation: each pixel from its four neighbours, nothing outside the image."""
    top, left = tf.floor(row), tf.floor(column)
    down, right = row - top, column - left
    total = tf.zeros_like(images)
    for r, by_row in ((top, 1 - down), (top + 1, down)):
        for c, by_column in ((left, 1 - right), (left + 1, right)):
            inside = (r >= 0) & (r < SIDE) & (c >= 0) & (c < SIDE)
            index = tf.cast(tf.where(inside, r * SIDE + c, 0.0), tf.int32)
            pixel = tf.gather(images, index, batch_dims=1)
            total += tf.where(inside, by_row * by_column * pixel, 0.0)
    return total


def _thickened(images: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """Blends each image with the maximum (amount > 0) or minimum over the 3 x 3 cross.

    By pooling, for XLA copies what it is given into every reader of a pixel but a pool's: written
    as five shifted images, this step would distort each image five times over.
    """
    sign = tf.where(amount > 0, 1.0, -1.0)  # the minimum of x is the maximum of -x, turned round
    square = tf.reshape(images * sign, (-1, SIDE, SIDE, 1))
    padded = tf.pad(square, ((0, 0), (1, 1), (1, 1), (0, 0)))
    upright = tf.nn.max_pool2d(padded[:, :, 1:-1], (3, 1), 1, "VALID")
    across = tf.nn.max_pool2d(padded[:, 1:-1], (1, 3), 1, "VALID")
    target = tf.reshape(tf.maximum(upright, across), tf.shape(images)) * sign
    return images + tf.abs(amount) * (target - images)
