"""Lesson 5, Train: the two cards next to the settings, which move while the network trains."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.charts.palette import RIGHT
from ui.charts.share_bars import share_bars
from ui.components.network import draw_network
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


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


def show_shares(page: LessonPage, view: View) -> None:
    """Draw the share of each class's held-out drawings that the network predicts correctly."""
    dataset, network = view.dataset, view.network
    with workbench.card("Held-out drawings"):
        shares = np.zeros(len(dataset.class_names))
        if network is not None:
            is_right = network.predict(dataset.x_test).argmax(axis=1) == dataset.y_test
            counts = np.bincount(dataset.y_test, minlength=len(shares))
            found = np.bincount(dataset.y_test[is_right], minlength=len(shares))
            shares = found / np.maximum(counts, 1)
        chart = share_bars(shares, dataset.class_names, RIGHT, "", height=200, form=".0%")
        st.vega_lite_chart(*chart, key="own.shares")
