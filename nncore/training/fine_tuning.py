"""Fine-tune a network on a learner's own digits, in short slices. Worker side.

An epoch takes a few hundred samples of the learner's digits, and three times as many of the data
that the network was trained on, so that it does not forget them; all are distorted as in the run.
It is computed with NumPy: compiling a network would take longer than these few updates.

The samples depend on nothing but the branch's seed and the epoch's number, so the result is the
same however the branch is cut into slices.
"""

from __future__ import annotations

import math
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

#: The first number of these seeds, which no other purpose uses.
_DRAWING = 4


def go_on(branch: Branch, seconds: float) -> Branch:
    """Train for about this many seconds: at least one batch, or the scores of an epoch.

    Args:
        branch: The branch to train.
        seconds: Seconds after which no further epoch is started. One that is under way is cut after
            twice as many: to go on with it costs the distortion of its samples once more.

    Returns:
        The branch after the slice.

    Raises:
        nncore.data.datasets.DataMismatch: If this worker has other data than the run.
    """
    start = time.monotonic()
    cut = start + 2 * seconds
    checkpoint = branch.checkpoint
    dataset = load(checkpoint.experiment.data, checkpoint.fingerprint)
    while not branch.finished:
        branch = _take_step(branch, dataset, cut)
        if time.monotonic() >= (cut if branch.under_way else start + seconds):
            break
    return replace(branch, seconds=branch.seconds + time.monotonic() - start)


def _take_step(branch: Branch, dataset: Dataset, cut: float) -> Branch:
    """Return the branch after the next piece of work: batches of an epoch, or its scores.

    Args:
        branch: The branch.
        dataset: Its run's data.
        cut: When no further batch is to be started, by the monotonic clock.
    """
    if not branch.scores:
        return replace(branch, scores=(_score(branch, branch.network, dataset),))
    if branch.step < _count_batches(dataset):
        return _train_batches(branch, dataset, cut)
    network = Network.of(branch.checkpoint.experiment, branch.newest.weights)
    return branch.after_epoch(_score(branch, network, dataset))


def _train_batches(branch: Branch, dataset: Dataset, cut: float) -> Branch:
    """Return the branch after the remaining batches of its epoch, or as many as the time allows."""
    experiment, step = branch.checkpoint.experiment, branch.step
    weights, slots = branch.newest.weights, branch.newest.slots
    images, labels = _draw_samples(branch, dataset)
    while step == branch.step or (step < _count_batches(dataset) and time.monotonic() < cut):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        network = Network.of(experiment, weights)
        _, gradients = backward(network, experiment, images[batch], labels[batch])
        after = update(branch.fit, weights, gradients, slots)
        weights, slots, step = after.weights, after.slots, step + 1
    return branch.after_batches(step, weights, slots)


def _count_batches(dataset: Dataset) -> int:
    """Return the batches of an epoch."""
    return math.ceil((OWN + min(KNOWN, len(dataset.x_train))) / BATCH)


def _draw_samples(branch: Branch, dataset: Dataset) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return an epoch's samples in random order: (n, 784) float32 inputs and (n,) labels."""
    random = np.random.default_rng([_DRAWING, branch.seed, branch.epoch])
    own = np.flatnonzero(~branch.held)
    own = np.concatenate([random.permutation(own) for _ in range(-(-OWN // len(own)))])[:OWN]
    known, known_labels = _draw_known(branch, dataset, random)
    images = np.concatenate([branch.digits.images[own], known])
    labels = np.concatenate([branch.digits.labels[own], known_labels])
    order = random.permutation(len(images))
    inputs = branch.network.prepare(images[order])
    return _distort(inputs, branch, random), labels[order].astype(np.int64)


def _draw_known(
    branch: Branch, dataset: Dataset, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return images and labels of the kind the run was trained on, synthetic digits included."""
    count = min(KNOWN, len(dataset.x_train))
    rows = random.choice(len(dataset.x_train), count, replace=False)
    images, labels = dataset.x_train[rows], dataset.y_train[rows]
    if synthetic.extra_images(branch.checkpoint.experiment) is not None:
        drawn, classes = synthetic.images()
        others = random.integers(len(drawn), size=round(synthetic.SHARE * count))
        images[: len(others)] = drawn[others].reshape(-1, *images.shape[1:])
        labels[: len(others)] = classes[others]
    return images, labels


def _distort(
    inputs: NDArray[np.float32], branch: Branch, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return samples distorted as in the run."""
    kind = branch.checkpoint.experiment.fit.augment
    if kind == "none":
        return inputs
    import tensorflow as tf

    from nncore.training import augment

    seed = tf.constant(random.integers(2**31, size=2), tf.int32)
    return augment.distort(tf.constant(inputs), kind, seed).numpy()


def _score(branch: Branch, network: Network, dataset: Dataset) -> Scores:
    """Return the accuracies of the present network."""
    right = predicted_classes(network.predict(branch.digits.images)) == branch.digits.labels
    test = predicted_classes(network.predict(dataset.x_test[:TESTED])) == dataset.y_test[:TESTED]
    return Scores(_share(right[~branch.held]), _share(right[branch.held]), _share(test))


def _share(is_right: NDArray[np.bool_]) -> float:
    return float(is_right.mean()) if len(is_right) else float("nan")
