"""Every `st.cache_*`, and the lab and the tabs of this server process.

Neither may live in one of Streamlit's caches: any visitor can clear those.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit import runtime

from nncore import environment
from nncore.analysis.diagnosis import diagnose
from nncore.analysis.faults import Fault
from nncore.analysis.run_facts import choose_samples
from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.data.download import Download
from nncore.digits import placement
from nncore.digits.novelty import Gauge
from nncore.experiment import DataConfig, Experiment
from nncore.export import notebook, script
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network, evaluate
from nncore.runtime import tasks
from nncore.runtime.lab import Lab
from nncore.runtime.store import Record, Store
from ui.core import page_runs, run_ledger, state
from ui.core.tabs import Tab, Tabs, grace_of_environment

Film: TypeAlias = dict[str, Any]

LOG = logging.getLogger(__name__)
_LOCK = threading.Lock()
_lab: Lab | None = None
_tabs: Tabs | None = None

#: Seconds between two looks for tabs that nobody shows any more.
SWEEP = 5.0
#: Seconds that a page waits for a quick answer of a worker, such as a summary.
PATIENCE = 15.0
#: Seconds after which a thread hands over to one that waits. Python's own are five times as many:
#: in those a page's first messages would wait for the rest of the page, and for other sessions.
SWITCH = 0.001
#: What glibc's `mallopt` is told, by the numbers of `malloc.h`: two arenas, and pieces of a
#: megabyte or more are handed back as soon as they are free.
MALLOC = {"M_ARENA_MAX": (-8, 2), "M_MMAP_THRESHOLD": (-3, 1 << 20)}


def lab() -> Lab:
    """Return the lab of this server process, made at its first use."""
    global _lab
    with _LOCK:
        if _lab is None:
            _lab = Lab(Store(environment.cache_dir() / "models"))
            sys.setswitchinterval(SWITCH)
            _hand_memory_back()
        return _lab


def _hand_memory_back() -> None:
    """Make glibc return memory that a page needed for a moment.

    By default it gives each of Streamlit's threads an arena, up to eight per core, and each arena
    keeps as much as the largest page that ran there needed.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        for setting in MALLOC.values() if hasattr(library, "mallopt") else ():  # others have none
            library.mallopt(*setting)


def tabs() -> Tabs:
    """Return what this server keeps for each browser tab, made at its first use."""
    global _tabs
    with _LOCK:
        if _tabs is None:
            _tabs = Tabs(_is_connected, _is_busy, _bytes_of, _end_runs, grace_of_environment())
            threading.Thread(target=_sweep_tabs, args=(_tabs,), name="tabs", daemon=True).start()
        return _tabs


def _sweep_tabs(tabs: Tabs) -> None:
    while True:
        time.sleep(SWEEP)
        try:
            tabs.sweep()
        except Exception:  # tabs must go on being given up, whatever one of them holds
            LOG.exception("The tabs could not be looked through.")


def _is_connected(session: str) -> bool:
    """Return True for a session with a browser at its other end; AppTest's have no server."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _is_busy(tab: Tab) -> bool:
    """Return True where a run of the tab trains at full speed; slow motion is for a viewer."""
    jobs = [run.job for run in page_runs.list_runs(tab)]
    return any(job.state.active and job.rate is None for job in jobs)


def _bytes_of(tab: Tab) -> int:
    return sum(run_ledger.size_of(run.job.checkpoint) for run in page_runs.list_runs(tab))


def _end_runs(tab: Tab) -> None:
    for owner in tab.owners:
        lab().runner.release(owner)


def start_lab() -> None:
    """Start the workers once the first page is drawn, and open this session's tab."""
    lab().start(delay=0.5)
    state.get_tab()
    _fetch_digits()


@st.cache_resource(show_spinner=False)
def _fetch_digits() -> None:
    """Start the download of MNIST, once, if only the sample is there and downloads are allowed."""
    if not environment.offline() and dataset(DataConfig()).embedded:
        download("digits").start()


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
    return None if stamp is None else _stored(experiment.to_query(), fingerprint, stamp)


@st.cache_resource(max_entries=32, show_spinner=False)
def _stored(query: str, fingerprint: str, stamp: int) -> Checkpoint | None:
    """Read and check an entry once; its arrays are read-only, so that sessions may share it."""
    experiment, _ = Experiment.from_query(query)
    entry = lab().store.get(experiment, fingerprint)
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
    try:
        return _trained(record.key, record.created, record)
    except LookupError:
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained(key: str, created: datetime, _record: Record) -> Checkpoint:
    entry = lab().store.get(_record.experiment, _record.fingerprint)
    if entry is None:
        raise LookupError(key)  # so that its absence is not remembered
    for array in entry.checkpoint.weights:
        array.setflags(write=False)  # all sessions share them
    return replace(entry.checkpoint, slots=(), counters=(), aside=(), film=())


