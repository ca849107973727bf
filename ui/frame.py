"""The frame of every page: the list of pages, the guard for deep links, the sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from nncore.lab import Lab
from ui import resources, state
from ui.lesson import LessonError

if TYPE_CHECKING:
    from streamlit.navigation.page import Page as StreamlitPage

SIDEBAR_WIDTH = 240
ICON = str(Path(__file__).with_name("icon.svg"))


@dataclass(frozen=True)
class PageInfo:
    """One page as the navigation shows it."""

    name: str
    title: str
    icon: str
    section: str

    @property
    def path(self) -> str:
        """The page's file, from the project's folder."""
        return f"pages/{self.name}.py"


PAGES = (
    PageInfo("home", "Start", ":material/home:", ""),
    PageInfo("rounding", "Round a number", ":material/looks_one:", "Lessons"),
    PageInfo("perceptron", "Five or not five", ":material/looks_two:", "Lessons"),
    PageInfo("mnist", "Handwritten digits", ":material/looks_3:", "Lessons"),
    PageInfo("draw", "Your handwriting", ":material/draw:", "Lessons"),
)


def run() -> None:
    """Sets the page and the navigation up, and runs the page that was asked for."""
    state.mark_framed()
    _set_up()
    page = _navigation()
    try:
        page.run()
    except LessonError as error:
        st.error(str(error), icon=":material/edit_off:")
    _sidebar()


def guard() -> None:
    """Opens a page in its frame, whichever address the visitor came by.

    On a server that has just started, the address of a page runs the page's file alone, without
    `streamlit_app.py` (Streamlit then takes `pages/` for its older kind of multipage app). The
    first call of `st.navigation` mends that, for this session from its next run on.
    """
    if not state.is_framed():
        _set_up()
        _navigation()
        st.rerun()


def _sidebar() -> None:
    """Three facts: which data, whether the worker is ready, who else trains."""
    with st.sidebar:
        _facts(resources.lab())
    resources.start_lab()


def _set_up() -> None:
    """The wide layout, and an icon of our own: Streamlit would fetch one from elsewhere."""
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)


def _navigation() -> StreamlitPage:
    sections: dict[str, list[StreamlitPage]] = {}
    for page in PAGES:
        entry = st.Page(
            page.path,
            title=page.title,
            icon=page.icon,
            url_path=page.name,
            default=page.name == "home",
        )
        sections.setdefault(page.section, []).append(entry)
    return st.navigation(sections)


def _facts(lab: Lab) -> None:
    fetched = resources.download("digits")
    moving = not lab.status.ready or fetched.state.status == "running"

    @st.fragment(run_every=1.0 if moving else None)
    def facts() -> None:
        status, fetching = lab.status, fetched.state
        st.caption(":material/database: " + resources.data_fact())
        if fetching.status == "running":
            st.caption(f":material/download: Fetching all of MNIST: {fetching.share:.0%}")
        icon = "check_circle" if status.ready else "hourglass_top"
        st.caption(f":material/{icon}: {status.sentence}")
        if moving and status.ready and fetching.status != "running":
            st.rerun()

    facts()
    others = lab.runner.active()
    if others:
        st.caption(f":material/group: {others} training now")
