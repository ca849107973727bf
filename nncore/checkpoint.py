"""A run between two slices, as plain arrays and numbers: `advance` takes and returns it.

This file knows neither Keras nor how training is done. In the store and between processes a
checkpoint is one `.npz` file (read with `allow_pickle=False`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from operator import is_
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.on_disk import keep_on_disk
from nncore.experiment import Experiment, FitConfig
from nncore.film import Film, Frame
from nncore.nn.network import Network

Arrays = tuple[NDArray[Any], ...]
History = Mapping[str, tuple[float, ...]]

_GROUPS = ("weights", "slots", "counters", "aside")
_FORMAT = 1


class CheckpointError(ValueError):
    """The bytes are not a checkpoint of this lab, or are damaged."""


@dataclass(frozen=True)
class Budget:
    """The limits of a slice, which ends when the first of them is reached.

    Args:
        seconds: Seconds of training, checked between chunks of batches, and between parts of a
            validation.
        batches: Gradient updates.
        epochs: Ends of epochs.
    """

    seconds: float | None = None
    batches: int | None = None
    epochs: int | None = None


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run between two slices.

    Args:
        experiment: The experiment that is trained.
        fingerprint: Its data's fingerprint: a worker with other data refuses the slice.
        weights: float32 arrays `(kernel, bias, kernel, bias, ...)`; empty before the first slice.
        slots: The optimizer's variables in its own order: step count, learning rate of the next
            update, moments.
        counters: The state of dropout's random generators.
        epoch: Whole epochs that are done.
        step: Batches done of the current epoch.
        totals: Sums over the current epoch: number of samples, then loss, accuracy and the
            experiment's metric, each summed over the samples.
        history: One number per finished epoch by name ("loss", "accuracy", "val_loss", ...), as
            in Keras's `History.history`.
        trace: Rows `(epochs, loss, accuracy)` within the epochs: running means at about sixteen
            points per epoch, the same however the run was cut into slices.
        seconds: Seconds spent training, without waiting in the queue.
        failure: Empty, or a sentence that says why the run cannot continue.
        edits: Changes made by hand during the run, `(updates, setting, value)` each; a weight's
            "setting" is its position, such as `"weights[0][0, 3]"`. A checkpoint with edits is a
            *branch*: it is never stored under its experiment's key.
        film: Weights at some moments of the run; empty for a network without a film.
        best_epoch: With `fit.patience`, the epoch with the lowest loss so far, counted from 1; 0
            before there is one.
        aside: With `fit.patience`, the weights of that epoch. In a finished run those are its
            `weights`, and `aside` holds the last epoch's, from which more epochs continue.
        validation_totals: Between the last batch of an epoch and the end of its validation: the
            totals of the validation samples so far, as `nncore.nn.evaluation.evaluate_part` returns
            them. Empty where validation has not begun, as after weights were set by hand.
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
    film: Film = ()
    best_epoch: int = 0
    aside: Arrays = ()
    validation_totals: tuple[float, ...] = ()

    @property
    def finished(self) -> bool:
        """Return True if nothing is left to do: all epochs are done, or the run ended early."""
        has_all_epochs = self.epoch >= self.experiment.fit.epochs
        return bool(self.failure) or has_all_epochs or self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Return True if early stopping ended the run before its last epoch."""
        fit = self.experiment.fit
        return self.epoch < fit.epochs and out_of_patience(fit, self.epoch, self.best_epoch)

    @property
    def kept_epoch(self) -> int:
        """The epoch that `weights` belong to, counted from 1; during a run the epochs done."""
        is_restored = self.finished and not self.failure and self.best_epoch
        return self.best_epoch if is_restored else self.epoch

    @property
    def kept_history(self) -> History:
        """The history up to the epoch that `weights` belong to."""
        if self.kept_epoch == self.epoch:
            return self.history
        return {name: column[: self.kept_epoch] for name, column in self.history.items()}

    @property
    def base_rate(self) -> float:
        """The learning rate that the schedule starts from: the last one that was set."""
        manual = [value for _, name, value in self.edits if name == "fit.learning_rate"]
        return manual[-1] if manual else self.experiment.fit.learning_rate

    @property
    def updates(self) -> int:
        """The gradient updates made so far."""
        return int(self.slots[0]) if self.slots else 0

    def extended(self, experiment: Experiment) -> Checkpoint:
        """Return the same state in a run of more epochs.

        The order of an epoch's samples depends only on the seed and the epoch's number, so the
        result is the same as with more epochs from the start. The cosine schedule is the
        exception: it is stretched from here on, and the run becomes a branch.

        Args:
            experiment: `self.experiment` with another `fit.epochs`.

        Raises:
            ValueError: If any other setting differs.
        """
        if self.experiment.updated({"fit.epochs": experiment.fit.epochs}) != experiment:
            raise ValueError(
                "experiment must be the checkpoint's own, except for fit.epochs. "
                f"Received: {_describe_difference(self.experiment, experiment)}"
            )
        longer = replace(self, experiment=experiment)
        if self.aside and self.finished and not longer.finished:
            longer = longer.swapped()
        epochs, is_stretched = experiment.fit.epochs, experiment.fit.schedule == "cosine"
        if is_stretched and self.updates and epochs != self.experiment.fit.epochs:
            edit = (self.updates, "fit.epochs", float(epochs))
            longer = replace(longer, edits=(*self.edits, edit))
        return longer

    def without_training_state(self) -> Checkpoint:
        """Return a checkpoint that can predict but not go on: a third of the bytes with Adam.

        Its `updates` are 0, so two states within an epoch can no longer be told apart.
        """
        return replace(self, slots=(), counters=(), aside=(), film=())

    def kept_on_disk(self, folder: Path) -> Checkpoint:
        """Return the same checkpoint; its arrays, where they are large, lie in a file in a folder.

        See `nncore.data.on_disk`. The film stays in memory.
        """
        groups = (self.weights, self.slots, self.counters, self.aside)
        arrays = (*chain(*groups),)
        kept = keep_on_disk(arrays, folder)
        if all(map(is_, arrays, kept)):
            return self
        rest = iter(kept)
        weights, slots, counters, aside = ((*islice(rest, len(group)),) for group in groups)
        return replace(self, weights=weights, slots=slots, counters=counters, aside=aside)

    def swapped(self) -> Checkpoint:
        """Return the same checkpoint with `weights` and `aside` exchanged."""
        return replace(self, weights=self.aside, aside=self.weights)

    def with_learning_rate(self, rate: float) -> Checkpoint:
        """Return a branch that continues from here with another learning rate.

        A schedule continues as if it had started from the new rate.

        Args:
            rate: The new learning rate, within the bounds of `fit.learning_rate`.

        Raises:
            ValueError: If `rate` is out of bounds, or the run has not started.
        """
        self.experiment.updated({"fit.learning_rate": rate})  # raises if it is out of bounds
        if not self.slots:
            raise ValueError(
                "A run that has not started takes its learning rate from its settings."
            )
        has_schedule = self.experiment.fit.schedule != "none"
        now = float(self.slots[1]) * rate / self.base_rate if has_schedule else rate
        slots = (self.slots[0], np.asarray(now, np.float32), *self.slots[2:])
        edit = (self.updates, "fit.learning_rate", float(rate))
        return replace(self, slots=slots, edits=(*self.edits, edit))

    def with_weights(self, weights: Sequence[NDArray[Any]]) -> Checkpoint:
        """Return a branch that continues from here with weights that were set by hand.

        Each changed number becomes one of `edits`; if the run has not started, every number does.
        The optimizer's slots stay, as with Keras's `set_weights`: the old gradients in its moments
        fade within some tens of updates, and the count of updates continues. A run that ended
        early can continue, and early stopping starts anew: it must not restore weights from before
        the change.

        Args:
            weights: `(kernel, bias, kernel, bias, ...)` float32; they are copied.

        Returns:
            The branch; the checkpoint itself if no number changed.

        Raises:
            ValueError: If a shape or dtype is not the network's, or a number is not finite.
        """
        Network.of(self.experiment, weights)  # raises if a shape differs
        for i, array in enumerate(weights):
            if array.dtype != np.float32 or not np.isfinite(array).all():
                is_float32 = array.dtype == np.float32
                fault = "a number that is not finite" if is_float32 else str(array.dtype)
                raise ValueError(
                    f"weights must be finite float32 numbers. Received: weights[{i}] with {fault}"
                )
        edits = tuple(self._list_edits(weights))
        if not edits:
            return self
        copies = _lock(tuple(np.array(array) for array in weights))
        edits = (*self.edits, *edits)
        return replace(
            self,
            weights=copies,
            validation_totals=(),
            failure="",
            edits=edits,
            best_epoch=0,
            aside=(),
        )

    def _list_edits(self, weights: Sequence[NDArray[Any]]) -> Iterator[tuple[int, str, float]]:
        """Yield an edit for each number that differs from the checkpoint's own."""
        before = self.weights or [np.full_like(array, np.nan) for array in weights]
        for i, (old, new) in enumerate(zip(before, weights, strict=True)):
            for place in np.argwhere(old != new).tolist():
                name = f"weights[{i}][{', '.join(map(str, place))}]"
                yield self.updates, name, float(new[tuple(place)])

    def to_bytes(self) -> bytes:
        """Return the checkpoint as the bytes of one `.npz` file."""
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
            "validation_totals": self.validation_totals,
            "history": {name: list(column) for name, column in self.history.items()},
            "seconds": self.seconds,
            "failure": self.failure,
            "edits": self.edits,
            "best_epoch": self.best_epoch,
        }
        buffer = io.BytesIO()
        trace = np.array(self.trace, np.float64).reshape(-1, 3)
        arrays |= _film_arrays(self.film)
        np.savez(buffer, meta=np.array(json.dumps(meta)), trace=trace, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """Return the checkpoint that `to_bytes` wrote.

        Raises:
            CheckpointError: If the bytes are damaged, or are something else.
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
            **{group: _read_group(stored, group) for group in _GROUPS},
            epoch=meta["epoch"],
            step=meta["step"],
            totals=tuple(meta["totals"]),
            validation_totals=tuple(meta.get("validation_totals", ())),  # older files have none
            history={name: tuple(column) for name, column in meta["history"].items()},
            trace=tuple((float(a), float(b), float(c)) for a, b, c in stored["trace"]),
            seconds=meta["seconds"],
            failure=meta["failure"],
            edits=tuple((int(at), str(name), float(v)) for at, name, v in meta["edits"]),
            film=_read_film(stored),
            best_epoch=meta.get("best_epoch", 0),  # older files were written without early stopping
        )


def out_of_patience(fit: FitConfig, epoch: int, best_epoch: int) -> bool:
    """Return True if early stopping ends a run: no new lowest loss for `fit.patience` epochs.

    Args:
        fit: Its patience, in epochs; 0 switches early stopping off.
        epoch: Number of epochs done.
        best_epoch: The epoch with the lowest loss, counted from 1; 0 before there is one.
    """
    return bool(fit.patience and best_epoch) and epoch - best_epoch >= fit.patience


def _read_group(stored: Mapping[str, NDArray[Any]], group: str) -> Arrays:
    count = sum(name.startswith(f"{group}_") for name in stored)
    # Read-only, because sessions share checkpoints from the store.
    return _lock(tuple(stored[f"{group}_{i}"] for i in range(count)))


def _lock(arrays: Arrays) -> Arrays:
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _film_arrays(film: Film) -> dict[str, NDArray[Any]]:
    """Return a film as two arrays with a row for each frame; nothing if there is no film."""
    if not film:
        return {}
    updates = np.array([frame.updates for frame in film], np.int64)
    return {"film_updates": updates, "film_weights": np.stack([frame.weights for frame in film])}


def _read_film(stored: Mapping[str, NDArray[Any]]) -> Film:
    """Return the film of a file's arrays; files older than films have none."""
    if "film_updates" not in stored:
        return ()
    weights = stored["film_weights"]
    weights.setflags(write=False)
    frames = zip(stored["film_updates"].tolist(), weights, strict=True)
    return tuple(Frame(updates, row) for updates, row in frames)


def _describe_difference(one: Experiment, other: Experiment) -> str:
    """Return the settings that differ, as "name=new instead of old"."""
    theirs = other.settings()
    return ", ".join(
        f"{name}={theirs[name]!r} instead of {value!r}"
        for name, value in one.settings().items()
        if value != theirs[name]
    )
