"""Data sets and finished runs, loaded once for all sessions, and a network as a file.

Every `st.cache_*` is here or in `ui.core.cached_results`.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from nncore import environment
from nncore.byte_cache import ByteCache
from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.data.download import Download
from nncore.experiment import DataConfig, Experiment
from nncore.export import notebook, script
from nncore.export.package_script import to_package_script
from nncore.runtime import tasks
from nncore.runtime.machine import cache_bytes
from nncore.runtime.store import Record, Store
from ui.core.server import lab

#: Seconds that a page waits for a quick answer of a worker, such as a summary.
PATIENCE = 15.0
#: Bytes of finished runs with everything that they hold, of networks from the store, and of
#: networks from files. The largest run takes 60 MB, lesson 4's reader 8 MB, lesson 3's run with its
#: film 1.3 MB; the largest network 12 MB.
STORED_BYTES, TRAINED_BYTES, SHARED_BYTES = 24 * 2**20, 16 * 2**20, 16 * 2**20


@st.cache_resource(show_spinner=False)
def byte_cache(name: str, usual: int) -> ByteCache[Any]:
    """Return one of the caches of this server that count bytes: Streamlit's own count entries.

    It is cleared together with Streamlit's.

    Args:
        name: Names it.
        usual: The bytes that it may hold; less on a small machine.
    """
    return ByteCache(cache_bytes(usual))


@st.cache_resource(show_spinner=False)
def fetch_digits() -> int:
    """Start the download of MNIST, once, if only the sample is there and downloads are allowed.

    Returns:
        Which attempt that was; 0 if there was none.
    """
    if environment.offline() or not dataset(DataConfig()).embedded:
        return 0
    return download("digits").attempts if download("digits").start() else 0


def dataset(config: DataConfig) -> Dataset:
    """Return the data of a config, shared by all sessions: its arrays are read-only.

    Raises:
        nncore.data.DataUnavailable: If they are not to be had here; it says how to get them.
    """
    return datasets.load(config)


def data_fact() -> str:
    """Return which digits this lab trains on, for the sidebar."""
    return datasets.load(DataConfig()).fact


def stored(experiment: Experiment, fingerprint: str) -> Checkpoint | None:
    """Return the finished run of this experiment, if it was trained on these data before."""
    stamp = lab().store.stamp(experiment, fingerprint)
    if stamp is None:
        return None
    cache: ByteCache[Checkpoint | None] = byte_cache("stored", STORED_BYTES)
    key = (experiment.to_query(), fingerprint, stamp)
    return cache.get(key, lambda: _read_stored(experiment, fingerprint))


def _read_stored(experiment: Experiment, fingerprint: str) -> Checkpoint | None:
    """Read and check an entry; its arrays are read-only, so that sessions may share it."""
    entry = lab().store.get(experiment.without_drawings(), fingerprint)
    return None if entry is None else entry.checkpoint


def records() -> tuple[Record, ...]:
    """Return the records of the store, newest first; read again only where it has changed."""
    store = lab().store
    return _records(store.changed(), store)


@st.cache_resource(max_entries=1, show_spinner=False)
def _records(changed: int, _store: Store) -> tuple[Record, ...]:
    return tuple(_store.entries())


def trained(record: Record) -> Checkpoint | None:
    """Return a finished run from the store, without the optimizer's state; None if it is gone."""
    cache: ByteCache[Checkpoint] = byte_cache("trained", TRAINED_BYTES)
    try:
        return cache.get((record.key, record.created), lambda: _read_trained(record))
    except LookupError:
        return None


def _read_trained(record: Record) -> Checkpoint:
    entry = lab().store.get(record.experiment, record.fingerprint)
    if entry is None:
        raise LookupError(record.key)  # so that its absence is not remembered
    for array in entry.checkpoint.weights:
        array.setflags(write=False)  # all sessions share them
    return entry.checkpoint.without_training_state()


def share_checkpoint(digest: str, checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint that all sessions which read the same bytes share.

    Args:
        digest: Digest of the bytes.
        checkpoint: The checkpoint that was read from them; its arrays are read-only.
    """
    cache: ByteCache[Checkpoint] = byte_cache("shared", SHARED_BYTES)
    return cache.get(digest, lambda: checkpoint)


@st.cache_resource(show_spinner=False)
def download(name: str) -> Download:
    """Return the download of a data set, which all sessions share."""
    return Download(name)


def needs_package(experiment: Experiment) -> bool:
    """Return True if the program of an experiment uses the lab's own module."""
    return experiment.fit.augment != "none" and experiment.data.name == "digits"


def keras_program(experiment: Experiment) -> str:
    """Return the experiment as a Keras program, for the data that this lab has.

    With augmentation the program imports `nncore`: Keras has no layers for it.
    """
    if needs_package(experiment):
        return to_package_script(experiment)
    kind = "embedded" if dataset(experiment.data).embedded else "full"
    return script.to_script(experiment, kind)


def keras_notebook(experiment: Experiment) -> str:
    """Return the same program as a notebook."""
    return notebook.to_notebook(keras_program(experiment))


def keras_file(checkpoint: Checkpoint) -> bytes:
    """Return the network as a `.keras` file, from the store or made by a worker.

    Raises:
        ConnectionError: If it is in no store, and no worker is ready.
    """
    keep = lab()
    key = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    is_stored = checkpoint.finished and not checkpoint.edits  # no stopped run, no branch
    found = keep.store.keras_file(key) if is_stored else None
    if found is None:
        asked = keep.runner.ask(tasks.keras_file, checkpoint.experiment, checkpoint.weights)
        found = asked.result(PATIENCE)
    return found
