"""Lesson 2 with ten outputs, step 4: predictions, and how clearly the right one wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import baseline_accuracy, confusion_matrix, worst_mistakes
from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from ui.charts import confusion
from ui.charts.digit_pictures import image_png
from ui.charts.output_histograms import margin_histogram
from ui.content.lesson import term
from ui.core import wording
from ui.perceptron.mistakes import Mistake, show_gallery
from ui.perceptron.run_outputs import RunOutputs
from ui.perceptron.score_text import (
    compare_with_baseline,
    show_accuracy,
)
from ui.perceptron.ten_outputs.scores import DigitScores, compute_margins
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage
from ui.workbench.plotly_figure import show_figure

Array: TypeAlias = NDArray[Any]
PRINTED, MISTAKES = 10, 12


@dataclass(frozen=True)
class DigitResults:
    """A finished run with ten outputs.

    Args:
        page: The page, for its texts.
        dataset: The data of the run.
        outputs: The outputs for all test images.
    """

    page: LessonPage
    dataset: Dataset
    outputs: RunOutputs

    @cached_property
    def scores(self) -> DigitScores:
        """The run's figures."""
        return DigitScores.of(self.outputs)

    @property
    def baseline(self) -> float:
        """The accuracy of always predicting the most frequent digit."""
        return baseline_accuracy(self.dataset.y_test)


def show_results(results: DigitResults) -> None:
    """Draw scores, margins, printed outputs and the confusion matrix."""
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        _show_verdict(results)
        st.markdown(results.page.text("margin"))
    with right:
        _show_metrics(results)
        margins = compute_margins(results.outputs.values, results.dataset.y_test)
        st.vega_lite_chart(*margin_histogram(margins), key="perceptron.margins", height=240)
    _show_printed(results)
    _show_confusion(results)


def _show_verdict(results: DigitResults) -> None:
    names, scores, baseline = results.dataset.class_names, results.scores, results.baseline
    numbers = {
        "accuracy": scores.accuracy,
        "baseline": baseline,
        "digit": names[int(np.bincount(results.dataset.y_test).argmax())],
        "answer": names[scores.commonest],
        "share": scores.share,
    }
    verdict = compare_with_baseline(scores.accuracy, baseline)
    st.markdown(results.page.text(f"{verdict}_ten", **numbers))


def _show_metrics(results: DigitResults) -> None:
    names, scores = results.dataset.class_names, results.scores
    accuracy, recognised, commonest = st.columns(3)
    with accuracy:
        show_accuracy(scores.accuracy, results.baseline)
    worst = int(scores.recalls.argmin())
    recognised.metric(
        "Digits recognised",
        f"{scores.recognised} of {len(scores.recalls)}",
        f"worst: {names[worst]}, {scores.recalls[worst]:.0%} found",
        delta_color="off",
        delta_arrow="off",
        help=results.page.text("reads"),
    )
    commonest.metric(
        "Predicted most",
        names[scores.commonest],
        f"{scores.share:.0%} of all predictions",
        delta_color="off",
        delta_arrow="off",
        help=term("baseline"),
    )


def _show_printed(results: DigitResults) -> None:
    with st.expander("**Print the first ten outputs** next to their labels"):
        st.code("print(model.predict(x_test[:10]))", language="python")
        st.markdown(results.page.text("printed_ten"))
        image = st.column_config.ImageColumn("image", width="small")
        tables.show_table(
            list_first_outputs(results),
            key="perceptron.first_ten",
            column_config={"image": image},
            height="content",
        )


def list_first_outputs(results: DigitResults) -> dict[str, list[Any]]:
    """Return the first test images, labels, ten outputs and predictions, as columns of a table."""
    dataset, is_dark = results.dataset, results.page.is_dark
    names, labels = dataset.class_names, dataset.y_test[:PRINTED]
    values = results.outputs.values[:PRINTED]
    predictions = predicted_classes(values)
    columns: dict[str, list[Any]] = {
        "image": [image_png(image, is_dark, scale=3) for image in dataset.x_test[:PRINTED]],
        "label": [names[label] for label in labels],
    }
    columns |= {
        f"[{name}]": [wording.number(value, 3) for value in values[:, i].tolist()]
        for i, name in enumerate(names)
    }
    is_right = predictions == labels
    return columns | {
        "prediction": [names[prediction] for prediction in predictions],
        "verdict": ["✓ right" if right else "✗ wrong" for right in is_right],
    }


def _show_confusion(results: DigitResults) -> None:
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        st.markdown(results.page.text("confusion"))
        names = results.dataset.class_names
        predictions = predicted_classes(results.outputs.values)
        matrix = confusion_matrix(results.dataset.y_test, predictions, len(names))
        show_figure(
            confusion.confusion_matrix(matrix, names),
            key="perceptron.confusion",
            saved_as="confusion-matrix",
            alt="How often each digit was predicted as each digit",
        )
    with right:
        st.markdown(results.page.text("mistakes_ten"))
        show_gallery(list_worst_mistakes(results))


def list_worst_mistakes(results: DigitResults) -> list[Mistake]:
    """Return the mistakes with the largest wrong outputs, worst first."""
    dataset, values = results.dataset, results.outputs.values
    labels, names = dataset.y_test, dataset.class_names
    predictions = predicted_classes(values)
    return [
        Mistake(
            image_png(dataset.x_test[i], results.page.is_dark, scale=3),
            f"{names[labels[i]]}, predicted **{names[predictions[i]]}**",
        )
        for i in worst_mistakes(values, labels, MISTAKES)
    ]
