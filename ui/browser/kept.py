"""The page's upper part: what is kept and how large it is, and the buttons for all of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from ui.browser import changes
from ui.browser.backup import FILE_NAME, write_file
from ui.components import keep
from ui.content.lesson import Lesson
from ui.core.keys import Key

DOWNLOAD_BUTTON = Key("browser.download", False)
FORGET_BUTTON = Key("browser.forget", False)
UNDO_BUTTON = Key("browser.undo", False)
ASIDE_BUTTON = Key("browser.aside", False)


def draw_kept(lesson: Lesson) -> None:
    """Draw the table of what is kept, and the buttons that download and forget all of it.

    Args:
        lesson: The page's texts.
    """
    kept = changes.list_kept()
    if not keep.is_lasting():
        st.warning(lesson.text("not_lasting"), icon=":material/no_accounts:")
    with st.container(border=True):
        st.header("What is kept", anchor=False)
        _draw_buttons(kept)  # above the table, so that they stay where they are when it goes
        st.markdown(write_table(kept) if kept else lesson.text("nothing"))
        st.caption(lesson.text("forget"))


def write_table(kept: list[tuple[keep.Slot[Any], Any]]) -> str:
    """Return a table in Markdown: a row for each slot, and the total."""
    rows = [(slot.title, slot.count(value), len(slot.to_json(value))) for slot, value in kept]
    total = ("**Total**", "", sum(size for _, _, size in rows))
    lines = [
        f"| {title} | {number} | {write_size(size)} |" for title, number, size in [*rows, total]
    ]
    return "\n".join(["| What | How many | Size |", "|:--|--:|--:|", *lines])


def write_size(characters: int) -> str:
    """Return a size in kilobytes that no line breaks in; a character of the texts is a byte."""
    return f"{max(0.1, characters / 1000):,.1f}\N{NO-BREAK SPACE}KB"


def _draw_buttons(kept: list[tuple[keep.Slot[Any], Any]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Download all",
            partial(write_file, kept),
            file_name=FILE_NAME,
            mime="application/json",
            icon=":material/download:",
            key=DOWNLOAD_BUTTON.name,
            disabled=not kept,
            on_click="ignore",
        )
        st.button(
            "Forget all",
            icon=":material/delete:",
            key=FORGET_BUTTON.name,
            on_click=changes.forget_all,
            disabled=not kept and not keep.list_aside(),
        )
        change = changes.get_change()
        st.button(
            f"Undo: {change.title}" if change is not None else "Undo",
            icon=":material/undo:",
            key=UNDO_BUTTON.name,
            on_click=changes.undo,
            disabled=change is None,
        )


def draw_aside(lesson: Lesson) -> None:
    """Draw what was set aside because it cannot be read, and the button that downloads it.

    Args:
        lesson: The page's texts.
    """
    aside = keep.list_aside()
    if not aside:
        return
    titles = {slot.name: slot.title for slot in keep.list_slots()}
    with st.container(border=True):
        st.header("Set aside", anchor=False)
        st.markdown(lesson.text("aside"))
        lines = [
            f"- {titles.get(entry.slot, 'Something that this lab does not know')}: "
            f"{write_size(entry.size)}"
            for entry in aside
        ]
        st.markdown("\n".join(lines))
        st.button(
            "Download what was set aside",
            icon=":material/download:",
            key=ASIDE_BUTTON.name,
            on_click=keep.order,
            args=("download",),
        )
