"""Training data as tensors on the device, kept for all runs of this process. Worker side.

This file imports TensorFlow. Copying 188 MB of images takes 0.3 s, so it is done once for each data
set, not once for each run.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nncore.byte_cache import ByteCache
from nncore.data.datasets import Dataset
from nncore.data.sources import STEMS
from nncore.experiment import Experiment
from nncore.nn.losses import encode

#: Bytes of samples and labels to keep: two data sets of 60,000 images.
MAX_BYTES = 128 * 2**20


def device_data(dataset: Dataset, experiment: Experiment) -> tuple[tf.Tensor, tf.Tensor]:
    """Return all training samples and labels as tensors, padded to a power of two of rows.

    Args:
        dataset: The data of `experiment`.
        experiment: Its loss decides the labels' form.

    Returns:
        Samples (rows, inputs) uint8 for images, float32 for numbers; and labels as
        `nncore.nn.losses.encode` gives them, integers as int32.
    """
    config, form = replace(experiment.data, own=None), experiment.labels
    make_samples = partial(_make_samples, dataset.x_train)
    make_labels = partial(_make_labels, dataset.y_train, form, config.outputs)
    if config.is_private:  # not kept: the worker does not learn when the learner leaves
        return make_samples(), make_labels()
    samples: Hashable = ("samples", replace(config, scaled=True), dataset.fingerprint)
    if config.name in STEMS:  # these images are kept and shared, so they stay where they are
        samples = _Place(dataset.x_train)
    tensors = shared_tensors()
    labels = ("labels", config, dataset.fingerprint, form)
    return tensors.get(samples, make_samples), tensors.get(labels, make_labels)


@lru_cache(maxsize=1)
def shared_tensors() -> ByteCache[tf.Tensor]:
    """Return the tensors of this process, which all runs share."""
    return ByteCache(MAX_BYTES, lambda tensor: int(tensor.numpy().nbytes))


class _Place:
    """Names images by where they are in memory: "five" and "digits" have the same ones.

    Args:
        x: The images. They are held, so that no others can take their place.
    """

    def __init__(self, x: NDArray[Any]) -> None:
        self._x = x
        self._place = x.ctypes.data, x.shape, x.strides, x.dtype

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and self._place == other._place

    def __hash__(self) -> int:
        return hash(self._place)


def _make_samples(x: NDArray[Any]) -> tf.Tensor:
    return tf.constant(_pad(x.reshape(len(x), -1)))


def _make_labels(y: NDArray[np.int64], form: str, outputs: int) -> tf.Tensor:
    labels = encode(y, form, outputs)
    return tf.constant(_pad(labels.astype(np.int32) if form == "integer" else labels))


def _pad(array: NDArray[Any]) -> NDArray[Any]:
    """Add rows of zeros up to a power of two, so that data of similar size share a shape."""
    rows = 1 << max(6, (len(array) - 1).bit_length())
    padding = [(0, rows - len(array))] + [(0, 0)] * (array.ndim - 1)
    return np.pad(array, padding)
