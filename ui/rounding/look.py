"""Step 1 of lesson 1: the numbers, their labels, and the shape that Keras wants."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from ui.charts.class_counts import number_histogram
from ui.content.printed_arrays import describe_array, print_expressions
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage


def show_look(page: LessonPage) -> None:
    """Draw the numbers with their labels: the first five, how many there are, their shapes."""
    dataset, data = page.dataset, page.experiment.data
    samples = len(dataset.x_train)
    title = f"**1 Look** · {samples:,} numbers, each with its label"
    with st.expander(title, key="rounding.look", on_change="rerun"):
        st.markdown(page.text("look", samples=samples, threshold=data.threshold))
        left, right = st.columns(2, gap="medium")
        with left:
            _show_samples(page)
        with right:
            st.markdown(page.text("shape", samples=samples))
            st.code(print_facts(dataset), language=None)
            st.caption(page.text("shape_printed"))


def _show_samples(page: LessonPage) -> None:
    dataset, data = page.dataset, page.experiment.data
    st.caption(page.text("look_first"))
    first = {"x": dataset.x_train[:5, 0], "label": dataset.y_train[:5]}
    tables.show_table(first, key="rounding.first")
    chart = number_histogram(dataset.x_train, dataset.y_train, data.threshold, dataset.class_names)
    st.vega_lite_chart(*chart, key="rounding.histogram")
    st.markdown(page.text("labels_made", threshold=data.threshold))
    st.code(f"y_train = np.array(x_train[:, 0] >= {data.threshold:g}, dtype=int)", wrap_lines=True)
    if data.label_noise:
        st.caption(page.text("labels_noise", noise=data.label_noise))


def print_facts(dataset: Dataset) -> str:
    """Return what a program prints about the training numbers and their labels."""
    return print_expressions(
        [
            *describe_array("x_train", dataset.x_train),
            *describe_array("y_train", dataset.y_train),
            ("np.unique(y_train)", str(np.unique(dataset.y_train))),
        ]
    )
