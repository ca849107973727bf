"""Tabs: state of a browser tab that outlives its connection.

A reload, a lost connection or a laptop that slept gives the tab a new Streamlit session. What the
learner works on (runs, ledger, sweep, branches) therefore belongs to a `Tab`, which is found again
by the random identity that the tab keeps in its `sessionStorage`. Nothing here draws.
"""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nncore.runtime.machine import cache_bytes

#: Seconds for which a tab that was closed or lost keeps what it worked on (`NNCORE_GRACE`).
GRACE = 600.0
#: Seconds for which a run goes on after the grace, where it is still training.
LONGEST_RUN = 3600.0
#: How many tabs are kept that nobody looks at, and how many bytes they may hold together.
MOST_ABSENT = 200
#: How many sessions of a tab are remembered. One whose connection was lost may come back, and then
#: nobody says so.
MOST_SESSIONS = 16
MOST_BYTES = 64 * 2**20
#: What a tab holds, by the names of keys.
Values: TypeAlias = dict[str, Any]
_IDENTITY = re.compile(r"[0-9a-f]{32}")


@dataclass(eq=False)
class Tab:
    """The work of one browser tab.

    Attributes:
        name: Its identity: what its browser says, or a random one until then.
        browser: The identity of the browser, which all of its tabs share; empty until then.
        values: What the tab holds, by the names of keys.
        owners: Names under which the runner knows its runs; new runs get the first.
        sessions: Streamlit's sessions that show it or did so, in the order in which they came.
        seen: When somebody last looked at it, by the registry's clock.
    """

    name: str
    browser: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    seen: float = 0.0

    @property
    def owner(self) -> str:
        """The name under which the tab's new runs are submitted."""
        return self.owners[0]


class Tabs:
    """All tabs of one server. Its methods may be called from any thread.

    Args:
        is_present: Return True for a Streamlit session that is connected.
        is_busy: Return True for a tab of which a run is still training at full speed.
        size_of: Return how many bytes a tab holds.
        end: Called with a tab that is given up, outside of the lock: it ends the tab's runs.
        grace: Seconds for which a tab without a session is kept.
        now: The clock, in seconds.
        merge: Return the values of a tab that is found again, from those of the session before its
            browser said which tab it is, and those that were kept.
    """

    def __init__(
        self,
        is_present: Callable[[str], bool],
        is_busy: Callable[[Tab], bool],
        size_of: Callable[[Tab], int],
        end: Callable[[Tab], None],
        grace: float = GRACE,
        now: Callable[[], float] = time.monotonic,
        merge: Callable[[Values, Values], Values] = lambda early, kept: {**early, **kept},
    ) -> None:
        self._is_present, self._is_busy, self._size_of, self._end = (
            is_present,
            is_busy,
            size_of,
            end,
        )
        self._grace, self._now, self._merge = grace, now, merge
        self._lock = threading.RLock()
        self._tabs: dict[str, Tab] = {}

    def open(self, session: str) -> Tab:
        """Return a new tab for a session whose browser has not said which tab it is."""
        name = uuid.uuid4().hex
        tab = Tab(name, owners=(name,), sessions=(session,), seen=self._now())
        with self._lock:
            self._tabs[name] = tab
        return tab

    def claim(self, tab: Tab, name: str, browser: str, session: str) -> Tab:
        """Return the tab that a browser names: the one that is kept, else `tab` under that name.

        Args:
            tab: What the session has worked on until now.
            name: The tab's identity, 32 hexadecimal digits; anything else changes nothing.
            browser: The browser's identity, likewise.
            session: The Streamlit session.
        """
        if not is_identity(name):
            return tab
        with self._lock:
            kept = self._tabs.get(name)
            self._tabs.pop(tab.name, None)
            if kept is None or kept is tab:
                kept = self._tabs[name] = tab
                kept.name = name
            else:
                kept.values = self._merge(tab.values, kept.values)
                kept.owners = (*kept.owners, *(o for o in tab.owners if o not in kept.owners))
            kept.browser = browser if is_identity(browser) else kept.browser
            others = tuple(one for one in kept.sessions if one != session)
            kept.sessions = (*others, session)[-MOST_SESSIONS:]
            kept.seen = self._now()
            return kept

    def of_browser(self, tab: Tab) -> list[Tab]:
        """Return the other tabs of the same browser."""
        with self._lock:
            tabs = list(self._tabs.values())
        return [
            other
            for other in tabs
            if tab.browser and other.browser == tab.browser and other is not tab
        ]

    def count_people(self, owners: Iterable[str], tab: Tab) -> int:
        """Return how many people some owners are, without the one before a tab.

        Args:
            owners: Names under which the runner knows runs. All tabs of a browser are one person.
            tab: The tab; its browser's other tabs do not count either.
        """
        with self._lock:
            tabs = list(self._tabs.values())
        people = {owner: other.browser or other.name for other in tabs for owner in other.owners}
        me = {tab.browser or tab.name, *tab.owners}
        return len({people.get(owner, owner) for owner in owners} - me)

    def __len__(self) -> int:
        return len(self._tabs)

    def sweep(self) -> None:
        """Give up the tabs that were left for longer than the grace, and those over the bounds."""
        now = self._now()
        with self._lock:
            absent = [tab for tab in self._tabs.values() if not self._look_at(tab, now)]
            gone = [tab for tab in absent if self._is_over(tab, now)]
            left = sorted((tab for tab in absent if tab not in gone), key=lambda tab: -tab.seen)
            gone += _beyond(left, MOST_ABSENT, cache_bytes(MOST_BYTES), self._size_of)
            for tab in gone:
                del self._tabs[tab.name]
        for tab in gone:
            self._end(tab)

    def is_shown(self, tab: Tab) -> bool:
        """Return True where a browser shows the tab at present."""
        return any(map(self._is_present, tab.sessions))

    def _look_at(self, tab: Tab, now: float) -> bool:
        """Return True where a browser shows the tab, and note that it was seen."""
        is_shown = self.is_shown(tab)
        if is_shown:
            tab.seen = now
        return is_shown

    def _is_over(self, tab: Tab, now: float) -> bool:
        left_for = now - tab.seen
        return left_for > self._grace and (left_for > LONGEST_RUN or not self._is_busy(tab))


def _beyond(tabs: Iterable[Tab], most: int, limit: int, size_of: Callable[[Tab], int]) -> list[Tab]:
    """Return the tabs, from the newest to the oldest, that no longer fit."""
    gone, total = [], 0
    for count, tab in enumerate(tabs, 1):
        total += size_of(tab)
        if count > most or total > limit:
            gone.append(tab)
    return gone


def is_identity(name: object) -> bool:
    """Return True for 32 hexadecimal digits, as a browser makes them."""
    return isinstance(name, str) and _IDENTITY.fullmatch(name) is not None


def grace_of_environment() -> float:
    """Return the seconds that `NNCORE_GRACE` names; `GRACE` where it names none."""
    text = os.environ.get("NNCORE_GRACE", "")
    try:
        seconds = float(text) if text else GRACE
    except ValueError:
        raise ValueError(f"NNCORE_GRACE must be a number of seconds. Received: {text!r}") from None
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"NNCORE_GRACE must be a number of seconds. Received: {text!r}")
    return seconds
