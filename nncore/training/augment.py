"""Distort images anew in each epoch, inside the compiled loop. Worker side: imports TensorFlow.

Everything random follows from a seed and the number of the update, so a run distorts its images in
the same way however it is cut into slices.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nncore.cached_once import cached_once
from nncore.digits import synthetic
from nncore.nn.losses import encode

#: Pixels along a side of an image.
SIDE = 28
#: The largest rotation in radians, the largest shear, the range of scales, and the largest shift
#: in pixels.
ROTATION = 17 * math.pi / 180
SHEAR = 0.35
SCALE = (0.75, 1.25)
SHIFT = 2.0
#: The largest shift for `"styles"`: drawings are centred by their mass, within a pixel.
STYLES_SHIFT = 1.0
#: Elastic distortion: the largest root-mean-square displacement in pixels, the distance in pixels
#: over which displacements are alike, and the number of displacement fields to choose from.
DISPLACEMENT = 1.25
SMOOTHNESS = 4.0
FIELDS = 1024


def distort(images: tf.Tensor, kind: str, seed: tf.Tensor) -> tf.Tensor:
    """Rotate, shear, scale and shift each image by its own random amounts.

    Rotation up to 17 degrees, shear up to 0.35, scale 0.75 to 1.25, shift up to 2 pixels;
    `"affine_thickness"` then makes strokes thicker or thinner. `"elastic"` does that, too, and
    bends strokes first: each pixel is displaced by some pixels, neighbours alike (Simard,
    Steinkraus and Platt, 2003). `"styles"` is elastic with a shift up to 1 pixel; for the other
    half of it see `mix_in_styles`.

    Args:
        images: (n, 784) float32.
        kind: `"none"`, `"affine"`, `"affine_thickness"`, `"elastic"` or `"styles"`.
        seed: (2,) integers for `tf.random.stateless_uniform`.

    Returns:
        (n, 784) float32, in the range of `images`.
    """
    if kind == "none":
        return images
    amounts = tf.random.stateless_uniform((tf.shape(images)[0], 7), seed, -1.0, 1.0)
    row, column = _source_positions(amounts, STYLES_SHIFT if kind == "styles" else SHIFT)
    if kind in ("elastic", "styles"):
        down, across = _displacements(tf.shape(images)[0], seed)
        row, column = row + down, column + across
    moved = _resample(images, row, column)
    return moved if kind == "affine" else _change_thickness(moved, amounts[:, 6:])


def mix_in_styles(
    images: tf.Tensor, labels: tf.Tensor, kind: str, form: str, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Replace random images by synthetic digits of unusual handwriting (`nncore.digits.synthetic`).

    Args:
        images: (n, 784) uint8.
        labels: (n,) or (n, 10), as `nncore.nn.losses.encode` gives them.
        kind: For `"styles"` each image is replaced with a probability of `synthetic.SHARE`; for
            any other kind none is.
        form: The labels' form, `"integer"` or `"one_hot"`.
        seed: (2,) integers for `tf.random.stateless_uniform`.

    Returns:
        Images and labels, of the same shapes and dtypes.
    """
    if kind != "styles":
        return images, labels
    digits, targets = _synthetic_images(), _synthetic_labels(form, labels.dtype)
    uniform = tf.random.stateless_uniform((tf.shape(images)[0], 2), seed + 2_000_003)
    which = tf.cast(uniform[:, 0] * synthetic.COUNT, tf.int32)
    is_replaced = uniform[:, 1] < synthetic.SHARE
    x = tf.where(is_replaced[:, tf.newaxis], tf.gather(digits, which), images)
    mask = is_replaced if labels.shape.rank == 1 else is_replaced[:, tf.newaxis]
    return x, tf.where(mask, tf.gather(targets, which), labels)


