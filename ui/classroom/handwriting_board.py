"""Our handwriting on the board: the wall of shared digits, how they are read, training on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from nncore.data.datasets import DataUnavailable
from nncore.training.branch import LEAST
from ui.charts import confusion
from ui.class_store.values import DrawingRow
from ui.classroom import desk, training
from ui.classroom.desk import Desk
from ui.classroom.hide_button import show_hide_button
from ui.components import gallery
from ui.components.gallery import Tile
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count, with_article
from ui.workbench.plotly_figure import show_figure

WALL = Key("classroom.wall", None)
CHOSEN = Key[int | None]("classroom.wall.chosen", None)
HIDE_BUTTON = Key("classroom.wall.hide", False)
MATRIX = Key("classroom.wall.confusion", None)
TRAIN_BUTTON = Key("classroom.wall.train", False)
#: Digits on the wall at most, the newest; and screen pixels for one of a digit.
MOST, SCALE = 120, 3


def show_handwriting(texts: Lesson, found: Desk) -> None:
    """Draw the wall and the confusion matrix, and the way to a reader of the class."""
    drawings = desk.list_drawings(found)
    if not drawings:
        st.markdown(texts.text("no_drawings"))
        return
    right = sum(row.drawing.reading == row.drawing.digit.label for row in drawings)
    st.markdown(f"**{right} of {count(len(drawings), 'digit')} read right**")
    wall, matrix = st.columns([1.25, 1], gap="large")
    with wall:
        _show_wall(texts, found, drawings[-MOST:])
    with matrix:
        _show_confusion(texts, found)
    _show_training(texts, found, drawings)


def _show_wall(texts: Lesson, found: Desk, drawings: Sequence[DrawingRow]) -> None:
    numbers = [row.number for row in drawings]
    chosen = state.get(CHOSEN)
    gallery.draw(
        np.stack([row.drawing.digit.image for row in drawings]),
        [_describe_tile(row) for row in drawings],
        key=WALL.name,
        label="The digits of the class",
        chosen=numbers.index(chosen) if chosen in numbers else None,
        dark=st.context.theme.type == "dark",
        on_choose=lambda place: state.put(CHOSEN, numbers[place]),
        scale=SCALE,
    )
    row = next((row for row in drawings if row.number == chosen), None)
    if row is None:
        st.caption(texts.text("drawings"))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_describe_tile(row).words, width="content")
        show_hide_button(found, "drawings", row.number, key=HIDE_BUTTON, chosen=CHOSEN)


def _describe_tile(row: DrawingRow) -> Tile:
    label, reading = row.drawing.digit.label, row.drawing.reading
    caption = "–" if reading is None else str(reading)
    read = "not read" if reading is None else f"read as {with_article(reading)}"
    return Tile(caption, f"{row.member}: {with_article(label)}, {read}", reading != label)


def _show_confusion(texts: Lesson, found: Desk) -> None:
    counts = found.read("readings", lambda store: store.count_readings(found.key))
    if counts is None:
        return
    refused, read = int(counts[:, -1].sum()), counts[:, :-1]
    figure = confusion.confusion_matrix(read, [str(digit) for digit in range(len(read))])
    show_figure(
        figure,
        key=MATRIX.name,
        saved_as="class-confusion",
        alt="How often each digit of the class was read as each digit",
    )
    st.caption(texts.text("confusion"))
    if refused:
        st.caption(texts.text("refused", count=refused, all=int(counts.sum())))


def _show_training(texts: Lesson, found: Desk, drawings: Sequence[DrawingRow]) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(texts.text("train"))
        now = training.find_training(found.code)
        if now is not None and not now.is_over:
            st.progress(now.share, f"Training on {count(len(now.branch.digits), 'digit')}")
            return
        if now is not None and now.failure:
            st.error(now.failure, icon=":material/error:")
        elif now is not None:
            st.success(texts.text("trained", count=len(now.branch.digits)), icon=":material/check:")
        _show_start(texts, found, drawings)


def _show_start(texts: Lesson, found: Desk, drawings: Sequence[DrawingRow]) -> None:
    digits = training.collect(drawings)
    try:
        parent, share = training.find_parent()
    except DataUnavailable as error:
        st.error(str(error), icon=":material/database_off:")
        return
    st.button(
        "Train on our digits",
        type="primary",
        icon=":material/play_arrow:",
        key=TRAIN_BUTTON.name,
        disabled=parent is None or len(digits) < LEAST,
        on_click=training.start,
        args=(found.code, parent, digits),
    )
    if len(digits) < LEAST:
        st.caption(texts.text("train_few", least=LEAST, count=len(digits)))
    elif parent is None:
        st.progress(share, "The lab still trains the reader that it begins with")
