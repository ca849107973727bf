"""Measures of a finished run by name, each one number or word: `MEASURES`.

A lesson's question names the measures that decide it. `lessons/measures.toml` holds the name and
the format of each. This file knows no page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.metrics import baseline_accuracy, confusion_matrix, precision_recall_support
from nncore.analysis.units import dead_units
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network

Array: TypeAlias = NDArray[Any]
#: NaN where a run does not have the measure: nothing is held out, or the data are of another kind.
Value: TypeAlias = float | str


@dataclass(frozen=True)
class FinishedRun:
    """A run that is over, with its network and its answers to the test set.

    Args:
        checkpoint: Its last checkpoint, with weights.
        dataset: Its data.
    """

    checkpoint: Checkpoint
    dataset: Dataset

    @cached_property
    def network(self) -> Network:
        """The network as arrays."""
        return Network.of(self.checkpoint.experiment, self.checkpoint.weights)

    @cached_property
    def outputs(self) -> Array:
        """The outputs for the test set, `(n, outputs)`."""
        return self.network.predict(self.dataset.x_test)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix of the test set: a row for each true class."""
        answers = predicted_classes(self.outputs)
        return confusion_matrix(self.dataset.y_test, answers, len(self.dataset.class_names))

    def last(self, name: str) -> float:
        """Return a history's value at the epoch whose weights were kept; NaN if there is none."""
        column = self.checkpoint.kept_history.get(name, ())
        return float(column[-1]) if column else math.nan


def _boundary(run: FinishedRun) -> float:
    """Return the input at which the answer changes; NaN unless it changes exactly once."""
    if run.network.inputs != 1:
        return math.nan
    places = boundaries(run.network)
    return places[0] if len(places) == 1 else math.nan


def _changes(run: FinishedRun) -> float:
    return float(len(boundaries(run.network))) if run.network.inputs == 1 else math.nan


def _test_accuracy(run: FinishedRun) -> float:
    return float(run.confusion.trace() / run.confusion.sum())


def _baseline(run: FinishedRun) -> float:
    return baseline_accuracy(run.dataset.y_test)


def _recall(run: FinishedRun) -> float:
    """Return the recall of the second of two classes."""
    return float(_shares(run)[1]) if len(run.confusion) == 2 else math.nan


def _shares(run: FinishedRun) -> Array:
    return precision_recall_support(run.confusion).recall


def _hardest(run: FinishedRun) -> str:
    return run.dataset.class_names[int(np.nanargmin(_shares(run)))]


def _confused_pair(run: FinishedRun) -> str:
    wrong = run.confusion - np.diag(run.confusion.diagonal())
    true, answer = np.unravel_index(int(wrong.argmax()), wrong.shape)
    names = run.dataset.class_names
    return f"{names[true]} predicted as {names[answer]}" if wrong.any() else "none"


def _dead(run: FinishedRun) -> float:
    return float(sum(layer.sum() for layer in dead_units(run.network, run.dataset.x_train)))


def _lowest_at(run: FinishedRun) -> float:
    """Return the epoch with the lowest loss on held-out samples."""
    losses = run.checkpoint.history.get("val_loss", ())
    return float(np.argmin(losses) + 1) if losses else math.nan


def _diverged(run: FinishedRun) -> str:
    return "yes" if run.checkpoint.failure else "no"


#: Measures that a question may name, also with "ratio" or "difference" behind, see `take`.
MEASURES: Mapping[str, Callable[[FinishedRun], Value]] = {
    "boundary": _boundary,
    "changes": _changes,
    "loss": lambda run: run.last("loss"),
    "accuracy": lambda run: run.last("accuracy"),
    "val_loss": lambda run: run.last("val_loss"),
    "val_accuracy": lambda run: run.last("val_accuracy"),
    "overfitting": lambda run: run.last("accuracy") - run.last("val_accuracy"),
    "lowest_val_loss_at": _lowest_at,
    "test_accuracy": _test_accuracy,
    "baseline": _baseline,
    "above_baseline": lambda run: _test_accuracy(run) - _baseline(run),
    "recall": _recall,
    "hardest_class": _hardest,
    "confused_pair": _confused_pair,
    "lowest_output": lambda run: float(run.outputs.min()),
    "highest_output": lambda run: float(run.outputs.max()),
    "dead_units": _dead,
    "diverged": _diverged,
    "updates": lambda run: float(run.checkpoint.updates),
    "seconds": lambda run: run.checkpoint.seconds,
    "parameters": lambda run: float(run.checkpoint.experiment.parameters),
}

_COMPARED: Mapping[str, Callable[[float, float], float]] = {
    "ratio": lambda run, other: run / other if other else math.nan,
    "difference": lambda run, other: run - other,
}


def known(name: str) -> bool:
    """Return True for a measure, or for one with "ratio" or "difference" behind its name."""
    measure, _, how = name.partition(" ")
    return measure in MEASURES and how in ("", *_COMPARED)


def compares(name: str) -> bool:
    """Return True if this measure takes two runs."""
    return " " in name


def names() -> list[str]:
    """Return all names that a question may use."""
    return [*MEASURES, *(f"{name} {how}" for name in MEASURES for how in _COMPARED)]


def take(name: str, run: FinishedRun, other: FinishedRun | None = None) -> Value:
    """Return a measure of a run, or the comparison of two runs.

    Args:
        name: Such as `"updates"`, `"updates ratio"` (run / other) or `"updates difference"`
            (run - other).
        run: The run.
        other: The run to compare with.

    Returns:
        A number or a word; NaN where the runs do not have the measure.

    Raises:
        ValueError: If there is no such measure.
    """
    if not known(name):
        raise ValueError(f"name must be one of {', '.join(names())}. Received: {name!r}")
    measure, _, how = name.partition(" ")
    value = MEASURES[measure](run)
    if not how:
        return value
    beside = math.nan if other is None else MEASURES[measure](other)
    if isinstance(value, str) or isinstance(beside, str):
        return math.nan
    return _COMPARED[how](value, beside)
