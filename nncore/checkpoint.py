"""Where a run stands, as plain arrays and numbers: what a slice takes and what it hands back.

This file knows neither Keras nor how training is done. On disk and between processes a checkpoint
is one `.npz` (read with `allow_pickle=False`).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import Experiment, FitConfig
from nncore.film import Film, Frame
from nncore.nn.network import Network

Arrays = tuple[NDArray[Any], ...]
History = Mapping[str, tuple[float, ...]]

_GROUPS = ("weights", "slots", "counters", "aside")
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
        slots: The optimizer's variables in its own order: step count, learning rate of the next
            update, moments.
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
        edits: What was changed by hand on the way, `(updates, setting, value)` each; a weight's
            "setting" is its place, such as `"weights[0][0, 3]"`. A checkpoint with edits is a
            *branch*: it is never kept under its experiment's key.
        film: Weights at moments on the way; empty for a network that has no film.
        best_epoch: With `fit.patience`, the epoch with the lowest loss so far, counted from 1; 0
            before there is one.
        aside: With `fit.patience`, the weights of that epoch. In a finished run these are its
            `weights`, and here stand the last epoch's, from which more epochs go on.
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

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do: all epochs are done, or the run ended early."""
        done = self.epoch >= self.experiment.fit.epochs
        return bool(self.failure) or done or self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Whether `fit.patience` was over before the last epoch."""
        fit = self.experiment.fit
        return self.epoch < fit.epochs and out_of_patience(fit, self.epoch, self.best_epoch)

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights these are, counted from 1; under way, how many are done."""
        back = self.finished and not self.failure and self.best_epoch
        return self.best_epoch if back else self.epoch

    @property
    def kept_history(self) -> History:
        """The history until the epoch whose weights these are."""
        if self.kept_epoch == self.epoch:
            return self.history
        return {name: column[: self.kept_epoch] for name, column in self.history.items()}

    @property
    def base_rate(self) -> float:
        """The learning rate that the schedule starts from: the last one that was set."""
        by_hand = [value for _, name, value in self.edits if name == "fit.learning_rate"]
        return by_hand[-1] if by_hand else self.experiment.fit.learning_rate

    @property
    def updates(self) -> int:
        """Gradient updates made so far."""
        return int(self.slots[0]) if self.slots else 0

    def extended(self, experiment: Experiment) -> Checkpoint:
        """The same point on the way to more epochs.

        The order of an epoch's samples depends on the seed and the epoch's number alone, so
        training on is the same as having asked for more epochs at once. Not so where the learning
        rate follows a cosine over all epochs: it is stretched from here on, and the run a branch.

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
        longer = replace(self, experiment=experiment)
        if self.aside and self.finished and not longer.finished:
            longer = longer.swapped()
        epochs, stretched = experiment.fit.epochs, experiment.fit.schedule == "cosine"
        if stretched and self.updates and epochs != self.experiment.fit.epochs:
            edit = (self.updates, "fit.epochs", float(epochs))
            longer = replace(longer, edits=(*self.edits, edit))
        return longer

    def swapped(self) -> Checkpoint:
        """The same with the weights that were put aside, and those it had put aside instead."""
        return replace(self, weights=self.aside, aside=self.weights)

    def with_learning_rate(self, rate: float) -> Checkpoint:
        """A branch that goes on from here with another learning rate.

        A schedule goes on too, as if it had started from the new rate.

        Args:
            rate: The new step size; its bounds are those of `fit.learning_rate`.

        Raises:
            ValueError: If `rate` is out of bounds, or the run has not begun.
        """
        self.experiment.updated({"fit.learning_rate": rate})  # refuses what is out of bounds
        if not self.slots:
            raise ValueError("A run that has not begun takes its learning rate from its settings.")
        scheduled = self.experiment.fit.schedule != "none"
        now = float(self.slots[1]) * rate / self.base_rate if scheduled else rate
        slots = (self.slots[0], np.asarray(now, np.float32), *self.slots[2:])
        edit = (self.updates, "fit.learning_rate", float(rate))
        return replace(self, slots=slots, edits=(*self.edits, edit))

    def with_weights(self, weights: Sequence[NDArray[Any]]) -> Checkpoint:
        """A branch that goes on from here with weights that were set by hand.

        Each number that is not as it was becomes one of `edits`; where the run has not begun, each
        number there is. The optimizer's slots stay, as with Keras's `set_weights`: what its moments
        remember of the old weights' gradients fades within some tens of updates, and the updates
        are counted on. A run that ended early can go on again, and early stopping begins its watch
        anew: weights of before must not come back in place of those set by hand.

        Args:
            weights: `(kernel, bias, kernel, bias, ...)`, float32; they are copied.

        Returns:
            The branch; the checkpoint itself where every number is as it was.

        Raises:
            ValueError: If a shape or dtype is not the network's, or a number is not finite.
        """
        Network.of(self.experiment, weights)  # refuses other shapes
        for i, array in enumerate(weights):
            if array.dtype != np.float32 or not np.isfinite(array).all():
                what = "a number that is not finite"
                found = what if array.dtype == np.float32 else str(array.dtype)
                raise ValueError(
                    f"weights must be finite float32 numbers. Received: weights[{i}] with {found}"
                )
        edits = tuple(self._edits(weights))
        if not edits:
            return self
        copies = _locked(tuple(np.array(array) for array in weights))
        edits = (*self.edits, *edits)
        return replace(self, weights=copies, failure="", edits=edits, best_epoch=0, aside=())

    def _edits(self, weights: Sequence[NDArray[Any]]) -> Iterator[tuple[int, str, float]]:
        """A line for each number that differs from the checkpoint's own."""
        before = self.weights or [np.full_like(array, np.nan) for array in weights]
        for i, (old, new) in enumerate(zip(before, weights, strict=True)):
            for place in np.argwhere(old != new).tolist():
                name = f"weights[{i}][{', '.join(map(str, place))}]"
                yield self.updates, name, float(new[tuple(place)])

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
            "best_epoch": self.best_epoch,
        }
        buffer = io.BytesIO()
        trace = np.array(self.trace, np.float64).reshape(-1, 3)
        arrays |= _film_arrays(self.film)
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
            film=_film(stored),
            best_epoch=meta.get("best_epoch", 0),  # one of before there was early stopping has none
        )


