"""The images that the lab has, and how to get all of MNIST."""

from __future__ import annotations

import streamlit as st

from nncore import environment
from nncore.experiment import DataConfig
from ui.content.lesson import Lesson
from ui.core import resources
from ui.workbench.data_download import offer_download


def draw_data(home: Lesson) -> None:
    """Draw which images the lab has, and how to get the rest.

    Args:
        home: The start page's texts.
    """
    dataset = resources.dataset(DataConfig())
    st.markdown(f":material/database: **Data.** {dataset.source}")
    for note in dataset.notes:
        st.warning(note, icon=":material/warning:")
    if dataset.embedded and environment.offline():
        st.caption(home.text("how_to_get"))
    elif dataset.embedded:
        st.caption(home.text("download"))
        offer_download("digits")
