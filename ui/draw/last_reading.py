"""The drawing that was read last, and the outputs for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.digits.preprocess import Stages
from ui.core import state
from ui.core.keys import Key


class LastReading(NamedTuple):
    """The drawing that was read last.

    Attributes:
        image: Its 784 bytes.
        outputs: (classes,), or None where no network could read it.
        before: The outputs before the last stroke, or None.
    """

    image: bytes = b""
    outputs: NDArray[np.float32] | None = None
    before: NDArray[np.float32] | None = None


READ = Key("draw.read", LastReading())


def remember_outputs(
    stages: Stages, outputs: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """Keep the outputs, and return those before the last stroke; None for a new drawing.

    Args:
        stages: The drawing's stages.
        outputs: The outputs for it.
    """
    if stages.image is None:
        state.drop(READ)
        return None
    image = stages.image.tobytes()
    last = state.get(READ)
    before = last.before if last.image == image else last.outputs
    state.put(READ, LastReading(image, outputs, before))
    return before
