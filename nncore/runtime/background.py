"""Small work that must not hold up its caller: a few threads for any number of tasks."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)
#: Threads of one `Background`.
THREADS = 4
#: Seconds after which an idle thread ends.
IDLE = 10.0


class Background:
    """Run functions at a given time on a bounded number of threads. Safe to use from any thread.

    Threads start when there is work and end when there is none for a while.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._limit = threads
        self._threads = 0
        self._idle = 0
        self._numbers = itertools.count()
        self._tasks: list[tuple[float, int, Callable[[], object]]] = []  # a heap by due time
        self._changed = threading.Condition()

    def run(self, function: Callable[[], object], delay: float = 0.0) -> None:
        """Call a function once, after so many seconds; its errors go to the log."""
        with self._changed:
            heapq.heappush(self._tasks, (time.monotonic() + delay, next(self._numbers), function))
            if len(self._tasks) > self._idle and self._threads < self._limit:
                self._threads += 1
                threading.Thread(target=self._work, name="background", daemon=True).start()
            self._changed.notify_all()

    def _work(self) -> None:
        while (function := self._next()) is not None:
            try:
                function()
            except Exception:
                LOG.exception("A task in the background failed.")

    def _next(self) -> Callable[[], object] | None:
        """Wait for a function that is due; None ends the thread."""
        with self._changed:
            end = time.monotonic() + IDLE
            while True:
                now = time.monotonic()
                if self._tasks and self._tasks[0][0] <= now:
                    return heapq.heappop(self._tasks)[2]
                if not self._tasks and now >= end:
                    self._threads -= 1
                    return None
                due = self._tasks[0][0] - now if self._tasks else end - now
                self._idle += 1
                self._changed.wait(due)
                self._idle -= 1
