"""The page's lower part: a file of *Download all* is brought back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.browser import changes
from ui.browser.backup import Backup, BackupError, most_bytes, read_file
from ui.components import keep
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count, listing

#: The uploader, and how many files it has taken: a new number empties it.
FILE: Key[Any] = Key("browser.file", None)
TURN = Key("browser.turn", 0)
#: What became of the last file: whether it could be read, and a sentence.
RESULT: Key[tuple[bool, str] | None] = Key("browser.result", None)


def draw_bring_back(lesson: Lesson) -> None:
    """Draw the field that takes a file, and what became of the last one.

    Args:
        lesson: The page's texts.
    """
    turn = state.get(TURN)
    with st.container(border=True):
        st.header("Bring back", anchor=False)
        st.markdown(lesson.text("bring_back"))
        st.file_uploader(
            "A file of *Download all*",
            type="json",
            key=FILE.of(turn).name,
            max_upload_size=-(-most_bytes(keep.list_slots()) // 2**20),
            on_change=_read,
            args=(turn,),
        )
        result = state.get(RESULT)
        if result is not None:
            was_read, sentence = result
            show = st.success if was_read else st.warning
            show(sentence, icon=":material/check:" if was_read else ":material/error:")


def _read(turn: int) -> None:
    file = state.get(FILE.of(turn))
    if file is None:
        return
    state.put(TURN, turn + 1)
    try:
        backup = read_file(file.getvalue(), keep.list_slots())
    except BackupError as error:
        state.put(RESULT, (False, str(error)))
        return
    if backup.values:
        changes.bring_back(backup)
    state.put(RESULT, (bool(backup.values), describe(backup)))


def describe(backup: Backup) -> str:
    """Return what was brought back of a file, and what could not be."""
    titles = [slot.title for slot in keep.list_slots() if slot.name in backup.values]
    parts = [f"Brought back: {listing(titles)}." if titles else "Nothing was brought back."]
    if backup.unread:
        parts.append(f"Damaged, or of another version: {listing(backup.unread)}.")
    if backup.unknown:
        parts.append(f"This lab does not know {count(backup.unknown, 'part')} of the file.")
    return " ".join(parts)


def drop_result() -> None:
    """Forget the sentence about the last file: another page is shown."""
    state.drop(RESULT)
