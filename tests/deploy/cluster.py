"""A scheduler and workers as other machines start them; without the right to make hosts, no test.

The benchmarks use the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks import network
from benchmarks.network import Host, scheduler, worker

__all__ = ["Host", "host", "scheduler", "worker"]


@contextmanager
def host(number: int) -> Iterator[Host]:
    """Make a host that a cable connects with this machine; without the right to, skip the test."""
    if not network.can_make_hosts():
        pytest.skip("Needs the right to make network namespaces (and Debian's iproute2).")
    with network.host(number) as found:
        yield found