def out_of_patience(fit: FitConfig, epoch: int, best_epoch: int) -> bool:
    """Whether early stopping ends a run: the loss has not been lower than its lowest for too long.

    Args:
        fit: Its patience, in epochs.
        epoch: How many epochs are done.
        best_epoch: After which of them the loss was lowest; 0 where none is known.
    """
    return bool(fit.patience and best_epoch) and epoch - best_epoch >= fit.patience


def _numbered(stored: Mapping[str, NDArray[Any]], group: str) -> Arrays:
    count = sum(name.startswith(f"{group}_") for name in stored)
    # Sessions share what comes from the store.
    return _locked(tuple(stored[f"{group}_{i}"] for i in range(count)))


def _locked(arrays: Arrays) -> Arrays:
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _film_arrays(film: Film) -> dict[str, NDArray[Any]]:
    """A film as two arrays, one row a frame; none at all where there is no film."""
    if not film:
        return {}
    updates = np.array([frame.updates for frame in film], np.int64)
    return {"film_updates": updates, "film_weights": np.stack([frame.weights for frame in film])}


def _film(stored: Mapping[str, NDArray[Any]]) -> Film:
    """What `_film_arrays` made of it. Checkpoints of before there were films have none."""
    if "film_updates" not in stored:
        return ()
    weights = stored["film_weights"]
    weights.setflags(write=False)
    frames = zip(stored["film_updates"].tolist(), weights, strict=True)
    return tuple(Frame(updates, row) for updates, row in frames)


def _difference(one: Experiment, other: Experiment) -> str:
    theirs = other.settings()
    return ", ".join(
        f"{name}={theirs[name]!r} instead of {value!r}"
        for name, value in one.settings().items()
        if value != theirs[name]
    )
