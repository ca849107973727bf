"""Which samples go under the microscope: the run's next ones, numbers typed in, images picked."""

from __future__ import annotations

import re
from collections.abc import Callable
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

Array: TypeAlias = NDArray[Any]

#: Samples at most, at first, and images to pick from at a time.
MOST, FIRST, OFFERED = 8, 3, 16
#: The largest number that may be typed.
LARGEST = 1e6
#: Numbers that are there to be overwritten: one below, one on the border, one above.
NUMBERS = "0.2 0.5 0.9"


class Batch(NamedTuple):
    """The samples.

    Attributes:
        x: As in the data set.
        y: (n,) class numbers.
        whole: Whether they are all of the run's next batch.
    """

    x: Array
    y: Array
    whole: bool = False


def chosen(page: str, checkpoint: Checkpoint, dataset: Dataset) -> Batch | None:
    """The batch as the learner left it; None where there is nothing that can be used.

    Args:
        page: The page's name.
        checkpoint: The run, where it stands.
        dataset: Its data.
    """
    if state.get(f"{page}.scope.own", False):
        own = _own_images if checkpoint.experiment.data.is_image else _own_numbers
        return own(page, checkpoint, dataset)
    rows = _rows(checkpoint, dataset)
    taken = rows[: state.get(f"{page}.scope.count", FIRST)]
    return Batch(dataset.x_train[taken], dataset.y_train[taken], len(taken) == len(rows))


def _rows(checkpoint: Checkpoint, dataset: Dataset) -> NDArray[np.int32]:
    """The training rows of the run's next batch."""
    fit = checkpoint.experiment.fit
    return batch_rows(len(dataset.x_train), fit, checkpoint.epoch, checkpoint.step)


def parsed(text: str) -> NDArray[np.float32] | None:
    """1 to 8 numbers as they are typed, with spaces, commas or semicolons between."""
    parts = [part for part in re.split(r"[\s;,]+", text.strip()) if part]
    try:
        numbers = np.array([float(part) for part in parts])
    except ValueError:
        return None
    usable = 1 <= len(numbers) <= MOST and (np.abs(numbers) <= LARGEST).all()
    return numbers.astype(np.float32) if usable else None


def _own_numbers(page: str, checkpoint: Checkpoint, _: Dataset) -> Batch | None:
    numbers = parsed(state.get(f"{page}.scope.numbers", NUMBERS))
    if numbers is None:
        return None
    labels = (numbers >= checkpoint.experiment.data.threshold).astype(np.int64)
    return Batch(numbers[:, np.newaxis], labels)


def _own_images(page: str, _: Checkpoint, dataset: Dataset) -> Batch | None:
    kept: tuple[int, ...] = state.get(f"{page}.scope.images", ())
    picked = [row for row in kept if row < len(dataset.x_train)]
    return Batch(dataset.x_train[picked], dataset.y_train[picked]) if picked else None


def controls(page: str, texts: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Draws the choice of the batch."""
    image = checkpoint.experiment.data.is_image
    own = texts.text("own_images" if image else "own_numbers")
    options = {False: texts.text("next_batch"), True: own}
    key, keep = kept_widget(page, "own", False)
    st.segmented_control(
        "Batch",
        list(options),
        format_func=options.__getitem__,
        required=True,
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
    if not state.get(f"{page}.scope.own", False):
        _next(page, texts, checkpoint, dataset)
    elif image:
        _gallery(page, texts, dataset)
    else:
        key, keep = kept_widget(page, "numbers", NUMBERS)
        st.text_input(texts.text("type_numbers"), key=key, on_change=keep)


def _next(page: str, texts: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> None:
    most = min(MOST, len(_rows(checkpoint, dataset)))
    if most > 1:
        key, keep = kept_widget(page, "count", FIRST)
        state.put(key, min(most, state.get(key, FIRST)))
        st.slider(texts.text("how_many"), 1, most, key=key, on_change=keep)
    batch = chosen(page, checkpoint, dataset)
    if batch is not None:
        name = "taken_all" if batch.whole else "taken"
        size = checkpoint.experiment.fit.batch_size
        st.caption(texts.text(name, count=len(batch.y), batch=size))


def kept_widget(page: str, name: str, first: Any) -> tuple[str, Callable[[], None]]:
    """For a widget whose value outlives steps that do not draw it: its key, and what keeps it.

    Args:
        page: The page's name.
        name: What is chosen.
        first: Its value where the learner has not chosen.
    """
    kept, key = f"{page}.scope.{name}", f"{page}.scope.{name}.widget"
    state.put(key, state.get(kept, first))
    return key, lambda: state.put(kept, state.get(key, first))


def _gallery(page: str, texts: Lesson, dataset: Dataset) -> None:
    """Images with a tick below each, of all classes in turn."""
    kept = f"{page}.scope.images"
    picked: tuple[int, ...] = state.get(kept, ())
    st.caption(texts.text("pick_images"))
    with st.container(horizontal=True, gap="small"):
        for row in offered(dataset, state.get(f"{page}.scope.offer", 0)):
            with st.container(width=76, gap=None):
                st.image(thumbnail(dataset.x_train[row]), width=56)
                st.checkbox(
                    dataset.class_names[dataset.y_train[row]],
                    value=row in picked,
                    key=f"{page}.scope.image.{row}",
                    disabled=len(picked) >= MOST and row not in picked,
                    on_change=_toggle,
                    args=(kept, row),
                )
    st.button(
        texts.text("more_images"),
        key=f"{page}.scope.more",
        icon=":material/shuffle:",
        on_click=_turn,
        args=(f"{page}.scope.offer",),
    )


def offered(dataset: Dataset, turn: int) -> list[int]:
    """Training rows to pick from: as many of each class, the next ones at each turn."""
    classes = len(dataset.class_names)
    each = max(1, OFFERED // classes)
    found = []
    for label in range(classes - 1, -1, -1):  # fives before the others
        rows = np.flatnonzero(dataset.y_train == label)
        found += np.roll(rows, -each * turn)[:each].tolist()
    return found


def _toggle(kept: str, row: int) -> None:
    picked: tuple[int, ...] = state.get(kept, ())
    without = tuple(other for other in picked if other != row)
    state.put(kept, without if row in picked else (*picked, row))


def _turn(key: str) -> None:
    state.put(key, state.get(key, 0) + 1)


def thumbnail(image: Array, scale: int = 2) -> str:
    """An image, ink on paper, as the address of a PNG."""
    dark = st.context.theme.type == "dark"
    return png_data_uri(to_grey(image, dark=dark), scale=scale)
