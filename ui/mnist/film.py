"""Lesson 3's film: the first-layer weights as pictures, and the training loss up to each frame."""

from __future__ import annotations

import streamlit as st

from ui.core import address, state
from ui.core.keys import Key
from ui.tools.film_tool import show_film
from ui.tools.first_layer_film import build_first_layer_film
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

FILM = Key("mnist.first_layer_film", False)


def show_mnist_film(page: LessonPage, view: View) -> None:
    """Draw the expander with the film of the first layer; its content only while it is open."""
    title = "**Film**: how the first layer learns"
    key = state.bind_widget(FILM, address.read_view(page.name, "tool") == "Film")
    expander = st.expander(
        title, key=key, on_change=_note_open, args=(key,), icon=":material/movie:"
    )
    if expander.open:
        with expander:
            show_film(page, view, build_first_layer_film, needs_whole=False)


def _note_open(key: str) -> None:
    if (is_open := state.read_bound(key)) is not None:
        address.write_view("mnist", "tool", "Film" if is_open else "")
