"""Tools to look inside a network, one at a time, so that a page draws only the one in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st


def tools(page: str, named: Mapping[str, Callable[[], None]]) -> None:
    """Draws a row of tools' names, and the tool that is chosen.

    Args:
        page: The page's name.
        named: What draws each tool, by the name that the learner reads. The first is open first.
    """
    st.header("Look inside", anchor=False)
    chosen = st.segmented_control(
        "Tool",
        list(named),
        default=next(iter(named)),
        required=True,
        key=f"{page}.tool",
        label_visibility="collapsed",
        width="stretch",
    )
    with st.container(border=True):
        named[chosen]()
