"""What is computed from a trained network, once for all sessions: test results, faults, films.

Every `st.cache_*` is here or in `ui.core.resources`.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as LateError
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.diagnosis import diagnose
from nncore.analysis.faults import Fault
from nncore.analysis.run_facts import choose_samples
from nncore.byte_cache import ByteCache
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.digits import placement
from nncore.digits.novelty import Gauge
from nncore.experiment import Experiment
from nncore.nn.evaluation import evaluate_with_outputs
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from nncore.nn.packing import PackedNetwork, pack
from nncore.runtime import tasks
from nncore.runtime.cluster import is_lost
from nncore.runtime.errors import TaskError
from ui.core import page_runs
from ui.core.resources import PATIENCE, byte_cache, dataset
from ui.core.run_rows import Row
from ui.core.server import lab

LOG = logging.getLogger(__name__)
Film: TypeAlias = dict[str, Any]
#: Bytes of networks packed for the browser, of outputs for test sets and drawings, and of films.
PACKED_BYTES, OUTPUT_BYTES, FILM_BYTES = 8 * 2**20, 12 * 2**20, 8 * 2**20


def accuracy(
    key: str, load: Callable[[], Checkpoint], dataset: Dataset, *, is_shown: bool = False
) -> float:
    """Return a network's test accuracy, 0 to 1, measured once.

    Args:
        key: Names the network.
        load: Fetches the network with its weights, where it has not been measured yet.
        dataset: The data whose test set it is.
        is_shown: True where a page soon shows the rest of its `outcome`, which is kept then.
    """

    def measure() -> float:
        evaluated = outcome if is_shown else _evaluate
        return evaluated(load(), dataset).accuracy

    return _accuracy(key, dataset.fingerprint, measure)


@st.cache_data(max_entries=4096, show_spinner=False)
def _accuracy(key: str, fingerprint: str, _measure: Callable[[], float]) -> float:
    return _measure()


def rows_of_store(here: tuple[str, ...], make: Callable[[], Iterable[Row]]) -> tuple[Row, ...]:
    """Return the rows of all stored runs, which all sessions share; made again after a change.

    Args:
        here: The fingerprints of the data that this lab has.
        make: Makes the rows.
    """
    return _rows_of_store(lab().store.changed(), here, make)


@st.cache_resource(max_entries=1, show_spinner=False)
def _rows_of_store(
    changed: int, here: tuple[str, ...], _make: Callable[[], Iterable[Row]]
) -> tuple[Row, ...]:
    return tuple(_make())


def pixel_ranges(dataset: Dataset) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the smallest and largest pixel of the training and of the test images.

    Of MNIST, that is to go through 55 MB.
    """
    return _pixel_ranges(dataset.fingerprint, dataset)


@st.cache_data(max_entries=64, show_spinner=False)
def _pixel_ranges(fingerprint: str, _dataset: Dataset) -> tuple[tuple[int, int], tuple[int, int]]:
    train, test = ((int(x.min()), int(x.max())) for x in (_dataset.x_train, _dataset.x_test))
    return train, test


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
    digits = hashlib.sha256(images.tobytes()).hexdigest()
    return _outputs(("digits", key, digits), lambda: load().predict(images))


def _outputs(
    key: tuple[str, ...], compute: Callable[[], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return outputs of a network, computed once for all sessions and read-only.

    Args:
        key: Names them.
        compute: Makes them.
    """

    def make() -> NDArray[np.float32]:
        outputs = compute()
        outputs.setflags(write=False)
        return outputs

    cache: ByteCache[NDArray[np.float32]] = byte_cache("outputs", OUTPUT_BYTES)
    return cache.get(key, make)


def packed(checkpoint: Checkpoint) -> PackedNetwork:
    """Return a network for the browser, packed once for all sessions.

    Args:
        checkpoint: A trained network, which does not change any more.
    """
    biases = zlib.crc32(b"".join(array.tobytes() for array in checkpoint.weights[1::2]))
    cache: ByteCache[PackedNetwork] = byte_cache("packed", PACKED_BYTES)
    key = f"{_point(checkpoint)}-{biases}"
    return cache.get(key, lambda: pack(Network.of(checkpoint.experiment, checkpoint.weights)))


def _point(checkpoint: Checkpoint) -> str:
    """Return a name for a run's present weights; a branch has another name.

    With early stopping, a run may get other weights when its last epoch ends, without an update.
    """
    made = f"{checkpoint.experiment.digest}-{checkpoint.fingerprint}"
    return f"{made}-{checkpoint.updates}-{checkpoint.epoch}-{checkpoint.edits}"


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
    cache: ByteCache[Outcome] = byte_cache("outcomes", OUTPUT_BYTES)
    key = (_point(checkpoint), dataset.fingerprint)
    return cache.get(key, lambda: _evaluate(checkpoint, dataset))


def _evaluate(checkpoint: Checkpoint, dataset: Dataset) -> Outcome:
    experiment = checkpoint.experiment
    network = Network.of(experiment, checkpoint.weights)
    outputs, scores = evaluate_with_outputs(network, experiment, dataset.x_test, dataset.y_test)
    outputs.setflags(write=False)
    return Outcome(outputs, scores["loss"], scores["accuracy"])


def weighted_sums(checkpoint: Checkpoint, dataset: Dataset) -> NDArray[np.float32]:
    """Return the output layer's weighted sums for the test set, computed once for all sessions.

    Args:
        checkpoint: A run with weights.
        dataset: The data whose test set it is.

    Returns:
        (n, outputs) float32, read-only. A saturated output does not tell what went into it.
    """
    key = ("sums", _point(checkpoint), dataset.fingerprint)
    return _outputs(key, lambda: _compute_weighted_sums(checkpoint, dataset))


def _compute_weighted_sums(checkpoint: Checkpoint, dataset: Dataset) -> NDArray[np.float32]:
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return np.concatenate([sums for _, (sums, _) in network.in_parts(dataset.x_test)])


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
    cache: ByteCache[Film] = byte_cache("films", FILM_BYTES)
    return cache.get((name, here.fingerprint), lambda: build(checkpoint, here))


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
    except TaskError as error:
        return str(error)
    except Exception as error:
        if not (isinstance(error, LateError) or is_lost(error)):
            LOG.exception("A question of a page was not answered.")
        return None  # the page has more to show than this text


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
