"""Learning rate schedules: those of Keras, as plain numbers.

The factor of the learning rate depends on nothing but the number of the update, so it does not
matter how a run is cut into slices. This file knows neither Keras nor how training is done.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import FitConfig

#: The factor by which `"exponential"` multiplies the learning rate with each epoch.
DECAY = 0.9


def factor(fit: FitConfig, steps: int, update: int) -> float:
    """Return the factor of the learning rate at one update.

    `"cosine"` is Keras's `CosineDecay(rate, decay_steps=epochs * steps)`, `"exponential"` its
    `ExponentialDecay(rate, decay_steps=steps, decay_rate=0.9)`.

    Args:
        fit: Its schedule and epochs.
        steps: Updates in an epoch.
        update: Number of updates made before.
    """
    if fit.schedule == "cosine":
        progress = min(update / (steps * fit.epochs), 1.0)
        return 0.5 * (1.0 + math.cos(math.pi * progress))
    return DECAY ** (update / steps) if fit.schedule == "exponential" else 1.0


def rates(fit: FitConfig, rate: float, steps: int, first: int, count: int) -> NDArray[np.float32]:
    """Return the learning rates of consecutive updates.

    Args:
        fit: Its schedule and epochs.
        rate: The learning rate that the schedule starts from.
        steps: Updates in an epoch.
        first: Number of updates made before the first of them.
        count: Number of updates.

    Returns:
        (count,) float32.
    """
    # One by one: NumPy's cosine of many numbers may differ from that of each in the last bit.
    numbers = range(first, first + count)
    return np.array([rate * factor(fit, steps, number) for number in numbers], np.float32)
