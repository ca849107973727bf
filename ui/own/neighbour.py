"""Ask: a neighbour's drawings, or somebody else's style, read by the learner's network."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.digits import starters
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from nncore.own_drawings import OwnDrawings
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.core import cached_results, resources, state
from ui.core.keys import Key
from ui.core.wording import as_typed, count, listing, percent
from ui.own.class_data import find_left_out
from ui.own.data_choice import find_drawings
from ui.own.drawing_files import show_file_field
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: The neighbour's drawings.
OTHER = Key[OwnDrawings | None]("own.other", None)
#: Misread drawings that are shown.
SHOWN = 12


def show_neighbour(page: LessonPage, view: View) -> None:
    """Draw the field for a neighbour's file, and how well the network reads it.

    Args:
        page: The page.
        view: The run on the page.
    """
    st.subheader(page.text("neighbour_title"), anchor=False)
    st.markdown(page.text("neighbour"))
    other = state.get(OTHER)
    left_out = find_left_out(page.experiment)
    if left_out is not None:
        st.caption(page.text("neighbour_left_out"))
        other = left_out
    elif page.experiment.data.is_private:
        show_file_field("neighbour", page.text("neighbour_field"), partial(state.put, OTHER))
    else:
        other = starters.neighbour(page.experiment.data.drawings)
    checkpoint = view.checkpoint
    if other is None:
        return
    if not view.trained or checkpoint is None:
        st.info(page.text("neighbour_untrained"), icon=":material/arrow_upward:")
    elif find_drawings(view.experiment) is None:
        return
    else:
        _show_scores(page, checkpoint, other)


def match_classes(own: tuple[str, ...], other: OwnDrawings) -> tuple[list[int], list[int]]:
    """Return the neighbour's drawings of classes that both have: their places, and own labels.

    Args:
        own: The names of the network's classes.
        other: The neighbour's classes and drawings; names that differ only in case are the same.
    """
    labels = {name.casefold(): label for label, name in enumerate(own)}
    pairs = [
        (place, labels[other.names[one.label].casefold()])
        for place, one in enumerate(other.drawings)
        if other.names[one.label].casefold() in labels
    ]
    return [place for place, _ in pairs], [label for _, label in pairs]


def _show_scores(page: LessonPage, checkpoint: Checkpoint, other: OwnDrawings) -> None:
    dataset = resources.dataset(checkpoint.experiment.data)
    places, labels = match_classes(dataset.class_names, other)
    if not places and other.classes == len(dataset.class_names):
        places, labels = [*range(len(other))], other.labels.tolist()
        st.caption(page.text("neighbour_by_place"))
    if not places:
        theirs = listing([as_typed(name) for name in other.names])
        ours = listing([as_typed(name) for name in dataset.class_names])
        st.warning(page.text("neighbour_strange", theirs=theirs, ours=ours))
        return
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    images = other.images[places]
    is_right = predicted_classes(network.predict(images)) == np.array(labels)
    own_accuracy = cached_results.outcome(checkpoint, dataset).accuracy
    st.markdown(
        page.text(
            "neighbour_score",
            right=int(is_right.sum()),
            total=count(len(places), "drawing"),
            share=percent(float(is_right.mean()), 0),
            own=percent(own_accuracy, 0),
        )
    )
    if not is_right.all():
        wrong = images[~is_right][:SHOWN]
        grid = to_grey(mosaic(wrong, SHOWN // 2), dark=page.is_dark)
        st.image(png_data_uri(grid, 2), page.text("neighbour_wrong"), width=2 * grid.shape[1])
