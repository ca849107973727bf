"""Lesson 3, Test: the mistakes as pictures, the classes one by one, and how far to trust it.

What the session holds, besides the widgets:

    mnist.tile    number of the test image that is looked at

It is a fragment: choosing a cell or an image draws this part of the page alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import metrics
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from ui.charts import confusion, vega
from ui.charts import mistakes as mistake_charts
from ui.components import gallery
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.mnist import image_explorer
from ui.workbench import downloads, tables

Array: TypeAlias = NDArray[Any]

#: What stands for "any" in the two boxes.
ANY = -1
#: Images of a cell that are shown at once.
SHOWN = 20
#: Up to this difference of confidence and accuracy the two are called the same.
EVEN = 0.005
_LABEL, _ANSWER, _PAGE, _TILE = "mnist.label", "mnist.answer", "mnist.tiles", "mnist.tile"
_CHART = "mnist.confusion"


@dataclass(frozen=True)
class Case:
    """A trained network, and what it says to the test set.

    Args:
        lesson: Whose texts.
        network: The network.
        dataset: The data that it was trained on.
        outputs: (n, classes), what it says to the test set.
        softmax: Whether its outputs are probabilities.
        dark: Whether the page is dark.
    """

    lesson: Lesson
    network: Network
    dataset: Dataset
    outputs: Array
    softmax: bool
    dark: bool

    @classmethod
    def of(cls, lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset, dark: bool) -> Case:
        """The case of a run with weights."""
        experiment = checkpoint.experiment
        network = Network.of(experiment, checkpoint.weights)
        outputs = resources.outcome(checkpoint, dataset).outputs
        softmax = experiment.model.output_activation == "softmax"
        return cls(lesson, network, dataset, outputs, softmax, dark)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes' names."""
        return self.dataset.class_names

    def sure(self, index: int) -> str:
        """How sure it is of its answer to a test image; of what is no probability, the number."""
        largest = self.outputs[index].max()
        return f"{largest:.1%}" if self.softmax else f"{largest:.3g}"


@st.fragment
def mistakes(case: Case) -> None:
    """The confusion matrix, the images of a cell, one image in depth, scores of each class.

    Args:
        case: What is looked at.
    """
    matrix = metrics.confusion_matrix(
        case.dataset.y_test, predicted_classes(case.outputs), len(case.names)
    )
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        st.markdown(case.lesson.text("confusion"))
        _matrix(case, matrix)
    with right:
        _boxes(case.names)
        index = _images(case)
    if index is not None:
        with st.container(border=True):
            image_explorer.one_image(case, index)
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        _classes(case, matrix)
    with right:
        _calibration(case)


# The cell.


def _matrix(case: Case, matrix: NDArray[np.int64]) -> None:
    chosen = (state.get(_LABEL, ANY), state.get(_ANSWER, ANY))
    counts = tuple(map(tuple, matrix.tolist()))
    st.plotly_chart(
        _figure(counts, case.names, chosen),
        key=_CHART,
        on_select=_clicked,
        selection_mode="points",
        config=downloads.plotly_config("confusion-matrix"),
        alt="How often each class was taken for which; the two boxes beside it choose a square",
    )


@lru_cache(maxsize=64)
def _figure(
    counts: tuple[tuple[int, ...], ...], names: tuple[str, ...], chosen: tuple[int, int]
) -> go.Figure:
    """The chart, as Plotly has checked it: with that it takes most of the time, once is enough."""
    figure = confusion.confusion_matrix(np.array(counts), names)
    figure["layout"] = figure["layout"] | {"shapes": _frames(chosen, len(names))}
    return go.Figure(figure)


def _frames(chosen: tuple[int, int], classes: int) -> list[vega.Spec]:
    """A frame around the cell, row or column that is looked at; none for all mistakes."""
    label, answer = chosen
    if chosen == (ANY, ANY):
        return []
    left, right = (-0.5, classes - 0.5) if answer == ANY else (answer - 0.5, answer + 0.5)
    top, bottom = (-0.5, classes - 0.5) if label == ANY else (label - 0.5, label + 0.5)
    frame = {"type": "rect", "x0": left, "x1": right, "y0": top, "y1": bottom}
    lines = ({"color": "white", "width": 6}, {"color": "black", "width": 3})  # seen on any ground
    return [frame | {"line": line} for line in lines]


def _clicked() -> None:
    """Shows the images of the square that was clicked."""
    cell = told(state.get(_CHART, None))
    if cell is not None:
        state.put(_LABEL, cell[0])
        state.put(_ANSWER, cell[1])
        _begin()


def told(message: Any) -> tuple[int, int] | None:
    """The label and the answer of a clicked square; None where nothing, or no square, came."""
    try:
        label, answer = message["selection"]["points"][0]["customdata"][:2]
    except (TypeError, KeyError, IndexError, ValueError):
        return None
    classes = range(10)
    return (label, answer) if label in classes and answer in classes else None


