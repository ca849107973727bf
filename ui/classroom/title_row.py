"""The row of the page's title while a class is led: who is there, lock, export, end."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.classroom import desk
from ui.classroom.desk import Desk
from ui.content.lesson import Lesson
from ui.core.keys import Key

LOCK_BUTTON = Key("classroom.lock", False)
EXPORT_POPOVER = Key("classroom.export", False)
END_POPOVER = Key("classroom.ending", False)
END_BUTTON = Key("classroom.end", False)
LEAVE_BUTTON = Key("classroom.leave", False)


def show_title_row(texts: Lesson, row: DeltaGenerator, found: Desk) -> None:
    """Draw the buttons that act on the class as a whole."""
    is_locked = found.view.is_locked
    with row:
        st.markdown(f"**{found.view.name}** · {found.code}", width="content")
        st.button(
            "Let others join" if is_locked else "Lock",
            icon=":material/lock:" if is_locked else ":material/lock_open:",
            key=LOCK_BUTTON.name,
            on_click=desk.act,
            args=(lambda store: store.lock(found.key, not is_locked),),
            help="While it is locked, nobody else can join.",
        )
        with st.popover("Export", icon=":material/download:", key=EXPORT_POPOVER.name):
            _show_downloads(found)
        with st.popover("End", icon=":material/delete:", key=END_POPOVER.name):
            st.markdown(texts.text("end"))
            st.button(
                "End the class",
                type="primary",
                icon=":material/delete_forever:",
                key=END_BUTTON.name,
                on_click=_end,
                args=(found,),
            )
        st.button(
            "Other class",
            icon=":material/arrow_back:",
            key=LEAVE_BUTTON.name,
            type="tertiary",
            on_click=desk.show_other,
            args=("",),
            help="The class goes on. You find it again on this page.",
        )


def _show_downloads(found: Desk) -> None:
    for label, kind, ending in (("CSV", "text/csv", "csv"), ("JSON", "application/json", "json")):
        st.download_button(
            f"All as {label}",
            partial(_export, found, ending),
            f"class-{found.code}.{ending}",
            kind,
            icon=":material/download:",
            on_click="ignore",
            key=EXPORT_POPOVER.of(ending).name,
        )


def _export(found: Desk, ending: str) -> str:
    store = desk.open_store()
    return store.export_csv(found.key) if ending == "csv" else store.export_json(found.key)


def _end(found: Desk) -> None:
    if desk.try_to(lambda store: store.end(found.key)):
        desk.close(found.code)
        st.toast("The class has ended. Everything in it is deleted.", icon=":material/delete:")
