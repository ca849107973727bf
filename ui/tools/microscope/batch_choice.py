"""Which samples the microscope looks at: the run's next batch, typed numbers, or picked images."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import batch_rows
from ui.charts.images import png_data_uri, to_grey
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key, PageKey, T

Array: TypeAlias = NDArray[Any]

#: Samples at most, samples at first, and images to pick from.
MAX_SAMPLES, FIRST_SAMPLES, OFFERED_IMAGES = 8, 3, 16
#: The largest number that may be typed.
MAX_NUMBER = 1e6

#: True if the learner brings samples instead of taking the run's next batch.
USES_OWN = PageKey("scope.own", False)
#: The typed numbers; at first one below the threshold, one on it and one above.
NUMBERS = PageKey("scope.numbers", "0.2 0.5 0.9")
#: How many samples of the next batch.
COUNT = PageKey("scope.count", FIRST_SAMPLES)
#: The rows of the picked images.
IMAGES: PageKey[tuple[int, ...]] = PageKey("scope.images", ())
#: How often the learner has asked for other images.
OFFER = PageKey("scope.offer", 0)
#: The checkbox of one offered image.
IMAGE_BOX = PageKey("scope.image", False)
MORE_IMAGES = PageKey("scope.more", False)


class Batch(NamedTuple):
    """The samples under the microscope.

    Attributes:
        x: Inputs, as in the data set.
        y: (n,) class numbers.
        is_whole: True if they are all of the run's next batch.
    """

    x: Array
    y: Array
    is_whole: bool = False


def choose_batch(page: str, checkpoint: Checkpoint, dataset: Dataset) -> Batch | None:
    """Return the batch that the learner has chosen; None if it is unusable.

    Args:
        page: The page's name.
        checkpoint: The run as it is now.
        dataset: Its data.
    """
    if state.get(USES_OWN.on(page)):
        read = _picked_images if checkpoint.experiment.data.is_image else _typed_numbers
        return read(page, checkpoint, dataset)
    next_rows = _next_rows(checkpoint, dataset)
    rows = next_rows[: state.get(COUNT.on(page))]
    return Batch(dataset.x_train[rows], dataset.y_train[rows], len(rows) == len(next_rows))


def _next_rows(checkpoint: Checkpoint, dataset: Dataset) -> NDArray[np.int32]:
    """Return the training rows of the run's next batch."""
    fit = checkpoint.experiment.fit
    return batch_rows(len(dataset.x_train), fit, checkpoint.epoch, checkpoint.step)


def parse_numbers(text: str) -> NDArray[np.float32] | None:
    """Return 1 to 8 numbers, typed with spaces, commas or semicolons between; else None."""
    parts = [part for part in re.split(r"[\s;,]+", text.strip()) if part]
    try:
        numbers = np.array([float(part) for part in parts])
    except ValueError:
        return None
    is_usable = 1 <= len(numbers) <= MAX_SAMPLES and (np.abs(numbers) <= MAX_NUMBER).all()
    return numbers.astype(np.float32) if is_usable else None


def _typed_numbers(page: str, checkpoint: Checkpoint, _: Dataset) -> Batch | None:
    numbers = parse_numbers(state.get(NUMBERS.on(page)))
    if numbers is None:
        return None
    labels = (numbers >= checkpoint.experiment.data.threshold).astype(np.int64)
    return Batch(numbers[:, np.newaxis], labels)


def _picked_images(page: str, _: Checkpoint, dataset: Dataset) -> Batch | None:
    rows = [row for row in state.get(IMAGES.on(page)) if row < len(dataset.x_train)]
    return Batch(dataset.x_train[rows], dataset.y_train[rows]) if rows else None


