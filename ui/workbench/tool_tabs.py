"""Tools that look inside a network; only the chosen one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import streamlit as st

from ui.core.keys import PageKey
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View
from ui.workbench.view_choice import choose_view

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
    chosen = choose_view(
        page.name, "tool", "Tool", list(tools), TOOL.on(page.name), width="stretch"
    )
    with st.container(border=True):
        tools[chosen](page, shown)
