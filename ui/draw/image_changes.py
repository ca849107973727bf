"""Somebody else's image, changed stroke by stroke until the prediction changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.digits.preprocess import to_mnist
from nncore.nn.network import Network
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.wording import count
from ui.draw import canvas
from ui.draw.foreign_image import ForeignImage
from ui.draw.image_offers import find_foreign_image
from ui.draw.reader import Reader
from ui.workbench.lesson_page import LessonPage

#: The most strokes whose probability is shown.
STROKES = 8


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
        "strokes": count(len(readings) - 1, "change"),
    }
    was_right = first == foreign.label
    has_turned = (now == foreign.label) != was_right and not is_refused
    name = ("spoil" if was_right else "repair") + ("_turned" if has_turned else "")
    line = lesson.text(name, **numbers)
    if len(readings) > 1:
        shares = " → ".join(f"{reading.share:.0%}" for reading in readings[-STROKES:])
        line += f"  \nProbability of **{foreign.label}**: {shares}"
    return line


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
