"""The functions that workers run: slices of training, and everything else that needs Keras.

The server sends them by name; TensorFlow is imported only in the worker that runs them.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from nncore.cached_once import cached_once
from nncore.checkpoint import Arrays, Budget, Checkpoint
from nncore.data.datasets import forget_drawings, load
from nncore.digits import novelty, synthetic
from nncore.digits.novelty import Fitting, Gauge
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime import compile_cache
from nncore.runtime.errors import READABLE, TaskError, sentence_of
from nncore.runtime.versions import versions
from nncore.training.branch import Branch

LOG = logging.getLogger("distributed.nncore")
#: Seconds of a piece of a question that is answered in several.
PIECE = 0.25
#: Training without its validation, which is timed by itself.
_UNVALIDATED = {"fit.validation": "none", "fit.patience": 0}
P = ParamSpec("P")
T = TypeVar("T")


def _readable_errors(task: Callable[P, T]) -> Callable[P, T]:
    """Let a task raise only errors that a learner can read; the traceback goes to the log."""

    @wraps(task)
    def guarded(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            _get_ready()
            return task(*arguments, **named)
        except Exception as error:
            sentence = sentence_of(error)
            if isinstance(error, READABLE) and sentence == str(error):
                raise
            LOG.exception("A task failed: %s", task.__name__)
            # Not the error itself: to read TensorFlow's, the server would import TensorFlow.
            raise TaskError(sentence) from None

    return guarded


def warm_up() -> dict[str, str]:
    """Get the worker ready, so that the first slice does not wait for it.

    Returns:
        The versions on this worker, see `nncore.runtime.versions`.
    """
    _get_ready()
    return versions()


@cached_once(maxsize=1)
def _get_ready() -> None:
    """Import everything training needs, and return what that needed for a moment.

    The first task of a worker does this, and all others wait for it: a slice that waited for a
    worker arrives before the warm-up. If it compiled at the same time, both together would need
    more than a worker has on a small machine.
    """
    compile_cache.enable()
    with _without("sklearn", "scipy", "pandas"):
        import tensorflow as tf

        import nncore.training.engine  # noqa: F401
    from nncore.training.model_pool import share_stack_traces
    from nncore.training.process_memory import hand_memory_back

    share_stack_traces()
    tf.get_logger().setLevel("ERROR")  # its retracing warnings do not apply to the engine
    hand_memory_back()


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Hide these modules from imports inside the block.

    Keras imports them if it finds them, but the lab does not use those parts. Without them a worker
    is ready a second earlier and takes 130 MB less.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


@_readable_errors
def advance(experiment: Experiment, checkpoint: Checkpoint, budget: Budget) -> Checkpoint:
    """Train a slice of a run: `nncore.training.engine.advance`."""
    from nncore.training import engine

    with _forgetting(experiment):
        after = _with_cache(partial(engine.advance, experiment, checkpoint, budget))
    if not checkpoint.updates and compile_cache.is_enabled():  # a new run may have compiled
        compile_cache.seal(compile_cache.folder())
        compile_cache.prune(compile_cache.folder())
    # The drawings came with the experiment; the server has them already.
    return replace(after, experiment=after.experiment.without_drawings())


@contextmanager
def _forgetting(experiment: Experiment) -> Iterator[None]:
    """Let go of a learner's own drawings after the block: a worker is not told when they leave."""
    try:
        yield
    finally:
        if experiment.data.is_private:
            forget_drawings()


def _with_cache(work: Callable[[], T]) -> T:
    """Return the result of work that may compile, in spite of a damaged cache or a full disk.

    If it fails, the cache is cleared and the work is done once more. If the folder cannot be
    written, this worker ends: the next one starts without the cache, and the slice is sent again.
    """
    if not compile_cache.is_enabled():
        return work()
    import tensorflow as tf

    try:
        return work()
    except tf.errors.OpError as error:
        LOG.warning("A computation failed, the cache of compiled networks is cleared: %s", error)
        compile_cache.clear(compile_cache.folder())
    problem = compile_cache.probe(compile_cache.folder())
    if problem:
        LOG.error("The worker ends to continue without the cache: %s", problem)
        os._exit(1)
    return work()


@_readable_errors
def summary(experiment: Experiment) -> str:
    """Return the text that `model.summary()` prints: `nncore.training.model.summary`."""
    from nncore.training import model

    return model.summary(experiment)


@_readable_errors
def keras_file(experiment: Experiment, weights: Arrays) -> bytes:
    """Return the bytes of a `.keras` file: `nncore.training.model.keras_file`."""
    from nncore.training import model

    return model.keras_file(experiment, weights)


@_readable_errors
def gauge(
    experiment: Experiment, fingerprint: str, weights: Arrays, fitting: Fitting
) -> Fitting | Gauge:
    """Make a piece of the detector that refuses drawings: `nncore.digits.novelty.go_on`.

    It needs no Keras, but seconds of computing, which would hold up the pages in the server.

    Args:
        experiment: The network's experiment.
        fingerprint: Its data.
        weights: Its weights.
        fitting: What was made before; `Fitting()` to begin with.
    """
    network = Network.of(experiment, weights)
    extra, signs = synthetic.extra_images(experiment), synthetic.other_signs(experiment)
    with _forgetting(experiment):
        dataset = load(experiment.data, fingerprint)
        return novelty.go_on(fitting, network, dataset, extra, signs, PIECE)


@_readable_errors
def mistake(experiment: Experiment, name: str) -> str:
    """Return Keras's error message for a wrong input: `nncore.training.model.mistake`."""
    from nncore.training import model

    return model.mistake(experiment, name)


@_readable_errors
def time_slices(
    experiment: Experiment, fingerprint: str, seconds: float = 0.25
) -> tuple[float, float, float, float]:
    """Time a shape of network with three short slices, and discard their results.

    Args:
        experiment: Any experiment of the shape; it is timed with a tiny learning rate, so that it
            cannot diverge.
        fingerprint: The data.
        seconds: The length of the slice in which updates are timed.

    Returns:
        The values of a `nncore.runtime.timing.ShapeTiming`.
    """
    from nncore.training import engine

    timed = experiment.updated({"fit.learning_rate": 1e-6, "fit.epochs": 1000, **_UNVALIDATED})
    start, one = Checkpoint(timed, fingerprint), Budget(batches=1)
    first, again = advance(timed, start, one), advance(timed, start, one)
    after = advance(timed, first, Budget(seconds=seconds))
    updates = max(1, after.updates - first.updates)
    with _forgetting(experiment):
        dataset = load(experiment.data, fingerprint)
        validating = engine.time_validation(experiment, dataset, first.weights)
    update = max(0.0, after.seconds - first.seconds) / updates
    return first.seconds, again.seconds, update, validating


@_readable_errors
def go_on(branch: Branch, seconds: float) -> Branch:
    """Train a slice on a learner's own digits: `nncore.training.fine_tuning.go_on`."""
    from nncore.training import fine_tuning

    return _with_cache(partial(fine_tuning.go_on, branch, seconds))
