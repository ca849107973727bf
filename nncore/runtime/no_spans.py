"""Leave out dask's spans, which nobody reads and which only grow; dask loads this (`--preload`).

A span is a record of the tasks that were under way at the same time, with all of their groups. The
scheduler keeps each for ever: 2,000 of them after 40 minutes with ten visitors a minute, which is
a third of a megabyte a minute.
"""

from __future__ import annotations

from typing import Any


class NoSpans:
    """A stand-in for the scheduler's extension. It is false, so that dask passes it by."""

    def __bool__(self) -> bool:
        return False

    def heartbeat(self, worker: Any, data: Any) -> None:
        """Ignore what a worker counts for spans; one whose report fails would end itself."""


def dask_setup(service: Any) -> None:
    """Take the extension out of a scheduler, before it has seen a task; others keep nothing."""
    from distributed import Scheduler

    if isinstance(service, Scheduler):
        service.extensions["spans"] = NoSpans()
