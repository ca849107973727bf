"""One lock for all threads of a session: with one for each, as in Streamlit, nobody waits.

A click while a page is being drawn starts a new thread at once; the old one stops at its next call
of Streamlit. Both use the session's state. What the old one writes there at its end can change a
dictionary that the new one is going through, and then its page is a red box: "dictionary changed
size during iteration".

A thread that had to wait looks again whether it is to stop: what it was about to write is older
than what the new one has written meanwhile.

The lock is also held while the callback of a widget runs, so a callback must be quick: a click that
comes meanwhile waits for it, and is lost if another one follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.state import SafeSessionState, SessionState


@dataclass(frozen=True)
class _Turn:
    """A session's lock as one of its threads takes it.

    Args:
        lock: The lock of all threads of the session.
        check: Raises Streamlit's exception in a thread that is to stop.
    """

    lock: Any  # Streamlit's RLock
    check: Callable[[], None]

    def __enter__(self) -> None:
        self.lock.acquire()
        try:
            self.check()
        except BaseException:
            self.lock.release()
            raise

    def __exit__(self, *error: object) -> None:
        self.lock.release()


def share_lock() -> None:
    """Let all `SafeSessionState` of one `SessionState` have one lock from now on."""
    if SafeSessionState.__init__ is not _init_with_shared_lock:
        _original()
        SafeSessionState.__init__ = _init_with_shared_lock  # type: ignore[method-assign]


def _init_with_shared_lock(
    self: SafeSessionState, state: SessionState, yield_callback: Callable[[], None]
) -> None:
    _original()(self, state, yield_callback)
    # A lock goes with the last thread that uses it, and until then its state does not go either:
    # no other state has the same identity meanwhile.
    lock = _locks().setdefault(id(state), self._lock)
    object.__setattr__(self, "_lock", _Turn(lock, yield_callback))


@lru_cache(maxsize=1)
def _original() -> Callable[..., None]:
    """Return Streamlit's own method, as it was before `share_lock`."""
    return SafeSessionState.__init__


@lru_cache(maxsize=1)
def _locks() -> WeakValueDictionary[int, Any]:
    """Return the locks in use by the identity of their state."""
    return WeakValueDictionary()
