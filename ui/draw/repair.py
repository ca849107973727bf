"""Somebody else's image on the canvas, changed stroke by stroke until the prediction changes.

Another page sends an image with

    state.put("draw.sent", {"image": uint8 (28, 28), "label": int, "from": str})
    st.switch_page("pages/draw.py")

and lesson 4 offers images that the chosen reader misclassified.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import metrics
from nncore.data.datasets import Dataset
from nncore.digits.ink import Pixels
from nncore.digits.placement import FIELD
from nncore.digits.preprocess import to_mnist
from nncore.nn.network import Network
from ui.content.lesson import Lesson
from ui.core import cached_results, state
from ui.core.keys import SENT_IMAGE, Key
from ui.draw import canvas
from ui.draw.foreign_image import ForeignImage
from ui.draw.reader import Reader
from ui.workbench.lesson_page import LessonPage

#: The most mistakes to offer, the worst first.
MISTAKES = 50
#: The most strokes whose probability is shown.
STROKES = 8
#: How many mistakes, and how many random test images, were offered so far.
MISTAKE_TURN, ANY_TURN = Key("draw.mistake.turn", 0), Key("draw.any.turn", 0)


class Reading(NamedTuple):
    """The prediction after a stroke.

    Attributes:
        outputs: The outputs' bytes: two equal readings have the same.
        digit: The predicted digit.
        share: The probability of the image's label, 0 to 1.
    """

    outputs: bytes
    digit: int
    share: float


def receive_image() -> None:
    """Put the image that another page sent on the canvas; ignore anything that is not an image."""
    sent = state.get(SENT_IMAGE)
    if sent is not None:
        state.drop(SENT_IMAGE)
        foreign = _check(sent)
        if foreign is not None:
            canvas.put_foreign(foreign)


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


def show_note(
    page: LessonPage,
    reader: Reader,
    outputs: NDArray[np.float32] | None,
    *,
    is_refused: bool = False,
) -> None:
    """Draw a line on the image: its label, its first prediction, and when the prediction changed.

    Args:
        page: The page.
        reader: The reader.
        outputs: The outputs for the drawing as it is now, or None.
        is_refused: True if the drawing is refused, whatever the outputs.
    """
    foreign, network = find_foreign_image(page.dataset), reader.network
    if foreign is None or network is None or outputs is None or not reader.is_final:
        return
    readings = _follow_readings(foreign, reader.key, network, outputs)
    st.markdown(describe(page.lesson, foreign, readings, is_refused))


def describe(
    lesson: Lesson, foreign: ForeignImage, readings: list[Reading], is_refused: bool
) -> str:
    """Return the line on somebody else's image.

    Args:
        lesson: The lesson, for its texts.
        foreign: The image.
        readings: The first prediction, and one for each stroke.
        is_refused: True if the drawing is refused now: then the prediction has not changed.
    """
    first, now = readings[0].digit, readings[-1].digit
    numbers: dict[str, object] = {
        "label": foreign.label,
        "first": first,
        "now": now,
        "source": foreign.source,
        "strokes": _count(len(readings) - 1, "change"),
    }
    was_right = first == foreign.label
    has_turned = (now == foreign.label) != was_right and not is_refused
    name = ("spoil" if was_right else "repair") + ("_turned" if has_turned else "")
    line = lesson.text(name, **numbers)
    if len(readings) > 1:
        shares = " → ".join(f"{reading.share:.0%}" for reading in readings[-STROKES:])
        line += f"  \nProbability of **{foreign.label}**: {shares}"
    return line


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _follow_readings(
    foreign: ForeignImage, reader: str, network: Network, outputs: NDArray[np.float32]
) -> list[Reading]:
    """Return the readings of this image by this reader, the current one last."""
    start = (foreign.image.tobytes(), reader)
    known, readings = state.get(canvas.TRAIL) or (None, [])
    if known != start:
        first = network.predict(_redraw(foreign.image))[0]
        readings = [_reading(first, foreign.label)]
    now = _reading(outputs, foreign.label)
    if now.outputs != readings[-1].outputs:
        readings = [*readings, now]
    state.put(canvas.TRAIL, (start, readings))
    return readings


def _redraw(image: Pixels) -> Pixels:
    """Return an image as it is read from the canvas before anything is drawn into it."""
    redrawn = to_mnist(image, invert=False).image
    return image if redrawn is None else redrawn


def _reading(outputs: NDArray[np.float32], label: int) -> Reading:
    return Reading(outputs.tobytes(), int(outputs.argmax()), float(outputs[label]))
