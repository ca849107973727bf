"""Keras's own progress bar for training in this process: one line for each epoch.

Importing this file is light: Keras is imported when a bar is made.
"""

from __future__ import annotations

import sys
from typing import Any

from nncore.training.in_process import TrainingProgress, metric_names


def is_interactive() -> bool:
    """Return True in a terminal or a notebook, where somebody can watch a progress bar."""
    return sys.stdout.isatty() or "ipykernel" in sys.modules


class ProgressBar:
    """Print each epoch's progress, loss and metrics to standard output, as `model.fit` does."""

    def __init__(self) -> None:
        self._epoch = 0
        self._bar: Any = None

    def __call__(self, progress: TrainingProgress) -> None:
        """Show one update."""
        if progress.epoch != self._epoch:
            self._start_epoch(progress)
        values = list(progress.logs.items())
        self._bar.update(progress.batch, values, finalize=progress.is_epoch_end)

    def _start_epoch(self, progress: TrainingProgress) -> None:
        import keras

        sys.stdout.write(f"Epoch {progress.epoch}/{progress.epochs}\n")
        names = metric_names(progress.checkpoint)
        # Stateful: the numbers are means over the epoch already.
        means = [*names, *(f"val_{name}" for name in names)]
        self._bar = keras.utils.Progbar(progress.batches, stateful_metrics=means)
        self._epoch = progress.epoch
