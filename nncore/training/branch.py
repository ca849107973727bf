"""A trained network that goes on with a learner's own digits: a branch of the run it came from.

A `Branch` is a value between two slices, as a checkpoint is for a run. Its weights are no longer
those of an experiment, so it is never kept under the experiment's key: each branch names its digits
among the checkpoint's `edits`. `nncore.training.fine_tuning` trains a slice of it on a worker; the
server and the workers both import this file.
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

#: Fewer digits than this are not trained on; from so many on some are held out.
LEAST, ENOUGH = 5, 20
#: How long it goes on, and with which steps: a fifth of the usual, for it has learnt already.
EPOCHS, RATE = 20, 2e-4
#: An epoch: samples drawn from the learner's digits, and from the data that it knows already.
OWN, KNOWN, BATCH = 256, 768, 64
#: Test images that are looked at after each epoch.
TESTED = 2000


class Scores(NamedTuple):
    """Shares that are answered right, 0 to 1; NaN where there are no such digits.

    Attributes:
        practised: Of the digits that it trains on.
        held: Of those that are held out.
        test: Of the first test images.
    """

    practised: float
    held: float
    test: float


@dataclass(frozen=True, eq=False)
class Branch:
    """Where training on stands.

    Args:
        checkpoint: The run that it came from, with the weights and slots of now.
        digits: The learner's digits.
        held: (n,) bool: those that are held out of training.
        seed: What the order of samples and their distortion follow from.
        scores: Before the first epoch, and after each; empty before the first slice.
        seconds: Time spent, without waiting.
    """

    checkpoint: Checkpoint
    digits: DigitCollection
    held: NDArray[np.bool_]
    seed: int = 0
    scores: tuple[Scores, ...] = ()
    seconds: float = 0.0

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return max(0, len(self.scores) - 1)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= EPOCHS

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return Network.of(self.checkpoint.experiment, self.checkpoint.weights)

    @property
    def fit(self) -> FitConfig:
        """How it is trained: Adam, whatever trained the run, in small steps."""
        experiment = self.checkpoint.experiment
        changes = {"fit.optimizer": "adam", "fit.momentum": 0.0, "fit.learning_rate": RATE}
        return experiment.updated(changes).fit

    def after_epoch(self, weights: Arrays, slots: Arrays, scores: Scores) -> Branch:
        """The branch one epoch further."""
        *before, (at, name, epoch) = self.checkpoint.edits
        edits = (*before, (at, name, epoch + 1))
        for array in (*weights, *slots):
            array.setflags(write=False)
        checkpoint = replace(self.checkpoint, weights=weights, slots=slots, edits=edits)
        return replace(self, checkpoint=checkpoint, scores=(*self.scores, scores))


def begin(parent: Checkpoint, digits: DigitCollection, seed: int = 0) -> Branch:
    """A branch before its first slice.

    Where there are 20 digits or more, a quarter of each label is held out, so that one can see what
    training on does for digits that it did not see.

    Args:
        parent: A trained network for digits.
        digits: The learner's digits.
        seed: Another one orders and distorts the samples in another way.

    Raises:
        ValueError: If the network is not trained, or for something else, or there are too few
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
    edit = (parent.updates, f"own digits {digest}-{seed}", 0.0)
    start = replace(parent, counters=(), film=(), slots=(), edits=(*parent.edits, edit))
    branch = Branch(start, digits, held, seed)
    slots = optimizers.first_slots(branch.fit, start.weights)
    return replace(branch, checkpoint=replace(start, slots=slots))
