"""What a small sample of digits says: the likely accuracy, and which digits to hold out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Standard deviations to either side that hold 95 % of a normal distribution.
_Z = 1.96


def likely_range(right: int, count: int) -> tuple[float, float]:
    """Return the range that probably holds the true share: Wilson's interval, 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927. Unlike the usual plus or minus it
    holds for small samples, and where all or none are right.

    Args:
        right: How many of the sample are right.
        count: The size of the sample, at least 1.

    Returns:
        The lowest and the highest share, each from 0 to 1.

    Raises:
        ValueError: If the sample is empty, or `right` is more than `count`.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"right must be from 0 to count. Received: {right} of {count}")
    share, spread = right / count, _Z * _Z / count
    middle = share + spread / 2
    reach = _Z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return max(0.0, low), min(1.0, high)


def choose_held_out(labels: NDArray[Any], one_in: int = 4, seed: int = 0) -> NDArray[np.bool_]:
    """Choose the digits to hold out of training, evenly over the labels.

    Args:
        labels: (n,) the digits' labels.
        one_in: Hold out one digit in this many, over all labels.
        seed: Another seed holds out other digits.

    Returns:
        (n,) bool: True for the digits held out.
    """
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held_out = np.zeros(len(labels), np.bool_)
    held_out[by_label[one_in - 1 :: one_in]] = True
    return held_out
