"""Choices of what a page shows that stand in its address, such as a row of views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from ui.core import address, state
from ui.core.keys import Key


def choose_view(
    page: str,
    name: str,
    label: str,
    views: Sequence[str],
    key: Key[str],
    width: Literal["content", "stretch"] = "content",
) -> str:
    """Draw the row, and return the view to show: the one that the address names, else the first.

    Args:
        page: The page.
        name: The parameter of its address, one of `links.VIEW_NAMES`; the first view needs none.
        label: What the row is called for those who do not see it.
        views: The views, as the learner reads them.
        key: The widget's key.
        width: The width of the row.
    """
    chosen = read_choice(page, name, views)
    widget = state.bind_widget(key, chosen)
    shown = st.segmented_control(
        label,
        views,
        key=widget,
        on_change=write_choice,
        args=(page, name, views[0], widget),
        required=True,
        label_visibility="collapsed",
        width=width,
    )
    return shown or chosen


def read_choice(page: str, name: str, choices: Sequence[str]) -> str:
    """Return the choice that a parameter of the page's address names, else the first one."""
    named = address.read_view(page, name)
    return named if named in choices else choices[0]


def write_choice(page: str, name: str, first: str, widget: str) -> None:
    """Write a widget's choice into the address, from its callback; the first one needs no word.

    Args:
        page: The page.
        name: The parameter of its address.
        first: The first choice.
        widget: The name that `state.bind_widget` gave.
    """
    if (chosen := state.read_bound(widget)) is not None:
        address.write_view(page, name, "" if chosen == first else chosen)
