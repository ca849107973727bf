"""Where a run stands, as plain arrays and numbers: what a slice takes and what it hands back.

This file knows neither Keras nor how training is done. On disk and between processes a checkpoint
is one `.npz` (read with `allow_pickle=False`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment

Arrays = tuple[NDArray[Any], ...]
History = Mapping[str, tuple[float, ...]]

_GROUPS = ("weights", "slots", "counters")
_FORMAT = 1


class CheckpointError(ValueError):
    """Bytes that are not a checkpoint of this lab."""


@dataclass(frozen=True)
class Budget:
    """How far a slice may go; it ends where the first of these is reached.

    Args:
        seconds: Time to train for; looked at between chunks.
        batches: Gradient updates to make.
        epochs: Ends of epochs to reach.
    """

    seconds: float | None = None
    batches: int | None = None
    epochs: int | None = None


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run between two slices.

    Args:
        experiment: What is being done.
        fingerprint: The data it is done on: a worker with other data refuses the slice.
        weights: float32 arrays `(kernel, bias, kernel, bias, ...)`; empty before the first slice.
        slots: The optimizer's variables in its own order: step count, learning rate, moments.
        counters: The state of the random generators that dropout draws from.
        epoch: Whole epochs that are done.
        step: Batches that are done of the epoch under way.
        totals: Running sums over the epoch under way: samples, then loss, accuracy and the
            watched metric, each times samples.
        history: By name ("loss", "accuracy", "val_loss", ...) one number for each epoch done,
            as Keras's `History.history` has them.
        trace: Rows `(epochs, loss, accuracy)` within the epochs: means over a sixteenth of an epoch
            or so, at the same places however the run was cut.
        seconds: Time spent training, without waiting in the queue.
        failure: Empty, or the sentence that says why no further step is possible.
        edits: What was changed by hand on the way, `(updates, setting, value)` each. A checkpoint
            with edits is a *branch*: it is never kept under its experiment's key.
    """

    experiment: Experiment
    fingerprint: str
    weights: Arrays = ()
    slots: Arrays = ()
    counters: Arrays = ()
    epoch: int = 0
    step: int = 0
    totals: tuple[float, ...] = ()
    history: History = field(default_factory=dict)
    trace: tuple[tuple[float, float, float], ...] = ()
    seconds: float = 0.0
    failure: str = ""
    edits: tuple[tuple[int, str, float], ...] = ()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do: all epochs are done, or the run failed."""
        return bool(self.failure) or self.epoch >= self.experiment.fit.epochs

    @property
    def updates(self) -> int:
        """Gradient updates made so far."""
        return int(self.slots[0]) if self.slots else 0

    def extended(self, experiment: Experiment) -> Checkpoint:
        """The same point on the way to more epochs.

        The order of an epoch's samples depends on the seed and the epoch's number alone, so
        training on is the same as having asked for more epochs at once.

        Args:
            experiment: `self.experiment` with another `fit.epochs`.

        Raises:
            ValueError: If anything but `fit.epochs` differs.
        """
        if self.experiment.updated({"fit.epochs": experiment.fit.epochs}) != experiment:
            raise ValueError(
                "experiment must be the checkpoint's own, but for fit.epochs. "
                f"Received: {_difference(self.experiment, experiment)}"
            )
        return replace(self, experiment=experiment)

    def with_learning_rate(self, rate: float) -> Checkpoint:
        """A branch that goes on from here with another learning rate.

        Args:
            rate: The new step size; its bounds are those of `fit.learning_rate`.

        Raises:
            ValueError: If `rate` is out of bounds, or the run has not begun.
        """
        self.experiment.updated({"fit.learning_rate": rate})  # refuses what is out of bounds
        if not self.slots:
            raise ValueError("A run that has not begun takes its learning rate from its settings.")
        slots = (self.slots[0], np.asarray(rate, np.float32), *self.slots[2:])
        edit = (self.updates, "fit.learning_rate", float(rate))
        return replace(self, slots=slots, edits=(*self.edits, edit))

    def to_bytes(self) -> bytes:
        """The checkpoint as the bytes of one `.npz` file."""
        arrays = {
            f"{group}_{i}": array
            for group in _GROUPS
            for i, array in enumerate(getattr(self, group))
        }
        meta = {
            "format": _FORMAT,
            "settings": self.experiment.settings(),
            "fingerprint": self.fingerprint,
            "epoch": self.epoch,
            "step": self.step,
            "totals": self.totals,
            "history": {name: list(column) for name, column in self.history.items()},
            "seconds": self.seconds,
            "failure": self.failure,
            "edits": self.edits,
        }
        buffer = io.BytesIO()
        trace = np.array(self.trace, np.float64).reshape(-1, 3)
        np.savez(buffer, meta=np.array(json.dumps(meta)), trace=trace, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """Reads what `to_bytes` wrote.

        Raises:
            CheckpointError: If the bytes are damaged, or those of something else.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                return cls._read({name: stored[name] for name in stored.files})
        except (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointError(f"data must be the bytes of a checkpoint: {error}") from error

    @classmethod
    def _read(cls, stored: dict[str, NDArray[Any]]) -> Checkpoint:
        meta = json.loads(str(stored["meta"]))
        if meta["format"] != _FORMAT:
            raise ValueError(f"format must be {_FORMAT}. Received: {meta['format']!r}")
        settings = meta["settings"] | {"model.units": tuple(meta["settings"]["model.units"])}
        return cls(
            Experiment.from_settings(settings),
            meta["fingerprint"],
            **{group: _numbered(stored, group) for group in _GROUPS},
            epoch=meta["epoch"],
            step=meta["step"],
            totals=tuple(meta["totals"]),
            history={name: tuple(column) for name, column in meta["history"].items()},
            trace=tuple((float(a), float(b), float(c)) for a, b, c in stored["trace"]),
            seconds=meta["seconds"],
            failure=meta["failure"],
            edits=tuple((int(at), str(name), float(v)) for at, name, v in meta["edits"]),
        )


def _numbered(stored: Mapping[str, NDArray[Any]], group: str) -> Arrays:
    count = sum(name.startswith(f"{group}_") for name in stored)
    arrays = tuple(stored[f"{group}_{i}"] for i in range(count))
    for array in arrays:
        array.setflags(write=False)  # sessions share what comes from the store
    return arrays


def _difference(one: Experiment, other: Experiment) -> str:
    theirs = other.settings()
    return ", ".join(
        f"{name}={theirs[name]!r} instead of {value!r}"
        for name, value in one.settings().items()
        if value != theirs[name]
    )