def _boxes(names: tuple[str, ...]) -> None:
    """The same choice without a click on the chart."""
    options = [ANY, *range(len(names))]
    left, right = st.columns(2, gap="small")
    for column, key, label, anything in (
        (left, _LABEL, "It is", "any class"),
        (right, _ANSWER, "Answered", "any wrong answer"),
    ):
        column.selectbox(
            label,
            options,
            key=key,
            format_func=partial(_called, names, anything),
            on_change=_begin,
            persist_state="session",
        )


def _called(names: tuple[str, ...], anything: str, number: int) -> str:
    return anything if number == ANY else names[number]


def _begin() -> None:
    """Forgets the image and the page of the cell that was looked at before."""
    state.drop(_TILE)
    state.drop(_PAGE)


# Its images.


def _images(case: Case) -> int | None:
    """The images of the chosen cell, the most confident first; gives back the one looked at."""
    label, answer = state.get(_LABEL, ANY), state.get(_ANSWER, ANY)
    rows = metrics.select_cell(
        case.outputs,
        case.dataset.y_test,
        None if label == ANY else label,
        None if answer == ANY else answer,
    )
    st.markdown(_heading(case, label, answer, len(rows)))
    if not len(rows):
        return None
    pages = -(-len(rows) // SHOWN)
    page = min(state.get(_PAGE, 1), pages)
    part = rows[SHOWN * (page - 1) : SHOWN * page]
    chosen: int = state.get(_TILE, -1)
    chosen = chosen if chosen in part else int(part[0])
    gallery.draw(
        case.dataset.x_test[part],
        [_tile(case, int(index)) for index in part],
        key="mnist.gallery",
        label="Test images, the most confident answers first",
        chosen=part.tolist().index(chosen),
        dark=case.dark,
        on_choose=lambda number: state.put(_TILE, int(part[number])),
    )
    if pages > 1:
        st.pagination(pages, key=_PAGE, max_visible_pages=5)
    return chosen


def _heading(case: Case, label: int, answer: int, count: int) -> str:
    """What the images are, in a sentence."""
    text, names = case.lesson.text, case.names
    if label == answer == ANY:
        return text("worst", count=count) if count else text("worst_none")
    it_is = "any class" if label == ANY else names[label]
    if answer == ANY:
        return text("cell_row", count=count, label=it_is)
    if label == ANY:
        return text("cell_column", count=count, answer=names[answer])
    right = "cell_right" if label == answer else "cell"
    return text(right, count=count, label=it_is, answer=names[answer])


def _tile(case: Case, index: int) -> gallery.Tile:
    label, answer = int(case.dataset.y_test[index]), int(case.outputs[index].argmax())
    word = "sure" if case.softmax else "output"
    words = f"Test image {index:,}: is {case.names[label]}, answered {case.names[answer]}"
    return gallery.Tile(
        case.sure(index), f"{words}, {word} {case.sure(index)}", wrong=label != answer
    )


# Each class, and all.


def _classes(case: Case, matrix: NDArray[np.int64]) -> None:
    scores = metrics.precision_recall_support(matrix)
    st.markdown(case.lesson.text("classes"))
    percent = {
        name: st.column_config.NumberColumn(format="%.1f %%")
        for name in ("precision", "recall", "F1")
    }
    tables.show_table(
        {
            "class": list(case.names),
            "precision": _percents(scores.precision),
            "recall": _percents(scores.recall),
            "F1": _percents(scores.f1),
            "support": scores.support,
        },
        key="mnist.scores",
        column_config=percent,
        height=35 * (len(case.names) + 1) + 3,
    )


def _percents(shares: NDArray[np.float64]) -> list[float | None]:
    return [100 * float(share) if np.isfinite(share) else None for share in shares]


def _calibration(case: Case) -> None:
    """How far its confidence can be trusted; where its outputs are none, says so."""
    st.markdown(case.lesson.text("calibration"))
    if not case.softmax:
        st.info(case.lesson.text("calibration_none"), icon=":material/info:")
        return
    if not np.isfinite(case.outputs).all():
        st.info(case.lesson.text("calibration_diverged"), icon=":material/info:")
        return
    found = metrics.calibration(case.outputs, case.dataset.y_test)
    accuracy = float((predicted_classes(case.outputs) == case.dataset.y_test).mean())
    st.vega_lite_chart(*mistake_charts.reliability(found), key="mnist.reliability")
    sure = found.mean_confidence
    numbers = {"sure": sure, "accuracy": accuracy, "error": 100 * found.error}
    st.caption(case.lesson.text(f"calibration_{trust(sure, accuracy)}", **numbers))


def trust(sure: float, accuracy: float) -> str:
    """Whether a network is surer than it is right: `"over"`, `"under"`, or `"even"`.

    Args:
        sure: How sure it is on average.
        accuracy: How often it is right.
    """
    if abs(sure - accuracy) < EVEN:
        return "even"
    return "over" if sure > accuracy else "under"
