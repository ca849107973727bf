"""What lesson 3 shows in place of the page if Fashion-MNIST is missing."""

from __future__ import annotations

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.core.keys import Key
from ui.workbench import widgets
from ui.workbench.data_download import offer_download

BACK = Key("mnist.back", False)


def show_missing_data(error: DataUnavailable) -> None:
    """Show how to get Fashion-MNIST, in place of the page.

    Args:
        error: Its message says how to get the images.
    """
    st.warning(str(error), icon=":material/cloud_off:")
    for note in error.notes:
        st.caption(f":material/warning: {note}")
    st.button(
        "Back to digits",
        key=BACK.name,
        icon=":material/undo:",
        on_click=widgets.set_experiment,
        args=("mnist", {"data.name": "digits"}),
        type="primary",
    )
    offer_download("fashion")
