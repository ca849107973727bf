"""Training on with a learner's own digits, in slices of a second or so. Worker side.

An epoch draws a few hundred samples from the learner's digits and three times as many from the
data that the network was trained on, so that it does not forget those; all are distorted as the
run's own samples were. The arithmetic is NumPy's: there is no network to compile for so few.

What is drawn follows from the branch's seed and the epoch's number, so the same branch comes out
however it is cut into slices.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset, load
from nncore.digits import synthetic
from nncore.nn.backprop import backward
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from nncore.nn.optimizers import update
from nncore.training.branch import BATCH, KNOWN, OWN, TESTED, Branch, Scores

#: What the seeds of drawing and distorting begin with, so that they are nobody else's.
_DRAWING = 4


def go_on(branch: Branch, seconds: float) -> Branch:
    """Trains whole epochs for about so many seconds, at least one.

    Args:
        branch: Where it stands.
        seconds: When not to begin another epoch.

    Returns:
        Where it stands then.

    Raises:
        nncore.data.DataMismatch: If this worker has not the data that the run was trained on.
    """
    start = time.monotonic()
    checkpoint = branch.checkpoint
    dataset = load(checkpoint.experiment.data, checkpoint.fingerprint)
    if not branch.scores:
        branch = replace(branch, scores=(_scores(branch, branch.network, dataset),))
    while not branch.finished:
        branch = _epoch(branch, dataset)
        if time.monotonic() - start >= seconds:
            break
    return replace(branch, seconds=branch.seconds + time.monotonic() - start)


def _epoch(branch: Branch, dataset: Dataset) -> Branch:
    experiment = branch.checkpoint.experiment
    weights, slots = branch.checkpoint.weights, branch.checkpoint.slots
    images, labels = _samples(branch, dataset)
    for first in range(0, len(images), BATCH):
        batch = slice(first, first + BATCH)
        network = Network.of(experiment, weights)
        _, gradients = backward(network, experiment, images[batch], labels[batch])
        found = update(branch.fit, weights, gradients, slots)
        weights, slots = found.weights, found.slots
    return branch.after_epoch(
        weights, slots, _scores(branch, Network.of(experiment, weights), dataset)
    )


def _samples(branch: Branch, dataset: Dataset) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """An epoch's samples in their order: (n, 784) as the network takes them, and (n,) labels."""
    random = np.random.default_rng([_DRAWING, branch.seed, branch.epoch])
    own = np.flatnonzero(~branch.held)
    own = np.concatenate([random.permutation(own) for _ in range(-(-OWN // len(own)))])[:OWN]
    known, answers = _known(branch, dataset, random)
    images = np.concatenate([branch.digits.images[own], known])
    labels = np.concatenate([branch.digits.labels[own], answers])
    order = random.permutation(len(images))
    inputs = branch.network.prepare(images[order])
    return _distorted(inputs, branch, random), labels[order].astype(np.int64)


def _known(
    branch: Branch, dataset: Dataset, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Some of what the run learnt from, the digits beside its data among them: images, labels."""
    count = min(KNOWN, len(dataset.x_train))
    rows = random.choice(len(dataset.x_train), count, replace=False)
    images, labels = dataset.x_train[rows], dataset.y_train[rows]
    if synthetic.extra_images(branch.checkpoint.experiment) is not None:
        drawn, classes = synthetic.images()
        others = random.integers(len(drawn), size=round(synthetic.SHARE * count))
        images[: len(others)] = drawn[others].reshape(-1, *images.shape[1:])
        labels[: len(others)] = classes[others]
    return images, labels


def _distorted(
    inputs: NDArray[np.float32], branch: Branch, random: np.random.Generator
) -> NDArray[np.float32]:
    """Samples as the run's own were distorted, if they were."""
    kind = branch.checkpoint.experiment.fit.augment
    if kind == "none":
        return inputs
    import tensorflow as tf

    from nncore.training import augment

    seed = tf.constant(random.integers(2**31, size=2), tf.int32)
    return augment.distort(tf.constant(inputs), kind, seed).numpy()


def _scores(branch: Branch, network: Network, dataset: Dataset) -> Scores:
    right = predicted_classes(network.predict(branch.digits.images)) == branch.digits.labels
    test = predicted_classes(network.predict(dataset.x_test[:TESTED])) == dataset.y_test[:TESTED]
    return Scores(_share(right[~branch.held]), _share(right[branch.held]), _share(test))


def _share(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if len(right) else float("nan")
