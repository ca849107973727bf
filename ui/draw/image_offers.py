"""Somebody else's images for the canvas: test images, mistakes, one sent by another page.

Another page sends an image with

    state.put("draw.sent", {"image": uint8 (28, 28), "label": int, "from": str})
    st.switch_page("pages/draw.py")
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.analysis import metrics
from nncore.data.datasets import Dataset
from nncore.digits.placement import FIELD
from ui.core import cached_results, state
from ui.core.keys import SENT_IMAGE, Key
from ui.draw import canvas
from ui.draw.foreign_image import ForeignImage
from ui.draw.reader import Reader

#: The most mistakes to offer, the worst first.
MISTAKES = 50
#: How many mistakes, and how many random test images, were offered so far.
MISTAKE_TURN, ANY_TURN = Key("draw.mistake.turn", 0), Key("draw.any.turn", 0)


def receive_image() -> None:
    """Put the image that another page sent on the canvas; ignore anything that is not an image."""
    sent = state.get(SENT_IMAGE)
    if sent is not None:
        foreign = _check(sent)
        if foreign is not None:
            canvas.put_foreign(foreign)
        state.drop(SENT_IMAGE)  # last: a run that is interrupted before leaves it to the next one


def _check(sent: object) -> ForeignImage | None:
    match sent:
        case {"image": np.ndarray() as image, "label": int(label), "from": str(source)}:
            fits = image.shape == (FIELD, FIELD) and image.dtype == np.uint8
            return ForeignImage(image, label, source) if fits and 0 <= label < 10 else None
    return None


def show_offers(reader: Reader, dataset: Dataset) -> None:
    """Draw the buttons that put a misclassified or a random test image on the canvas."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "A misclassified one",
            icon=":material/build:",
            key="draw.mistake",
            disabled=not reader.is_final,
            on_click=_put_mistake,
            args=(reader, dataset),
        )
        st.button(
            "Any test image",
            icon=":material/casino:",
            key="draw.any",
            on_click=_put_any,
            args=(dataset,),
        )


def _put_mistake(reader: Reader, dataset: Dataset) -> None:
    """Put the reader's next misclassified test image on the canvas, the worst one first."""
    checkpoint = reader.checkpoint
    if checkpoint is None:
        return
    outputs = cached_results.outcome(checkpoint, dataset).outputs
    worst = metrics.worst_mistakes(outputs, dataset.y_test, MISTAKES)
    turn = state.get(MISTAKE_TURN)
    state.put(MISTAKE_TURN, turn + 1)
    if len(worst):
        _put_row(dataset, int(worst[turn % len(worst)]))


def _put_any(dataset: Dataset) -> None:
    """Put another random test image on the canvas each time."""
    turn = state.get(ANY_TURN)
    state.put(ANY_TURN, turn + 1)
    _put_row(dataset, int(np.random.default_rng(turn).integers(len(dataset.x_test))))


def _put_row(dataset: Dataset, row: int) -> None:
    foreign = _test_image(dataset, row)
    canvas.put_foreign(foreign)
    st.toast(f"On the canvas: {foreign.source}.", icon=":material/draw:")


def _test_image(dataset: Dataset, row: int) -> ForeignImage:
    return ForeignImage(dataset.x_test[row], int(dataset.y_test[row]), f"test image {row:,}")


def find_foreign_image(dataset: Dataset) -> ForeignImage | None:
    """Return the image that the drawing started as, if it is somebody else's."""
    if not canvas.has_foreign_start():
        return None
    row = state.get(canvas.SAMPLE)
    return state.get(canvas.FOREIGN) if row is None else _test_image(dataset, row)