def _source_positions(amounts: tf.Tensor, shift: float) -> tuple[tf.Tensor, tf.Tensor]:
    """Return where each pixel of the distorted image comes from: rows and columns, (n, 784) each.

    Args:
        amounts: (n, 7) random numbers from -1 to 1.
        shift: The largest shift in pixels.
    """
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


def _displacements(count: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return each pixel's displacement in pixels, downwards and to the right, (n, 784) each.

    Smoothing noise for each image would cost more than learning from it. So each image takes two
    of 1,024 smooth fields that are made once, a million pairs, and its own strength.
    """
    uniform = tf.random.stateless_uniform((count, 3), seed + 1_000_003)
    which = tf.cast(uniform[:, :2] * FIELDS, tf.int32)
    fields, strength = _field_tensor(), DISPLACEMENT * uniform[:, 2:]
    down, across = (tf.gather(fields, which[:, axis]) for axis in (0, 1))
    return strength * down, strength * across


# An array that a compiled function makes a constant of is compiled into it several times: 16 MB
# a network. A tensor that exists before is an argument of the function, and all networks share it.


@cached_once(maxsize=1)
def _field_tensor() -> tf.Tensor:
    """Return `_smooth_fields()`, outside any function that is being compiled."""
    with tf.init_scope():
        return tf.constant(_smooth_fields())


@cached_once(maxsize=1)
def _synthetic_images() -> tf.Tensor:
    """Return the synthetic digits, outside any function that is being compiled."""
    with tf.init_scope():
        return tf.constant(synthetic.images()[0])


@cached_once(maxsize=4)
def _synthetic_labels(form: str, dtype: tf.DType) -> tf.Tensor:
    """Return their labels, outside any function that is being compiled.

    Args:
        form: `"integer"` or `"one_hot"`, see `nncore.nn.losses.encode`.
        dtype: The tensor's dtype.
    """
    with tf.init_scope():
        return tf.cast(encode(synthetic.images()[1], form, 10), dtype)


@cached_once(maxsize=1)
def _smooth_fields() -> NDArray[np.float32]:
    """Return random smooth fields, (FIELDS, 784); each pixel has mean 0 and standard deviation 1.

    They are sums of Gaussian bumps of random height, on a grid that extends past the edges.
    """
    centres = np.linspace(-2, SIDE + 1, 7)
    bumps = np.exp(-(((np.arange(SIDE) - centres[:, np.newaxis]) / SMOOTHNESS) ** 2) / 2)  # (7, 28)
    pictures = np.einsum("ai,bj->abij", bumps, bumps).reshape(len(centres) ** 2, SIDE * SIDE)
    pictures /= np.sqrt((pictures**2).sum(axis=0))
    heights = np.random.default_rng(0).standard_normal((FIELDS, len(pictures)))
    fields: NDArray[np.float32] = (heights @ pictures).astype(np.float32)
    return fields


def _resample(images: tf.Tensor, row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
    """Interpolate each pixel bilinearly from its four neighbours; outside the image there is 0."""
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


def _change_thickness(images: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """Blend each image with the maximum (amount > 0) or the minimum over the 3 x 3 cross.

    It uses pooling because XLA repeats the computation of a pixel for each reader but a pool:
    written as five shifted images, this step would distort every image five times.

    Args:
        images: (n, 784).
        amount: (n, 1), -1 to 1: the share of the maximum or minimum.
    """
    sign = tf.where(amount > 0, 1.0, -1.0)  # the minimum of x is the negative maximum of -x
    square = tf.reshape(images * sign, (-1, SIDE, SIDE, 1))
    padded = tf.pad(square, ((0, 0), (1, 1), (1, 1), (0, 0)))
    upright = tf.nn.max_pool2d(padded[:, :, 1:-1], (3, 1), 1, "VALID")
    across = tf.nn.max_pool2d(padded[:, 1:-1], (1, 3), 1, "VALID")
    target = tf.reshape(tf.maximum(upright, across), tf.shape(images)) * sign
    return images + tf.abs(amount) * (target - images)
