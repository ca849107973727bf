"""Lesson 3, Train: the two cards beside the settings, which move while the network trains."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.nn.network import Network
from ui.charts.share_bars import class_shares
from ui.charts.weight_pictures import MAX_LIVE_PICTURES, first_layer_png
from ui.core.keys import Key
from ui.tools.epoch_log import show_epoch_log
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View
from ui.workbench.view_choice import choose_view

PICTURES = FIRST_LAYER, CLASSES, EPOCH_LOG = "Weights", "Classes", "Log"
FIRST_LAYER_PLACE: Key[None] = Key("mnist.first_layer", None)
PICTURE = Key("mnist.live", FIRST_LAYER)
#: Training images that the chart is measured on while the network trains.
WATCHED_IMAGES = 1000


def show_network(page: LessonPage, view: View) -> None:
    """Draw the network with its weights."""
    workbench.show_network(page, view, page.dataset.class_names)


def show_live_picture(page: LessonPage, view: View) -> None:
    """Draw the picture that the learner chose: first-layer weights, classes, or Keras's log."""
    with st.container(border=True, gap="small"):
        chosen = choose_view(page.name, "picture", "Picture", PICTURES, PICTURE)
        if chosen == CLASSES:
            images = page.dataset.x_train[:WATCHED_IMAGES]
            labels = page.dataset.y_train[:WATCHED_IMAGES]
            chart = class_shares(view.network, images, labels, page.dataset.class_names)
            st.vega_lite_chart(*chart, key="mnist.classes")
            st.caption(f"Predicted correctly, of the first {WATCHED_IMAGES:,} training images.")
        elif chosen == EPOCH_LOG:
            show_epoch_log(page.name, view)
        elif view.network is None:
            st.caption(page.text("first_layer_empty"))
        else:
            picture = first_layer_png(view.network, page.is_dark, is_moving=view.is_moving)
            with st.container(key=FIRST_LAYER_PLACE.name):
                st.image(picture, width="stretch", alt="The first layer's weights as pictures")
            st.caption(describe_pictures(view.network, page.dataset.class_names))
            st.markdown(page.text("first_layer_live"))


def describe_pictures(network: Network, names: Sequence[str]) -> str:
    """Return which units the first-layer pictures belong to, in a sentence.

    Args:
        network: The network of the pictures.
        names: The classes' names.
    """
    units = network.layers[0].kernel.shape[1]
    if len(network.layers) == 1:
        return f"One picture for each output: {', '.join(names[:5])}; below {', '.join(names[5:])}."
    if units > MAX_LIVE_PICTURES:
        return f"One picture for each unit: the first {MAX_LIVE_PICTURES} of {units:,}."
    return f"One picture for each unit: all {units:,}." if units > 1 else "One picture: 1 unit."
