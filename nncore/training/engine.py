"""The training loop: `advance(experiment, checkpoint, budget) -> checkpoint`.

Worker side: this file imports TensorFlow. It knows nothing of pages, queues or stores. One
compiled function runs a *chunk* of many batches; between chunks Python is back in charge, looks at
the budget, and goes on or hands back the next checkpoint.

The same experiment gives the same weights, bit for bit on one machine, however its run is cut:
starting weights, order, dropout and distortion follow from the seed and from where the run stands.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nncore.checkpoint import Arrays, Budget, Checkpoint, out_of_patience
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.data.splits import epoch_order, held_out, training_rows, updates_per_epoch
from nncore.experiment import OUTPUTS, DataConfig, Experiment
from nncore.film import Film, is_due, is_filmed, next_frame, record_frame, with_frame
from nncore.nn import schedule
from nncore.nn.losses import encode
from nncore.nn.network import Network, evaluate
from nncore.training.augment import distort, mixed
from nncore.training.model import AUGMENT, DROPOUT, build, counters, initial_weights, seed_of
from nncore.training.shape import shape_of

#: Compiled networks kept for reuse. Each holds 3 to 5 MB beside its weights.
MAX_TRAINERS = 12
#: Samples that one call of the compiled function goes through, if batches allow.
CHUNK_SAMPLES = 8192
#: Points of the curve within an epoch.
TRACE_POINTS = 16


def advance(experiment: Experiment, checkpoint: Checkpoint, budget: Budget) -> Checkpoint:
    """Trains a slice of a run.

    Args:
        experiment: What is being done; `checkpoint.experiment`, or that with more epochs.
        checkpoint: Where the run stands. `Checkpoint(experiment, fingerprint)` begins one.
        budget: How far to go. With `Budget(batches=0)` a new run only gets its starting weights.

    Returns:
        The next checkpoint. Where the loss stopped being finite its `failure` says at which
        epoch and batch, and its weights are the last ones before.

    Raises:
        ValueError: If the checkpoint belongs to another experiment.
        nncore.data.DataMismatch: If the data here are not those the run began on.
    """
    started = time.perf_counter()
    checkpoint = checkpoint.extended(experiment)
    if checkpoint.finished:
        return checkpoint
    dataset = datasets.load(experiment.data, checkpoint.fingerprint)
    with _pool().trainer(experiment) as trainer:
        trainer.put(experiment, checkpoint)
        run = _Slice(trainer, experiment, dataset, checkpoint)
        run.go(budget, started)
        return run.checkpoint(started)


class _Slice:
    """One slice under way: where it stands in the epoch, and what it has counted."""

    def __init__(
        self, trainer: _Trainer, experiment: Experiment, dataset: Dataset, before: Checkpoint
    ) -> None:
        self.trainer, self.experiment, self.before = trainer, experiment, before
        self.dataset = dataset
        self.rows = training_rows(len(dataset.x_train), experiment.fit)
        self.epoch, self.step = before.epoch, before.step
        self.totals = np.array(before.totals or (0.0,) * len(trainer.columns), np.float64)
        self.history = {name: list(column) for name, column in before.history.items()}
        self.trace = list(before.trace)
        begins = before.updates == 0  # maybe with weights that were set by hand
        self.film: Film = () if begins else before.film
        # A run that began without a film goes on without one.
        self.filmed = is_filmed(experiment.layer_sizes) and (begins or bool(before.film))
        self.best_epoch, self.aside = before.best_epoch, before.aside
        self.failure = ""
        self.made = 0
        if begins:
            self._frame()

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return updates_per_epoch(len(self.dataset.x_train), self.experiment.fit)

    @property
    def updates(self) -> int:
        """Gradient updates made since the run began."""
        return self.before.updates + self.made

    def go(self, budget: Budget, started: float) -> None:
        """Trains until the run is done or the budget spent."""
        last_epoch = self.experiment.fit.epochs
        if budget.epochs is not None:
            last_epoch = min(last_epoch, self.before.epoch + budget.epochs)
        while self.epoch < last_epoch and not self.failure:
            if out_of_patience(self.experiment.fit, self.epoch, self.best_epoch):
                return
            if budget.batches is not None and self.made >= budget.batches:
                return
            left = None if budget.batches is None else budget.batches - self.made
            self._chunk(left)
            if self.step == self.steps and not self.failure:
                self._end_epoch()
            if budget.seconds is not None and time.perf_counter() - started >= budget.seconds:
                return

    def _chunk(self, left: int | None) -> None:
        """The next batches of this epoch, at most one call of the compiled function."""
        count = min(self.trainer.chunk_steps, self.steps - self.step)
        count = count if left is None else min(count, left)
        if self.filmed:  # fewer steps in a call: nothing is compiled anew, for they are data
            count = min(count, next_frame(self.updates) - self.updates)
        order = epoch_order(self.experiment.fit.seed, self.epoch, self.rows.start, self.rows.stop)
        tensors = _device_data(self.dataset, self.experiment)
        rates = self._rates(self.trainer.chunk_steps)
        self._count(self.trainer.run(tensors, *self._batches(order, count), rates)[:count])
        if not self.failure:
            self._frame()

    def _rates(self, count: int) -> NDArray[np.float32] | None:
        """The learning rates of the next updates; None where they are all the same."""
        fit = self.experiment.fit
        if fit.schedule == "none":
            return None
        return schedule.rates(fit, self.before.base_rate, self.steps, self.updates, count)

    def _batches(
        self, order: NDArray[np.int32], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Row numbers and weights (0 or 1), each (chunk_steps, batch_size)."""
        size = self.experiment.fit.batch_size
        shape = (self.trainer.chunk_steps, size)
        chosen = order[self.step * size : (self.step + count) * size]
        rows = np.zeros(shape[0] * size, np.int32)
        mask = np.zeros(shape[0] * size, np.float32)
        rows[: len(chosen)] = chosen
        mask[: len(chosen)] = 1.0
        return rows.reshape(shape), mask.reshape(shape)

    def _count(self, sums: NDArray[np.float32]) -> None:
        """Adds batches' sums one by one, so that the result does not depend on the cut."""
        failed = np.flatnonzero(~np.isfinite(sums[:, 1]))
        good = sums if not failed.size else sums[: failed[0]]
        totals = np.cumsum(np.vstack([self.totals, good.astype(np.float64)]), axis=0)
        first, steps = self.step, self.steps
        stride = max(1, steps // TRACE_POINTS)
        for step in range(first + 1, first + len(good) + 1):
            if step % stride == 0 or step == steps:
                self._trace(step, totals[step - first])
        self.totals, self.step = totals[-1], first + len(good)
        self.made += len(good)
        if failed.size:
            self.failure = (
                f"The loss was no longer finite in epoch {self.epoch + 1}, "
                f"batch {self.step + 1}: what was learnt until then is kept."
            )

    def _frame(self) -> None:
        """Keeps the weights as they are now, where a frame of the film is due."""
        if self.filmed and is_due(self.updates):
            sizes, weights = self.experiment.layer_sizes, self.trainer.weights()
            self.film = with_frame(self.film, record_frame(sizes, self.updates, weights))

    def _trace(self, step: int, totals: NDArray[np.float64]) -> None:
        samples, loss, accuracy = totals[:3]
        share = self.epoch + step / self.steps
        self.trace.append((share, float(loss / samples), float(accuracy / samples)))

    def _end_epoch(self) -> None:
        names = self.trainer.columns[1:]
        for name, total in zip(names, self.totals[1:], strict=True):
            self.history.setdefault(name, []).append(float(total / self.totals[0]))
        if self.experiment.fit.validation != "none":
            weights = self.trainer.weights()
            for name, value in validate(self.experiment, self.dataset, weights).items():
                self.history.setdefault(f"val_{name}", []).append(value)
        self.epoch, self.step = self.epoch + 1, 0
        self.totals = np.zeros(len(self.trainer.columns), np.float64)
        if self.experiment.fit.patience:
            self._watch()

    def _watch(self) -> None:
        """Early stopping: puts the weights aside where the loss is lower than ever before."""
        losses = self.history.get("val_loss", self.history["loss"])
        if not self.best_epoch or losses[-1] < losses[self.best_epoch - 1]:
            self.best_epoch, self.aside = self.epoch, self.trainer.weights()

    def checkpoint(self, started: float) -> Checkpoint:
        """The run as it stands now."""
        weights, slots, states = self.trainer.take()
        coming = self._rates(1)
        if coming is not None:
            slots = (slots[0], np.asarray(coming[0]), *slots[2:])
        after = replace(
            self.before,
            weights=weights,
            slots=slots,
            counters=states,
            epoch=self.epoch,
            step=self.step,
            totals=tuple(self.totals.tolist()),
            history={name: tuple(column) for name, column in self.history.items()},
            trace=tuple(self.trace),
            seconds=self.before.seconds + time.perf_counter() - started,
            failure=self.failure,
            film=self.film,
            best_epoch=self.best_epoch,
            aside=self.aside,
        )
        best = after.aside and after.finished and not after.failure
        return after.swapped() if best else after


def validate(experiment: Experiment, dataset: Dataset, weights: Arrays) -> dict[str, float]:
    """Loss and metrics on what is held out; nothing where nothing is.

    Args:
        experiment: Its `fit.validation` says what is held out.
        dataset: The data of `experiment`.
        weights: The network's.
    """
    fit = experiment.fit
    if fit.validation == "none":
        return {}
    network = Network.of(experiment, weights)
    if fit.validation == "test":
        return evaluate(network, experiment, dataset.x_test, dataset.y_test)
    rows = held_out(len(dataset.x_train), fit)
    return evaluate(network, experiment, dataset.x_train[rows], dataset.y_train[rows])


class _Trainer:
    """A built network with its compiled chunk: variables that runs are laid into, one at a time."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.model = build(experiment)
        self.optimizer: Any = self.model.optimizer
        self.optimizer.build(self.model.trainable_variables)
        self.counters = counters(self.model)
        self.loss = keras.losses.get(experiment.fit.loss)
        metric = experiment.fit.metric
        #: What the compiled function sums up for each batch.
        self.columns = ("samples", "loss", "accuracy", *(() if metric == "accuracy" else (metric,)))
        self.chunk_steps = _chunk_steps(experiment.fit.batch_size)
        self.traces = 0
        self._chunk = tf.function(self._build_chunk(), jit_compile=True, autograph=False)

    def put(self, experiment: Experiment, checkpoint: Checkpoint) -> None:
        """Lays a run into the variables; a new one gets its starting state from its seed."""
        weights = checkpoint.weights or tuple(initial_weights(experiment))
        slots = checkpoint.slots or self._first_slots(experiment)
        states = checkpoint.counters or self._first_counters(experiment)
        for variables, values in (
            (self.model.trainable_variables, weights),
            (self.optimizer.variables, slots),
            (self.counters, states),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self.seed = tf.constant(seed_of(experiment.fit.seed, AUGMENT), tf.int64)

    def take(self) -> tuple[Arrays, Arrays, Arrays]:
        """Weights, optimizer slots and dropout counters as arrays of their own."""
        return self.weights(), _copies(self.optimizer.variables), _copies(self.counters)

    def weights(self) -> Arrays:
        """Kernels and biases as arrays of their own."""
        return _copies(self.model.trainable_variables)

    def run(
        self,
        tensors: tuple[tf.Tensor, tf.Tensor],
        rows: NDArray[np.int32],
        mask: NDArray[np.float32],
        rates: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Trains on a chunk of batches, up to the first whose loss is not finite.

        To ask at each step whether to take it costs a tenth of the time at batch 10. So the step is
        taken, and where that was wrong the chunk is gone through again, up to the step before.

        Args:
            tensors: All samples and their labels, on the device.
            rows: (chunk_steps, batch_size) int32, which samples.
            mask: (chunk_steps, batch_size) float32, 1 for a sample and 0 for padding.
            rates: (chunk_steps,) float32, each batch's learning rate, if there is a schedule.

        Returns:
            (chunk_steps, columns): for each batch its samples, and loss and metrics times samples.
        """
        given = (*tensors, rows, mask, self.seed, *(() if rates is None else (rates,)))
        found, before = self._chunk(*given)
        sums: NDArray[np.float32] = found.numpy()
        failed = np.flatnonzero(~np.isfinite(sums[:, 1]))
        if failed.size:
            for variable, value in zip(self._state, before, strict=True):
                variable.assign(value)
            mask[failed[0] :] = 0
            self._chunk(*given)
        return sums

    @property
    def _state(self) -> list[Any]:
        """All that a step changes."""
        return [*self.model.trainable_variables, *self.optimizer.variables, *self.counters]

    def _first_slots(self, experiment: Experiment) -> Arrays:
        slots = [np.zeros(v.shape, v.dtype) for v in self.optimizer.variables]
        slots[1] = np.asarray(experiment.fit.learning_rate, np.float32)
        return tuple(slots)

    def _first_counters(self, experiment: Experiment) -> Arrays:
        return tuple(
            np.array([seed_of(experiment.fit.seed, DROPOUT, number), 0])
            for number in range(1, len(self.counters) + 1)
        )

    def _build_chunk(self) -> Any:
        steps, width = self.chunk_steps, len(self.columns)

        def chunk(
            x: tf.Tensor,
            y: tf.Tensor,
            rows: tf.Tensor,
            mask: tf.Tensor,
            seed: tf.Tensor,
            rates: tf.Tensor | None = None,
        ) -> tuple[tf.Tensor, list[tf.Tensor]]:
            self.traces += 1  # Python runs this once for each compilation

            before = [tf.identity(variable.value) for variable in self._state]
            steps_here = tf.reduce_sum(tf.cast(mask[:, 0] > 0, tf.int32))

            def body(i: tf.Tensor, _: tf.Tensor, sums: tf.Tensor) -> tuple[Any, ...]:
                if rates is not None:
                    self.optimizer.variables[1].assign(rates[i])
                row = self._step(tf.gather(x, rows[i]), tf.gather(y, rows[i]), mask[i], seed)
                sums = tf.tensor_scatter_nd_update(sums, [[i]], [row])
                return i + 1, tf.math.is_finite(row[1]), sums

            start = (tf.constant(0), tf.constant(True), tf.zeros((steps, width)))
            sums = tf.while_loop(lambda i, going, _: (i < steps_here) & going, body, start)[2]
            return sums, before

        return chunk

    def _step(self, x: tf.Tensor, y: tf.Tensor, weights: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """One gradient update, and the batch's sums."""
        config = self.experiment
        variables = self.model.trainable_variables
        kind = config.fit.augment
        place = tf.stack([seed, tf.cast(self.optimizer.iterations.value, tf.int64)])
        x, y = mixed(x, y, kind, config.labels, place)
        x = tf.cast(x, tf.float32)
        if config.data.is_image:
            x = distort(x / 255.0 if config.data.scaled else x, kind, place)
        count = tf.reduce_sum(weights)
        with tf.GradientTape() as tape:
            outputs = self.model(x, training=True)
            losses = self.loss(y, outputs)
            loss = tf.reduce_sum(losses * weights) / count
            if self.model.losses:
                loss += tf.add_n(self.model.losses)
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        watched = [_METRICS[name](y, outputs) for name in self.columns[2:]]
        means = [loss * count, *(tf.reduce_sum(metric * weights) for metric in watched)]
        return tf.stack([count, *means])


def _accuracy(y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """1 where the answer is right, as Keras's "accuracy" counts: over 0.5, or the largest."""
    if outputs.shape[-1] == 1:
        return tf.cast((outputs[:, 0] > 0.5) == (y[:, 0] > 0.5), tf.float32)
    wanted = tf.argmax(y, -1) if y.shape.rank == 2 else tf.cast(y, tf.int64)
    return tf.cast(tf.argmax(outputs, -1) == wanted, tf.float32)


_METRICS = {
    "accuracy": _accuracy,
    "mean_squared_error": keras.losses.mean_squared_error,
    "mean_absolute_error": keras.losses.mean_absolute_error,
}


class _Pool:
    """Compiled networks by shape, reused from run to run; each is held by one slice at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._idle: OrderedDict[int, tuple[Experiment, _Trainer]] = OrderedDict()
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def trainer(self, experiment: Experiment) -> Iterator[_Trainer]:
        """A compiled network of this experiment's shape, the caller's own until the block ends."""
        shape = shape_of(experiment)
        trainer = self._take(shape) or _Trainer(shape)
        yield trainer  # not given back after an error: its variables may be half laid
        self._give_back(shape, trainer)

    def _take(self, shape: Experiment) -> _Trainer | None:
        with self._lock:
            for key, (held, trainer) in reversed(self._idle.items()):
                if held == shape:
                    del self._idle[key]
                    return trainer
        return None

    def _give_back(self, shape: Experiment, trainer: _Trainer) -> None:
        with self._lock:
            self._count += 1
            self._idle[self._count] = (shape, trainer)
            while len(self._idle) > self._limit:
                self._idle.popitem(last=False)

    def __len__(self) -> int:
        return len(self._idle)


@lru_cache(maxsize=1)
def _pool() -> _Pool:
    """This process's pool."""
    return _Pool(MAX_TRAINERS)


def _chunk_steps(batch_size: int) -> int:
    """Batches in a chunk: a power of two, so that few shapes are ever compiled."""
    wanted = max(4, min(512, CHUNK_SAMPLES // batch_size))
    return 1 << (wanted.bit_length() - 1)


def _device_data(dataset: Dataset, experiment: Experiment) -> tuple[tf.Tensor, tf.Tensor]:
    """All training samples, flat, and their labels as the loss wants them, on the device."""
    config = replace(experiment.data, scaled=True)  # scaled or not, the pixels are the same
    images = _device_samples(config, dataset.fingerprint)
    return images, _device_labels(experiment.data, dataset.fingerprint, experiment.labels)


@lru_cache(maxsize=4)
def _device_samples(config: DataConfig, fingerprint: str) -> tf.Tensor:
    x = datasets.load(config, fingerprint).x_train
    return tf.constant(_padded(x.reshape(len(x), -1)))


@lru_cache(maxsize=8)
def _device_labels(config: DataConfig, fingerprint: str, form: str) -> tf.Tensor:
    y = encode(datasets.load(config, fingerprint).y_train, form, OUTPUTS[config.name])
    return tf.constant(_padded(y.astype(np.int32) if form == "integer" else y))


def _padded(array: NDArray[Any]) -> NDArray[Any]:
    """`array` with rows of zeros up to a power of two: sizes that differ a little share a shape."""
    rows = 1 << max(6, (len(array) - 1).bit_length())
    padding = [(0, rows - len(array))] + [(0, 0)] * (array.ndim - 1)
    return np.pad(array, padding)


def _copies(variables: list[Any]) -> Arrays:
    return tuple(variable.numpy().copy() for variable in variables)
