"""A trained network that is trained further on a learner's own digits: a branch of its run.

A `Branch` is a value between two slices, as a checkpoint is for a run. Its weights do not follow
from an experiment alone, so it is never stored under the experiment's key: the checkpoint's `edits`
name the digits. `nncore.training.fine_tuning` trains a slice of it on a worker; the server and the
workers both import this file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Arrays, Checkpoint
from nncore.digits.collection import DigitCollection
from nncore.digits.sampling import choose_held_out
from nncore.experiment import FitConfig
from nncore.nn import optimizers
from nncore.nn.network import Network

#: Digits needed for training; and digits from which on some are held out.
LEAST, ENOUGH = 5, 20
#: Epochs of fine-tuning, and its learning rate: a fifth of the usual, for a trained network.
EPOCHS, RATE = 20, 2e-4
#: Samples of an epoch from the learner's digits, and from the run's own data; and the batch size.
OWN, KNOWN, BATCH = 256, 768, 64
#: Test images evaluated after each epoch.
TESTED = 2000
#: How the name of this change begins among a checkpoint's `edits`.
OWN_DIGITS = "own digits"


class Scores(NamedTuple):
    """Accuracies, 0 to 1; NaN if there are no such digits.

    Attributes:
        practised: On the digits that are trained on.
        held: On the digits that are held out.
        test: On the first test images.
    """

    practised: float
    held: float
    test: float


@dataclass(frozen=True, eq=False)
class Branch:
    """Fine-tuning on own digits, between two slices.

    Args:
        checkpoint: The run that it started from, with the weights and slots after the last whole
            epoch.
        digits: The learner's digits.
        held: (n,) bool, True for the digits held out of training.
        seed: Seed of the samples' order and distortion.
        scores: Before the first epoch, and after each; empty before the first slice.
        seconds: Seconds of training, without waiting.
        step: Batches done of the epoch under way.
        under_way: The run after those batches; None at the start of an epoch.
    """

    checkpoint: Checkpoint
    digits: DigitCollection
    held: NDArray[np.bool_]
    seed: int = 0
    scores: tuple[Scores, ...] = ()
    seconds: float = 0.0
    step: int = 0
    under_way: Checkpoint | None = None

    @property
    def epoch(self) -> int:
        """The epochs that are done."""
        return max(0, len(self.scores) - 1)

    @property
    def finished(self) -> bool:
        """Return True if all epochs are done."""
        return self.epoch >= EPOCHS

    @property
    def network(self) -> Network:
        """The network after the last whole epoch."""
        return Network.of(self.checkpoint.experiment, self.checkpoint.weights)

    @property
    def fit(self) -> FitConfig:
        """The settings of fine-tuning: Adam with a small learning rate, whatever the run used."""
        experiment = self.checkpoint.experiment
        changes = {"fit.optimizer": "adam", "fit.momentum": 0.0, "fit.learning_rate": RATE}
        return experiment.updated(changes).fit

    @property
    def newest(self) -> Checkpoint:
        """The run with the present weights, within an epoch or after one."""
        return self.under_way or self.checkpoint

    def after_batches(self, step: int, weights: Arrays, slots: Arrays) -> Branch:
        """Return the branch after more batches of the epoch under way.

        Args:
            step: Batches done of this epoch.
            weights: The weights after them.
            slots: The optimizer's variables after them.
        """
        for array in (*weights, *slots):
            array.setflags(write=False)
        under_way = replace(self.checkpoint, weights=weights, slots=slots)
        return replace(self, step=step, under_way=under_way)

    def after_epoch(self, scores: Scores) -> Branch:
        """Return the branch after the epoch under way, of which all batches are done.

        Args:
            scores: The scores of its weights.
        """
        *before, (at, name, epoch) = self.checkpoint.edits
        checkpoint = replace(self.newest, edits=(*before, (at, name, epoch + 1)))
        whole = replace(self, checkpoint=checkpoint, scores=(*self.scores, scores))
        return whole.without_rest()

    def without_rest(self) -> Branch:
        """Return the branch without what is done of the epoch under way."""
        return replace(self, step=0, under_way=None)


def begin(parent: Checkpoint, digits: DigitCollection, seed: int = 0) -> Branch:
    """Return a branch before its first slice.

    Of 20 digits or more, a quarter of each label is held out, to show whether training helps with
    digits that were not trained on.

    Args:
        parent: A run trained on the data `"digits"`.
        digits: The learner's digits.
        seed: Seed of the samples' order and distortion.

    Raises:
        ValueError: If the network is untrained, or trained on other data, or there are too few
            digits.
    """
    if not parent.weights or parent.experiment.data.name != "digits":
        name = parent.experiment.data.name
        raise ValueError(f"parent must be trained on digits. Received: {name!r}, untrained or not")
    count = len(digits)
    if count < LEAST:
        raise ValueError(f"digits must be {LEAST} digits or more. Received: {count}")
    is_enough = count >= ENOUGH
    held = choose_held_out(digits.labels, seed=seed) if is_enough else np.zeros(count, np.bool_)
    digest = hashlib.sha256(digits.to_json().encode()).hexdigest()[:16]
    edit = (parent.updates, f"{OWN_DIGITS} {digest}-{seed}", 0.0)
    start = replace(parent, counters=(), film=(), slots=(), edits=(*parent.edits, edit))
    branch = Branch(start, digits, held, seed)
    slots = optimizers.first_slots(branch.fit, start.weights)
    return replace(branch, checkpoint=replace(start, slots=slots))
