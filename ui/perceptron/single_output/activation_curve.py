"""Lesson 2 with one output: the activation's curve, with the network's weighted sums on it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.charts.output_histograms import activation_curve
from ui.perceptron.single_output.results import UnitResults
from ui.perceptron.single_output.scores import measure_curve


def show_activation(results: UnitResults, *, is_open: bool) -> None:
    """Draw the activation's curve with this network's weighted sums on it.

    Args:
        results: The run.
        is_open: A question is open, so nothing gives its answer away.
    """
    name, page = results.activation, results.page
    sums = results.outputs.sums[:, 0]
    st.subheader(f"The activation {name}, with this network's sums", anchor=False)
    if not np.isfinite(sums).any():
        st.markdown(page.text("curve_nan"))
        return
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        chart = activation_curve(name, sums, results.labels)
        st.vega_lite_chart(*chart, key="perceptron.activation", height=240)
    with right:
        st.markdown(page.text(f"curve_{name}", **measure_curve(name, sums)))
        if name == "relu" and not (results.values > 0).any():
            st.markdown(page.text("curve_dead"))
        if name == "linear" and not is_open:
            st.markdown(page.text("curve_linear_fault"))
        st.caption(page.text("curve_points"))
