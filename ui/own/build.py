"""Lesson 5, Build: why the network is so small, and Keras's own summary of it."""

from __future__ import annotations

import streamlit as st

from ui.core.keys import Key
from ui.core.wording import count
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage

BUILD = Key("own.build", False)


def show_build_notes(page: LessonPage) -> None:
    """Draw the expander on the network's size and on augmentation; its content only while open."""
    title = "**Why so small?** And what augmentation does"
    expander = st.expander(title, key=BUILD.name, on_change="rerun")
    if expander.open:
        left, right = expander.columns(2, gap="medium")
        parameters = count(page.experiment.parameters, "parameter")
        drawn = count(len(page.dataset.y_train), "drawing")
        left.markdown(page.text("build", parameters=parameters, drawings=drawn))
        with right:
            tables.show_model_summary(page.experiment)
