"""The scores of a sweep's runs: numbers without arrays, so that many can be kept.

Runs are compared by their accuracy on the held-out samples, or on the test set if none are held
out. This module reads the store; it does not know how a run is trained.
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
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from nncore.runtime.store import Record, Store

#: The most scores kept in memory; each takes some hundred bytes.
MAX_SCORES = 8192


@dataclass(frozen=True)
class RunScore:
    """The result of a run that is over.

    Args:
        value: The accuracy by which runs are compared, 0 to 1; None if the run diverged.
        accuracy: The accuracy on the training samples in the last epoch; None without an epoch.
        loss: The loss on the training samples in the last epoch; None without an epoch.
        seconds: The training time in seconds.
        updates: The number of gradient updates made.
        failure: Empty, or why the run ended before its last epoch.
    """

    value: float | None
    accuracy: float | None
    loss: float | None
    seconds: float
    updates: int
    failure: str = ""


def score_name(experiment: Experiment) -> str:
    """Return the name of `RunScore.value`: `"validation accuracy"` or `"test accuracy"`."""
    held_out = experiment.fit.validation in ("last", "first")
    return "validation accuracy" if held_out else "test accuracy"


def score_of(checkpoint: Checkpoint) -> RunScore:
    """Return the score of a run that is over.

    Args:
        checkpoint: Its last checkpoint.

    Raises:
        nncore.data.datasets.DataMismatch: If the test set is needed, and the data here differ.
    """
    history = {name: column[-1] for name, column in checkpoint.history.items() if column}
    return RunScore(
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


class ScoreBoard:
    """The scores by experiment and data, from memory or else from the store.

    The store does not keep runs that diverged, so their scores are only in memory. Safe to use from
    any thread.

    Args:
        store: The finished runs.
        limit: The most scores to keep in memory.
    """

    def __init__(self, store: Store, limit: int = MAX_SCORES) -> None:
        self._store = store
        self._limit = limit
        self._scores: OrderedDict[tuple[str, str], RunScore] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, checkpoint: Checkpoint) -> RunScore:
        """Keep and return the score of a run that is over."""
        return self._keep(checkpoint.experiment, checkpoint.fingerprint, score_of(checkpoint))

    def in_memory(self, experiment: Experiment, fingerprint: str) -> RunScore | None:
        """Return the score if it is in memory, without reading the store."""
        with self._lock:
            return self._scores.get((experiment.digest, fingerprint))

    def find(
        self, experiments: Iterable[Experiment], fingerprint: str, seconds: float = math.inf
    ) -> tuple[dict[Experiment, RunScore], int]:
        """Return the scores of those experiments that were trained before.

        Args:
            experiments: The experiments to look up.
            fingerprint: The data they were trained on.
            seconds: The longest time to spend on the store; at least one score is read.

        Returns:
            The scores, and the number of scores in the store that there was no time to read.
        """
        found: dict[Experiment, RunScore] = {}
        unread = 0
        end = time.monotonic() + seconds
        for experiment in experiments:
            score = self.in_memory(experiment, fingerprint)
            if score is None and self._store.stamp(experiment, fingerprint) is not None:
                if found and time.monotonic() > end:
                    unread += 1
                    continue
                score = self._read(experiment, fingerprint)
            if score is not None:
                found[experiment] = score
        return found, unread

    def _read(self, experiment: Experiment, fingerprint: str) -> RunScore | None:
        record = self._store.record(experiment, fingerprint)
        if record is None:
            return None
        if "val_accuracy" in record.last:
            return self._keep(experiment, fingerprint, _score_of_record(record))
        entry = self._store.get(experiment, fingerprint)
        try:
            return None if entry is None else self.add(entry.checkpoint)
        except (DataMismatch, DataUnavailable):
            return None

    def _keep(self, experiment: Experiment, fingerprint: str, score: RunScore) -> RunScore:
        with self._lock:
            self._scores[experiment.digest, fingerprint] = score
            while len(self._scores) > self._limit:
                self._scores.popitem(last=False)
        return score


def _score_of_record(record: Record) -> RunScore:
    fit = record.experiment.fit
    count = len(load(record.experiment.data).x_train)
    updates = record.epochs * updates_per_epoch(count, fit)
    last = record.last
    return RunScore(
        None if record.failure else last.get("val_accuracy"),
        last.get("accuracy"),
        last.get("loss"),
        record.seconds,
        updates,
        record.failure,
    )
