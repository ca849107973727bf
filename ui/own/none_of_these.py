"""Test: whether a drawing is like nothing that the network has seen."""

from __future__ import annotations

from nncore.checkpoint import Checkpoint
from nncore.digits import own_novelty
from nncore.digits.ink import Pixels
from ui.core import resources


def is_none(checkpoint: Checkpoint, image: Pixels) -> bool:
    """Return True for a drawing that is none of the network's classes.

    Args:
        checkpoint: A trained network, with the drawings that it learnt from.
        image: (28, 28) uint8.
    """
    dataset = resources.dataset(checkpoint.experiment.data)
    return own_novelty.compare(own_novelty.fit(dataset), image).is_none
