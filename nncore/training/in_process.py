"""Training in this process: no workers, no queue, no store; and its progress bar."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from nncore.checkpoint import Budget, Checkpoint
from nncore.data.datasets import load
from nncore.data.splits import updates_per_epoch

#: Seconds of training between two calls of `on_progress`, unless an epoch ends earlier.
INTERVAL = 0.25


@dataclass(frozen=True)
class TrainingProgress:
    """The state of training at one moment; the names follow Keras's callbacks.

    Args:
        epoch: The epoch that is being trained, or has just ended, counted from 1.
        epochs: Epochs to train in all.
        batch: Batches of this epoch that are done; equal to `batches` at the epoch's end.
        batches: Batches in an epoch.
        logs: Means over the epoch so far by name: `"loss"`, `"accuracy"` and the experiment's own
            metric. At the epoch's end also `"val_loss"`, `"val_accuracy"`, ... if the experiment
            validates.
        checkpoint: Weights, history and everything else that training holds.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    logs: dict[str, float]
    checkpoint: Checkpoint

    @property
    def is_epoch_end(self) -> bool:
        """Return True if the epoch has just ended."""
        return self.batch == self.batches


#: Receives each `TrainingProgress`; returning False stops training.
OnProgress: TypeAlias = Callable[[TrainingProgress], bool | None]


def train_checkpoint(start: Checkpoint, callbacks: tuple[OnProgress, ...] = ()) -> Checkpoint:
    """Train until the run is finished or a callback stops it.

    Args:
        start: Where to begin; `Checkpoint(experiment, fingerprint)` for a new run.
        callbacks: Each is called at the end of every epoch, and about four times a second within
            one, but not while it is validated.

    Returns:
        The last checkpoint. It is not finished if a callback returned False.

    Raises:
        nncore.data.datasets.DataMismatch: If the data on this machine are not the run's.
    """
    from nncore.training import engine

    budget = Budget(seconds=INTERVAL, epochs=1) if callbacks else Budget()
    checkpoint, is_stopped = start, False
    while not checkpoint.finished and not is_stopped:
        with _without_retracing_warnings():
            checkpoint = engine.advance(checkpoint.experiment, checkpoint, budget)
        if callbacks and not checkpoint.validation_totals:
            progress = describe_progress(checkpoint)
            answers = [callback(progress) for callback in callbacks]
            is_stopped = any(answer is False for answer in answers)
    return checkpoint


@contextmanager
def _without_retracing_warnings() -> Iterator[None]:
    """Keep TensorFlow from warning that functions are compiled again.

    Each shape of network has its own compiled function, and the engine bounds their number.
    """

    def is_other(record: logging.LogRecord) -> bool:
        return "retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def describe_progress(checkpoint: Checkpoint) -> TrainingProgress:
    """Return what a callback is told about a checkpoint that has been trained."""
    experiment = checkpoint.experiment
    dataset = load(experiment.data, checkpoint.fingerprint)
    batches = updates_per_epoch(len(dataset.x_train), experiment.fit)
    if checkpoint.step:
        samples, *sums = checkpoint.totals
        names = metric_names(checkpoint)
        logs = {name: total / samples for name, total in zip(names, sums, strict=True)}
        epoch, batch = checkpoint.epoch + 1, checkpoint.step
    else:
        logs = {name: column[-1] for name, column in checkpoint.history.items()}
        epoch, batch = max(1, checkpoint.epoch), batches if checkpoint.epoch else 0
    return TrainingProgress(epoch, experiment.fit.epochs, batch, batches, logs, checkpoint)


def metric_names(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the names of the training loss and metrics, in the order of `checkpoint.totals`."""
    return tuple(dict.fromkeys(("loss", "accuracy", checkpoint.experiment.fit.metric)))


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
