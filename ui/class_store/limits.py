"""Bounds of the class store, and the limit on how often codes are tried."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: Classes of a lab, members of a class, events of a member, and acts of a teacher.
MOST_CLASSES, MOST_MEMBERS, MOST_EVENTS, MOST_ACTS = 100, 200, 600, 2000
#: Bytes of an event's text, of all events of a class, and of the reader that a class trains. A lab
#: full of classes that are full takes 2 GB.
MOST_BYTES, MOST_CLASS_BYTES, MOST_READER_BYTES = 4096, 16 * 2**20, 4 * 2**20
#: Bytes that an event takes besides its text, about.
EVENT_BYTES = 250
#: Rows that a board reads at once: the newest.
MOST_ROWS = 5000
#: Seconds after its last event at which a class is over.
LIFETIME = 24 * 3600.0
#: Seconds after which a class without members gives way where the lab has no room for another.
UNUSED = 3600.0

#: Seconds that the limits below look back.
WINDOW = 600.0
#: Wrong codes that one address may try in that time, and all addresses together.
TRIES_OF_ADDRESS, TRIES_OF_ALL = 20, 200
#: People who may join one class in that time.
JOINS_OF_CLASS = 250
#: Classes that one address may make in a day: a school has one address.
CLASSES_OF_ADDRESS = 40
#: Addresses and classes that are remembered; the ones seen longest ago are forgotten first.
MOST_REMEMBERED = 4096


class Limiter:
    """Counts what happened in the last ten minutes, by name, in bounded memory.

    Args:
        most: How often something may happen under one name.
        window: Seconds that are looked back.
        remembered: How many names are remembered.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        most: int,
        window: float = WINDOW,
        remembered: int = MOST_REMEMBERED,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._window, self._remembered, self._now = most, window, remembered, now
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, name: str) -> int:
        """Return how often it happened under a name."""
        with self._lock:
            end = self._now() - self._window
            return sum(time > end for time in self._times.get(name, ()))

    def is_full(self, name: str) -> bool:
        """Return True if it must not happen again under a name for now."""
        return self.count(name) >= self._most

    def add(self, name: str) -> None:
        """Count one more time under a name."""
        with self._lock:
            times = self._times.setdefault(name, deque(maxlen=self._most))
            times.append(self._now())
            self._times.move_to_end(name)
            while len(self._times) > self._remembered:
                self._times.popitem(last=False)

    def forget(self) -> None:
        """Forget the names of which nothing happened lately."""
        with self._lock:
            end = self._now() - self._window
            for name in [name for name, times in self._times.items() if times[-1] <= end]:
                del self._times[name]

    def __len__(self) -> int:
        return len(self._times)


class Tries:
    """Limits wrong codes: by address, and over all addresses.

    Once all addresses together have tried too many, only addresses without a wrong code may try:
    a class that joins is not shut out by somebody who guesses from many addresses, and each of
    those addresses has one guess.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._by_address = Limiter(TRIES_OF_ADDRESS, now=now)
        self._by_all = Limiter(TRIES_OF_ALL, remembered=1, now=now)

    def are_used_up(self, address: str) -> bool:
        """Return True if an address may try no code for now."""
        name = group_address(address)
        is_suspect = self._by_all.is_full("") and self._by_address.count(name) > 0
        return is_suspect or self._by_address.is_full(name)

    def forget(self) -> None:
        """Forget the addresses that tried no wrong code lately."""
        self._by_address.forget()
        self._by_all.forget()

    def add(self, address: str) -> None:
        """Count a wrong code."""
        self._by_address.add(group_address(address))
        self._by_all.add("")


def group_address(address: str) -> str:
    """Return the name under which an address is counted.

    A household has a /64 of IPv6 addresses and could use each of them once, so they count as one.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
