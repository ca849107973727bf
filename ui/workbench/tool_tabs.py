"""Tools that look inside a network; only the chosen one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import streamlit as st

from ui.core import address, state
from ui.core.keys import Key, PageKey
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

TOOL = PageKey("tool", "")

Tool: TypeAlias = Callable[[LessonPage, View], None]


def show_tool_tabs(page: LessonPage, shown: View, tools: Mapping[str, Tool]) -> None:
    """Draw a row of tools' names, and the tool that is chosen.

    Args:
        page: The page.
        shown: The run that the page shows.
        tools: Functions that draw a tool, by the name that the learner reads. The first is open at
            first.
    """
    st.header("Look inside", anchor=False)
    first = next(iter(tools))
    named = address.read_view(page.name, "tool")
    key = state.bind_widget(TOOL.on(page.name), named if named in tools else first)

    def choose() -> None:
        if state.is_current(key):
            chosen = state.get(Key(key, first))
            address.write_view(page.name, "tool", "" if chosen == first else chosen)

    chosen = st.segmented_control(
        "Tool",
        list(tools),
        required=True,
        key=key,
        on_change=choose,
        label_visibility="collapsed",
        width="stretch",
    )
    with st.container(border=True):
        tools[chosen or first](page, shown)
