"""Leave out dask's spans, which nobody reads and which only grow; dask loads this (`--preload`).

A span is a record of the tasks that were under way at the same time, with all of their groups. The
scheduler keeps each for ever: 2,000 of them after 40 minutes with ten visitors a minute, which is
a third of a megabyte a minute.
"""

from __future__ import annotations

from typing import Any


def dask_setup(service: Any) -> None:
    """Take the extension out of a scheduler or worker, before it has seen a task."""
    getattr(service, "extensions", {}).pop("spans", None)  # a nanny has no extensions
