"""The training loop: `advance(experiment, checkpoint, budget)` returns the next checkpoint.

Worker side: this file imports TensorFlow. It knows nothing of pages, queues or stores. A compiled
function trains a *chunk* of many batches (`nncore.training.compiled_model`); between chunks Python
checks the budget, and trains on or returns.

The same experiment gives the same weights, bit for bit on one machine, however its run is cut into
slices: starting weights, order, dropout and distortion follow from the seed and the position in the
run.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.checkpoint import Arrays, Budget, Checkpoint, out_of_patience
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.data.splits import epoch_order, held_out, training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.film import Film, is_due, is_filmed, next_frame, record_frame, with_frame
from nncore.nn import schedule
from nncore.nn.evaluation import Totals, evaluate_part, means_of
from nncore.nn.network import Network
from nncore.training.compiled_model import CompiledModel
from nncore.training.device_data import device_data
from nncore.training.model_pool import shared_pool

#: Points of the training curve within an epoch.
TRACE_POINTS = 16


def advance(experiment: Experiment, checkpoint: Checkpoint, budget: Budget) -> Checkpoint:
    """Train a slice of a run.

    Args:
        experiment: `checkpoint.experiment`, or the same with more epochs.
        checkpoint: Where the run is. `Checkpoint(experiment, fingerprint)` starts one.
        budget: How far to go. With `Budget(batches=0)` a new run only gets its starting weights.

    Returns:
        The next checkpoint. If the loss became NaN or infinite, its `failure` says in which epoch
        and batch, and its weights are the last ones before.

    Raises:
        ValueError: If the checkpoint belongs to another experiment.
        nncore.data.datasets.DataMismatch: If the data on this machine are not the run's.
    """
    started = time.perf_counter()
    checkpoint = checkpoint.extended(experiment)
    if checkpoint.finished:
        return checkpoint
    dataset = datasets.load(experiment.data, checkpoint.fingerprint)
    with shared_pool().borrow(experiment) as compiled:
        compiled.set_state(experiment, checkpoint)
        current = _Slice(compiled, experiment, dataset, checkpoint)
        current.train(budget, started)
        return current.checkpoint(started)


def validate_part(
    experiment: Experiment, dataset: Dataset, weights: Arrays, totals: Totals = ()
) -> tuple[Totals, dict[str, float]]:
    """Evaluate the next part of the validation samples.

    Args:
        experiment: Its `fit.validation` says which samples are held out; there must be some.
        dataset: The data of `experiment`.
        weights: The network's, `(kernel, bias, ...)` float32.
        totals: What was returned for the part before; empty for the first part.

    Returns:
        The totals of all parts so far, and loss and metrics by name, empty before the last part.
    """
    x, y = _validation_samples(experiment, dataset)
    network = Network.of(experiment, weights)
    totals = evaluate_part(network, experiment, x, y, totals)
    is_last = totals[0] == len(y)
    return totals, means_of(network, experiment, totals) if is_last else {}


def time_validation(experiment: Experiment, dataset: Dataset, weights: Arrays) -> float:
    """Return the seconds that an epoch's validation takes, as its first part suggests.

    Arguments are those of `validate_part`, but an experiment without validation takes none.
    """
    if experiment.fit.validation == "none":
        return 0.0
    started = time.perf_counter()
    totals, _ = validate_part(experiment, dataset, weights)
    samples = len(_validation_samples(experiment, dataset)[1])
    return (time.perf_counter() - started) * samples / totals[0]


def _validation_samples(
    experiment: Experiment, dataset: Dataset
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the validation samples and their class numbers."""
    if experiment.fit.validation == "test":
        return dataset.x_test, dataset.y_test
    rows = held_out(len(dataset.x_train), experiment.fit)
    return dataset.x_train[rows], dataset.y_train[rows]


