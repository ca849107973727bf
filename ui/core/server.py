"""The lab and the tabs of this server process: the only objects that change at module level.

They are not in Streamlit's caches, which any visitor can clear.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

from streamlit import runtime

from nncore import environment
from nncore.data.datasets import forget_drawings
from nncore.runtime.lab import Lab
from nncore.runtime.store import Store
from ui.core import page_runs, state, tab_size
from ui.core.tabs import Tab, Tabs, grace_of_environment

LOG = logging.getLogger(__name__)
T = TypeVar("T")
_LOCK = threading.Lock()
_lab: Lab | None = None
_tabs: Tabs | None = None
#: Seconds between two looks for tabs that nobody shows any more.
SWEEP = 5.0
#: What other rooms share in this process, by the function that makes it.
_shared: dict[Callable[[], object], object] = {}
_SHARED_LOCK = threading.Lock()
#: Seconds after which a thread hands over to one that waits. Python's own are five times as many:
#: in those a page's first messages would wait for the rest of the page, and for other sessions.
SWITCH = 0.001
#: What glibc's `mallopt` is told, by the numbers of `malloc.h`: two arenas, and pieces of 128 KB or
#: more are handed back as soon as they are free.
MALLOC = {"M_ARENA_MAX": (-8, 2), "M_MMAP_THRESHOLD": (-3, 1 << 17)}


def lab() -> Lab:
    """Return the lab of this server process, made at its first use."""
    global _lab
    with _LOCK:
        if _lab is None:
            _lab = Lab(Store(environment.cache_dir() / "models"))
            sys.setswitchinterval(SWITCH)
            _tune_malloc()
        return _lab


def _tune_malloc() -> None:
    """Make glibc return memory that a page needed for a moment.

    By default it gives each of Streamlit's threads an arena, up to eight per core, and each arena
    keeps as much as the largest page that ran there needed.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        for setting in MALLOC.values() if hasattr(library, "mallopt") else ():  # others have none
            library.mallopt(*setting)


def tabs() -> Tabs:
    """Return what this server keeps for each browser tab, made at its first use."""
    global _tabs
    with _LOCK:
        if _tabs is None:
            _tabs = Tabs(
                _is_connected,
                _is_busy,
                _bytes_of,
                _end_runs,
                grace_of_environment(),
                merge=page_runs.merge_values,
            )
            threading.Thread(target=_sweep_tabs, args=(_tabs,), name="tabs", daemon=True).start()
        return _tabs


def _sweep_tabs(tabs: Tabs) -> None:
    while True:
        time.sleep(SWEEP)
        try:
            tabs.sweep()
        except Exception:  # tabs must go on being given up, whatever one of them holds
            LOG.exception("The tabs could not be looked through.")


def _is_connected(session: str) -> bool:
    """Return True for a session with a browser at its other end; AppTest's have no server."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _is_busy(tab: Tab) -> bool:
    """Return True where a run or a sweep of the tab trains at full speed."""
    return any(lab().runner.is_training(owner) for owner in tab.owners)


def _bytes_of(tab: Tab) -> int:
    return tab_size.bytes_of(tuple(tab.values.values()))


def _end_runs(tab: Tab) -> None:
    for owner in tab.owners:
        lab().runner.release(owner)
    forget_drawings()


def share(make: Callable[[], T]) -> T:
    """Return the one object of this process that a function makes, made at the first call.

    Args:
        make: A function of a module, so that there are as many objects as such functions.
    """
    if make in _shared:  # without waiting while another object is being made
        return cast(T, _shared[make])
    with _SHARED_LOCK:
        if make not in _shared:
            _shared[make] = make()
        return cast(T, _shared[make])


def start_lab() -> None:
    """Start the workers once the first page is drawn, and open this session's tab."""
    lab().start(delay=0.5)
    state.get_tab()


def end_lab() -> None:
    """End the workers, if there are any; the server is about to end."""
    if _lab is not None:
        _lab.close()
