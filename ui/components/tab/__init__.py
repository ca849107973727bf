"""Tells the server which browser tab it serves, and puts a page's address back.

A tab's identity is 128 random bits in its `sessionStorage`: it outlives a reload and a lost
connection, and a duplicated tab gets another one. A browser has an identity in its
`localStorage`. Where a browser keeps neither, both last as long as the document.

The tab also remembers on which pages it has started runs. Where the server no longer knows them,
because the tab was away for too long or the server was started again, the page can say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.components.component import register
from ui.core import page_runs, state
from ui.core.keys import Key

_KEY: Key[Mapping[str, Any]] = Key("tab.browser", {})
_IS_KNOWN: Key[bool] = Key("tab.known", False)

_component = register("tab")


def mount(restore: str) -> None:
    """Put the component on the page, where nobody sees it: once a page, before all else.

    The first message of a connection brings the tab's identity, and the page runs once more with
    what the tab worked on before.

    Args:
        restore: A query string that the browser's address gets without a step in its history; empty
            leaves the address as it is.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    is_known = state.get(_IS_KNOWN)
    pages = list(page_runs.list_started()) if is_known else []
    data = [{"ask": not is_known, "restore": restore, "pages": pages}]
    _component(key=_KEY.name, data=data, on_identity_change=_claim)


def is_known() -> bool:
    """Return True once the browser has said which tab this is: what the tab held is back then."""
    return state.get(_IS_KNOWN)


def _claim() -> None:
    """Take up what the tab worked on; anybody can send anything, so only identities count."""
    match state.get(_KEY).get("identity"):
        case {"tab": str(tab), "browser": str(browser), **more}:
            state.claim_tab(tab, browser)
            pages = more.get("pages")
            page_runs.note_remembered(pages if isinstance(pages, list) else ())
            state.put(_IS_KNOWN, True)
