"""Test: whether a drawing is like nothing that the network has seen."""

from __future__ import annotations

from nncore.checkpoint import Checkpoint
from nncore.digits.ink import Pixels


def is_none(checkpoint: Checkpoint, image: Pixels) -> bool:
    """Return True for a drawing that is none of the network's classes."""
    return False
