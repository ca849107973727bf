"""What the runs of a sweep are worth: numbers without arrays, so that many may be kept.

The score is what runs are compared by: the accuracy on the samples that are held out, else that on
the test set. This file knows the store; it does not know how a run is made.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import DataMismatch, DataUnavailable, load
from nncore.data.splits import updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn.network import Network, evaluate
from nncore.runtime.store import Record, Store

#: Scores kept in memory, some hundred bytes each.
LIMIT = 8192


@dataclass(frozen=True)
class Score:
    """What came of a run that is over.

    Args:
        value: The accuracy that the run is compared by; None where it diverged.
        accuracy: The accuracy on the training samples in the last epoch, if one was done.
        loss: The loss on them.
        seconds: How long the training took.
        updates: Gradient updates made.
        failure: Empty, or why the run ended before its last epoch.
    """

    value: float | None
    accuracy: float | None
    loss: float | None
    seconds: float
    updates: int
    failure: str = ""


def score_name(experiment: Experiment) -> str:
    """What `Score.value` is: `"validation accuracy"` or `"test accuracy"`."""
    held_out = experiment.fit.validation in ("last", "first")
    return "validation accuracy" if held_out else "test accuracy"


def score_of(checkpoint: Checkpoint) -> Score:
    """The score of a run that is over.

    Args:
        checkpoint: Its last one.

    Raises:
        nncore.data.DataMismatch: If the test set is needed, and the data here are others.
    """
    history = {name: column[-1] for name, column in checkpoint.history.items() if column}
    return Score(
        None if checkpoint.failure else _value(checkpoint, history),
        _finite(history.get("accuracy")),
        _finite(history.get("loss")),
        checkpoint.seconds,
        checkpoint.updates,
        checkpoint.failure,
    )


def _value(checkpoint: Checkpoint, history: Mapping[str, float]) -> float | None:
    experiment = checkpoint.experiment
    if "val_accuracy" in history:
        return _finite(history["val_accuracy"])
    dataset = load(experiment.data, checkpoint.fingerprint)
    network = Network.of(experiment, checkpoint.weights)
    return _finite(evaluate(network, experiment, dataset.x_test, dataset.y_test)["accuracy"])


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


class Scores:
    """Scores of runs by experiment and data, from memory, else from the store.

    Those of runs that diverged, which the store does not keep, are in memory alone.

    Args:
        store: The finished runs.
        limit: How many scores to keep in memory.
    """

    def __init__(self, store: Store, limit: int = LIMIT) -> None:
        self._store = store
        self._limit = limit
        self._known: OrderedDict[tuple[str, str], Score] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, checkpoint: Checkpoint) -> Score:
        """Notes what came of a run that is over."""
        return self._note(checkpoint.experiment, checkpoint.fingerprint, score_of(checkpoint))

    def known(self, experiment: Experiment, fingerprint: str) -> Score | None:
        """The score if it is in memory."""
        with self._lock:
            return self._known.get((experiment.digest, fingerprint))

    def find(
        self, experiments: Iterable[Experiment], fingerprint: str, seconds: float = math.inf
    ) -> tuple[dict[Experiment, Score], int]:
        """The scores of those experiments that were done before.

        Args:
            experiments: What is asked for.
            fingerprint: The data they are on.
            seconds: How long reading the store may take; some score is read in any case.

        Returns:
            The scores, and how many are in the store but could not be read in this time.
        """
        found: dict[Experiment, Score] = {}
        left = 0
        end = time.monotonic() + seconds
        for experiment in experiments:
            score = self.known(experiment, fingerprint)
            if score is None and self._store.stamp(experiment, fingerprint) is not None:
                if found and time.monotonic() > end:
                    left += 1
                    continue
                score = self._read(experiment, fingerprint)
            if score is not None:
                found[experiment] = score
        return found, left

    def _read(self, experiment: Experiment, fingerprint: str) -> Score | None:
        record = self._store.record(experiment, fingerprint)
        if record is None:
            return None
        if "val_accuracy" in record.last:
            return self._note(experiment, fingerprint, _of_record(record))
        entry = self._store.get(experiment, fingerprint)
        try:
            return None if entry is None else self.add(entry.checkpoint)
        except (DataMismatch, DataUnavailable):
            return None

    def _note(self, experiment: Experiment, fingerprint: str, score: Score) -> Score:
        with self._lock:
            self._known[experiment.digest, fingerprint] = score
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return score


def _of_record(record: Record) -> Score:
    fit = record.experiment.fit
    count = len(load(record.experiment.data).x_train)
    updates = record.epochs * updates_per_epoch(count, fit)
    last = record.last
    return Score(
        None if record.failure else last.get("val_accuracy"),
        last.get("accuracy"),
        last.get("loss"),
        record.seconds,
        updates,
        record.failure,
    )
