"""Look and Test, where the page trains on a whole class's drawings: who drew what.

A class that only one person drew may be learnt by that person's hand. Leaving one person out shows
whether the network reads somebody whom it has never seen.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.digits import own_files
from nncore.experiment import Experiment
from nncore.nn.losses import predicted_classes
from nncore.own_drawings import OwnDrawings
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.class_store.sketches import Collection
from ui.content.lesson import Lesson
from ui.core import cached_results, page_settings, resources, state
from ui.core.keys import Key
from ui.core.wording import as_typed, count, listing
from ui.membership import class_drawings
from ui.own import data_choice
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: The person whose drawings are left out; empty for nobody.
LEFT_OUT = Key("own.class.left_out", "")
DOWNLOAD_BUTTON = Key("own.class.download", False)
AUTHORS, SCORES = Key("own.class.authors", None), Key("own.class.scores", None)
#: Drawings of each class that are shown, and how many of them in a row.
SHOWN, ROW = 40, 10


def find_collection(experiment: Experiment) -> Collection | None:
    """Return the class's drawings where an experiment trains on them; None elsewhere."""
    is_class = data_choice.find_choice(experiment) == data_choice.CLASS
    return state.get(class_drawings.COLLECTION) if is_class else None


def find_left_out(experiment: Experiment) -> OwnDrawings | None:
    """Return the drawings of the person who is left out; None where nobody is."""
    collection = find_collection(experiment)
    part = class_drawings.find_part(experiment.data.drawings)
    if collection is None or part is None or not part.left_out:
        return None
    return collection.only(part.left_out)


def show_class_data(lesson: Lesson, experiment: Experiment, is_dark: bool) -> None:
    """Draw the class's drawings, who drew how many, and the choice to leave somebody out.

    Args:
        lesson: The lesson, for its texts.
        experiment: The page's settings, on a class's drawings.
        is_dark: Whether the page is dark.
    """
    collection = state.get(class_drawings.COLLECTION)
    if collection is None:
        return
    drawn = count(len(collection.own), "drawing")
    people = count(len(collection.counts), "person", "people")
    st.markdown(lesson.text("about_class", drawings=drawn, people=people))
    left, right = st.columns([1.3, 1], gap="medium")
    with left:
        _show_drawings(collection.own, is_dark)
    with right:
        _show_authors(collection)
    if alone := list_one_handed(collection):
        names = listing([as_typed(name) for name in alone])
        st.warning(lesson.text("one_handed", names=names), icon=":material/person:")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _show_leave_out(lesson, experiment, collection)
        st.download_button(
            "Download as a file",
            partial(own_files.to_json, collection.own),
            "drawings.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            key=DOWNLOAD_BUTTON.name,
        )


def list_one_handed(collection: Collection) -> list[str]:
    """Return the classes that only one of several people has drawn."""
    drawn = np.array(list(collection.counts.values())) > 0
    alone = (drawn.sum(axis=0) == 1) & (len(drawn) > 1)
    return [name for name, is_alone in zip(collection.own.names, alone, strict=True) if is_alone]


def _show_drawings(own: OwnDrawings, is_dark: bool) -> None:
    for label, name in enumerate(own.names):
        images = own.images[own.labels == label]
        st.markdown(f"**{as_typed(name)}** · {count(len(images), 'drawing')}")
        grid = to_grey(mosaic(images[-SHOWN:], ROW), dark=is_dark)
        st.image(png_data_uri(grid, 1), width=grid.shape[1], alt=f"Drawings of {name}")


def _show_authors(collection: Collection) -> None:
    """Draw a table of how many drawings of each class each person has made."""
    names = collection.own.names
    tables.show_counts("Person", collection.counts, names, key=AUTHORS.name, height="content")


def _show_leave_out(lesson: Lesson, experiment: Experiment, collection: Collection) -> None:
    spare = class_drawings.list_spare(collection)
    part = class_drawings.find_part(experiment.data.drawings)
    left_out = "" if part is None else part.left_out
    if not spare and not left_out:
        return
    key = state.bind_widget(LEFT_OUT, left_out)
    st.selectbox(
        lesson.text("leave_out"),
        ["", *spare],
        format_func=lambda author: author or "Nobody",
        key=key,
        on_change=_leave_out,
        args=(key, collection),
        help=lesson.text("leave_out_help"),
        width=240,
    )


def _leave_out(key: str, collection: Collection) -> None:
    if state.is_current(key):
        author = state.get(Key(key, ""))
        own = collection.parts[author] if author else collection.own
        held = page_settings.get_experiment(data_choice.PAGE)
        page_settings.set_experiment(data_choice.PAGE, held.with_drawings(own))


class Score(NamedTuple):
    """The results on one person's drawings.

    Attributes:
        author: The person.
        trained: Drawings that the network learnt from.
        held_out: Drawings that were held out.
        right: Held-out drawings that it predicts correctly.
    """

    author: str
    trained: int
    held_out: int
    right: int


def list_scores(
    collection: Collection, dataset: Dataset, predicted: NDArray[np.int64]
) -> list[Score]:
    """Return the results by person.

    Args:
        collection: The drawings of the class.
        dataset: The data made of them, or of a part of them.
        predicted: (n,) the predicted classes of the held-out drawings.
    """
    pairs = [(one.pixels, one.label) for one in collection.own.drawings]
    authors = dict(zip(pairs, collection.authors, strict=True))

    def list_authors(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> list[str]:
        rows = zip(images, labels.tolist(), strict=True)
        return [authors[image.tobytes(), label] for image, label in rows]

    trained = Counter(list_authors(dataset.x_train, dataset.y_train))
    is_right = predicted == dataset.y_test
    held_out = Counter(list_authors(dataset.x_test, dataset.y_test))
    right = Counter(list_authors(dataset.x_test[is_right], dataset.y_test[is_right]))
    return [
        Score(author, trained[author], held_out[author], right[author])
        for author in collection.counts
    ]


def show_scores(page: LessonPage, view: View) -> None:
    """Draw how well the network reads each person's held-out drawings; nothing elsewhere."""
    collection = find_collection(view.experiment)
    if collection is None or not view.trained or view.checkpoint is None:
        return
    dataset = resources.dataset(view.experiment.data)
    outputs = cached_results.outcome(view.checkpoint, dataset).outputs
    scores = list_scores(collection, dataset, predicted_classes(outputs))
    st.markdown(page.text("scores"))
    columns = {
        "Person": [score.author for score in scores],
        "learnt from": [score.trained for score in scores],
        "held out": [score.held_out for score in scores],
        "right": [score.right for score in scores],
    }
    tables.show_table(columns, key=SCORES.name, height="content")
