"""Answers of workers, each computed once and kept within a budget of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Answers(Generic[T]):
    """Results by key. Safe to use from any thread.

    A result that is being computed is never dropped, so any number of callers may wait for
    different ones; of those that are there, the least recently used are dropped first.

    Args:
        max_bytes: The most bytes of results to keep.
        size_of: Returns the bytes of a result.
        max_failures: The most keys to remember as failed for good.
    """

    def __init__(
        self, max_bytes: int, size_of: Callable[[T], int], max_failures: int = 256
    ) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._max_failures = max_failures
        self._pending: dict[Hashable, Future[T]] = {}
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._failed: OrderedDict[Hashable, None] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        ask: Callable[[], Future[T]],
        is_lost: Callable[[BaseException], bool],
    ) -> T | None:
        """Return a result; None while it is being computed, or if it cannot be computed.

        Args:
            key: Names the result.
            ask: Starts the computation; called if nobody has asked for this key.
            is_lost: Returns True for an error after which the next call asks again.
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            if key in self._failed:
                return None
            pending = self._pending.get(key)
            if pending is None:
                pending = self._pending[key] = ask()
            if not pending.done():
                return None
            del self._pending[key]
            return self._take(key, pending, is_lost)

    def _take(
        self, key: Hashable, done: Future[T], is_lost: Callable[[BaseException], bool]
    ) -> T | None:
        if done.cancelled():
            return None
        error = done.exception()
        if error is None:
            self._keep(key, done.result())
            return self._results[key]
        if not is_lost(error):
            self._failed[key] = None
            while len(self._failed) > self._max_failures:
                self._failed.popitem(last=False)
        return None

    def _keep(self, key: Hashable, result: T) -> None:
        self._results[key] = result
        self._bytes += self._size_of(result)
        while self._bytes > self._max_bytes and len(self._results) > 1:
            _, dropped = self._results.popitem(last=False)
            self._bytes -= self._size_of(dropped)