class _Slice:
    """A slice that is being trained: its position in the run, and everything it has counted."""

    def __init__(
        self, compiled: CompiledModel, experiment: Experiment, dataset: Dataset, before: Checkpoint
    ) -> None:
        self.compiled, self.experiment, self.before = compiled, experiment, before
        self.dataset = dataset
        self.tensors = device_data(dataset, experiment)
        self.rows = training_rows(len(dataset.x_train), experiment.fit)
        self.epoch, self.step = before.epoch, before.step
        self.totals = np.array(before.totals or (0.0,) * len(compiled.columns), np.float64)
        self.validation_totals = before.validation_totals
        self.history = {name: list(column) for name, column in before.history.items()}
        self.trace = list(before.trace)
        is_start = before.updates == 0  # maybe with weights that were set by hand
        self.film: Film = () if is_start else before.film
        # A run that started without a film continues without one.
        self.is_filmed = is_filmed(experiment.layer_sizes) and (is_start or bool(before.film))
        self.best_epoch, self.aside = before.best_epoch, before.aside
        self.failure = ""
        self.new_updates = 0
        if is_start:
            self._add_frame()

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return updates_per_epoch(len(self.dataset.x_train), self.experiment.fit)

    @property
    def updates(self) -> int:
        """Gradient updates since the start of the run."""
        return self.before.updates + self.new_updates

    def train(self, budget: Budget, started: float) -> None:
        """Train until the run is finished or the budget is spent.

        Args:
            budget: How far to go.
            started: When the slice started, in seconds of `time.perf_counter`.
        """
        last_epoch = self.experiment.fit.epochs
        if budget.epochs is not None:
            last_epoch = min(last_epoch, self.before.epoch + budget.epochs)
        while self.epoch < last_epoch and not self.failure:
            if out_of_patience(self.experiment.fit, self.epoch, self.best_epoch):
                return
            if self.step < self.steps:
                if budget.batches is not None and self.new_updates >= budget.batches:
                    return
                self._train_chunk(self._steps_within(budget, started))
            if self.step == self.steps and not self.failure:
                self._validate(budget, started)
            if self._is_late(budget, started):
                return

    def _is_late(self, budget: Budget, started: float) -> bool:
        """Return True if the slice has taken the seconds of its budget."""
        return budget.seconds is not None and time.perf_counter() - started >= budget.seconds

    def _steps_within(self, budget: Budget, started: float) -> int:
        """Return the number of batches that the budget allows in the next chunk, at least one."""
        steps = self.compiled.chunk_steps
        if budget.batches is not None:
            steps = min(steps, budget.batches - self.new_updates)
        if budget.seconds is not None:
            left = budget.seconds - (time.perf_counter() - started)
            steps = min(steps, self.compiled.steps_within(left))
        return steps

    def _train_chunk(self, most: int) -> None:
        """Train on the next batches of this epoch, with one call of the compiled function.

        Args:
            most: The largest number of batches.
        """
        count = min(most, self.steps - self.step)
        if self.is_filmed:  # stop for the next frame; the mask says so, so nothing is recompiled
            count = min(count, next_frame(self.updates) - self.updates)
        order = epoch_order(self.experiment.fit.seed, self.epoch, self.rows.start, self.rows.stop)
        rates = self._next_rates(self.compiled.chunk_steps)
        sums = self.compiled.train_chunk(self.tensors, *self._choose_batches(order, count), rates)
        self._add_sums(sums[:count])
        if not self.failure:
            self._add_frame()

    def _next_rates(self, count: int) -> NDArray[np.float32] | None:
        """Return the learning rates of the next updates, (count,); None without a schedule."""
        fit = self.experiment.fit
        if fit.schedule == "none":
            return None
        return schedule.rates(fit, self.before.base_rate, self.steps, self.updates, count)

    def _choose_batches(
        self, order: NDArray[np.int32], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the next batches' row numbers, and 1 for a sample or 0 for padding.

        Args:
            order: The epoch's order of the training rows.
            count: Number of batches.

        Returns:
            Two arrays (chunk_steps, batch_size).
        """
        size = self.experiment.fit.batch_size
        shape = (self.compiled.chunk_steps, size)
        chosen = order[self.step * size : (self.step + count) * size]
        rows = np.zeros(shape[0] * size, np.int32)
        mask = np.zeros(shape[0] * size, np.float32)
        rows[: len(chosen)] = chosen
        mask[: len(chosen)] = 1.0
        return rows.reshape(shape), mask.reshape(shape)

    def _add_sums(self, sums: NDArray[np.float32]) -> None:
        """Add batches' sums one by one, so that the totals do not depend on the slices.

        Args:
            sums: (batches, columns); what follows the first loss that is not finite is ignored.
        """
        failed = np.flatnonzero(~np.isfinite(sums[:, 1]))
        good = sums if not failed.size else sums[: failed[0]]
        totals = np.cumsum(np.vstack([self.totals, good.astype(np.float64)]), axis=0)
        first, steps = self.step, self.steps
        stride = max(1, steps // TRACE_POINTS)
        for step in range(first + 1, first + len(good) + 1):
            if step % stride == 0 or step == steps:
                self._add_trace_point(step, totals[step - first])
        self.totals, self.step = totals[-1], first + len(good)
        self.new_updates += len(good)
        if failed.size:
            self.failure = (
                f"The loss was no longer finite in epoch {self.epoch + 1}, "
                f"batch {self.step + 1}: what was learnt until then is kept."
            )

    def _add_trace_point(self, step: int, totals: NDArray[np.float64]) -> None:
        samples, loss, accuracy = totals[:3]
        position = self.epoch + step / self.steps
        self.trace.append((position, float(loss / samples), float(accuracy / samples)))

    def _add_frame(self) -> None:
        """Add the present weights to the film, if a frame is due."""
        if self.is_filmed and is_due(self.updates):
            sizes, weights = self.experiment.layer_sizes, self.compiled.copy_weights()
            self.film = with_frame(self.film, record_frame(sizes, self.updates, weights))

    def _validate(self, budget: Budget, started: float) -> None:
        """Evaluate on the validation samples and end the epoch, or stop when the time is over."""
        experiment, means = self.experiment, dict[str, float]()
        has_samples = experiment.fit.validation != "none"
        weights = self.compiled.copy_weights() if has_samples else ()
        while has_samples and not means:
            self.validation_totals, means = validate_part(
                experiment, self.dataset, weights, self.validation_totals
            )
            if not means and self._is_late(budget, started):
                return
        self._end_epoch(means)

    def _end_epoch(self, validation: Mapping[str, float]) -> None:
        """Write the epoch's means into the history, and start the next epoch."""
        names = self.compiled.columns[1:]
        means = dict(zip(names, (self.totals[1:] / self.totals[0]).tolist(), strict=True))
        means |= {f"val_{name}": mean for name, mean in validation.items()}
        for name, mean in means.items():
            self.history.setdefault(name, []).append(mean)
        self.epoch, self.step, self.validation_totals = self.epoch + 1, 0, ()
        self.totals = np.zeros(len(self.compiled.columns), np.float64)
        if self.experiment.fit.patience:
            self._keep_best()

    def _keep_best(self) -> None:
        """Early stopping: set the weights aside if the loss is lower than ever before.

        It watches the validation loss; without validation, the training loss.
        """
        losses = self.history.get("val_loss", self.history["loss"])
        if not self.best_epoch or losses[-1] < losses[self.best_epoch - 1]:
            self.best_epoch, self.aside = self.epoch, self.compiled.copy_weights()

    def checkpoint(self, started: float) -> Checkpoint:
        """Return the run as it is now; `started` as for `train`."""
        weights, slots, counters = self.compiled.copy_state()
        coming = self._next_rates(1)
        if coming is not None:
            slots = (slots[0], np.asarray(coming[0]), *slots[2:])
        after = replace(
            self.before,
            weights=weights,
            slots=slots,
            counters=counters,
            epoch=self.epoch,
            step=self.step,
            totals=tuple(self.totals.tolist()),
            validation_totals=self.validation_totals,
            history={name: tuple(column) for name, column in self.history.items()},
            trace=tuple(self.trace),
            seconds=self.before.seconds + time.perf_counter() - started,
            failure=self.failure,
            film=self.film,
            best_epoch=self.best_epoch,
            aside=self.aside,
        )
        has_best = after.aside and after.finished and not after.failure
        return after.swapped() if has_best else after
