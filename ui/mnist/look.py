"""Lesson 3, Look: the images as pictures and as numbers, and how to get them where they are not."""

from __future__ import annotations

from typing import Literal

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset, DataUnavailable
from ui.charts import class_counts
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.mnist import figures as parts
from ui.workbench import controls, tables

#: Seconds between two looks at a download.
POLL = 0.5
_IMAGE, _SHUFFLE = "mnist.image", "mnist.nine"


def look(lesson: Lesson, dataset: Dataset, dark: bool) -> None:
    """Shapes, nine pictures, one picture as numbers, and how many there are of each class.

    Args:
        lesson: Whose texts.
        dataset: The images.
        dark: Whether the page is dark.
    """
    st.caption(dataset.source)
    if dataset.embedded:
        offer_download("digits")
    left, middle, right = st.columns([1.9, 1, 1.05], gap="medium")
    with left:
        tables.show_table(parts.array_facts(dataset), key="mnist.arrays")
        st.markdown(lesson.text("shapes", count=len(dataset.x_train)))
    with middle:
        _nine(dataset, dark)
    with right:
        st.caption("Training images of each class")
        st.vega_lite_chart(
            *class_counts.class_counts(dataset.y_train, dataset.class_names), key="mnist.counts"
        )
    left, right = st.columns([1, 2.4], gap="medium")
    with left:
        index = _choose(len(dataset.x_train))
        name = dataset.class_names[dataset.y_train[index]]
        st.image(parts.picture(dataset.x_train[index], dark), width=112, alt=name)
        numbers = {"index": index, "label": int(dataset.y_train[index]), "called": name}
        st.markdown(lesson.text("numbers", **numbers))
    with right:
        grid = parts.number_grid(dataset.x_train[index], dark)
        st.image(grid, width="stretch", alt=f"The 28 × 28 numbers of image {index}")


def _nine(dataset: Dataset, dark: bool) -> None:
    """Nine training images with their names, others at each press of a button."""
    chosen: tuple[int, ...] = state.get(_SHUFFLE, ())
    if not chosen or max(chosen) >= len(dataset.x_train):
        chosen = tuple(range(9))
    for row in range(3):
        with st.container(horizontal=True, wrap=False, gap="small"):
            for index in chosen[3 * row :][:3]:
                name = dataset.class_names[dataset.y_train[index]]
                st.image(parts.picture(dataset.x_train[index], dark), name, width=64)
    st.button(
        "Nine others",
        key="mnist.shuffle",
        icon=":material/shuffle:",
        on_click=_shuffle,
        args=(len(dataset.x_train),),
    )


def _shuffle(count: int) -> None:
    chosen = np.random.default_rng().choice(count, 9, replace=False)
    state.put(_SHUFFLE, tuple(map(int, chosen)))


def _choose(count: int) -> int:
    state.put(_IMAGE, min(state.get(_IMAGE, 0), count - 1))
    return int(st.number_input("Training image", 0, count - 1, key=_IMAGE, step=1))


def missing(error: DataUnavailable) -> None:
    """What stands in the page's place where Fashion-MNIST is not to be had.

    Args:
        error: Says how to get the images.
    """
    st.warning(str(error), icon=":material/cloud_off:")
    for note in error.notes:
        st.caption(f":material/warning: {note}")
    st.button(
        "Back to digits",
        key="mnist.back",
        icon=":material/undo:",
        on_click=controls.set_experiment,
        args=("mnist", {"data.name": "digits"}),
        type="primary",
    )
    offer_download("fashion")


def offer_download(name: Literal["digits", "fashion"]) -> None:
    """A button that fetches all images of a data set, and how far that is.

    Args:
        name: Which data set.
    """
    download = resources.download(name)
    running = download.state.status == "running"

    @clock.every(POLL if running else None, key=f"mnist.download.{name}.clock")
    def watch() -> None:
        now = download.state
        if now.status == "running":
            st.progress(now.share, f"Downloading: {now.share:.0%}")
            return
        if running:
            st.rerun()
        if now.sentence:
            st.error(now.sentence, icon=":material/error:")

    watch()
    if not running:
        title = "Fashion-MNIST (31 MB)" if name == "fashion" else "all 70,000 images (11 MB)"
        st.button(
            f"Download {title}",
            key=f"mnist.download.{name}",
            icon=":material/download:",
            on_click=_start,
            args=(name,),
        )


def _start(name: str) -> None:
    resources.download(name).start()
