"""Lesson 3, Train: the two cards beside the settings, which move while the network trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.charts.palette import RIGHT
from ui.charts.share_bars import share_bars
from ui.charts.vega import Chart
from ui.charts.weight_pictures import MAX_LIVE_PICTURES, first_layer_png
from ui.components.network import draw_network
from ui.core.keys import Key
from ui.tools.epoch_log import show_epoch_log
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

FIRST_LAYER, CLASSES, EPOCH_LOG = "Weights", "Classes", "Log"
PICTURE = Key("mnist.live", FIRST_LAYER)
#: Training images that the chart is measured on while the network trains.
WATCHED_IMAGES = 1000


def show_network(page: LessonPage, view: View) -> None:
    """Draw the network with its weights."""
    with workbench.card("The network"):
        model = view.experiment.model
        draw_network(
            view.experiment.layer_sizes,
            (view.checkpoint.weights if view.checkpoint else None) or None,
            key="mnist.network",
            activations=(*(model.activation,) * len(model.units), model.output_activation),
            labels=((), page.dataset.class_names),
            height=236,
        )


def show_live_picture(page: LessonPage, view: View) -> None:
    """Draw the picture that the learner chose: first-layer weights, classes, or Keras's log."""
    with st.container(border=True, gap="small"):
        chosen = st.segmented_control(
            "Picture",
            (FIRST_LAYER, CLASSES, EPOCH_LOG),
            key=PICTURE.name,
            default=PICTURE.default,
            required=True,
            label_visibility="collapsed",
        )
        if chosen == CLASSES:
            chart = class_share_chart(view.network, page.dataset)
            st.vega_lite_chart(*chart, key="mnist.classes")
            st.caption(f"Predicted correctly, of the first {WATCHED_IMAGES:,} training images.")
        elif chosen == EPOCH_LOG:
            show_epoch_log(page.name, view)
        elif view.network is None:
            st.caption(page.text("first_layer_empty"))
        else:
            picture = first_layer_png(view.network, page.is_dark)
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


def class_share_chart(network: Network | None, dataset: Dataset) -> Chart:
    """Build a chart of the share of each class that is predicted correctly.

    Args:
        network: The network to measure; None draws empty axes.
        dataset: Its first `WATCHED_IMAGES` training images are used.

    Returns:
        A live chart of one bar for each class.
    """
    labels = dataset.y_train[:WATCHED_IMAGES]
    shares = np.zeros(len(dataset.class_names))
    if network is not None:
        is_right = network.predict(dataset.x_train[:WATCHED_IMAGES]).argmax(axis=1) == labels
        counts = np.bincount(labels, minlength=len(shares))
        shares = np.bincount(labels[is_right], minlength=len(shares)) / np.maximum(counts, 1)
    return share_bars(shares, dataset.class_names, RIGHT, "", height=200, form=".0%")