def show_batch_choice(page: str, texts: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Draw the widgets that choose the batch."""
    is_image = checkpoint.experiment.data.is_image
    own = texts.text("own_images" if is_image else "own_numbers")
    options = {False: texts.text("next_batch"), True: own}
    widget, keep = keep_widget(USES_OWN.on(page))
    st.segmented_control(
        "Batch",
        list(options),
        format_func=options.__getitem__,
        required=True,
        key=widget.name,
        on_change=keep,
        label_visibility="collapsed",
    )
    if not state.get(USES_OWN.on(page)):
        _show_next_batch(page, texts, checkpoint, dataset)
    elif is_image:
        _show_image_picker(page, texts, dataset)
    else:
        text_box, keep_text = keep_widget(NUMBERS.on(page))
        st.text_input(texts.text("type_numbers"), key=text_box.name, on_change=keep_text)


def _show_next_batch(page: str, texts: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> None:
    most = min(MAX_SAMPLES, len(_next_rows(checkpoint, dataset)))
    if most > 1:
        widget, keep = keep_widget(COUNT.on(page))
        state.put(widget, min(most, state.get(widget)))
        st.slider(texts.text("how_many"), 1, most, key=widget.name, on_change=keep)
    batch = choose_batch(page, checkpoint, dataset)
    if batch is not None:
        name = "taken_all" if batch.is_whole else "taken"
        size = checkpoint.experiment.fit.batch_size
        st.caption(texts.text(name, count=len(batch.y), batch=size))


def keep_widget(key: Key[T], first: T | None = None) -> tuple[Key[T], Callable[[], None]]:
    """Prepare a widget whose value survives steps that do not draw it.

    Streamlit forgets the value of a widget that is not drawn, so it is kept under another key.

    Args:
        key: The key that keeps the value.
        first: The value before the learner has chosen; None for the key's default.

    Returns:
        The widget's key, and the callback that stores its value.
    """
    start = key if first is None else replace(key, default=first)
    widget = start.of("widget")
    state.put(widget, state.get(start))
    return widget, lambda: state.put(key, state.get(widget))


def _show_image_picker(page: str, texts: Lesson, dataset: Dataset) -> None:
    """Draw images with a checkbox below each, of all classes in turn."""
    picked = state.get(IMAGES.on(page))
    st.caption(texts.text("pick_images"))
    with st.container(horizontal=True, gap="small"):
        for row in offer_images(dataset, state.get(OFFER.on(page))):
            with st.container(width=76, gap=None):
                name = dataset.class_names[dataset.y_train[row]]
                st.image(_thumbnail(dataset.x_train[row]), width=56, alt=name)
                st.checkbox(
                    name,
                    value=row in picked,
                    key=IMAGE_BOX.on(page).of(row).name,
                    disabled=len(picked) >= MAX_SAMPLES and row not in picked,
                    on_change=_toggle_image,
                    args=(page, row),
                )
    st.button(
        texts.text("more_images"),
        key=MORE_IMAGES.on(page).name,
        icon=":material/shuffle:",
        on_click=_offer_others,
        args=(page,),
    )


def offer_images(dataset: Dataset, turn: int) -> list[int]:
    """Return training rows to pick from: as many of each class, other ones at each turn."""
    classes = len(dataset.class_names)
    each = max(1, OFFERED_IMAGES // classes)
    offered = []
    for label in range(classes - 1, -1, -1):  # fives before the others
        rows = np.flatnonzero(dataset.y_train == label)
        offered += np.roll(rows, -each * turn)[:each].tolist()
    return offered


def _toggle_image(page: str, row: int) -> None:
    picked = state.get(IMAGES.on(page))
    others = tuple(other for other in picked if other != row)
    state.put(IMAGES.on(page), others if row in picked else (*picked, row))


def _offer_others(page: str) -> None:
    state.put(OFFER.on(page), state.get(OFFER.on(page)) + 1)


def _thumbnail(image: Array, scale: int = 2) -> str:
    is_dark = st.context.theme.type == "dark"
    return png_data_uri(to_grey(image, dark=is_dark), scale=scale)
