"""A cache that counts bytes, not entries: one large network may weigh as much as a thousand small.

This file knows NumPy's arrays and nothing of what is cached.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def size_of(value: object) -> int:
    """Return about how many bytes a value takes, with everything that it holds.

    Objects that have `nbytes` say it themselves: arrays do. An object that is met twice counts
    once.
    """
    return _size_of(value, set())


def _size_of(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    known = getattr(value, "nbytes", None)
    if isinstance(known, int):
        return known
    return sys.getsizeof(value) + sum(_size_of(part, seen) for part in parts_of(value))


def parts_of(value: Any) -> Iterable[object]:
    """Return what a container or a dataclass holds; nothing for anything else."""
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()


class ByteCache(Generic[T]):
    """Results by key within a budget of bytes. Safe to use from any thread.

    The least recently used go first. The newest stays even if it is larger than the budget: it is
    what a page shows.

    Args:
        max_bytes: The most bytes of results to keep.
        size: Returns the bytes of a result.
    """

    def __init__(self, max_bytes: int, size: Callable[[T], int] = size_of) -> None:
        self.max_bytes = max_bytes
        self._size = size
        self._results: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._pending: dict[Hashable, Future[T]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._results)

    @property
    def nbytes(self) -> int:
        """The bytes of all results."""
        return self._bytes

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return a result, computed once for all threads that ask for it at the same time.

        Args:
            key: Names the result.
            compute: Makes it. What it raises is raised here, and nothing is kept. If its thread is
                stopped meanwhile, another one that waits makes it.
        """
        while True:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key][0]
                pending = self._pending.get(key)
                if pending is None:
                    mine = self._pending[key] = Future()
            if pending is None:
                return self._compute(key, compute, mine)
            wait([pending])
            if not pending.cancelled():
                return pending.result()

    def _compute(self, key: Hashable, compute: Callable[[], T], mine: Future[T]) -> T:
        try:
            result = compute()
            size = self._size(result)
        except BaseException as error:
            with self._lock:
                del self._pending[key]
            if isinstance(error, Exception):
                mine.set_exception(error)
            else:  # Streamlit stops or reruns this session only
                mine.cancel()
                mine.set_running_or_notify_cancel()
            raise
        with self._lock:
            del self._pending[key]
            self._results[key] = (result, size)
            self._bytes += size
            while self._bytes > self.max_bytes and len(self._results) > 1:
                _, (_, dropped) = self._results.popitem(last=False)
                self._bytes -= dropped
        mine.set_result(result)
        return result
