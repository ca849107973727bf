"""Lesson 2 with ten outputs: the cards beside the run: pictures, figures and recalls."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.analysis.metrics import baseline_accuracy
from nncore.nn.network import Network
from ui.charts import palette
from ui.charts.share_bars import share_bars
from ui.charts.weight_pictures import draw_blank, draw_weights, mosaic_columns
from ui.core import wording
from ui.perceptron.run_outputs import RunOutputs, dataset_of
from ui.perceptron.score_text import (
    NO_VALUE,
    write_accuracy,
    write_facts,
)
from ui.perceptron.ten_outputs.scores import DigitScores
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: Most units of the first layer whose weights are shown.
MAX_PICTURES = 32
HEIGHT, WIDTH, SCALE = 225, 270, 3


def show_weights(page: LessonPage, shown: View, outputs: RunOutputs | None) -> None:
    """Draw the first layer's weights as small pictures, and the run's figures."""
    network = shown.network
    has_hidden = network is not None and len(network.layers) > 1
    with workbench.card("What its hidden units look for" if has_hidden else "Its ten pictures"):
        st.image(_draw_pictures(page, shown), width=WIDTH, alt="The weights of each unit")
        st.caption(describe_pictures(network))
        left, right = st.columns(2, gap="small")
        scores = DigitScores.of(outputs) if outputs else None
        baseline = baseline_accuracy(dataset_of(shown).y_test)
        facts = list(list_facts(scores, baseline).items())
        left.markdown(write_facts(dict(facts[:2])))
        right.markdown(write_facts(dict(facts[2:])))


def _draw_pictures(page: LessonPage, shown: View) -> str:
    if shown.network is None:
        return draw_blank(10, columns=5, scale=SCALE, dark=page.is_dark)
    kernel = shown.network.layers[0].kernel[:, :MAX_PICTURES]
    columns = mosaic_columns(kernel.shape[1])
    return draw_weights(kernel, dataset_of(shown), columns=columns, scale=SCALE, dark=page.is_dark)


def describe_pictures(network: Network | None) -> str:
    """Return which units the pictures belong to, and what their colours mean."""
    if network is None or len(network.layers) == 1:
        units = "0–4, below 5–9"
    else:
        all_units = network.layers[0].kernel.shape[1]
        few = f"all {all_units:,} units" if all_units > 1 else "1 unit"
        units = f"{MAX_PICTURES} of {all_units:,} units" if all_units > MAX_PICTURES else few
    return f"{units} · :blue[■] for :red[■] against"


def list_facts(scores: DigitScores | None, baseline: float) -> dict[str, str]:
    """Return the run's four figures by name; dashes before there are any."""
    accuracy, recognised, outputs = NO_VALUE, NO_VALUE, NO_VALUE
    if scores is not None:
        accuracy = write_accuracy(scores.accuracy, baseline)
        recognised = f"**{scores.recognised} of {len(scores.recalls)}**"
        outputs = f"**{wording.number_range(scores.low, scores.high)}**"
    return {
        "Accuracy": accuracy,
        "Digits recognised": recognised,
        "Baseline": f"**{baseline:.1%}**",
        "Range of outputs": outputs,
    }


def show_recalls(shown: View, outputs: RunOutputs | None) -> None:
    """Draw the share found of each digit."""
    names = dataset_of(shown).class_names
    with workbench.card("How many of each digit it finds"):
        recalls = DigitScores.of(outputs).recalls if outputs else np.zeros(len(names))
        chart = share_bars(recalls, names, palette.RIGHT, "", ".0%", height=HEIGHT)
        st.vega_lite_chart(*chart, key="perceptron.shares")
