"""What a worker process offers: a slice of training, and what needs Keras.

The server process sends these functions by name; only where they run is TensorFlow imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from nncore.checkpoint import Arrays, Budget, Checkpoint
from nncore.experiment import Experiment


def warm_up() -> dict[str, str]:
    """Imports what training needs, so that the first slice need not wait for it.

    Returns:
        The versions of `tensorflow` and `keras` at work here.
    """
    with _without("sklearn", "scipy", "pandas"):
        import keras
        import tensorflow as tf

        import nncore.engine  # noqa: F401

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
    """`nncore.engine.advance`: trains a slice of a run."""
    from nncore import engine

    return engine.advance(experiment, checkpoint, budget)


def summary(experiment: Experiment) -> str:
    """`nncore.model.summary`: what `model.summary()` prints."""
    from nncore import model

    return model.summary(experiment)


def keras_file(experiment: Experiment, weights: Arrays) -> bytes:
    """`nncore.model.keras_file`: the bytes of a `.keras` file."""
    from nncore import model

    return model.keras_file(experiment, weights)


def mistake(experiment: Experiment, name: str) -> str:
    """`nncore.model.mistake`: what Keras says of a wrong input."""
    from nncore import model

    return model.mistake(experiment, name)
