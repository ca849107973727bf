"""The browser's address: what a page shows stands in it, and what it says the page shows.

Each page has parameters of its own. A change writes them, which is a step that *Back* undoes; a
reload, *Back*, *Forward*, a bookmark or a link brings them back. Parameters of others are kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

import streamlit as st

from ui.core import state
from ui.core.keys import Key, PageKey
from ui.core.links import is_own

#: The page of the last full run of this session.
_PAGE: Key[str] = Key("address.page", "")
#: What the page's address says, or will as soon as the browser has taken it over.
_OWN: PageKey[Mapping[str, str]] = PageKey("address", {})
#: Whether the browser has shown the address that was written last.
_CONFIRMED: Key[bool] = Key("address.confirmed", True)
#: Whether the address was written since the last full run began: a callback writes before the run
#: that it causes, and what that run then reads is not what the browser told.
_WRITTEN: Key[bool] = Key("address.written", False)
#: Whether the browser brought an address that the page has not taken up yet.
_FRESH: PageKey[bool] = PageKey("address.fresh", False)


def follow(page: str) -> None:
    """Take up what the browser's address says: at the beginning of each full run of a page.

    A run can be told an address that is older than the last change: one that was asked for before
    the browser had taken that over. Such an address is ignored. It counts where the visitor has
    just come to the page, went back or forward, or the browser had shown the last change before.

    Args:
        page: The page's name.
    """
    given = {name: text for name, text in state.get_query().items() if is_own(name)}
    arrived, written = page != state.get(_PAGE), state.get(_WRITTEN)
    kept = read(page)
    if arrived and not given and kept and not state.is_history_step():
        state.put(_CONFIRMED, False)  # led here by the navigation: shown as the learner left it
    elif arrived or state.is_history_step() or (state.get(_CONFIRMED) and given != kept):
        # In this order: where the run is interrupted in between, the next one takes it up again.
        state.put(_CONFIRMED, True)
        state.put(_FRESH.on(page), True)
        state.put(_OWN.on(page), given)
    elif given == kept and not written:
        state.put(_CONFIRMED, True)
    state.put(_WRITTEN, False)
    state.put(_PAGE, page)


@contextmanager
def take_up(page: str) -> Iterator[bool]:
    """Yield True where the browser brought the address that a page is to show.

    It counts as taken up when the block has ended. A run of a page can be interrupted wherever it
    uses the session's state, because the browser has asked for another one; that one finds the
    address still to be taken up.
    """
    is_fresh = state.get(_FRESH.on(page))
    yield is_fresh
    if is_fresh:
        state.put(_FRESH.on(page), False)


def read(page: str) -> Mapping[str, str]:
    """Return what a page's address says."""
    return state.get(_OWN.on(page))


def write(page: str, parameters: Mapping[str, str]) -> None:
    """Make a page's address say something else.

    Args:
        page: The page; where it is not the one that is shown, its address says so when it is.
        parameters: All parameters of the page, by name.
    """
    state.put(_OWN.on(page), dict(parameters))
    if page == state.get(_PAGE):
        others = {name: text for name, text in state.get_query().items() if not is_own(name)}
        state.put(_CONFIRMED, False)
        state.put(_WRITTEN, True)
        state.set_query({**others, **parameters})


def read_view(page: str, name: str) -> str:
    """Return what a page shows beside its settings, such as the tool that is open."""
    return read(page).get(name, "")


def write_view(page: str, name: str, text: str) -> None:
    """Say in the address what a page shows beside its settings; an empty text says nothing.

    Args:
        page: The page.
        name: One of `VIEW_NAMES`.
        text: What it shows.
    """
    rest = {key: value for key, value in read(page).items() if key != name}
    write(page, {**rest, name: text} if text else rest)


def to_restore(page: str) -> str:
    """Return the query string that the browser should show; empty where it does already.

    Where the navigation led to a page that was left with other settings, the browser replaces its
    address without a step in its history.
    """
    given = {name: text for name, text in state.get_query().items() if is_own(name)}
    kept = read(page)
    return "" if given or not kept or state.get(_CONFIRMED) else urlencode(kept)


def build_page_link(page: str, parameters: Mapping[str, str]) -> str:
    """Return the whole address of a page with these parameters.

    It begins as `NNCORE_PUBLIC_URL` says, else with the address that the browser used.
    """
    address = (st.context.url or "").split("?")[0].rstrip("/")
    current = state.get(_PAGE)
    used = address[: -len(current)].rstrip("/") if address.endswith(f"/{current}") else address
    base = os.environ.get("NNCORE_PUBLIC_URL", "").rstrip("/") or used
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{base}/{page}{query}"
