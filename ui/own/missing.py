"""Lesson 5 with an address whose drawings are not here: what is missing, and how to go on."""

from __future__ import annotations

import streamlit as st

from nncore.data.datasets import DataUnavailable
from nncore.digits.own_files import LONGEST
from nncore.own_drawings import advise
from ui.core import state
from ui.core.keys import Key
from ui.own import drawings

FILE = Key[object]("own.missing.file", None)
PROBLEM = Key("own.missing.problem", "")


def show_missing(error: DataUnavailable) -> None:
    """Draw what is missing, a field for the file with the drawings, and two other ways to go on."""
    st.info(str(error), icon=":material/upload_file:")
    st.file_uploader("The file with the drawings", "json", key=FILE.name, on_change=_bring)
    if problem := state.get(PROBLEM):
        st.error(problem)
    with st.container(horizontal=True):
        st.button(
            "Use my drawings",
            key="own.missing.mine",
            on_click=drawings.use_own,
            disabled=not advise(drawings.load()).can_train,
        )
        st.button(
            "Use the ready-made classes",
            key="own.missing.starter",
            on_click=drawings.go_back_to_starter,
        )


def _bring() -> None:
    file = state.get(FILE)
    if file is not None and hasattr(file, "read"):
        state.put(PROBLEM, drawings.bring(file.read(LONGEST + 1)))
