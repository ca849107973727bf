"""Compiled models kept for reuse: runs of the same shape take turns in one.

Worker side: this file imports TensorFlow. Nothing is compiled for the second run of a shape.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from tensorflow.python.util import tf_stack

from nncore.experiment import Experiment
from nncore.training.compiled_model import CompiledModel
from nncore.training.process_memory import hand_memory_back
from nncore.training.shape import shape_of

#: Compiled networks kept for reuse, and the bytes that they may hold together.
MAX_MODELS, MAX_BYTES = 12, 96 * 2**20
#: Bytes that a compiled network holds in addition to its variables.
_COMPILED_BYTES = 5 * 2**20


class ModelPool:
    """Trainers by shape, reused from run to run; each is held by one slice at a time.

    Args:
        limit: Idle models to keep; the one unused for longest goes first.
        max_bytes: Bytes that they may hold together; the last one used stays in any case.
    """

    def __init__(self, limit: int, max_bytes: int = MAX_BYTES) -> None:
        self._limit, self._max_bytes = limit, max_bytes
        self._idle: OrderedDict[int, tuple[Experiment, CompiledModel]] = OrderedDict()
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def borrow(self, experiment: Experiment) -> Iterator[CompiledModel]:
        """Lend a model of an experiment's shape, to nobody else until the block ends."""
        shape = shape_of(experiment)
        found = self._take(shape)
        model = found or CompiledModel(shape)
        before = found.compilations if found is not None else -1  # a new one will compile
        yield model  # not given back after an error: its variables may be half set
        self._give_back(shape, model)
        if model.compilations != before:  # for data of another size, a known model compiles, too
            hand_memory_back()

    @property
    def idle(self) -> tuple[CompiledModel, ...]:
        """The models that nobody has borrowed, the one unused for longest first."""
        with self._lock:
            return tuple(model for _, model in self._idle.values())

    def _take(self, shape: Experiment) -> CompiledModel | None:
        with self._lock:
            for key, (held, model) in reversed(self._idle.items()):
                if held == shape:
                    del self._idle[key]
                    return model
        return None

    def _give_back(self, shape: Experiment, model: CompiledModel) -> None:
        with self._lock:
            self._count += 1
            self._idle[self._count] = (shape, model)
            while len(self._idle) > 1 and self._is_over():
                self._idle.popitem(last=False)

    def _is_over(self) -> bool:
        held = sum(model.nbytes + _COMPILED_BYTES for _, model in self._idle.values())
        return len(self._idle) > self._limit or held > self._max_bytes


def share_stack_traces() -> None:
    """Let all operations that this process makes from now on have one stack trace, this one.

    TensorFlow never lets go of the Python stack of an operation that was compiled, 3 MB a network,
    and shows it in its own error messages only. This is for workers, which pass none of those on.
    """
    shared = tf_stack.extract_stack()
    shared.last_user_frame()  # read now, not by two threads at the same time
    tf_stack.extract_stack = lambda stacklevel=1: shared


@lru_cache(maxsize=1)
def shared_pool() -> ModelPool:
    """Return this process's pool."""
    return ModelPool(MAX_MODELS)
