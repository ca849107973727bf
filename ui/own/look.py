"""Lesson 5, Look: name classes, draw them, bring drawings along, or take a starter set."""

from __future__ import annotations

import streamlit as st

from nncore.digits import starters
from nncore.drawing_advice import advise
from nncore.experiment import Experiment
from nncore.own_drawings import MOST_DRAWINGS, OwnDrawings
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.components import keep
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.core.wording import as_typed, count
from ui.own import data_choice, drawings
from ui.own.class_data import show_class_data
from ui.own.class_gallery import show_gallery
from ui.own.class_names import show_names
from ui.own.class_share import show_class_share
from ui.own.drawing_field import show_field
from ui.own.drawing_files import show_file
from ui.own.handed_out import show_handed_out
from ui.own.picture_files import show_pictures

PICTURES, FILE = Key("own.pictures.box", False), Key("own.file.box", False)
#: The place of a starter set's drawings.
STARTER: Key[None] = Key("own.starter", None)
#: Drawings of each class of a starter set that are shown.
SHOWN = 10


def show_look(lesson: Lesson, experiment: Experiment) -> None:
    """Draw step 1: the learner's classes and drawings, and the choice of what to train on.

    Args:
        lesson: The lesson, for its texts.
        experiment: The page's settings.
    """
    is_dark = st.context.theme.type == "dark"
    with st.container():
        st.header("1 Look", anchor=False)
        with st.container():  # a sentence in it does not move the field below
            show_handed_out(lesson)
            _show_problem()
        own = drawings.load()
        show_names(own)
        left, right = st.columns([1, 1.6], gap="medium")
        with left:
            show_field(lesson, own, is_dark)
        with right:
            _show_advice(lesson, own)
            show_gallery(lesson, own, is_dark)
        _show_boxes(lesson, own)
        show_class_share(lesson, own)
        data_choice.show_choice(lesson, experiment)
        if data_choice.find_choice(experiment) == data_choice.CLASS:
            show_class_data(lesson, experiment, is_dark)
        elif not experiment.data.is_private:
            _show_starter(lesson, experiment.data.drawings, is_dark)


def _show_problem() -> None:
    """Say why the last change was not possible, once."""
    if problem := drawings.take_problem():
        with st.container(border=True):
            st.text(problem)  # as text: it may quote a class's name


def _show_advice(lesson: Lesson, own: OwnDrawings) -> None:
    """Draw the counter: how many drawings there are, and for what they are enough."""
    advice = advise(own)
    name = as_typed(own.names[advice.label])
    numbers = {"called": name, "missing": count(advice.missing, "drawing")}
    st.markdown(f"**{len(own)}** of {MOST_DRAWINGS} · " + lesson.text(advice.stage, **numbers))
    if advice.uneven and advice.can_train:
        st.caption(lesson.text("uneven", called=name))
    if not keep.is_lasting():
        st.warning(lesson.text("not_lasting"), icon=":material/no_accounts:")


def _show_boxes(lesson: Lesson, own: OwnDrawings) -> None:
    """Draw the folded parts: drawings on paper, and the file."""
    left, right = st.columns(2, gap="small")
    box = left.expander("**Drawings on paper**", key=PICTURES.name, on_change="rerun")
    if box.open:
        with box:
            show_pictures(lesson, own)
    box = right.expander("**Save or bring back**", key=FILE.name, on_change="rerun")
    if box.open:
        with box:
            show_file(lesson, own)


def _show_starter(lesson: Lesson, name: str, is_dark: bool) -> None:
    """Draw some drawings of each class of a starter set."""
    own = starters.starter(name)
    st.markdown(lesson.text(f"about_{name}"))
    with st.container(horizontal=True, gap="medium", key=STARTER.name):
        for label, title in enumerate(own.names):
            images = own.images[own.labels == label]
            grid = to_grey(mosaic(images[:SHOWN], SHOWN // 2), dark=is_dark)
            shown = f"{as_typed(title)}: {len(images)}"
            st.image(png_data_uri(grid, 2), shown, width=grid.shape[1] * 2)
