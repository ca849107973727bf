"""Test: a field in which the network reads what is drawn, and the pixels that decide.

It is a fragment: after each stroke only this part of the page runs again.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.analysis import units
from nncore.checkpoint import Checkpoint
from nncore.digits.ink import Pixels
from nncore.digits.own_changes import scale_image
from nncore.digits.placement import shift_images
from nncore.nn.network import Network
from ui.charts.images import png_data_uri, to_rgb
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components import sketchpad
from ui.components.sketchpad import Drawn, Reading
from ui.core import cached_results, resources
from ui.core.wording import as_typed
from ui.own import none_of_these
from ui.own.drawing_field import prepare
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

_FIELD = "own.reading"
#: The sentences of the field, by their names in the lesson's texts.
_WORDS = ("sure", "unsure", "blank", "untrained", "none", "closest", "diverged")
#: Screen pixels for one of a picture of contributions, and the grey level of its frame.
_SCALE, _FRAME = 4, 140


@st.fragment
def show_reading(page: LessonPage, view: View) -> None:
    """Draw the field, the network's outputs, and which pixels decide.

    Args:
        page: The page.
        view: The run on the page.
    """
    checkpoint = view.checkpoint if view.trained else None
    drawn = sketchpad.find_drawn(_FIELD)
    image = None if drawn is None else change_image(drawn)
    names = resources.dataset(view.experiment.data).class_names
    is_none = (
        checkpoint is not None and image is not None and none_of_these.is_none(checkpoint, image)
    )
    st.markdown(page.text("test"))
    sketchpad.read(
        Reading(
            None if checkpoint is None else cached_results.packed(checkpoint),
            names,
            {word: page.text(f"read_{word}") for word in _WORDS},
            turn="" if drawn is None else drawn.turn,
            is_none=is_none,
        ),
        key=_FIELD,
        label=page.text("reading_field"),
        hint=page.text("reading_hint"),
        dark=page.is_dark,
    )
    if checkpoint is not None and image is not None:
        _show_deciding_pixels(page, checkpoint, image, names)


def change_image(drawn: Drawn) -> Pixels | None:
    """Return a drawing as the network gets it, larger or smaller and moved as the learner says."""
    image = prepare(drawn.strokes)
    if image is None:
        return None
    scaled = image if drawn.size == 1 else scale_image(image, drawn.size)
    moved: Pixels = shift_images(scaled[np.newaxis], drawn.across, drawn.down)[0]
    return moved


def _show_deciding_pixels(
    page: LessonPage, checkpoint: Checkpoint, image: Pixels, names: tuple[str, ...]
) -> None:
    """Draw how much each pixel adds to the two largest outputs."""
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    outputs = network.predict(image[np.newaxis])[0]
    if not np.isfinite(outputs).all():
        return
    order = [int(label) for label in np.argsort(-outputs, kind="stable")[:2]]
    parts = {label: units.contributions(network, image, label) for label in order}
    limit = max(float(np.abs(part).max(initial=0.0)) for part in parts.values())
    st.markdown(page.text("pixels"))
    with st.container(horizontal=True, gap="medium"):
        for label, part in parts.items():
            colours = to_rgb(part, POSITIVE, NEGATIVE, limit=limit or None, dark=page.is_dark)
            _show_framed(colours, names[label])


def _show_framed(colours: Pixels, name: str) -> None:
    """Draw a picture of contributions in a frame, with a class's name below it."""
    enlarged = colours.repeat(_SCALE, 0).repeat(_SCALE, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=_FRAME)
    words = f"Pixels for and against {name}"
    st.image(png_data_uri(framed), as_typed(name), width=framed.shape[1], alt=words)
