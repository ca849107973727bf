"""Lesson 3, Test: the confusion matrix, and the test images of the chosen cell.

It is a fragment: choosing a cell or an image redraws this part of the page alone.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import metrics
from nncore.nn.losses import predicted_classes
from ui.charts import confusion, vega
from ui.components import gallery
from ui.core import state, wording
from ui.core.keys import Key
from ui.mnist.class_scores import show_calibration, show_class_scores
from ui.mnist.evaluated_network import EvaluatedNetwork
from ui.mnist.image_explorer import explore_image
from ui.workbench.plotly_figure import build_figure, show_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: The option "any" of the two select boxes.
ANY = -1
#: Images of a cell that are shown at once.
IMAGES_PER_PAGE = 20

#: The chosen cell: the label, and the predicted class.
LABEL, PREDICTED = Key("mnist.label", ANY), Key("mnist.answer", ANY)
#: The page of the cell's images, and the test image that is looked at.
TILE_PAGE, TILE = Key("mnist.tiles", 1), Key("mnist.tile", -1)
#: What Plotly reports of a click on the matrix.
MATRIX: Key[Any] = Key("mnist.confusion", None)


@st.fragment
def show_mistakes(evaluated: EvaluatedNetwork) -> None:
    """Draw the matrix, the images of a cell, one image in depth, and the scores of each class."""
    matrix = metrics.confusion_matrix(
        evaluated.dataset.y_test, predicted_classes(evaluated.outputs), len(evaluated.names)
    )
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        st.markdown(evaluated.lesson.text("confusion"))
        _show_matrix(evaluated, matrix)
    with right:
        _show_cell_choice(evaluated.names)
        index = _show_images(evaluated)
    if index is not None:
        with st.container(border=True):
            explore_image(evaluated, index)
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        show_class_scores(evaluated, matrix)
    with right:
        show_calibration(evaluated)


# The cell.


def _show_matrix(evaluated: EvaluatedNetwork, matrix: NDArray[np.int64]) -> None:
    cell = (state.get(LABEL), state.get(PREDICTED))
    counts = tuple(map(tuple, matrix.tolist()))
    show_figure(
        _build_figure(counts, evaluated.names, cell),
        key=MATRIX.name,
        on_select=_choose_clicked_cell,
        selection_mode="points",
        saved_as="confusion-matrix",
        alt="How often each class was predicted as each; the two boxes also choose a square",
    )


@lru_cache(maxsize=64)
def _build_figure(
    counts: tuple[tuple[int, ...], ...], names: tuple[str, ...], cell: tuple[int, int]
) -> go.Figure:
    """Return the chart, checked by Plotly: the check takes most of the time, and once is enough."""
    figure = confusion.confusion_matrix(np.array(counts), names)
    figure["layout"] = figure["layout"] | {"shapes": _frame_cell(cell, len(names))}
    return build_figure(figure)


def _frame_cell(cell: tuple[int, int], classes: int) -> list[vega.Spec]:
    """Return a frame around the chosen cell, row or column; none if all mistakes are shown."""
    label, predicted = cell
    if cell == (ANY, ANY):
        return []
    left, right = (-0.5, classes - 0.5) if predicted == ANY else (predicted - 0.5, predicted + 0.5)
    top, bottom = (-0.5, classes - 0.5) if label == ANY else (label - 0.5, label + 0.5)
    frame = {"type": "rect", "x0": left, "x1": right, "y0": top, "y1": bottom}
    lines = ({"color": "white", "width": 6}, {"color": "black", "width": 3})  # seen on any ground
    return [frame | {"line": line} for line in lines]


def _choose_clicked_cell() -> None:
    """Show the images of the square that was clicked."""
    cell = read_clicked_cell(state.get(MATRIX))
    if cell is not None:
        state.put(LABEL, cell[0])
        state.put(PREDICTED, cell[1])
        _forget_image()


def read_clicked_cell(message: Any) -> tuple[int, int] | None:
    """Return the label and the predicted class of a clicked square; None for anything else.

    Args:
        message: What the browser sent; it may be anything.
    """
    try:
        label, predicted = message["selection"]["points"][0]["customdata"][:2]
    except (TypeError, KeyError, IndexError, ValueError):
        return None
    classes = range(10)
    return (label, predicted) if label in classes and predicted in classes else None


def _show_cell_choice(names: tuple[str, ...]) -> None:
    """Draw the same choice as two select boxes."""
    options = [ANY, *range(len(names))]
    left, right = st.columns(2, gap="small")
    for column, key, label, anything in (
        (left, LABEL, "Label", "any class"),
        (right, PREDICTED, "Predicted", "any wrong class"),
    ):
        column.selectbox(
            label,
            options,
            key=key.name,
            format_func=partial(_name_option, names, anything),
            on_change=_forget_image,
            persist_state="session",
        )


def _name_option(names: tuple[str, ...], anything: str, number: int) -> str:
    return anything if number == ANY else names[number]


def _forget_image() -> None:
    """Forget the image and the page of the cell that was chosen before."""
    state.drop(TILE)
    state.drop(TILE_PAGE)


# Its images.


def _show_images(evaluated: EvaluatedNetwork) -> int | None:
    """Draw the images of the chosen cell, the most confident first; return the one looked at."""
    label, predicted = state.get(LABEL), state.get(PREDICTED)
    rows = metrics.select_cell(
        evaluated.outputs,
        evaluated.dataset.y_test,
        None if label == ANY else label,
        None if predicted == ANY else predicted,
    )
    st.markdown(_describe_cell(evaluated, label, predicted, len(rows)))
    if not len(rows):
        return None
    pages = -(-len(rows) // IMAGES_PER_PAGE)
    page = min(state.get(TILE_PAGE), pages)
    part = rows[IMAGES_PER_PAGE * (page - 1) : IMAGES_PER_PAGE * page]
    chosen = state.get(TILE)
    chosen = chosen if chosen in part else int(part[0])
    gallery.draw(
        evaluated.dataset.x_test[part],
        [_build_tile(evaluated, int(index)) for index in part],
        key="mnist.gallery",
        label="Test images, the most confident predictions first",
        chosen=part.tolist().index(chosen),
        dark=evaluated.is_dark,
        on_choose=lambda number: state.put(TILE, int(part[number])),
    )
    if pages > 1:
        st.pagination(pages, key=TILE_PAGE.name, max_visible_pages=5)
    return chosen


def _describe_cell(evaluated: EvaluatedNetwork, label: int, predicted: int, count: int) -> str:
    """Return which images are shown, in a sentence."""
    names, images = evaluated.names, wording.count(count, "image")
    text = partial(evaluated.lesson.text, images=images)
    if label == predicted == ANY:
        mistakes = wording.count(count, "mistake")
        return text("worst", mistakes=mistakes) if count else text("worst_none")
    if predicted == ANY:
        return text("cell_row", label=names[label])
    if label == ANY:
        return text("cell_column", predicted=names[predicted])
    name = "cell_right" if label == predicted else "cell"
    return text(name, label=names[label], predicted=names[predicted])


def _build_tile(evaluated: EvaluatedNetwork, index: int) -> gallery.Tile:
    label, predicted = int(evaluated.dataset.y_test[index]), int(evaluated.outputs[index].argmax())
    names = evaluated.names
    words = f"Test image {index:,}: label {names[label]}, predicted {names[predicted]}"
    return gallery.Tile(
        evaluated.write_confidence(index),
        f"{words}, {evaluated.describe_confidence(index)}",
        wrong=label != predicted,
    )
