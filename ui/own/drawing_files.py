"""Look: the learner's classes and drawings as one file, to keep elsewhere and to bring back.

A ZIP of pictures with a folder for each class, as other tools export them, comes in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from nncore.digits import own_files, own_pictures
from nncore.digits.archives import is_zip
from nncore.digits.collection import DigitError
from nncore.own_drawings import DrawingError, OwnDrawings
from ui.content.lesson import Lesson
from ui.core import page_settings, state
from ui.core.keys import Key
from ui.own import data_choice, drawings

#: The Keras program of the page reads a file of this name.
FILE_NAME = "drawings.json"
#: A field for files, by its purpose, and how many files it has taken: a new number empties it.
FILE, TURN = Key[Any]("own.file", None), Key("own.file.turn", 0)
#: Why a field's last file could not be read; empty where it could.
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
    show_file_field("mine", lesson.text("file_field"), _bring_back, drawings.load())


def show_file_field(
    purpose: str,
    label: str,
    take: Callable[[OwnDrawings], None],
    own: OwnDrawings = drawings.EMPTY,
) -> None:
    """Draw a field for a file of classes and drawings, and say why the last one cannot be used.

    Args:
        purpose: What the file is for, a part of the field's key.
        label: The field's label.
        take: Called with the file's drawings; it may raise a `DrawingError`.
        own: The classes and drawings that those of a ZIP join.
    """
    turn = state.get(TURN.of(purpose))
    st.file_uploader(
        label,
        type=["json", "zip"],
        key=FILE.of(purpose, turn).name,
        on_change=_read,
        args=(purpose, turn, take, own),
    )
    if complaint := state.get(COMPLAINT.of(purpose)):
        with st.container(border=True):
            st.text(complaint)  # as text: it may quote the file


def _read(purpose: str, turn: int, take: Callable[[OwnDrawings], None], own: OwnDrawings) -> None:
    file = state.get(FILE.of(purpose, turn))
    if file is None:
        return
    state.put(TURN.of(purpose), turn + 1)
    state.drop(COMPLAINT.of(purpose))
    try:
        take(read_file(file.name, file.getvalue(), own))
    except (DrawingError, DigitError) as error:
        state.put(COMPLAINT.of(purpose), str(error))


def read_file(name: str, data: bytes, own: OwnDrawings) -> OwnDrawings:
    """Return the classes and drawings of a file; those of a ZIP of pictures join others.

    Args:
        name: The file's name.
        data: Its bytes; they may be anything.
        own: The classes and drawings that those of a ZIP join.

    Raises:
        nncore.own_drawings.DrawingError: If it cannot be read; the message is one sentence.
        nncore.digits.collection.DigitError: Likewise.
    """
    if is_zip(name, data):
        return own_pictures.join_zip(own, own_pictures.read_zip(name, data))
    return own_files.from_json(data)


def _bring_back(found: OwnDrawings) -> None:
    drawings.change("brought a file back", _join(drawings.load(), found))
    data_choice.use(data_choice.MINE)


def _join(own: OwnDrawings, found: OwnDrawings) -> OwnDrawings:
    """Return the drawings of both; the file's alone where the page is about exactly those."""
    wanted = page_settings.get_experiment(data_choice.PAGE).data.drawings
    return found if not len(own) or found.fingerprint == wanted else own.merge(found)
