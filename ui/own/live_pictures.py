"""Train: the two cards next to the settings, which move while the network trains."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from ui.charts.palette import RIGHT
from ui.charts.share_bars import share_bars
from ui.charts.vega import Chart
from ui.charts.weight_pictures import first_layer_png
from ui.components.network import draw_network
from ui.core.keys import Key
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

CLASSES, WEIGHTS = "Held out", "Weights"
PICTURE = Key("own.live", CLASSES)


def show_network(page: LessonPage, view: View) -> None:
    """Draw the network with its weights."""
    with workbench.card("The network"):
        model = view.experiment.model
        draw_network(
            view.experiment.layer_sizes,
            (view.checkpoint.weights if view.checkpoint else None) or None,
            key="own.network",
            activations=(*(model.activation,) * len(model.units), model.output_activation),
            labels=((), view.dataset.class_names),
            height=236,
        )


def show_live_picture(page: LessonPage, view: View) -> None:
    """Draw the picture that the learner chose: held-out drawings by class, or the weights."""
    with st.container(border=True, gap="small"):
        chosen = st.segmented_control(
            "Picture",
            (CLASSES, WEIGHTS),
            key=PICTURE.name,
            default=PICTURE.default,
            required=True,
            label_visibility="collapsed",
        )
        if chosen == CLASSES:
            st.vega_lite_chart(*_draw_shares(view.network, view.dataset), key="own.classes")
            st.caption(page.text("held_out_live", count=len(view.dataset.y_test)))
        elif view.network is None:
            st.caption(page.text("weights_empty"))
        else:
            picture = first_layer_png(view.network, page.is_dark)
            st.image(picture, width="stretch", alt="The first layer's weights as pictures")
            st.caption(page.text("weights"))


def _draw_shares(network: Network | None, dataset: Dataset) -> Chart:
    """Return a chart of the share of each class's held-out drawings that is predicted correctly."""
    classes = len(dataset.class_names)
    shares = np.zeros(classes)
    if network is not None and network.outputs == classes:
        is_right = predicted_classes(network.predict(dataset.x_test)) == dataset.y_test
        totals = np.bincount(dataset.y_test, minlength=classes)
        found = np.bincount(dataset.y_test[is_right], minlength=classes)
        shares = found / np.maximum(totals, 1)
    return share_bars(shares, dataset.class_names, RIGHT, "", height=200, form=".0%")
