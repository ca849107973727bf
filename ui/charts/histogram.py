"""What all histograms share: finite values, and bars of bins that are not empty."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.charts.vega import shorten

Array: TypeAlias = NDArray[Any]


def keep_finite(values: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Return the finite values, `(m,)`, and their labels."""
    flat, truth = np.asarray(values, float).ravel(), np.asarray(labels).ravel()
    finite = np.isfinite(flat)
    return flat[finite], truth[finite]


def list_bins(values: Array, edges: Array) -> Iterator[dict[str, float]]:
    """Yield low end, high end and count of each bin that is not empty."""
    counts, _ = np.histogram(values, edges)
    for count, (low, high) in zip(counts, pairwise(edges), strict=True):
        if count:
            yield {"low": shorten(low), "high": shorten(high), "count": int(count)}
