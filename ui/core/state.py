"""The session's state: the only file that touches `st.session_state` and `st.query_params`.

It reads and writes entries that are declared as typed keys (`ui.core.keys`). Entries that live for
the session end with the connection; those that live for the tab are found again after a reload
(`ui.core.tabs`).

Widgets are views: before a widget is drawn its value is set from what it shows, and its change is
written back by a callback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.core.keys import Key, T

if TYPE_CHECKING:  # what takes long to import is not there before the first page's title
    from streamlit.delta_generator import DeltaGenerator

    from ui.core.tabs import Tab

_FRAMED = Key("framed", False)
_TITLE_ROW: Key[DeltaGenerator | None] = Key("frame.row", None)
_TAB: Key[Tab | None] = Key("tab", None)


def mark_framed() -> None:
    """Note that this session's runs go through `streamlit_app.py`."""
    put(_FRAMED, True)


def is_framed() -> bool:
    """Return True where this session's runs go through `streamlit_app.py`."""
    return get(_FRAMED)


@contextmanager
def hold_title_row(row: DeltaGenerator) -> Iterator[None]:
    """Hold the row of the page's title for as long as the page runs."""
    put(_TITLE_ROW, row)
    try:
        yield
    finally:
        drop(_TITLE_ROW)


def get_title_row() -> DeltaGenerator | None:
    """Return the row of the page's title; None where the page does not run in the frame."""
    return get(_TITLE_ROW)


def get_tab() -> Tab:
    """Return the tab that this session shows, made at its first use."""
    tab = get(_TAB)
    if tab is None:
        from ui.core import server

        tab = server.tabs().open(session_id())
        put(_TAB, tab)
    return tab


def hold_tab() -> None:
    """Enter this session among those that show its tab: at the beginning of each full run.

    A connection that was lost and came back goes on with its session, without a word from the
    browser; in the meantime the tab may have been given up.
    """
    tab = get_tab()
    claim_tab(tab.name, tab.browser)


def claim_tab(name: str, browser: str) -> bool:
    """Find the tab that the browser names, with what it worked on before.

    Args:
        name: The tab's identity, as its browser says it.
        browser: The browser's identity.

    Returns:
        True where this session now shows another tab than before.
    """
    from ui.core import server

    before = get_tab()
    tab = server.tabs().claim(before, name, browser, session_id())
    put(_TAB, tab)
    return tab is not before


def session_id() -> str:
    """Return Streamlit's name for this connection."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def get(key: Key[T]) -> T:
    """Return what is stored under a key, such as a widget's value; else the key's default."""
    found: T = _entries(key).get(key.name, key.default)
    return found


def put(key: Key[T], value: T) -> None:
    """Store a value, or set a widget that is still to be drawn in this run."""
    _entries(key)[key.name] = value


def drop(key: Key[Any]) -> None:
    """Forget a value."""
    with suppress(KeyError):  # `pop` looks first, and another thread may take it meanwhile
        del _entries(key)[key.name]


def _entries(key: Key[Any]) -> MutableMapping[Any, Any]:
    return get_tab().values if key.lives == "tab" else st.session_state


def bind_widget(key: Key[T], value: T) -> str:
    """Return the name under which to draw a widget that shows a value of the session's.

    A page that polls sends the values of all its widgets with each poll. For a moment that is still
    the old value of a widget that was changed from here, and Streamlit would take it for the
    learner's. So such a widget gets a new name, and updates under a stale one are ignored.

    Args:
        key: The widget's key, such as `"mnist.fit.epochs"`: the first name it is drawn under.
        value: What the widget is to show.
    """
    name = key.name
    current = _current_name(name)
    if st.session_state.get(current, value) != value:
        st.session_state[f"{name}#"] = st.session_state.get(f"{name}#", 0) + 1
        current = _current_name(name)
    st.session_state[current] = value
    return current


def is_current(name: str) -> bool:
    """Return True for the name that `bind_widget` gave last; updates under another are stale."""
    return name == _current_name(name.partition("#")[0])


def read_bound(name: str) -> Any:
    """Return the value of a widget, from its callback; None for an empty field, or a stale name.

    Args:
        name: The name that `bind_widget` gave.
    """
    return get(Key[Any](name, None)) if is_current(name) else None


def _current_name(name: str) -> str:
    turn: int = st.session_state.get(f"{name}#", 0)
    return f"{name}#{turn}" if turn else name


def get_query() -> dict[str, str]:
    """Return the parameters of the browser's address, as this run was told them."""
    return dict(st.query_params)


def set_query(query: Mapping[str, str]) -> None:
    """Write the parameters of the browser's address: a step that *Back* undoes."""
    given = st.query_params
    if dict(given) != dict(query):  # of a parameter that stays, all values stay
        whole = {
            name: given.get_all(name) if given.get(name) == text else text
            for name, text in query.items()
        }
        given.from_dict(whole)


def read_query_values(name: str) -> list[str]:
    """Return all values of a parameter of the browser's address, in order."""
    return st.query_params.get_all(name)


def take_from_query(name: str) -> None:
    """Take a parameter out of the browser's address."""
    if name in st.query_params:
        del st.query_params[name]


def is_history_step() -> bool:
    """Return True where this run was caused by the browser's *Back* or *Forward*."""
    context = get_script_run_ctx()
    return bool(context is not None and getattr(context, "is_history_navigation", False))
