"""The names of the learner's classes: fields to rename them, and buttons to add and remove one."""

from __future__ import annotations

import streamlit as st

from nncore.own_drawings import (
    LEAST_CLASSES,
    LONGEST_NAME,
    MOST_CLASSES,
    OwnDrawings,
)
from ui.core import state
from ui.core.keys import Key
from ui.own import drawings

_NAME, _REMOVE = Key("own.name", ""), Key("own.remove", False)
ADD_BUTTON = Key("own.add_class", False)
#: Pixels of a name's field: two fit side by side on a phone.
_WIDTH = 146


def show_names(own: OwnDrawings) -> None:
    """Draw a field for each class's name, and the buttons that add and remove classes."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, name in enumerate(own.names):
            key = state.bind_widget(_NAME.of(label), name)
            st.text_input(
                f"Class {label + 1}",
                key=key,
                max_chars=LONGEST_NAME,
                on_change=_rename,
                args=(label, key),
                width=_WIDTH,
            )
        st.button(
            "Add a class",
            icon=":material/add:",
            key=ADD_BUTTON.name,
            on_click=_add,
            disabled=own.classes >= MOST_CLASSES,
        )


def show_removal(own: OwnDrawings, label: int) -> None:
    """Draw the button that removes a class with its drawings, while more than two are left."""
    if own.classes > LEAST_CLASSES:
        st.button(
            "Remove this class",
            icon=":material/delete:",
            key=_REMOVE.of(label).name,
            type="tertiary",
            on_click=_remove,
            args=(label, own.names[label]),
        )


def _rename(label: int, key: str) -> None:
    own = drawings.load()
    if not state.is_current(key) or label >= own.classes:
        return
    drawings.try_change("renamed a class", lambda: own.rename(label, state.get(Key(key, ""))))


def _add() -> None:
    own = drawings.load()
    numbers = (f"Class {number}" for number in range(own.classes + 1, 2 * MOST_CLASSES + 2))
    name = next(name for name in numbers if name not in own.names)
    drawings.try_change("added a class", lambda: own.add_class(name))


def _remove(label: int, name: str) -> None:
    own = drawings.load()
    if own.names[label : label + 1] == (name,):  # otherwise it is a repeated message
        drawings.try_change("removed a class", lambda: own.remove_class(label))