def accuracy(key: str, load: Callable[[], Network], dataset: Dataset) -> float:
    """Return a network's test accuracy, 0 to 1, measured once.

    Args:
        key: Names the network.
        load: Fetches the network, where it has not been measured yet.
        dataset: The data whose test set it is.
    """
    return _accuracy(key, dataset.fingerprint, load, dataset)


@st.cache_data(max_entries=1024, show_spinner=False)
def _accuracy(key: str, fingerprint: str, _load: Callable[[], Network], _dataset: Dataset) -> float:
    answers = predicted_classes(_load().predict(_dataset.x_test))
    return float((answers == _dataset.y_test).mean())


def accuracy_when_shifted(
    checkpoint: Checkpoint, dataset: Dataset, shift: tuple[int, int]
) -> float:
    """Return a network's test accuracy, 0 to 1, when all images are shifted.

    Args:
        checkpoint: A run with weights.
        dataset: The data whose test set it is.
        shift: By how many pixels, to the right and down.
    """
    key = _point(checkpoint)
    return _accuracy_when_shifted(key, dataset.fingerprint, shift, checkpoint, dataset)


@st.cache_data(max_entries=4096, show_spinner=False)
def _accuracy_when_shifted(
    key: str,
    fingerprint: str,
    shift: tuple[int, int],
    _checkpoint: Checkpoint,
    _dataset: Dataset,
) -> float:
    network = Network.of(_checkpoint.experiment, _checkpoint.weights)
    answers = predicted_classes(network.predict(placement.shift_images(_dataset.x_test, *shift)))
    return float((answers == _dataset.y_test).mean())


