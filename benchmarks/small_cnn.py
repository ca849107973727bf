"""A small convolutional network, to compare with the dense reader.

It is trained on the same images with `model.fit`: those of the data set, and the lab's own digits
in other ways of writing with the same share, all distorted in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.digits import synthetic

NAME = "a small convolutional network"
BATCH = 128
#: Updates, for any number of images: 3 epochs of 60,000 images and 15,000 of the lab's own.
UPDATES = 1_760


def trained(
    dataset: Dataset, augment: str, epochs: int | None = None
) -> Callable[[NDArray[np.uint8]], NDArray[Any]]:
    """Train it, and return a function that reads images.

    Args:
        dataset: Its training data.
        augment: Its `fit.augment`.
        epochs: The number of epochs; None makes `UPDATES` updates.
    """
    from keras import optimizers

    model = _model(augment)
    x, y = _add_own_digits(dataset) if augment == "styles" else (dataset.x_train, dataset.y_train)
    steps = -(-len(x) // BATCH)
    epochs = epochs or max(1, round(UPDATES / steps))
    rate = optimizers.schedules.CosineDecay(2e-3, steps * epochs)
    model.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x.reshape(-1, 784), y, epochs=epochs, batch_size=BATCH, verbose=0)

    def reads(images: NDArray[np.uint8]) -> NDArray[Any]:
        found: NDArray[Any] = model.predict(images.reshape(-1, 784), batch_size=500, verbose=0)
        return found

    return reads


def _add_own_digits(dataset: Dataset) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return the training images with the lab's own in their share, and the labels."""
    images, labels = synthetic.images()
    count = round(len(dataset.x_train) * synthetic.SHARE / (1 - synthetic.SHARE))
    return (
        np.concatenate([dataset.x_train, np.resize(images, (count, 28, 28))]),
        np.concatenate([dataset.y_train, np.resize(labels, count)]),
    )


def _model(augment: str) -> Any:
    """Two convolutions with pooling, then a dense layer of 128: 5 x 5, 16 and 32 channels."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((784,)),
            _distortion(augment),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(16, 5, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 5, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _distortion(augment: str) -> Any:
    """A layer that scales pixels, and distorts them while training, as the lab's engine does."""
    import tensorflow as tf
    from keras import layers

    from nncore.training.augment import distort

    class Distortion(layers.Layer):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.generator = tf.random.Generator.from_seed(0)

        def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
            scaled = tf.cast(images, tf.float32) / 255.0
            if not training:
                return scaled
            return distort(scaled, augment, self.generator.make_seeds(1)[:, 0])

    return Distortion()
