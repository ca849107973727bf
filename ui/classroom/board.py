"""The teacher's board: one part of the class at a time, kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from ui.classroom import desk, training
from ui.classroom.class_drawings_board import show_class_drawings
from ui.classroom.code_panel import show_code
from ui.classroom.desk import Desk
from ui.classroom.handwriting_board import show_handwriting
from ui.classroom.prediction_board import show_predictions
from ui.classroom.progress_board import show_progress
from ui.classroom.runs_board import show_runs
from ui.classroom.send_form import show_send
from ui.components import board, clock
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count

BOARD = Key("classroom.board", None)
PART = Key("classroom.part", "Code", "session")
#: Seconds between two looks at the class: a run is to be on the board within two.
POLL = 0.5


class Part(NamedTuple):
    """A part of the board.

    Attributes:
        icon: A Material icon.
        show: Draws it.
        is_live: True if it is drawn again and again.
    """

    icon: str
    show: Callable[[Lesson, Desk], None]
    is_live: bool = True


def _show_code(texts: Lesson, found: Desk) -> None:
    show_code(found)
    if found.view.members:
        st.header(f"{count(found.view.members, 'learner')} here", anchor=False)
    else:
        st.markdown(texts.text("no_members"))


PARTS: Mapping[str, Part] = {
    "Code": Part(":material/qr_code_2:", _show_code),
    "Predictions": Part(":material/ballot:", show_predictions),
    "Runs": Part(":material/scatter_plot:", show_runs),
    "Progress": Part(":material/stairs:", show_progress),
    "Our handwriting": Part(":material/draw:", show_handwriting),
    "Classes to draw": Part(":material/gesture:", show_class_drawings),
    "Send": Part(":material/send:", show_send, is_live=False),
}


def show_board(texts: Lesson) -> None:
    """Draw the choice of parts and the chosen one."""
    board.mount()
    state.put(PART, state.get(PART) if state.get(PART) in PARTS else "Code")
    name = st.segmented_control(
        "Part of the board",
        list(PARTS),
        key=PART.name,
        format_func=lambda name: f"{PARTS[name].icon} {name}",
        label_visibility="collapsed",
        required=True,
        width="stretch",
    )
    part = PARTS[name or "Code"]

    @clock.every(POLL if part.is_live else None, key="classroom.clock")
    def show() -> None:
        found = desk.find_desk()
        if found is None:
            st.rerun()
        training.advance(found)
        with st.container(key=BOARD.name):
            if found.is_lost:
                st.warning("The class cannot be reached. You see its last state.")
            part.show(texts, found)

    show()
