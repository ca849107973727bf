"""The button that takes what a member shares off the board: a run or a drawing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.classroom import desk
from ui.classroom.desk import Desk
from ui.core import state
from ui.core.keys import Key


def show_hide_button(
    found: Desk, part: str, number: int, *, key: Key[bool], chosen: Key[Any]
) -> None:
    """Draw the button.

    Args:
        found: The teacher's desk.
        part: The desk's part that lists it, such as `"runs"`.
        number: Its number in the class.
        key: The button's key.
        chosen: Where the board keeps what is chosen; nothing is once it is hidden.
    """
    st.button(
        "Hide it",
        icon=":material/visibility_off:",
        key=key.name,
        on_click=_hide,
        args=(found, part, number, chosen),
    )


def _hide(found: Desk, part: str, number: int, chosen: Key[Any]) -> None:
    if desk.try_to(lambda store: store.hide(found.key, number)):
        desk.forget_part(part)
        state.drop(chosen)
