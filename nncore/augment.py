"""Images distorted anew in each epoch, inside the compiled loop. Worker side: imports TensorFlow.

All that is random follows from a seed and the number of the update, so that a run distorts in the
same way however it is cut into slices.
"""

from __future__ import annotations

import math

import tensorflow as tf

SIDE = 28
ROTATION = 17 * math.pi / 180
SHEAR = 0.35
SCALE = (0.75, 1.25)
SHIFT = 2.0


def distort(images: tf.Tensor, kind: str, seed: tf.Tensor) -> tf.Tensor:
    """Rotates, shears, scales and shifts each image by random amounts of its own.

    Rotation up to 17 degrees, shear up to 0.35, scale 0.75 to 1.25, shift up to 2 pixels;
    `"affine_thickness"` then makes strokes thicker or thinner.

    Args:
        images: (n, 784) float32.
        kind: `"none"`, `"affine"` or `"affine_thickness"`.
        seed: (2,) integers for `tf.random.stateless_uniform`.

    Returns:
        (n, 784) float32 in the range of `images`.
    """
    if kind == "none":
        return images
    amounts = tf.random.stateless_uniform((images.shape[0], 7), seed, -1.0, 1.0)
    moved = _resampled(images, *_sources(amounts))
    return moved if kind == "affine" else _thickened(moved, amounts[:, 6:])


def _sources(amounts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where each pixel of the distorted image comes from: rows and columns, (n, 784) each."""
    angle, shear = ROTATION * amounts[:, 0:1], SHEAR * amounts[:, 1:2]
    low, high = SCALE
    tall = 1 / ((low + high) / 2 + (high - low) / 2 * amounts[:, 2:3])
    wide = 1 / ((low + high) / 2 + (high - low) / 2 * amounts[:, 3:4])
    middle = (SIDE - 1) / 2
    grid = tf.range(SIDE * SIDE)
    row = tf.cast(grid // SIDE, tf.float32) - middle - SHIFT * amounts[:, 4:5]  # (n, 784)
    column = tf.cast(grid % SIDE, tf.float32) - middle - SHIFT * amounts[:, 5:6]
    column = column + shear * row
    cos, sin = tf.cos(angle), tf.sin(angle)
    return (tall * (cos * row - sin * column) + middle, wide * (sin * row + cos * column) + middle)


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
    """Blends each image with the maximum (amount > 0) or minimum over the 3 x 3 cross."""
    square = tf.pad(tf.reshape(images, (-1, SIDE, SIDE)), ((0, 0), (1, 1), (1, 1)))
    cross = tf.stack(
        [
            square[:, 1:-1, 1:-1],
            square[:, :-2, 1:-1],
            square[:, 2:, 1:-1],
            square[:, 1:-1, :-2],
            square[:, 1:-1, 2:],
        ]
    )
    thick = tf.reshape(tf.reduce_max(cross, 0), tf.shape(images))
    thin = tf.reshape(tf.reduce_min(cross, 0), tf.shape(images))
    target = tf.where(amount > 0, thick, thin)
    return images + tf.abs(amount) * (target - images)
