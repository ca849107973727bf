"""Train: the two cards next to the settings, which move while the network trains."""

from __future__ import annotations

import streamlit as st

from ui.charts.share_bars import class_shares
from ui.charts.weight_pictures import first_layer_png
from ui.core.keys import Key
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View
from ui.workbench.view_choice import choose_view

PICTURES = CLASSES, WEIGHTS = "Held out", "Weights"
FIRST_LAYER_PLACE: Key[None] = Key("own.first_layer", None)
PICTURE = Key("own.live", CLASSES)


def show_network(page: LessonPage, view: View) -> None:
    """Draw the network with its weights."""
    workbench.show_network(page, view, view.dataset.class_names)


def show_live_picture(page: LessonPage, view: View) -> None:
    """Draw the picture that the learner chose: held-out drawings by class, or the weights."""
    with st.container(border=True, gap="small"):
        chosen = choose_view(page.name, "picture", "Picture", PICTURES, PICTURE)
        if chosen == CLASSES:
            held_out = view.dataset
            is_its = view.network is not None and view.network.outputs == len(held_out.class_names)
            network = view.network if is_its else None
            chart = class_shares(network, held_out.x_test, held_out.y_test, held_out.class_names)
            st.vega_lite_chart(*chart, key="own.classes")
            st.caption(page.text("held_out_live", count=len(view.dataset.y_test)))
        elif view.network is None:
            st.caption(page.text("weights_empty"))
        else:
            picture = first_layer_png(view.network, page.is_dark, is_moving=view.is_moving)
            with st.container(key=FIRST_LAYER_PLACE.name):
                st.image(picture, width="stretch", alt="The first layer's weights as pictures")
            st.caption(page.text("weights"))
