"""What a worker process offers: a slice of training, and what needs Keras.

The server process sends these functions by name; only where they run is TensorFlow imported.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nncore.checkpoint import Arrays, Budget, Checkpoint
from nncore.data.datasets import load
from nncore.digits import novelty, synthetic
from nncore.digits.novelty import Gauge
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.training.branch import Branch


def warm_up() -> dict[str, str]:
    """Imports what training needs, so that the first slice need not wait for it.

    Returns:
        The versions of `tensorflow` and `keras` at work here.
    """
    with _without("sklearn", "scipy", "pandas"):
        import keras
        import tensorflow as tf

        import nncore.training.engine  # noqa: F401

    tf.get_logger().setLevel("ERROR")  # it warns of the very reuse that the engine bounds
    return {"tensorflow": tf.__version__, "keras": keras.__version__}


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Lets imports in the block find no module of these names.

    Keras imports what it finds of them, to work with them; the lab does not use that, and a worker
    is ready a second earlier and 130 MB smaller without.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def advance(experiment: Experiment, checkpoint: Checkpoint, budget: Budget) -> Checkpoint:
    """`nncore.training.engine.advance`: trains a slice of a run."""
    from nncore.training import engine

    return engine.advance(experiment, checkpoint, budget)


def summary(experiment: Experiment) -> str:
    """`nncore.training.model.summary`: what `model.summary()` prints."""
    from nncore.training import model

    return model.summary(experiment)


def keras_file(experiment: Experiment, weights: Arrays) -> bytes:
    """`nncore.training.model.keras_file`: the bytes of a `.keras` file."""
    from nncore.training import model

    return model.keras_file(experiment, weights)


def gauge(experiment: Experiment, fingerprint: str, weights: Arrays) -> Gauge:
    """`nncore.digits.novelty.fit`: what drawings are compared with, to refuse what is no digit.

    It needs no Keras, but a second of the processor, which the server has not to spare.
    """
    network = Network.of(experiment, weights)
    return novelty.fit(
        network, load(experiment.data, fingerprint), synthetic.extra_images(experiment)
    )


def mistake(experiment: Experiment, name: str) -> str:
    """`nncore.training.model.mistake`: what Keras says of a wrong input."""
    from nncore.training import model

    return model.mistake(experiment, name)


def time_slices(
    experiment: Experiment, fingerprint: str, seconds: float = 0.25
) -> tuple[float, float, float, float]:
    """Times a shape of network: three short slices, which are thrown away.

    Args:
        experiment: Its learning rate does not count: it is made small, so that nothing diverges.
        fingerprint: The data.
        seconds: How long the slice may be in which updates are timed.

    Returns:
        What `nncore.runtime.timing.Timing` holds.
    """
    from nncore.training import engine

    timed = experiment.updated({"fit.learning_rate": 1e-6, "fit.epochs": 1000})
    start, one = Checkpoint(timed, fingerprint), Budget(batches=1)
    first, again = engine.advance(timed, start, one), engine.advance(timed, start, one)
    after = engine.advance(timed, first, Budget(seconds=seconds))
    made = max(1, after.updates - first.updates)
    begun = time.perf_counter()
    engine.validate(timed, load(timed.data, fingerprint), first.weights)
    validating = time.perf_counter() - begun
    update = max(0.0, after.seconds - first.seconds - validating * after.epoch) / made
    return first.seconds, again.seconds, update, validating


def go_on(branch: Branch, seconds: float) -> Branch:
    """`nncore.training.fine_tuning.go_on`: trains a slice on a learner's own digits."""
    from nncore.training import fine_tuning

    return fine_tuning.go_on(branch, seconds)
