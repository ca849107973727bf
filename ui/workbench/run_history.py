"""The runs that pages list, of session and store: their weights, their accuracies, opening one.

Runs of this session are in the session (`ui/core/run_ledger.py`); finished runs of all sessions are
in the store. `run_marks.py` has their names and stars, `run_names.py` what lists call them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from nncore.checkpoint import Checkpoint, History
from nncore.data.datasets import Dataset, DataUnavailable
from nncore.data.sources import STEMS
from nncore.data.splits import updates_per_epoch
from nncore.experiment import DataConfig
from ui.components import keep
from ui.core import (
    cached_results,
    page_runs,
    page_settings,
    resources,
    run_ledger,
    run_rows,
    server,
)
from ui.core.catalog import home_of
from ui.core.run_ledger import Mark
from ui.core.run_rows import Row
from ui.workbench import run_marks

#: Seconds that one run of the page may spend on measuring accuracies.
MEASURING = 0.4


# The list


def rows() -> list[Row]:
    """Return all runs of the session and of the store, newest first."""
    kept = keep.get(run_marks.SLOT) or {}
    names = sorted({record.experiment.data.name for record in resources.records()})
    here = tuple(_fingerprint(DataConfig(name)) for name in names if name in STEMS)
    stored = [
        replace(row, mark=Mark(**kept[row.key])) if row.key in kept else row
        for row in cached_results.rows_of_store(here, _list_stored)
    ]
    listed = run_rows.list_rows(run_ledger.settle(page_runs.get_ledger()), stored)
    return [run_marks.add_kept_mark(row, kept) for row in listed]


def _list_stored() -> Iterator[Row]:
    """Yield the rows of the store; they are the same for everybody, and without marks."""
    known: dict[DataConfig, Dataset | None] = {}
    for record in resources.records():
        experiment = record.experiment
        if experiment.data not in known:
            known[experiment.data] = _loaded(experiment.data)
        dataset = known[experiment.data]
        updates = None
        if dataset is not None and dataset.fingerprint == record.fingerprint:
            updates = record.epochs * updates_per_epoch(len(dataset.x_train), experiment.fit)
        yield run_rows.row_of_record(record, home_of(experiment), updates)


def _fingerprint(data: DataConfig) -> str:
    """Return the fingerprint of data; empty if this lab does not have them now."""
    dataset = _loaded(data)
    return "" if dataset is None else dataset.fingerprint


def _loaded(data: DataConfig) -> Dataset | None:
    try:
        return resources.dataset(data)
    except DataUnavailable:
        return None


def data_of(row: Row) -> Dataset | None:
    """Return the data that a run trained on; None if this lab does not have them now."""
    dataset = _loaded(row.experiment.data)
    return dataset if dataset is not None and dataset.fingerprint == row.fingerprint else None


# Results


def checkpoint(row: Row) -> Checkpoint | None:
    """Return a run's weights and history; None if its weights are gone."""
    if row.entry is not None:
        found = row.entry.progress.checkpoint
        if found.weights:
            return found
    if row.record is not None:
        return resources.trained(row.record)
    return resources.stored(row.experiment, row.fingerprint) if row.is_plain else None


def history(row: Row) -> History:
    """Return a run's loss and metrics, epoch by epoch."""
    if row.entry is not None:
        return row.entry.progress.checkpoint.history
    found = checkpoint(row)
    return {} if found is None else found.history


def accuracies(rows: Iterable[Row]) -> tuple[dict[str, float], int]:
    """Return test accuracies by the rows' keys.

    Unknown ones are measured until `MEASURING` seconds have passed.

    Returns:
        The accuracies, 0 to 1, and the number of runs that are still to be measured.
    """
    end = time.monotonic() + MEASURING
    found: dict[str, float] = {}
    missing = 0
    for row in rows:
        if not row.over or not row.epochs + (row.updates or 0):
            continue
        if time.monotonic() > end:
            missing += 1
            continue
        with suppress(LookupError):
            found[row.key] = accuracy(row)
    return found, missing


def accuracy(row: Row) -> float:
    """Return the test accuracy of a run that is over, 0 to 1; it is measured once.

    Raises:
        LookupError: If its weights or its data are gone.
    """

    def load() -> Checkpoint:
        found = checkpoint(row)
        if found is None or not found.weights:
            raise LookupError(row.key)
        return found

    dataset = data_of(row)
    if dataset is None:
        raise LookupError(row.key)
    place = None if row.is_plain else (row.epochs, row.updates, row.edits)
    return cached_results.accuracy(
        f"{row.store_key}-{place}", load, dataset, is_shown=row.entry is not None
    )


def tidy() -> None:
    """Drop the weights of old runs where the session holds too many bytes.

    Each page does so at its end. A network's accuracy is measured before its weights go.
    """
    noted = run_ledger.settle(page_runs.get_ledger())
    most = run_ledger.bytes_per_tab(len(server.tabs()))
    gone = run_ledger.find_excess(noted, most)
    for one in gone:
        with suppress(LookupError):
            accuracy(run_rows.row_of_entry(one))
    page_runs.set_ledger(run_ledger.drop_arrays(noted, gone))


# Opening a run


def closed(row: Row) -> str:
    """Return why a run cannot be opened on its page now; empty if it can."""
    if data_of(row) is None:
        return "It ran on data that this lab no longer has."
    own, run = row.entry.run if row.entry is not None else None, page_runs.get_run(row.page)
    if run is not None and run is not own and not run.peek().state.over:
        return "Another run is training on its page. Stop it first, or wait until it ends."
    if not row.over and run is not own:
        return "It is still training."
    return ""


def open_on_page(row: Row) -> None:
    """Put a run on its page: its settings, and its weights if they still exist."""
    run = row.entry.run if row.entry is not None else None
    page_settings.set_experiment(row.page, row.experiment)
    page_runs.set_run(row.page, run)
