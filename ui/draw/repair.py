"""Mending: somebody else's image on the canvas, changed stroke by stroke until the verdict turns.

Another page sends an image with

    state.put("draw.sent", {"image": uint8 (28, 28), "label": int, "from": str})
    st.switch_page("pages/draw.py")

and lesson 4 offers the chosen reader's own mistakes. The session holds, beside what the canvas has:

    draw.trail    which image is mended and who reads it, and what was read after each stroke
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from ui.core import resources, state
from ui.draw import canvas
from ui.draw.readers import Reader

#: Mistakes that are offered, the worst first.
MISTAKES = 50
#: Strokes whose probability is shown.
STROKES = 8


@dataclass(frozen=True, eq=False)
class Mend:
    """An image to be mended.

    Args:
        image: (28, 28) uint8, as it came.
        label: What it is.
        source: Where it comes from, such as `"test image 115"`.
    """

    image: Pixels
    label: int
    source: str


class Reading(NamedTuple):
    """What was read after a stroke."""

    outputs: bytes
    answer: int
    share: float


# How an image gets here.


def receive() -> None:
    """Puts on the canvas what another page has sent; what is no image is left alone."""
    sent = state.get("draw.sent", None)
    if sent is not None:
        state.drop("draw.sent")
        found = _checked(sent)
        if found is not None:
            canvas.put_foreign(found.image, found)


def _checked(sent: object) -> Mend | None:
    match sent:
        case {"image": np.ndarray() as image, "label": int(label), "from": str(source)}:
            fits = image.shape == (FIELD, FIELD) and image.dtype == np.uint8
            return Mend(image, label, source) if fits and 0 <= label < 10 else None
    return None


def offer(reader: Reader, dataset: Dataset) -> None:
    """Draws the buttons that put the reader's mistakes, or any test image, on the canvas."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "One that it misreads",
            icon=":material/build:",
            key="draw.mistake",
            disabled=not reader.made,
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
    """Puts the reader's next mistake on the canvas, the worst one first."""
    checkpoint = reader.checkpoint
    if checkpoint is None:
        return
    outputs = resources.outcome(checkpoint, dataset).outputs
    worst = metrics.worst_mistakes(outputs, dataset.y_test, MISTAKES)
    turn = state.get("draw.mistake.turn", 0)
    state.put("draw.mistake.turn", turn + 1)
    if len(worst):
        _put_row(dataset, int(worst[turn % len(worst)]))


def _put_any(dataset: Dataset) -> None:
    """Puts a test image on the canvas: each time another one, with no order that one would see."""
    turn = state.get("draw.any.turn", 0)
    state.put("draw.any.turn", turn + 1)
    _put_row(dataset, int(np.random.default_rng(turn).integers(len(dataset.x_test))))


def _put_row(dataset: Dataset, row: int) -> None:
    mend = Mend(dataset.x_test[row], int(dataset.y_test[row]), f"test image {row:,}")
    canvas.put_foreign(mend.image, mend)
    st.toast(f"On the canvas: {mend.source}.", icon=":material/draw:")


def current(dataset: Dataset) -> Mend | None:
    """What is on the canvas, if it began as somebody else's image."""
    if not canvas.begun_with_a_test_image():
        return None
    row = state.get("draw.sample", None)
    if row is not None:
        return Mend(dataset.x_test[row], int(dataset.y_test[row]), f"test image {row:,}")
    found: Mend | None = state.get("draw.mend", None)
    return found


# What becomes of it.


def note(
    lesson: Lesson,
    reader: Reader,
    dataset: Dataset,
    outputs: NDArray[np.float32] | None,
    *,
    refused: bool = False,
) -> None:
    """Says what the image is and was read as, and when the verdict turns.

    Args:
        lesson: Whose texts.
        reader: Who reads.
        dataset: The page's data.
        outputs: What it says of what is on the canvas now; None where there is nothing to say.
        refused: Whether what is on the canvas is taken for no digit, whatever the outputs.
    """
    mend, network = current(dataset), reader.network
    if mend is None or network is None or outputs is None or not reader.made:
        return
    st.markdown(told(lesson, mend, _trail(mend, reader.key, network, outputs), refused))


def told(lesson: Lesson, mend: Mend, trail: list[Reading], refused: bool) -> str:
    """The line on a mend.

    Args:
        lesson: Whose texts.
        mend: What is mended.
        trail: What was read at first and after each stroke.
        refused: Whether it is taken for no digit at all now: then no verdict has turned.
    """
    first, now = trail[0].answer, trail[-1].answer
    numbers: Mapping[str, Any] = {
        "label": mend.label,
        "first": first,
        "now": now,
        "source": mend.source,
        "strokes": _times(len(trail) - 1, "change"),
    }
    right = first == mend.label
    turned = (now == mend.label) != right and not refused
    name = ("spoil" if right else "mend") + ("_turned" if turned else "")
    line = lesson.text(name, **numbers)
    if len(trail) > 1:
        shares = " → ".join(f"{reading.share:.0%}" for reading in trail[-STROKES:])
        line += f"  \nProbability of **{mend.label}**: {shares}"
    return line


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _trail(
    mend: Mend, reader: str, network: Network, outputs: NDArray[np.float32]
) -> list[Reading]:
    """What was read of this image by this reader, with the present one at the end."""
    begun = (mend.image.tobytes(), reader)
    held: tuple[Any, list[Reading]] = state.get("draw.trail", (None, []))
    known, trail = held
    if known != begun:
        trail = [_reading(network.predict(_as_drawn(mend.image))[0], mend.label)]
    now = _reading(outputs, mend.label)
    if now.outputs != trail[-1].outputs:
        trail = [*trail, now]
    state.put("draw.trail", (begun, trail))
    return trail


def _as_drawn(image: Pixels) -> Pixels:
    """What an image becomes on the canvas, before anything is drawn into it."""
    found = to_mnist(canvas.whole(image), invert=False).image
    return image if found is None else found


def _reading(outputs: NDArray[np.float32], label: int) -> Reading:
    return Reading(outputs.tobytes(), int(outputs.argmax()), float(outputs[label]))
