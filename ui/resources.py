"""Every `st.cache_*`, and the process-wide lab with its runner.

The lab must not live in one of Streamlit's caches: any visitor can clear those.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError

import streamlit as st

from nncore import data, script, tasks
from nncore.checkpoint import Checkpoint
from nncore.data import Dataset
from nncore.experiment import DataConfig, Experiment
from nncore.lab import Lab
from nncore.store import Store
from ui import state

_LOCK = threading.Lock()
_lab: Lab | None = None

#: Seconds that a page waits for what a worker says at once, such as a summary.
PATIENCE = 15.0


def lab() -> Lab:
    """The lab of this server process, made at its first use."""
    global _lab
    with _LOCK:
        if _lab is None:
            _lab = Lab(Store(data.cache_dir() / "models"))
        return _lab


def start_lab() -> None:
    """Brings the workers up, after the first page is there, and notes that the session is here."""
    lab().start(delay=0.5)
    _presence(state.session())


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda name: lab().leave(name))
def _presence(session: str) -> str:
    """Is kept for as long as the session's page is open; its release tells the lab."""
    lab().stay(session)
    return session


def dataset(config: DataConfig) -> Dataset:
    """The data of a config, shared by all sessions: its arrays are read-only.

    Raises:
        nncore.data.DataUnavailable: If they are not to be had here, with a sentence how to get them.
    """
    return data.load(config)


def data_fact() -> str:
    """Which digits this lab trains on, for the sidebar."""
    return data.load(DataConfig()).fact


def stored(experiment: Experiment, fingerprint: str) -> Checkpoint | None:
    """The finished run of this experiment, if somebody trained it on these data before."""
    entry = lab().store.get(experiment, fingerprint)
    return None if entry is None else entry.checkpoint


def summary(experiment: Experiment) -> str | None:
    """What Keras's `model.summary()` prints; None while no worker can be asked."""
    return _asked(_summary, experiment)


def mistake(experiment: Experiment, name: str) -> str | None:
    """What Keras says of a wrong input; None while no worker can be asked."""
    return _asked(_mistake, experiment, name)


def _asked(question: Callable[..., str], experiment: Experiment, *more: str) -> str | None:
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


def keras_program(experiment: Experiment) -> str:
    """The experiment as a plain Keras program, on the data that this lab has."""
    kind = "embedded" if dataset(experiment.data).embedded else "full"
    return script.to_script(experiment, kind)


def keras_file(checkpoint: Checkpoint) -> bytes:
    """The finished network as a `.keras` file: from the store, else made by a worker.

    Raises:
        ConnectionError: If it is in no store, and no worker is ready.
    """
    keep = lab()
    key = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    found = keep.store.keras_file(key)
    if found is None:
        asked = keep.runner.ask(tasks.keras_file, checkpoint.experiment, checkpoint.weights)
        found = asked.result(PATIENCE)
    return found
