"""Step 1 of lesson 2: the images, their labels, and the accuracy of not looking at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from nncore.analysis.metrics import baseline_accuracy
from nncore.data.datasets import Dataset
from ui.charts.digit_pictures import draw_examples
from ui.content.printed_arrays import describe_array, print_expressions
from ui.core import cached_results
from ui.workbench import tables
from ui.workbench.lesson_page import LessonPage

WIDTH = 470


def show_look(page: LessonPage) -> None:
    """Draw training images with their labels, and explain the baseline."""
    numbers = count_images(page.dataset)
    many = page.experiment.outputs > 1
    about = "with ten labels" if many else f"{numbers['fives']:,} of them fives"
    title = f"**1 Look** · {numbers['samples']:,} digits, {about}"
    with st.expander(title, key="perceptron.look", on_change="rerun"):
        if many:
            _show_ten(page, numbers)
        else:
            _show_fives(page, numbers)
        tables.show_source(page.dataset)


def _show_fives(page: LessonPage, numbers: dict[str, Any]) -> None:
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        for label, name in ((1, "Fives, label 1"), (0, "Not fives, label 0")):
            st.caption(name)
            picture = draw_examples(page.dataset, [label], columns=16, dark=page.is_dark)
            st.image(picture, width=WIDTH, alt=name)
        st.markdown(page.text("baseline", **numbers))
        if page.dataset.embedded:
            st.markdown(page.text("sample"))
    with right:
        st.markdown(page.text("look", **numbers))
        st.code(print_facts(page.dataset, is_scaled=page.experiment.data.scaled), language=None)
        st.caption(page.text("look_printed"))
        if page.experiment.data.scaled:
            st.caption(page.text("look_scaled"))


def _show_ten(page: LessonPage, numbers: dict[str, Any]) -> None:
    labels = list(range(len(page.dataset.class_names)))
    picture = draw_examples(page.dataset, labels, columns=12, dark=page.is_dark)
    st.image(picture, width=WIDTH, alt="A row of images for each of ten labels")
    st.markdown(page.text("look_ten", **numbers))
    st.markdown(page.text("baseline_ten", **numbers))


def count_images(dataset: Dataset) -> dict[str, Any]:
    """Return the numbers in the texts of this step."""
    counts = np.bincount(dataset.y_test, minlength=len(dataset.class_names))
    return {
        "samples": len(dataset.y_train),
        "fives": int((dataset.y_train == 1).sum()),
        "tests": len(dataset.y_test),
        "test_fives": int((dataset.y_test == 1).sum()),
        "baseline": baseline_accuracy(dataset.y_test),
        "digit": dataset.class_names[int(counts.argmax())],
    }


def print_facts(dataset: Dataset, *, is_scaled: bool) -> str:
    """Return what a program prints about the images, before and after they are scaled.

    Args:
        dataset: Images and labels.
        is_scaled: The settings ask for pixels from 0 to 1.
    """
    images = dataset.x_train
    (darkest, brightest), _ = cached_results.pixel_ranges(dataset)
    lines = [
        *describe_array("x_train", images),
        *describe_array("y_train", dataset.y_train),
        ("x_train.min(), x_train.max()", f"{darkest} {brightest}"),
        ("x_train[0].shape", str(images[0].shape)),
        ("np.unique(y_train)", str(np.unique(dataset.y_train))),
    ]
    if is_scaled:
        scaled = images[:1] / np.float32(255)
        lines += [
            ("(x_train / 255).dtype", str(scaled.dtype)),
            ("(x_train / 255).min(), .max()", f"{darkest / 255:.1f} {brightest / 255:.1f}"),
        ]
    return print_expressions(lines)
