"""Lesson 2 with one output, step 4: predictions at a threshold, and the worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import baseline_accuracy, worst_mistakes
from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from ui.charts.digit_pictures import image_png
from ui.charts.output_histograms import output_histogram
from ui.content.lesson import term
from ui.core import state, wording
from ui.core.keys import Key
from ui.perceptron.mistakes import Mistake, show_gallery
from ui.perceptron.run_outputs import RunOutputs
from ui.perceptron.score_text import (
    compare_with_baseline,
    show_accuracy,
)
from ui.perceptron.single_output.scores import (
    KERAS_THRESHOLD,
    ThresholdScore,
    find_best_threshold,
    find_slider_range,
)
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage

Array: TypeAlias = NDArray[Any]
#: The slider, and the learner's threshold: it is kept while other runs have a narrower slider.
SLIDER: Key[float] = Key("perceptron.threshold", KERAS_THRESHOLD)
CHOSEN: Key[float] = Key("perceptron.chosen_threshold", KERAS_THRESHOLD)
#: Thresholds by the labels of their buttons.
THRESHOLDS = {"0, as the tutorial": 0.0, "0.5, as Keras": KERAS_THRESHOLD}
PRINTED, MISTAKES = 10, 16


@dataclass(frozen=True)
class UnitResults:
    """A finished run with one output.

    Args:
        page: The page, for its texts.
        dataset: The data of the run.
        outputs: The outputs for all test images.
        activation: The activation of the output.
        is_diverged: The run ended with a loss of NaN or infinity.
    """

    page: LessonPage
    dataset: Dataset
    outputs: RunOutputs
    activation: str
    is_diverged: bool

    @property
    def values(self) -> Array:
        """The outputs, `(n,)`."""
        return self.outputs.values[:, 0]

    @property
    def labels(self) -> Array:
        """1 for a five, `(n,)`."""
        return self.outputs.labels

    @property
    def baseline(self) -> float:
        """The accuracy of always saying "not five"."""
        return baseline_accuracy(self.dataset.y_test)

    def score_at(self, threshold: float) -> ThresholdScore:
        """Count right and wrong predictions at a threshold."""
        return ThresholdScore.of(self.values, self.labels, threshold)


@st.fragment
def show_results(results: UnitResults) -> None:
    """Draw the threshold's slider and everything that follows it, and rerun nothing else."""
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        verdict = st.container()
        threshold = KERAS_THRESHOLD if results.is_diverged else _show_threshold(results)
    score = results.score_at(threshold)
    with right:
        _show_scores(results, score)
        chart = output_histogram(results.values, results.labels, threshold)
        st.vega_lite_chart(*chart, key="perceptron.read", height=240)
    with verdict:
        _show_verdict(results, score)
    _show_printed(results, threshold)
    _show_mistakes(results, threshold)


def _show_threshold(results: UnitResults) -> float:
    page = results.page
    st.markdown(page.text("threshold"))
    st.markdown(page.text(f"threshold_{results.activation}"))
    low, high, step = find_slider_range(results.score_at(KERAS_THRESHOLD))
    state.put(SLIDER, min(max(state.get(CHOSEN), low), high))
    value = st.slider(
        "Threshold: outputs above it predict *five*",
        low,
        high,
        step=step,
        key=SLIDER.name,
        on_change=lambda: _choose(state.get(SLIDER)),
        help=term("threshold"),
    )
    with st.container(horizontal=True):
        for label, at in THRESHOLDS.items():
            st.button(label, key=f"perceptron.threshold.{at:g}", on_click=_choose, args=(at,))
    return value


def _choose(threshold: float) -> None:
    state.put(CHOSEN, threshold)


def _show_scores(results: UnitResults, score: ThresholdScore) -> None:
    accuracy, recall, alarms = st.columns(3)
    with accuracy:
        show_accuracy(score.accuracy, results.baseline)
    recall.metric(
        "Recall of fives",
        f"{score.recall:.1%}",
        f"{score.found:,} of {score.fives:,} found",
        delta_color="off",
        delta_arrow="off",
        help=term("recall"),
    )
    alarms.metric(
        "False alarms",
        f"{score.alarms:,}",
        f"of {score.others:,} other digits",
        delta_color="off",
        delta_arrow="off",
        help=results.page.text("alarms"),
    )


def _show_verdict(results: UnitResults, score: ThresholdScore) -> None:
    page, baseline = results.page, results.baseline
    removed = (score.accuracy - baseline) / (1 - baseline)
    numbers = {"accuracy": score.accuracy, "baseline": baseline, "removed": removed}
    st.markdown(page.text(compare_with_baseline(score.accuracy, baseline), **numbers))
    if not results.is_diverged:
        at, best = find_best_threshold(results.values, results.labels)
        st.caption(page.text("best", at=wording.number(at), best=best))


def _show_printed(results: UnitResults, threshold: float) -> None:
    with st.expander("**Print the first ten outputs** next to their labels"):
        st.code("print(model.predict(x_test[:10]))", language="python")
        st.markdown(results.page.text("printed"))
        image = st.column_config.ImageColumn("image", width="small")
        tables.show_table(
            list_first_outputs(results, threshold),
            key="perceptron.first",
            column_config={"image": image},
            height="content",
        )


def list_first_outputs(results: UnitResults, threshold: float) -> dict[str, list[Any]]:
    """Return the first test images, labels, outputs and predictions, as columns of a table."""
    dataset, is_dark = results.dataset, results.page.is_dark
    labels, values = dataset.y_test[:PRINTED], results.values[:PRINTED]
    predictions = predicted_classes(values[:, np.newaxis], threshold)
    return {
        "image": [image_png(image, is_dark, scale=3) for image in dataset.x_test[:PRINTED]],
        "label": [f"{label}  {dataset.class_names[label]}" for label in labels],
        "output": [wording.number(value, 4) for value in values.tolist()],
        "prediction": [dataset.class_names[prediction] for prediction in predictions],
        "verdict": [
            "✓ right" if prediction == label else "✗ wrong"
            for prediction, label in zip(predictions, labels, strict=True)
        ],
    }


def _show_mistakes(results: UnitResults, threshold: float) -> None:
    st.subheader("Its worst mistakes", anchor=False)
    mistakes = list_worst_mistakes(results.dataset, results.values, threshold, results.page.is_dark)
    if not mistakes:
        st.success(results.page.text("no_mistakes"))
        return
    st.caption(results.page.text("mistakes"))
    show_gallery(mistakes)


def list_worst_mistakes(
    dataset: Dataset, values: Array, threshold: float, is_dark: bool
) -> list[Mistake]:
    """Return the mistakes furthest from the threshold, worst first.

    Args:
        dataset: Its test images.
        values: Their outputs, `(n,)`.
        threshold: Outputs above it predict "five".
        is_dark: Draw for the dark theme.
    """
    places = worst_mistakes(values[:, np.newaxis], dataset.y_test, MISTAKES, threshold)
    names, labels = dataset.class_names, dataset.y_test
    return [
        Mistake(
            image_png(dataset.x_test[i], is_dark, scale=3),
            f"{names[labels[i]]}  \n**{wording.number(float(values[i]))}**",
        )
        for i in places
    ]