def outputs_on(
    key: str, load: Callable[[], Network], images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return a network's outputs for a learner's own digits, computed once.

    Args:
        key: Names the network.
        load: Fetches the network, where it has not read these digits yet.
        images: (n, 28, 28) uint8.

    Returns:
        (n, outputs) float32, read-only.
    """
    return _outputs_on(key, hashlib.sha256(images.tobytes()).hexdigest(), load, images)


@st.cache_resource(max_entries=256, show_spinner=False)
def _outputs_on(
    key: str, digits: str, _load: Callable[[], Network], _images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    outputs = _load().predict(_images)
    outputs.setflags(write=False)
    return outputs


@st.cache_resource(show_spinner=False)
def download(name: str) -> Download:
    """Return the download of a data set, which all sessions share."""
    return Download(name)


def _point(checkpoint: Checkpoint) -> str:
    """Return a name for a run at its present update; a branch has another name."""
    made = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    return f"{made}-{checkpoint.updates}-{checkpoint.edits}"


class Outcome(NamedTuple):
    """A network's results on a test set.

    Attributes:
        outputs: (n, outputs) float32, read-only.
        loss: The mean loss.
        accuracy: The accuracy, 0 to 1.
    """

    outputs: NDArray[np.float32]
    loss: float
    accuracy: float


def outcome(checkpoint: Checkpoint, dataset: Dataset) -> Outcome:
    """Return the test results of a run's network, computed once for all sessions.

    Args:
        checkpoint: A run with weights.
        dataset: The data whose test set it is.
    """
    key = _point(checkpoint)
    return _outcome(key, dataset.fingerprint, checkpoint, dataset)


@st.cache_resource(max_entries=32, show_spinner=False)
def _outcome(key: str, fingerprint: str, _checkpoint: Checkpoint, _dataset: Dataset) -> Outcome:
    experiment = _checkpoint.experiment
    network = Network.of(experiment, _checkpoint.weights)
    outputs = network.predict(_dataset.x_test)
    outputs.setflags(write=False)
    scores = evaluate(network, experiment, _dataset.x_test, _dataset.y_test)
    return Outcome(outputs, scores["loss"], scores["accuracy"])


def weighted_sums(checkpoint: Checkpoint, dataset: Dataset) -> NDArray[np.float32]:
    """Return the output layer's weighted sums for the test set, computed once for all sessions.

    Args:
        checkpoint: A run with weights.
        dataset: The data whose test set it is.

    Returns:
        (n, outputs) float32, read-only. A saturated output does not tell what went into it.
    """
    key = _point(checkpoint)
    return _weighted_sums(key, dataset.fingerprint, checkpoint, dataset)


@st.cache_resource(max_entries=32, show_spinner=False)
def _weighted_sums(
    key: str, fingerprint: str, _checkpoint: Checkpoint, _dataset: Dataset
) -> NDArray[np.float32]:
    network = Network.of(_checkpoint.experiment, _checkpoint.weights)
    parts = [sums for _, (sums, _) in network.in_parts(_dataset.x_test)]
    found: NDArray[np.float32] = np.concatenate(parts)
    found.setflags(write=False)
    return found


def findings(checkpoint: Checkpoint) -> tuple[Fault, ...]:
    """Return the faults of a run that is over, diagnosed once for all sessions."""
    here = dataset(checkpoint.experiment.data).fingerprint
    return _findings(f"{_point(checkpoint)}-{checkpoint.finished}", here, checkpoint)


@st.cache_resource(max_entries=64, show_spinner=False)
def _findings(key: str, fingerprint: str, _checkpoint: Checkpoint) -> tuple[Fault, ...]:
    experiment = _checkpoint.experiment
    samples = choose_samples(dataset(experiment.data), experiment)
    return diagnose(_checkpoint, *samples)


def film(checkpoint: Checkpoint, build: Callable[[Checkpoint, Dataset], Film]) -> Film:
    """Return the film of a run, ready to be played, built once for all sessions.

    Args:
        checkpoint: A run with a film.
        build: Makes it, from the run and its data; a function of a module, whose name names it.
    """
    name = f"{build.__module__}.{build.__name__}-{film_name(checkpoint)}"
    here = dataset(checkpoint.experiment.data)
    return _film(name, here.fingerprint, build, checkpoint, here)


@st.cache_resource(max_entries=32, show_spinner=False)
def _film(
    name: str,
    fingerprint: str,
    _build: Callable[[Checkpoint, Dataset], Film],
    _checkpoint: Checkpoint,
    _dataset: Dataset,
) -> Film:
    return _build(_checkpoint, _dataset)


def film_name(checkpoint: Checkpoint) -> str:
    """Return a name for a run's film, which changes as the run goes on."""
    return f"{_point(checkpoint)}-{len(checkpoint.film)}"


def summary(experiment: Experiment) -> str | None:
    """Return the output of Keras's `model.summary()`; None while no worker is ready."""
    return _asked(_summary, experiment)


def mistake(experiment: Experiment, name: str) -> str | None:
    """Return Keras's message for a wrong input; None while no worker is ready."""
    return _asked(_mistake, experiment, name)


def _asked(question: Callable[..., str], experiment: Experiment, *more: str) -> str | None:
    if not lab().status.ready:  # a page must not wait for a worker that is still starting
        return None
    try:
        return question(experiment.to_query(), *more)
    except (ConnectionError, LateError):
        return None


@st.cache_data(max_entries=256, show_spinner=False)
def _summary(query: str) -> str:
    experiment, _ = Experiment.from_query(query)
    text: str = lab().runner.ask(tasks.summary, experiment).result(PATIENCE)
    return text


@st.cache_data(max_entries=64, show_spinner=False)
def _mistake(query: str, name: str) -> str:
    experiment, _ = Experiment.from_query(query)
    text: str = lab().runner.ask(tasks.mistake, experiment, name).result(PATIENCE)
    return text


def gauge(checkpoint: Checkpoint) -> Gauge | None:
    """Return the reference for refusing drawings that are no digit; None until a worker made it.

    Args:
        checkpoint: A trained network, which does not change any more.
    """
    if not lab().status.ready:
        return None
    return lab().gauge(_point(checkpoint), checkpoint, page_runs.get_owner())


def keras_program(experiment: Experiment) -> str:
    """Return the experiment as a plain Keras program, for the data that this lab has."""
    kind = "embedded" if dataset(experiment.data).embedded else "full"
    return script.to_script(experiment, kind)


def keras_notebook(experiment: Experiment) -> str:
    """Return the same program as a notebook."""
    return notebook.to_notebook(keras_program(experiment))


def keras_file(checkpoint: Checkpoint) -> bytes:
    """Return the finished network as a `.keras` file, from the store or made by a worker.

    Raises:
        ConnectionError: If it is in no store, and no worker is ready.
    """
    keep = lab()
    key = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    found = None if checkpoint.edits else keep.store.keras_file(key)  # no branch is in the store
    if found is None:
        asked = keep.runner.ask(tasks.keras_file, checkpoint.experiment, checkpoint.weights)
        found = asked.result(PATIENCE)
    return found
