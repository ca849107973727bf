"""A cache of a function's results in which threads that ask at the same time share one result.

With `functools.lru_cache` alone each of them computes it, and each may keep a copy of its own: at
a worker's start two threads read MNIST and held it twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def cached_once(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that keeps the results of a function; each is computed by one thread.

    Others wait meanwhile, even for a result that is kept. So it is for results that are few, large
    and shared.

    Args:
        maxsize: The most results to keep; the least recently used go first.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached = lru_cache(maxsize)(function)
        lock = threading.RLock()  # the function may call itself

        @wraps(function)
        def call(*arguments: P.args, **named: P.kwargs) -> T:
            with lock:
                return cached(*arguments, **named)  # type: ignore[arg-type]

        return call

    return decorate
