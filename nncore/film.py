"""The film of a run: its weights at up to sixty moments, more of them early.

A film is recorded during training and belongs to the checkpoints. Whether a frame is due depends on
nothing but the number of updates: not on the slices, nor on the number of epochs, so a run that is
trained further continues its film. This file knows NumPy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: With the present weights, which every checkpoint holds anyway, that makes sixty.
MAX_FRAMES = 59
#: Networks up to this size are filmed whole. A film is sent with every slice and stored with every
#: model: 59 times 8,000 float32 are 1.9 MB. Lessons 1 and 2 have 34, 785 and 7,850 parameters.
MAX_PARAMETERS = 8_000
#: Of larger networks on images, the first-layer weights of this many units are filmed: 59 times
#: 12 x 784 float16 are 1.1 MB.
MAX_FILMED_UNITS = 12
#: Pixels of an image.
_PIXELS = 28 * 28


class Frame(NamedTuple):
    """A network at one moment of its training.

    Attributes:
        updates: Gradient updates made before; 0 for the starting weights.
        weights: (parameters,) float32, all weights and biases one after another. Of a larger
            network (see `record_frame`) the first-layer kernel of its first units, transposed:
            (units * 784,) float16.
    """

    updates: int
    weights: NDArray[np.float32] | NDArray[np.float16]

    @classmethod
    def of(cls, updates: int, weights: Sequence[NDArray[Any]]) -> Frame:
        """Return the frame of a network.

        Args:
            updates: Gradient updates made so far.
            weights: `(kernel, bias, kernel, bias, ...)`.
        """
        flat = np.concatenate([np.ravel(array) for array in weights]).astype(np.float32)
        flat.setflags(write=False)
        return cls(updates, flat)

    def pictures(self) -> NDArray[np.float32]:
        """Return the filmed first-layer weights of a larger network, (units, 28, 28)."""
        return self.weights.astype(np.float32).reshape(-1, 28, 28)

    def arrays(self, sizes: Sequence[int]) -> tuple[NDArray[np.float32], ...]:
        """Return the weights as `(kernel, bias, kernel, bias, ...)`.

        Args:
            sizes: Units from the input to the output, as `Experiment.layer_sizes`.

        Raises:
            ValueError: If a network of these sizes has another number of parameters.
        """
        shapes = [shape for a, b in pairwise(sizes) for shape in ((a, b), (b,))]
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
        if ends[-1] != len(self.weights):
            raise ValueError(
                f"sizes must be those of a network with {len(self.weights):,} parameters. "
                f"Received: {tuple(sizes)}, which has {ends[-1]:,}"
            )
        parts = np.split(self.weights.astype(np.float32, copy=False), ends[:-1])
        return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


Film = tuple[Frame, ...]


def is_filmed_whole(sizes: Sequence[int]) -> bool:
    """Return True if the frames of such a network hold all its weights.

    Args:
        sizes: Units from the inputs to the outputs, as `Experiment.layer_sizes`.
    """
    return sum((a + 1) * b for a, b in pairwise(sizes)) <= MAX_PARAMETERS


def is_filmed(sizes: Sequence[int]) -> bool:
    """Return True if such a network has a film: small networks, and all networks on images."""
    return is_filmed_whole(sizes) or sizes[0] == _PIXELS


def record_frame(sizes: Sequence[int], updates: int, weights: Sequence[NDArray[Any]]) -> Frame:
    """Return the frame of a network as it is now.

    Args:
        sizes: Units from the inputs to the outputs, of a network that is filmed.
        updates: Gradient updates made so far.
        weights: `(kernel, bias, kernel, bias, ...)`.
    """
    if is_filmed_whole(sizes):
        return Frame.of(updates, weights)
    with np.errstate(over="ignore"):  # a diverged network: infinity in float16
        kernel = np.ravel(weights[0][:, :MAX_FILMED_UNITS].T).astype(np.float16)
    kernel.setflags(write=False)
    return Frame(updates, kernel)


def next_frame(updates: int) -> int:
    """Return the number of updates after which the next frame is due.

    Frames are due after 0, 1, 2, ... 8 updates, and then four times in each doubling: 10, 12, 14,
    16, 20, 24, 28, 32, 40, ... A network changes most at the beginning.

    Args:
        updates: Number of updates made.

    Returns:
        The smallest number above `updates` at which a frame is due.
    """
    stride = _stride(updates)
    return updates - updates % stride + stride


def is_due(updates: int) -> bool:
    """Return True if a frame is due after this number of updates: see `next_frame`."""
    return updates % _stride(updates) == 0


def _stride(updates: int) -> int:
    return 1 << max(0, updates.bit_length() - 3)


def with_frame(film: Film, frame: Frame) -> Film:
    """Return the film with a frame added at its end, of at most `MAX_FRAMES` frames.

    If there are too many, one is removed: the frame whose neighbours are closest to each other by
    the ratio of their updates, and of several such frames the latest. So a film of any length
    keeps its beginning, its end, and frames evenly spaced by doublings in between.
    """
    longer = (*film, frame)
    if len(longer) <= MAX_FRAMES:
        return longer
    between = range(1, len(longer) - 1)
    worst = min(between, key=lambda i: (longer[i + 1].updates / max(1, longer[i - 1].updates), -i))
    return longer[:worst] + longer[worst + 1 :]
