"""Lesson 3, Build: what the settings mean, and Keras's own summary of the network."""

from __future__ import annotations

import streamlit as st

from ui.core.keys import Key
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage

BUILD = Key("mnist.build", False)


def show_build_notes(page: LessonPage) -> None:
    """Draw the expander on the settings; its content only while it is open."""
    title = "**What the settings mean**, and Keras's own summary"
    expander = st.expander(title, key=BUILD.name, on_change="rerun")
    if expander.open:
        left, right = expander.columns(2, gap="medium")
        left.markdown(page.text("build"))
        with right:
            tables.show_model_summary(page.experiment)
