"""Navigation and the page's title: a visitor sees them while the rest is imported.

The server has imported all of it before its first visitor comes, see `ui.startup`.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ui.core import address, state
from ui.core.catalog import HOME, PAGES

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page as StreamlitPage

SIDEBAR_WIDTH = 240
ICON = str(Path(__file__).with_name("icon.svg"))
LESSONS = Path(__file__).parents[2] / "lessons"


def begin() -> tuple[StreamlitPage, DeltaGenerator]:
    """Set up page and navigation, and draw the title of the requested page.

    Returns:
        The page, not run yet, and the row of its title, which has room for buttons.
    """
    _set_up()
    page = _navigation()
    return page, _title_row(page.url_path or HOME.name)


def guard(name: str) -> DeltaGenerator:
    """Open a page in its frame, from any address: the first line of each page.

    AppTest runs pages alone: the title is painted here then. Streamlit would do so, too, for the
    first address that a server is asked for, if `ui.startup` did not prevent it.

    Args:
        name: The page's name.

    Returns:
        The row that holds the page's title, for buttons beside it.
    """
    if not state.is_framed():
        _set_up()
        _navigation()
        st.rerun()
    address.follow(name)
    return state.get_title_row() or _title_row(name)


def _title_row(name: str) -> DeltaGenerator:
    """Draw a page's title and return its row."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.title(_title(name), anchor=False, width="stretch")
    return row


def _title(name: str) -> str:
    """Return the title in the lesson's file; the navigation's where that file is broken."""
    file = LESSONS / f"{name}.toml"
    try:
        return _read_title(file, file.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):  # the page says what is wrong with the file
        return next(page.title for page in PAGES if page.name == name)


@lru_cache(maxsize=16)
def _read_title(file: Path, changed: int) -> str:
    """Read a file once until it changes: reading takes 10 ms, for which each page would wait."""
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["title"])


def _set_up() -> None:
    """Set the wide layout and the lab's own icon: Streamlit would fetch one from elsewhere."""
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)


def _navigation() -> StreamlitPage:
    """Register the pages and return the requested one."""
    sections: dict[str, list[StreamlitPage]] = {}
    for page in PAGES:
        entry = st.Page(
            page.path,
            title=page.title,
            icon=page.icon,
            url_path=page.name,
            default=page is HOME,
        )
        sections.setdefault(page.section, []).append(entry)
    return st.navigation(sections)
