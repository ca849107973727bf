"""Lesson 3, Look: the arrays' facts, nine images, the classes, and one image as numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from ui.charts import class_counts
from ui.charts.digit_pictures import image_png, number_grid_svg
from ui.core import state
from ui.core.keys import Key
from ui.mnist.array_facts import class_words, facts_as_loaded, write_facts
from ui.workbench.data_download import offer_download
from ui.workbench.lesson_page import LessonPage

LOOK = Key("mnist.look", False)
#: The training image that is shown as numbers.
IMAGE = Key("mnist.image", 0)
#: The nine images of the gallery; empty for the first nine.
NINE: Key[tuple[int, ...]] = Key("mnist.nine", ())
SHUFFLE = Key("mnist.shuffle", False)


def show_look(page: LessonPage) -> None:
    """Draw the expander *Look*; its content only while it is open."""
    title = f"**1 Look** · {len(page.dataset.x_train):,} images to learn from"
    expander = st.expander(title, key=LOOK.name, on_change="rerun")
    if expander.open:
        with expander:
            _show_arrays(page)
            _show_one_image(page)


def _show_arrays(page: LessonPage) -> None:
    """Draw what Python prints about the arrays, nine images, and the size of each class."""
    dataset = page.dataset
    st.caption(dataset.source)
    if dataset.embedded:
        offer_download("digits")
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        st.code(write_facts(facts_as_loaded(dataset).values()), language=None)
        st.markdown(page.text("shapes", count=len(dataset.x_train)))
        st.markdown(page.text("names_of_arrays"))
    with right:
        _show_nine(dataset, page.is_dark)
        st.caption("Training images of each class")
        st.vega_lite_chart(
            *class_counts.class_counts(dataset.y_train, dataset.class_names), key="mnist.counts"
        )
        labels = np.unique(dataset.y_train).astype(np.uint8)
        st.code(f">>> np.unique(y_train)\n{labels!r}", language="python", wrap_lines=True)


def _show_one_image(page: LessonPage) -> None:
    """Draw one training image, its label, and its 784 numbers."""
    dataset = page.dataset
    left, right = st.columns([1, 2.4], gap="medium")
    with left:
        index = _choose_image(len(dataset.x_train))
        label = int(dataset.y_train[index])
        word = class_words(dataset)[label]
        st.image(image_png(dataset.x_train[index], page.is_dark), width=112, alt=word)
        st.markdown(page.text("numbers", index=index, label=label, called=word))
        words = list(class_words(dataset))
        session = f">>> class_name = {words}\n>>> class_name[y_train[{index}]]\n{word!r}"
        st.code(session, language="python", wrap_lines=True)
    with right:
        grid = number_grid_svg(dataset.x_train[index], page.is_dark)
        st.image(grid, width="stretch", alt=f"The 28 × 28 numbers of image {index}")


def _show_nine(dataset: Dataset, is_dark: bool) -> None:
    """Draw nine training images with their names, and the button that draws nine others."""
    nine = state.get(NINE)
    if not nine or max(nine) >= len(dataset.x_train):
        nine = tuple(range(9))
    for row in range(3):
        with st.container(horizontal=True, wrap=False, gap="small"):
            for index in nine[3 * row :][:3]:
                name = dataset.class_names[dataset.y_train[index]]
                st.image(image_png(dataset.x_train[index], is_dark), name, width=64)
    st.button(
        "Show nine others",
        key=SHUFFLE.name,
        icon=":material/shuffle:",
        on_click=_choose_nine,
        args=(len(dataset.x_train),),
    )


def _choose_nine(count: int) -> None:
    nine = np.random.default_rng().choice(count, 9, replace=False)
    state.put(NINE, tuple(map(int, nine)))


def _choose_image(count: int) -> int:
    state.put(IMAGE, min(state.get(IMAGE), count - 1))
    return int(st.number_input("Training image", 0, count - 1, key=IMAGE.name, step=1))
