"""Distorted images against the same computed with NumPy, one image at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from nncore.data.datasets import load
from nncore.digits import synthetic
from nncore.experiment import AUGMENTATIONS, DataConfig
from nncore.nn.losses import encode
from nncore.training import augment
from nncore.training.augment import distort, mix_in_styles

SEED = tf.constant([1, 2], tf.int64)
KINDS = [kind for kind in AUGMENTATIONS if kind != "none"]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return load(DataConfig()).x_test[:64].reshape(64, 784) / np.float32(255)


def by_hand(image: np.ndarray, amounts: np.ndarray, shift: float = 2) -> np.ndarray:
    """Turned, slanted, stretched and shifted: pixel by pixel from where it comes from."""
    angle, slant = math.radians(17) * amounts[0], 0.35 * amounts[1]
    tall, wide = 1 / (1 + 0.25 * amounts[2]), 1 / (1 + 0.25 * amounts[3])
    padded = np.pad(image.reshape(28, 28), 30)
    found = np.zeros((28, 28))
    for i in range(28):
        for j in range(28):
            y, x = i - 13.5 - shift * amounts[4], j - 13.5 - shift * amounts[5]
            x += slant * y
            row = tall * (math.cos(angle) * y - math.sin(angle) * x) + 13.5 + 30
            column = wide * (math.sin(angle) * y + math.cos(angle) * x) + 13.5 + 30
            top, left = math.floor(row), math.floor(column)
            square = padded[top : top + 2, left : left + 2]
            down, right = row - top, column - left
            found[i, j] = np.array([1 - down, down]) @ square @ np.array([1 - right, right])
    return found.reshape(784)


def test_an_image_is_turned_slanted_stretched_and_shifted(images: np.ndarray) -> None:
    moved = distort(tf.constant(images[:3]), "affine", SEED).numpy()
    amounts = tf.random.stateless_uniform((3, 7), SEED, -1.0, 1.0).numpy()
    expected = [by_hand(*pair) for pair in zip(images[:3], amounts, strict=True)]
    np.testing.assert_allclose(moved, expected, atol=1e-4)


def test_other_ways_of_writing_are_bent_too_and_shifted_by_a_pixel_at_most(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(augment, "DISPLACEMENT", 0.0)
    monkeypatch.setattr(augment, "_change_thickness", lambda moved, amount: moved)
    moved = distort(tf.constant(images[:3]), "styles", SEED).numpy()
    amounts = tf.random.stateless_uniform((3, 7), SEED, -1.0, 1.0).numpy()
    expected = [by_hand(*pair, shift=1) for pair in zip(images[:3], amounts, strict=True)]
    np.testing.assert_allclose(moved, expected, atol=1e-4)
    monkeypatch.setattr(augment, "DISPLACEMENT", 3.0)
    assert np.abs(distort(tf.constant(images[:3]), "styles", SEED).numpy() - moved).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_distorted_image_keeps_its_ink_roughly(images: np.ndarray, kind: str) -> None:
    moved = distort(tf.constant(images), kind, SEED).numpy()
    assert moved.shape == (64, 784)
    assert 0 <= moved.min() <= moved.max() <= 1 + 1e-6
    assert 0.6 < moved.sum() / images.sum() < 1.5
    assert (np.abs(moved - images).mean(axis=1) > 0.01).all()


def test_no_distortion_leaves_images_alone(images: np.ndarray) -> None:
    x = tf.constant(images)
    assert distort(x, "none", SEED) is x


def test_pixels_are_pushed_as_their_neighbours_are() -> None:
    fields = augment._smooth_fields()
    assert fields.shape == (augment.FIELDS, 784)
    assert abs(fields.mean()) < 0.01
    np.testing.assert_allclose(fields.std(axis=0), 1, atol=0.12)
    square = fields.reshape(-1, 28, 28)
    steps = np.diff(square, axis=1).std(), np.diff(square, axis=2).std()
    assert max(steps) < 0.3  # of a field whose standard deviation is 1


def test_images_are_bent_each_in_its_own_way() -> None:
    down, across = augment._displacements(200, SEED)
    strengths = np.abs(down.numpy()).mean(axis=1)
    assert down.shape == across.shape == (200, 784)
    assert strengths.min() < 0.2 * strengths.max()
    assert not np.array_equal(down.numpy(), across.numpy())
    assert len(np.unique(down.numpy()[:, 0])) == 200


def test_the_same_seed_bends_in_the_same_way(images: np.ndarray) -> None:
    x = tf.constant(images)
    once, twice = (distort(x, "elastic", SEED).numpy() for _ in range(2))
    other = distort(x, "elastic", SEED + 1).numpy()
    np.testing.assert_array_equal(once, twice)
    assert np.abs(once - other).max() > 0.1


@pytest.mark.parametrize("form", ["integer", "one_hot"])
def test_one_image_in_five_becomes_a_digit_in_another_way_of_writing(form: str) -> None:
    x, classes = np.zeros((6400, 784), np.uint8), np.full(6400, 3)
    y = encode(classes, form, 10)
    images, labels = (
        found.numpy()
        for found in mix_in_styles(tf.constant(x), tf.constant(y), "styles", form, SEED)
    )
    assert (images.dtype, labels.dtype, labels.shape) == (np.uint8, y.dtype, y.shape)
    replaced = images.any(axis=1)
    assert 1120 < replaced.sum() < 1440  # 1,280 are expected, with a standard deviation of 32
    np.testing.assert_array_equal(labels[~replaced], y[~replaced])
    known = dict(zip(map(bytes, synthetic.images()[0]), synthetic.images()[1], strict=True))
    expected = np.array([known[bytes(image)] for image in images[replaced]])
    np.testing.assert_array_equal(labels[replaced], encode(expected, form, 10))
    assert len(set(expected.tolist())) == 10


def test_no_other_kind_replaces_an_image(images: np.ndarray) -> None:
    x, y = tf.constant(images), tf.zeros(64, tf.int32)
    assert mix_in_styles(x, y, "elastic", "integer", SEED) == (x, y)


@pytest.mark.parametrize("form", ["integer", "one_hot"])
def test_compiled_functions_share_the_fields_and_the_synthetic_digits(form: str) -> None:
    def augmented(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = mix_in_styles(x, y, "styles", form, SEED)
        return distort(tf.cast(images, tf.float32), "styles", SEED), labels

    for count in (3, 4):  # the tensors that the first one makes outlive it
        x = tf.zeros((count, 784), tf.uint8)
        y = tf.zeros((count,) if form == "integer" else (count, 10), tf.int32)
        graph = tf.function(augmented).get_concrete_function(x, y).graph
        assert graph.as_graph_def().ByteSize() < synthetic.images()[0].nbytes / 10
