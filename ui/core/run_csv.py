"""Runs and their histories as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nncore.experiment import Experiment
from ui.core.run_rows import Row


def write_table_csv(rows: Sequence[Row], accuracies: Mapping[str, float]) -> str:
    """Return a table of runs as CSV: one row per run, one column per setting and number.

    Args:
        rows: The runs.
        accuracies: Test accuracies, 0 to 1, by the rows' keys.
    """
    numbers = ("loss", "accuracy", "val_loss", "val_accuracy")
    settings = tuple(Experiment().settings())
    facts = ("run", "name", "starred", "put_away", "page", "for", "state", "when", "data")
    counts = ("epochs_done", "parameters", "updates", "seconds")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*facts, *counts, *numbers, "test_accuracy", "edits", "failure", *settings])
    for row in rows:
        mark, fingerprint = row.mark, row.fingerprint
        writer.writerow(
            [
                *(row.key, mark.name, mark.starred, mark.away, row.page, row.label),
                *("stored" if row.status is None else row.status.value, row.when.isoformat()),
                *(fingerprint, row.epochs, row.experiment.parameters, row.updates, row.seconds),
                *(row.last.get(name) for name in numbers),
                *(accuracies.get(row.key), _edits(row), row.failure),
                *("-".join(map(str, v)) if isinstance(v, tuple) else v for v in _values(row)),
            ]
        )
    return text.getvalue()


def _values(row: Row) -> Iterable[Any]:
    return row.experiment.settings().values()


def _edits(row: Row) -> str:
    return "; ".join(f"{at}: {name} = {value:g}" for at, name, value in row.edits[:100])


def write_history_csv(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Return histories as CSV: one row per epoch of a run.

    Args:
        histories: For each run's name, a column of numbers for each metric.
    """
    names = list(dict.fromkeys(name for history in histories.values() for name in history))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", "epoch", *names])
    for run, history in histories.items():
        epochs = max(map(len, history.values()), default=0)
        for epoch in range(epochs):
            columns = (history.get(name, ()) for name in names)
            values = (column[epoch] if epoch < len(column) else None for column in columns)
            writer.writerow([run, epoch + 1, *values])
    return text.getvalue()
