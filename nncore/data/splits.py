"""The split of the training rows: which are held out, and the order in which others are trained."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import FitConfig

#: The stream of a seed from which orders are drawn: `ORDER` in `nncore.training.model`.
_ORDER = 2


def held_out(count: int, fit: FitConfig) -> slice:
    """Return the training rows that are held out for validation.

    `"last"` takes exactly the rows that Keras's `validation_split` takes: those from
    `floor(count * (1 - validation_split))` on, in floating point. Of 60,000 rows 1/12 is 5,000;
    for some other shares rounding gives one row more than `count * validation_split`.
    `"first"` takes as many rows from the front.

    Source: `keras/src/trainers/data_adapters/array_slicing.py` (`train_validation_split`).

    Args:
        count: Number of training rows.
        fit: Its `validation` and `validation_split` are used.

    Returns:
        A slice of rows, empty for `"none"` and `"test"`.

    Raises:
        ValueError: If no row would be left to train or to validate.
    """
    if fit.validation not in ("last", "first"):
        return slice(0, 0)
    kept = math.floor(count * (1.0 - fit.validation_split))
    if not 0 < kept < count:
        raise ValueError(
            "fit.validation_split must leave rows to train and rows to validate. Received: "
            f"fit.validation_split={fit.validation_split!r} of {count} training rows"
        )
    return slice(kept, count) if fit.validation == "last" else slice(0, count - kept)


def training_rows(count: int, fit: FitConfig) -> slice:
    """Return the training rows to train on: all that `held_out` does not take."""
    held = held_out(count, fit)
    return slice(0, held.start) if fit.validation == "last" else slice(held.stop, count)


def updates_per_epoch(count: int, fit: FitConfig) -> int:
    """Return the batches, and so gradient updates, of an epoch; the last batch may be smaller.

    Args:
        count: Number of training samples, held-out ones included.
        fit: Its batch size and validation are used.
    """
    rows = training_rows(count, fit)
    samples: int = rows.stop - rows.start
    return math.ceil(samples / fit.batch_size)


@lru_cache(maxsize=8)
def epoch_order(seed: int, epoch: int, start: int, stop: int) -> NDArray[np.int32]:
    """Return the order in which an epoch goes through the training rows.

    It depends on nothing but these arguments, so it is the same wherever an epoch is resumed.

    Args:
        seed: `fit.seed`.
        epoch: Number of epochs already done.
        start: The first training row.
        stop: The row after the last.

    Returns:
        (stop - start,) int32, read-only.
    """
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_ORDER, epoch)))
    order = generator.permutation(np.arange(start, stop, dtype=np.int32))
    order.setflags(write=False)
    return order


def batch_rows(count: int, fit: FitConfig, epoch: int, step: int) -> NDArray[np.int32]:
    """Return the training rows of one batch, in their order.

    Args:
        count: Number of training samples, held-out ones included.
        fit: Its seed, batch size and validation are used.
        epoch: Number of epochs already done.
        step: Number of batches of this epoch already done; after the last, the next epoch's first
            batch is returned.

    Returns:
        (batch_size,) int32; fewer in an epoch's last batch.
    """
    rows = training_rows(count, fit)
    more_epochs, step = divmod(step, updates_per_epoch(count, fit))
    epoch += more_epochs
    order = epoch_order(fit.seed, epoch, rows.start, rows.stop)
    return order[step * fit.batch_size : (step + 1) * fit.batch_size]
