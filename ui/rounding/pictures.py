"""Step 3 of lesson 1: the two live pictures, of the network and of its outputs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.charts.decision import decision_curve
from ui.components.network import draw_network
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Inputs at which the outputs are drawn, `(101, 1)`.
LINE = np.linspace(0.0, 1.0, 101, dtype=np.float32)[:, np.newaxis]
HEIGHT = 236


def show_network(page: LessonPage, shown: View) -> None:
    """Draw the units, and a line for each weight."""
    with workbench.card("The network"):
        weights = shown.checkpoint.weights if shown.checkpoint else None
        draw_network(
            shown.experiment.layer_sizes,
            weights or None,
            key="rounding.network",
            labels=(("x",), page.dataset.class_names),
            height=HEIGHT,
        )


def show_curve(page: LessonPage, shown: View) -> None:
    """Draw both outputs over the inputs, and where the prediction changes."""
    with workbench.card("What it learns"):
        outputs = shown.network.predict(LINE) if shown.network else np.full((len(LINE), 2), np.nan)
        threshold, names = shown.experiment.data.threshold, page.dataset.class_names
        chart = decision_curve(LINE[:, 0], outputs, threshold, names)
        st.vega_lite_chart(*chart, key="rounding.curve", height=HEIGHT)


def explain_outputs(page: LessonPage, shown: View) -> str:
    """Return what the two outputs mean, for the output activation of the run shown."""
    meaning = page.text(f"outputs_{shown.experiment.model.output_activation}")
    return f"{meaning.strip()} {page.text('outputs_crossing')}"
