"""The page where the drawings to train on are not here, or are too few: what to do about it."""

from __future__ import annotations

import streamlit as st

from nncore.experiment import Experiment
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.own import data_choice, drawings
from ui.own.drawing_files import show_upload

OWN_BUTTON, FACES_BUTTON = Key("own.use_mine", False), Key("own.use_faces", False)


def show_missing(lesson: Lesson, experiment: Experiment) -> None:
    """Say which drawings are missing, and offer to bring them or to go on with others."""
    if experiment.data.own is not None:
        st.info(lesson.text("too_few"), icon=":material/draw:")
        return
    with st.container(border=True):
        st.markdown(lesson.text("missing", classes=experiment.data.outputs))
        show_upload(lesson)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Use my drawings",
                key=OWN_BUTTON.name,
                icon=":material/draw:",
                disabled=not len(drawings.load()),
                on_click=data_choice.use,
                args=(data_choice.MINE,),
            )
            st.button(
                "Use the faces",
                key=FACES_BUTTON.name,
                icon=":material/mood:",
                on_click=data_choice.use,
                args=("faces",),
            )
