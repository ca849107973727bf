"""Look: the drawings of each class, and what can be done with one of them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.own_drawings import OwnDrawings
from ui.components import gallery
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import as_typed, count
from ui.own import drawings
from ui.own.class_names import show_removal
from ui.own.size_and_place import show_size_and_place

#: The chosen drawing, as its pixels and its class: its place changes when others go.
_CHOSEN = Key[tuple[bytes, int] | None]("own.chosen", None)
_CLASS, _MOVE = Key[int | None]("own.move_to", None), Key("own.move", False)
REMOVE_BUTTON, UNDO_BUTTON = Key("own.remove_drawing", False), Key("own.undo", False)
EMPTY_BUTTON = Key("own.empty", False)


def show_gallery(lesson: Lesson, own: OwnDrawings, is_dark: bool) -> None:
    """Draw a gallery for each class; below the one with the chosen drawing, what to do with it.

    Args:
        lesson: The lesson, for its texts.
        own: The learner's classes and drawings.
        is_dark: Whether the page is dark.
    """
    place = _find_chosen(own)
    for label, name in enumerate(own.names):
        places = [number for number, one in enumerate(own.drawings) if one.label == label]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{as_typed(name)}** · {count(len(places), 'drawing')}", width="content")
            if places:
                show_size_and_place(lesson, own, label)
            show_removal(own, label)
        if not places:
            st.caption(lesson.text("class_empty"))
            continue
        _show_class(own, label, places, place, is_dark)
        if place in places:
            _show_one(lesson, own, place)
    _show_foot(own)


def _find_chosen(own: OwnDrawings) -> int | None:
    """Return the place of the chosen drawing; None where none is chosen, or it is gone."""
    chosen = state.get(_CHOSEN)
    pairs = [(one.pixels, one.label) for one in own.drawings]
    return pairs.index(chosen) if chosen in pairs else None


def _show_class(
    own: OwnDrawings, label: int, places: list[int], chosen: int | None, is_dark: bool
) -> None:
    def choose(number: int) -> None:
        one = own.drawings[places[number]]
        state.put(_CHOSEN, (one.pixels, one.label))

    name = own.names[label]
    gallery.draw(
        np.stack([own.drawings[place].image for place in places]),
        [gallery.Tile("", f"{name}, no. {turn}") for turn in range(1, len(places) + 1)],
        key=f"own.gallery.{label}",
        label=f"Drawings of {name}",
        chosen=places.index(chosen) if chosen in places else None,
        dark=is_dark,
        on_choose=choose,
    )


def _show_one(lesson: Lesson, own: OwnDrawings, place: int) -> None:
    """Draw the buttons that move the chosen drawing to another class, or throw it away."""
    label = own.drawings[place].label
    others = [other for other in range(own.classes) if other != label]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", border=True):
        st.selectbox(
            lesson.text("move_to"),
            others,
            format_func=own.names.__getitem__,
            key=_CLASS.of(label).name,
            width=180,
        )
        st.button(
            "Move",
            icon=":material/drive_file_move:",
            key=_MOVE.name,
            on_click=_move,
            args=(own, place, _CLASS.of(label)),
        )
        st.button(
            "Throw away",
            icon=":material/delete:",
            key=REMOVE_BUTTON.name,
            on_click=_remove,
            args=(own, place),
        )


def _move(own: OwnDrawings, place: int, target: Key[int | None]) -> None:
    label = state.get(target)
    if label is not None and own == drawings.load():  # otherwise it is a repeated message
        drawings.try_change("moved a drawing", lambda: own.move(place, label))


def _remove(own: OwnDrawings, place: int) -> None:
    if own == drawings.load():
        drawings.change("threw a drawing away", own.remove(place))


def _show_foot(own: OwnDrawings) -> None:
    title = drawings.last_title()
    with st.container(horizontal=True, gap="small"):
        st.button(
            f"Undo: {title}" if title else "Undo",
            icon=":material/undo:",
            key=UNDO_BUTTON.name,
            disabled=not title,
            on_click=drawings.undo_last,
        )
        st.button(
            "Start anew",
            icon=":material/delete_sweep:",
            key=EMPTY_BUTTON.name,
            disabled=own == drawings.EMPTY,
            on_click=drawings.change,
            args=("started anew", drawings.EMPTY),
        )
