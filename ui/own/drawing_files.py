"""Look: the learner's classes and drawings as one file, to keep elsewhere and to bring back."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from nncore.digits import own_files
from nncore.own_drawings import DrawingError, OwnDrawings
from ui.content.lesson import Lesson
from ui.core import page_settings, state
from ui.core.keys import Key
from ui.own import data_choice, drawings

#: The Keras program of the page reads a file of this name.
FILE_NAME = "drawings.json"
#: The uploader, and how many files it has taken: a new number empties it.
FILE, TURN = Key[Any]("own.file", None), Key("own.file.turn", 0)
#: Why the last file could not be read; empty where it could.
COMPLAINT = Key("own.file.complaint", "")


def show_file(lesson: Lesson, own: OwnDrawings) -> None:
    """Draw the button that downloads the drawings, and the field that brings a file back."""
    st.markdown(lesson.text("file"))
    st.download_button(
        "Download as a file",
        partial(own_files.to_json, own),
        FILE_NAME,
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        key="own.file.download",
        disabled=not len(own),
    )
    show_upload(lesson)


def show_upload(lesson: Lesson) -> None:
    """Draw the field that brings a file of classes and drawings back."""
    turn = state.get(TURN)
    st.file_uploader(
        lesson.text("file_field"),
        type="json",
        key=FILE.of(turn).name,
        max_upload_size=1,
        on_change=_bring_back,
        args=(turn,),
    )
    if complaint := state.get(COMPLAINT):
        with st.container(border=True):
            st.text(complaint)  # as text: it may quote the file


def _bring_back(turn: int) -> None:
    file = state.get(FILE.of(turn))
    if file is None:
        return
    state.put(TURN, turn + 1)
    state.drop(COMPLAINT)
    try:
        found = own_files.from_json(file.getvalue())
        drawings.change("brought a file back", _join(drawings.load(), found))
        data_choice.use(data_choice.MINE)
    except DrawingError as error:
        state.put(COMPLAINT, str(error))


def _join(own: OwnDrawings, found: OwnDrawings) -> OwnDrawings:
    """Return the drawings of both; the file's alone where the page is about exactly those."""
    wanted = page_settings.get_experiment(data_choice.PAGE).data.drawings
    return found if not len(own) or found.fingerprint == wanted else own.merge(found)
