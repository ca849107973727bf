"""A Keras model with a compiled function that trains a chunk of batches.

Worker side: this file imports TensorFlow. It holds the state of one run at a time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.compiler.tf2xla.python import xla

from nncore.cached_once import cached_once
from nncore.checkpoint import Arrays, Checkpoint
from nncore.experiment import Experiment
from nncore.training.augment import distort, mix_in_styles
from nncore.training.model import (
    AUGMENT,
    DROPOUT,
    build,
    dropout_counters,
    initial_weights,
    seed_of,
)

#: Samples that one call of the compiled function trains on, if the batch size allows.
CHUNK_SAMPLES = 16384
#: Seconds that a call of the compiled function takes at least, if the batches allow.
SHORTEST_CHUNK = 0.01


class CompiledModel:
    """A built network with a compiled function that trains a chunk of batches.

    Args:
        shape: What `shape_of` returns for each experiment to be trained.
    """

    def __init__(self, shape: Experiment) -> None:
        self.shape = shape
        self.model = build(shape)
        self.optimizer: Any = self.model.optimizer
        self.optimizer.build(self.model.trainable_variables)
        self.counters = dropout_counters(self.model)
        self.loss = keras.losses.get(shape.fit.loss)
        metric = shape.fit.metric
        #: The names of the sums that the compiled function returns for each batch.
        self.columns = ("samples", "loss", "accuracy", *(() if metric == "accuracy" else (metric,)))
        self.chunk_steps = _count_chunk_steps(shape.fit.batch_size)
        #: How often the function was compiled.
        self.compilations = 0
        self._known: set[tuple[object, ...]] = set()  # the arguments that it is compiled for
        self._seconds_per_step: float | None = None  # in the last chunk that did not compile
        self._train_chunk = tf.function(self._build_chunk(), jit_compile=True, autograph=False)

    def set_state(self, experiment: Experiment, checkpoint: Checkpoint) -> None:
        """Take over a run's state; a new run gets its starting state from its seed.

        Args:
            experiment: An experiment of this model's shape.
            checkpoint: Where its run is.
        """
        weights = checkpoint.weights or tuple(initial_weights(experiment))
        slots = checkpoint.slots or self._first_slots(experiment)
        counters = checkpoint.counters or self._first_counters(experiment)
        for variables, values in (
            (self.model.trainable_variables, weights),
            (self.optimizer.variables, slots),
            (self.counters, counters),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self.seed = tf.constant(seed_of(experiment.fit.seed, AUGMENT), tf.int64)

    def copy_state(self) -> tuple[Arrays, Arrays, Arrays]:
        """Return copies of weights, optimizer slots and dropout counters."""
        return self.copy_weights(), _copy(self.optimizer.variables), _copy(self.counters)

    def copy_weights(self) -> Arrays:
        """Return copies of the weights, `(kernel, bias, kernel, bias, ...)` float32."""
        return _copy(self.model.trainable_variables)

    def train_chunk(
        self,
        tensors: tuple[tf.Tensor, tf.Tensor],
        rows: NDArray[np.int32],
        mask: NDArray[np.float32],
        rates: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Train on a chunk of batches, up to the first whose loss is not finite.

        Deciding before each step whether to take it costs a tenth of the time at batch size 10. So
        every step is taken; if one was wrong, the chunk is repeated up to the step before it.

        Args:
            tensors: All samples and their labels, as `device_data` returns them.
            rows: (chunk_steps, batch_size) int32, the samples of each batch.
            mask: (chunk_steps, batch_size) float32, 1 for a sample and 0 for padding. It is
                changed if the chunk has to be repeated.
            rates: (chunk_steps,) float32, each batch's learning rate, if there is a schedule.

        Returns:
            (chunk_steps, columns) float32: for each batch its number of samples, then the sums
            over its samples of the loss and the metrics.
        """
        arguments = (*tensors, rows, mask, self.seed, *(() if rates is None else (rates,)))
        known = (*(tensor.shape for tensor in tensors), rates is None)
        with nullcontext() if known in self._known else _compiling():
            started, compilations = time.perf_counter(), self.compilations
            result, before = self._train_chunk(*arguments)
        self._known.add(known)
        sums: NDArray[np.float32] = result.numpy()
        if self.compilations == compilations:
            steps = max(1, int(np.count_nonzero(mask[:, 0])))
            self._seconds_per_step = (time.perf_counter() - started) / steps
        failed = np.flatnonzero(~np.isfinite(sums[:, 1]))
        if failed.size:
            for variable, value in zip(self._state, before, strict=True):
                variable.assign(value)
            mask[failed[0] :] = 0
            self._train_chunk(*arguments)
        return sums

    def steps_within(self, seconds: float) -> int:
        """Return how many batches fit into some seconds at the pace of the last chunk.

        Without a pace it is one, because the time of a batch spans five orders of magnitude.
        """
        if self._seconds_per_step is None:
            return 1
        return max(1, int(max(seconds, SHORTEST_CHUNK) / self._seconds_per_step))

    @property
    def nbytes(self) -> int:
        """The bytes of all variables."""
        return sum(
            math.prod(variable.shape) * np.dtype(variable.dtype).itemsize
            for variable in self._state
        )

    @property
    def _state(self) -> list[Any]:
        """All variables that a step changes."""
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
        """Return the function to compile: a loop over the batches of a chunk.

        Its shapes are fixed; how many batches to train on is in the mask, since each new loop
        bound would be compiled again.
        """
        steps, width = self.chunk_steps, len(self.columns)

        def chunk(
            x: tf.Tensor,
            y: tf.Tensor,
            rows: tf.Tensor,
            mask: tf.Tensor,
            seed: tf.Tensor,
            rates: tf.Tensor | None = None,
        ) -> tuple[tf.Tensor, list[tf.Tensor]]:
            self.compilations += 1  # Python runs this line only while compiling

            before = [tf.identity(variable.value) for variable in self._state]
            steps_here = tf.reduce_sum(tf.cast(mask[:, 0] > 0, tf.int32))
            take = _take_batches(x, y, rows)

            def body(i: tf.Tensor, _: tf.Tensor, sums: tf.Tensor) -> tuple[Any, ...]:
                if rates is not None:
                    self.optimizer.variables[1].assign(rates[i])
                row = self._step(*take(i), mask[i], seed)
                # Faster than `tf.tensor_scatter_nd_update`, which checks the index. Only for XLA.
                sums = xla.dynamic_update_slice(sums, row[tf.newaxis], tf.stack([i, 0]))
                return i + 1, tf.math.is_finite(row[1]), sums

            start = (tf.constant(0), tf.constant(True), tf.zeros((steps, width)))
            sums = tf.while_loop(lambda i, going, _: (i < steps_here) & going, body, start)[2]
            return sums, before

        return chunk

    def _step(self, x: tf.Tensor, y: tf.Tensor, mask: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Make one gradient update, and return the batch's row of sums, (columns,) float32.

        Args:
            x: (batch_size, inputs) samples.
            y: Their labels.
            mask: (batch_size,) float32, 1 for a sample and 0 for padding.
            seed: int64, of the run's augmentation.
        """
        shape = self.shape
        variables = self.model.trainable_variables
        kind = shape.fit.augment
        batch_seed = tf.stack([seed, tf.cast(self.optimizer.iterations.value, tf.int64)])
        x, y = mix_in_styles(x, y, kind, shape.labels, batch_seed)
        x = tf.cast(x, tf.float32)
        if shape.data.is_image:
            x = distort(x / 255.0 if shape.data.scaled else x, kind, batch_seed)
        count = tf.reduce_sum(mask)
        with tf.GradientTape() as tape:
            outputs = self.model(x, training=True)
            losses = self.loss(y, outputs)
            loss = tf.reduce_sum(losses * mask) / count
            if self.model.losses:  # L1 and L2
                loss += tf.add_n(self.model.losses)
        self._update(variables, tape.gradient(loss, variables))
        metrics = [_METRICS[name](y, outputs) for name in self.columns[2:]]
        sums = [loss * count, *(tf.reduce_sum(metric * mask) for metric in metrics)]
        return tf.stack([count, *sums])

    def _update(self, variables: list[Any], gradients: list[tf.Tensor]) -> None:
        """Let the optimizer change the variables, as `optimizer.apply` does.

        `apply` also adds up the gradients of several devices. For this TensorFlow registers a
        function of each compiled network and never lets go of it.
        """
        for variable, gradient in zip(variables, gradients, strict=True):
            self.optimizer.update_step(gradient, variable, self.optimizer.learning_rate)
        self.optimizer.iterations.assign_add(1)


@cached_once(maxsize=1)
def _compiling() -> threading.Lock:
    """Return this process's lock for compiling.

    Each network takes 150 MB meanwhile, and two at a time are no faster than in turn.
    """
    return threading.Lock()


def _take_batches(
    x: tf.Tensor, y: tf.Tensor, rows: tf.Tensor
) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Return the function that takes the samples and labels of a batch, given its number.

    To gather the images of the whole chunk before its loop saves a seventh of an epoch's time at
    batch size 10. Large batches take too much memory for that: four of 60,000 images are 188 MB.
    """
    if x.dtype != tf.uint8 or rows.shape.num_elements() > CHUNK_SAMPLES:
        return lambda i: (tf.gather(x, rows[i]), tf.gather(y, rows[i]))
    chunk_x, chunk_y = tf.gather(x, rows), tf.gather(y, rows)
    return lambda i: (chunk_x[i], chunk_y[i])


def _count_chunk_steps(batch_size: int) -> int:
    """Return the batches in a chunk: a power of two, so that few shapes are ever compiled."""
    wanted = max(4, min(512, CHUNK_SAMPLES // batch_size))
    return 1 << (wanted.bit_length() - 1)


def _copy(variables: list[Any]) -> Arrays:
    return tuple(variable.numpy().copy() for variable in variables)


def _accuracy(y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """Return 1.0 for each correct prediction, else 0.0, as Keras's "accuracy" counts.

    A single output predicts class 1 above 0.5; of several outputs the largest wins.
    """
    if outputs.shape[-1] == 1:
        return tf.cast((outputs[:, 0] > 0.5) == (y[:, 0] > 0.5), tf.float32)
    wanted = tf.argmax(y, -1) if y.shape.rank == 2 else tf.cast(y, tf.int64)
    return tf.cast(tf.argmax(outputs, -1) == wanted, tf.float32)


_METRICS = {
    "accuracy": _accuracy,
    "mean_squared_error": keras.losses.mean_squared_error,
    "mean_absolute_error": keras.losses.mean_absolute_error,
}
