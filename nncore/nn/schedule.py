"""How the learning rate changes on the way: Keras's schedules, as plain numbers.

What a rate is multiplied with depends on the number of the update alone, and so not on how a run
is cut. This file knows neither Keras nor how training is done.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import FitConfig

#: What `"exponential"` leaves of the learning rate with each epoch.
DECAY = 0.9


def factor(fit: FitConfig, steps: int, update: int) -> float:
    """What the learning rate is multiplied with at one update.

    `"cosine"` is Keras's `CosineDecay(rate, decay_steps=epochs * steps)`, `"exponential"` its
    `ExponentialDecay(rate, decay_steps=steps, decay_rate=0.9)`.

    Args:
        fit: Its schedule and epochs.
        steps: Updates in an epoch.
        update: How many updates were made before.
    """
    if fit.schedule == "cosine":
        done = min(update / (steps * fit.epochs), 1.0)
        return 0.5 * (1.0 + math.cos(math.pi * done))
    return DECAY ** (update / steps) if fit.schedule == "exponential" else 1.0


def rates(fit: FitConfig, rate: float, steps: int, first: int, count: int) -> NDArray[np.float32]:
    """The learning rates of some updates, one after another.

    Args:
        fit: Its schedule and epochs.
        rate: What the schedule starts from.
        steps: Updates in an epoch.
        first: How many updates were made before the first of them.
        count: How many updates.

    Returns:
        float32 (count,).
    """
    # One by one: NumPy's cosine of many numbers need not be that of each alone, to the last bit.
    numbers = range(first, first + count)
    return np.array([rate * factor(fit, steps, number) for number in numbers], np.float32)
