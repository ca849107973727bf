"""Answers of workers, each computed once and kept within a budget of bytes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
_Tells: TypeAlias = Callable[[BaseException], bool]
#: Seconds after which nobody comes for a result any more.
UNCOLLECTED = 15.0


class Answers(Generic[T]):
    """Results by key. Safe to use from any thread.

    A result that is being computed is never dropped, so any number of callers may wait for
    different ones. It counts from the first time that somebody gets it, or some seconds later if
    all who asked have left. Of those that count, the least recently used are dropped first.

    Args:
        max_bytes: The most bytes of results to keep.
        size_of: Returns the bytes of a result.
        max_failures: The most keys to remember as failed.
        max_tries: How often a result is asked for whose worker died meanwhile: it may be what ends
            the workers, again and again.
        clock: Returns the time in seconds; replaced in tests.
    """

    def __init__(
        self,
        max_bytes: int,
        size_of: Callable[[T], int],
        max_failures: int = 256,
        max_tries: int = 3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._max_failures = max_failures
        self._clock = clock
        self._pending: dict[Hashable, Future[T]] = {}
        self._done_since: dict[Hashable, float] = {}  # of those pending
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._max_tries = max_tries
        self._failures: OrderedDict[Hashable, int] = OrderedDict()  # `max_tries` is for good
        self._bytes = 0
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        ask: Callable[[], Future[T]],
        is_lost: _Tells,
        has_killed: _Tells = lambda error: False,
    ) -> T | None:
        """Return a result; None while it is being computed, or if it cannot be computed.

        Args:
            key: Names the result.
            ask: Starts the computation; called if nobody has asked for this key.
            is_lost: Returns True for an error after which the next call asks again.
            has_killed: Returns True for such an error if the worker died, maybe of the question.
        """
        with self._lock:
            self._collect(is_lost, has_killed)
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            if self._failures.get(key, 0) >= self._max_tries:
                return None
            pending = self._pending.get(key)
            if pending is None:
                pending = self._pending[key] = ask()
            return self._take(key, is_lost, has_killed) if pending.done() else None

    def _collect(self, is_lost: _Tells, has_killed: _Tells) -> None:
        """Take the results that nobody has come for."""
        now = self._clock()
        for key in [key for key, pending in self._pending.items() if pending.done()]:
            if now - self._done_since.setdefault(key, now) >= UNCOLLECTED:
                self._take(key, is_lost, has_killed)

    def _take(self, key: Hashable, is_lost: _Tells, has_killed: _Tells) -> T | None:
        """Return what was computed, and keep it; None if that failed."""
        pending = self._pending.pop(key)
        self._done_since.pop(key, None)
        if pending.cancelled():
            return None
        error = pending.exception()
        if error is None:
            return self._keep(key, pending.result())
        if not is_lost(error):
            self._count_failure(key, self._max_tries)
        elif has_killed(error):
            self._count_failure(key, 1)
        return None

    def _count_failure(self, key: Hashable, count: int) -> None:
        self._failures[key] = self._failures.pop(key, 0) + count
        while len(self._failures) > self._max_failures:
            self._failures.popitem(last=False)

    def _keep(self, key: Hashable, result: T) -> T:
        self._failures.pop(key, None)
        self._results[key] = result
        self._bytes += self._size_of(result)
        while self._bytes > self._max_bytes and len(self._results) > 1:
            _, dropped = self._results.popitem(last=False)
            self._bytes -= self._size_of(dropped)
        return result
