"""Test: held-out drawings, the confusion matrix, the worst mistakes, and the class to draw for."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import metrics
from nncore.data.datasets import Dataset
from nncore.digits.sampling import likely_range
from nncore.nn.losses import predicted_classes
from ui.charts import confusion
from ui.components import gallery
from ui.core import cached_results, resources, state
from ui.core.cached_results import Outcome
from ui.core.keys import Key
from ui.core.wording import as_typed, count, percent
from ui.workbench.lesson_page import LessonPage
from ui.workbench.plotly_figure import show_figure
from ui.workbench.run_view import View

#: Mistakes that are shown at most, the most confident ones first.
MISTAKES = 20
#: The width of the confusion matrix in pixels: around it, and of a class.
MATRIX_MARGIN, MATRIX_CELL = 150, 42
#: The mistake that the learner chose.
CHOSEN = Key("own.mistake", 0)


def show_results(page: LessonPage, view: View) -> None:
    """Draw the scores on held-out drawings, the matrix, and the mistakes.

    Args:
        page: The page.
        view: The run on the page.
    """
    if not view.trained or view.checkpoint is None:
        return
    dataset = resources.dataset(view.experiment.data)
    outcome = cached_results.outcome(view.checkpoint, dataset)
    _show_score(page, dataset, outcome)
    matrix = metrics.confusion_matrix(
        dataset.y_test, predicted_classes(outcome.outputs), len(dataset.class_names)
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(page.text("confusion"))
        show_figure(
            confusion.confusion_matrix(matrix, dataset.class_names),
            key="own.confusion",
            width=MATRIX_MARGIN + MATRIX_CELL * len(dataset.class_names),
            saved_as="confusion-matrix",
            alt="How often each class was predicted as each",
        )
    with right:
        st.markdown(describe_weakest(page, dataset, matrix))
        _show_mistakes(page, dataset, outcome)


def _show_score(page: LessonPage, dataset: Dataset, outcome: Outcome) -> None:
    """Draw the accuracy on the held-out drawings, and how much one drawing counts."""
    total = len(dataset.y_test)
    right = round(outcome.accuracy * total)
    low, high = likely_range(right, total)
    st.markdown(
        page.text(
            "score",
            right=right,
            total=count(total, "held-out drawing"),
            low=percent(low, 0),
            high=percent(high, 0),
        )
    )


def describe_weakest(page: LessonPage, dataset: Dataset, matrix: NDArray[np.int64]) -> str:
    """Return which class needs more drawings: the one with the lowest recall, in a sentence."""
    totals = np.maximum(matrix.sum(axis=1), 1)
    recalls = matrix.diagonal() / totals
    if (recalls == 1).all():
        return page.text("weakest_none")
    label = int(np.argmin(recalls))
    trained = int((dataset.y_train == label).sum())
    return page.text(
        "weakest",
        called=as_typed(dataset.class_names[label]),
        right=int(matrix[label, label]),
        total=count(int(totals[label]), "held-out drawing"),
        trained=count(trained, "drawing"),
    )


def _show_mistakes(page: LessonPage, dataset: Dataset, outcome: Outcome) -> None:
    """Draw the misclassified held-out drawings, the most confident predictions first."""
    rows = metrics.worst_mistakes(outcome.outputs, dataset.y_test, MISTAKES)
    if not len(rows):
        return
    st.markdown(page.text("mistakes", mistakes=count(len(rows), "mistake")))
    chosen = min(state.get(CHOSEN), len(rows) - 1)
    gallery.draw(
        dataset.x_test[rows],
        [_build_tile(dataset, outcome, int(row)) for row in rows],
        key="own.mistakes",
        label="Misclassified held-out drawings",
        chosen=chosen,
        dark=page.is_dark,
        on_choose=lambda number: state.put(CHOSEN, number),
    )
    st.markdown(_describe_mistake(page, dataset, outcome, int(rows[chosen])))


def _build_tile(dataset: Dataset, outcome: Outcome, row: int) -> gallery.Tile:
    label, predicted = _find_names(dataset, outcome, row)
    confidence = percent(float(outcome.outputs[row].max()), 0)
    words = f"{label}, predicted {predicted}, {confidence} confident"
    return gallery.Tile(confidence, words, wrong=True)


def _find_names(dataset: Dataset, outcome: Outcome, row: int) -> tuple[str, str]:
    """Return the names of a drawing's class and of the predicted one."""
    names = dataset.class_names
    return names[int(dataset.y_test[row])], names[int(outcome.outputs[row].argmax())]


def _describe_mistake(page: LessonPage, dataset: Dataset, outcome: Outcome, row: int) -> str:
    label, predicted = map(as_typed, _find_names(dataset, outcome, row))
    confidence = percent(float(outcome.outputs[row].max()), 0)
    return page.text("mistake", label=label, predicted=predicted, confidence=confidence)
