"""Lesson 2 with one output: the cards beside the run, its weights, its figures and its outputs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.analysis.metrics import baseline_accuracy
from ui.charts.output_histograms import output_histogram
from ui.charts.weight_pictures import draw_blank, draw_weights
from ui.core import wording
from ui.perceptron.run_outputs import RunOutputs, dataset_of
from ui.perceptron.score_text import (
    NO_VALUE,
    write_accuracy,
    write_facts,
)
from ui.perceptron.single_output.scores import (
    KERAS_THRESHOLD,
    ThresholdScore,
)
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

HEIGHT, WIDTH, SCALE = 225, 138, 6


def show_weights(page: LessonPage, shown: View, outputs: RunOutputs | None) -> None:
    """Draw the weights arranged like the pixels, and the run's figures."""
    dataset = dataset_of(shown)
    with workbench.card("Its 784 weights"):
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            if shown.network is None:
                picture = draw_blank(1, columns=1, scale=SCALE, dark=page.is_dark)
            else:
                kernel = shown.network.layers[0].kernel
                picture = draw_weights(kernel, dataset, columns=1, scale=SCALE, dark=page.is_dark)
            st.image(picture, width=WIDTH, alt="The weights, arranged like the pixels")
            st.caption(page.text("weights"))
        with right:
            score = ThresholdScore.of(outputs.values[:, 0], outputs.labels) if outputs else None
            st.markdown(write_score(score, baseline_accuracy(dataset.y_test)))


def write_score(score: ThresholdScore | None, baseline: float) -> str:
    """Return the run's four figures in Markdown; dashes before there are any."""
    accuracy, recall, outputs = NO_VALUE, NO_VALUE, NO_VALUE
    if score is not None:
        accuracy = write_accuracy(score.accuracy, baseline)
        recall = f"**{score.recall:.0%}** :small[= {score.found:,} / {score.fives:,}]"
        outputs = f"**{wording.number_range(score.low, score.high)}**"
    return write_facts(
        {
            "Accuracy": accuracy,
            "Baseline": f"**{baseline:.1%}**",
            "Recall of fives": recall,
            "Range of outputs": outputs,
        }
    )


def show_outputs(outputs: RunOutputs | None) -> None:
    """Draw the histogram of the outputs, read at Keras's threshold."""
    with workbench.card("Its outputs"):
        values, labels = (
            (outputs.values[:, 0], outputs.labels) if outputs else (np.zeros(0), np.zeros(0))
        )
        chart = output_histogram(values, labels, KERAS_THRESHOLD)
        st.vega_lite_chart(*chart, key="perceptron.outputs", height=HEIGHT)
