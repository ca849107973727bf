"""Digits from files before they join the collection: the network's input, its reading, the label.

A label is certain only in the lab's own files and on a sheet. Elsewhere the learner chooses it. A
number in a file's name is a suggestion, preselected only where the network agrees.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.collection import CLASSES, MOST, Digit, DigitError
from nncore.digits.digit_files import FoundDigit
from nncore.nn.losses import predicted_classes
from ui.core import state, wording
from ui.core.keys import Key
from ui.draw import canvas, digit_collection
from ui.draw.pictures import is_dark
from ui.draw.reader import Reader
from ui.draw.reader_list import find_stand_in
from ui.workbench.lesson_page import LessonPage

#: Digits that are shown at once, a card's width in pixels, and the letters in a line of it.
SHOWN, CARD, LINE = 12, 154, 15
#: The digits to review, and the number of the review: a new number makes new widgets.
FOUND = Key[tuple[FoundDigit, ...]]("draw.digits.found", ())
TURN = Key("draw.digits.review", 0)
#: The labels by place, where the learner chose one; None leaves the digit out.
LABELS = Key[dict[int, int | None]]("draw.digits.labels", {})
#: The number of the part that is shown, from 0.
PART = Key("draw.digits.part", 0)
#: The label of one digit, a widget.
_LABEL = Key[int | None]("draw.digits.choice", None)


def start(digits: Sequence[FoundDigit]) -> None:
    """Review these digits; no more than a collection holds."""
    state.put(FOUND, tuple(digits[:MOST]))
    state.put(LABELS, {})
    state.put(PART, 0)
    state.put(TURN, state.get(TURN) + 1)


def show(page: LessonPage, reader: Reader) -> None:
    """Draw the digits to review, and the button that adds those with a label.

    Args:
        page: The page.
        reader: The chosen reader.
    """
    found = state.get(FOUND)
    if not found:
        return
    readings = _read(find_stand_in(reader, page.dataset), found)
    labels = choose_labels(found, readings, state.get(LABELS))
    st.markdown(page.text("digits_review", count=len(found)))
    part = min(state.get(PART), (len(found) - 1) // SHOWN)
    places = range(part * SHOWN, min(len(found), (part + 1) * SHOWN))
    with st.container(horizontal=True, gap="small"):
        for place in places:
            _show_digit(
                place, found[place], None if readings is None else int(readings[place]), labels
            )
    _show_buttons(found, labels, part)


def _read(reader: Reader, found: Sequence[FoundDigit]) -> NDArray[np.intp] | None:
    """Return the predicted digits, (n,); None while no network is trained."""
    network = reader.network
    if network is None:
        return None
    return predicted_classes(network.predict(np.stack([digit.image for digit in found])))


def choose_labels(
    found: Sequence[FoundDigit],
    readings: NDArray[np.intp] | None,
    chosen: dict[int, int | None],
) -> list[int | None]:
    """Return the label of each digit, or None where the learner has to choose it.

    Args:
        found: The digits.
        readings: (n,) the predicted digits, or None.
        chosen: The learner's choices by place.
    """
    labels: list[int | None] = []
    for place, digit in enumerate(found):
        is_agreed = readings is not None and digit.suggestion == readings[place]
        preset = digit.suggestion if digit.label is None and is_agreed else digit.label
        labels.append(chosen.get(place, preset))
    return labels


def _show_digit(
    place: int, digit: FoundDigit, reading: int | None, labels: Sequence[int | None]
) -> None:
    with st.container(border=True, width=CARD, gap="xsmall"):
        st.image(canvas.ink_data_uri(digit.image, dark=is_dark()), width=56, alt="A digit")
        lines = textwrap.wrap(digit.source, LINE)
        if reading is not None:
            lines.append(f"Read as {reading}")
        if digit.label is None and digit.suggestion is not None:
            lines.append(f"Named {digit.suggestion}")
        st.text("\n".join(lines))  # as text: a file's name is not Markdown
        key = _LABEL.of(state.get(TURN), place)
        state.put(key, labels[place])
        st.selectbox(
            f"Label of digit {place + 1}",
            range(CLASSES),
            key=key.name,
            placeholder="Label?",
            label_visibility="collapsed",
            on_change=_choose,
            args=(place, key),
        )


def _choose(place: int, key: Key[int | None]) -> None:
    state.put(LABELS, state.get(LABELS) | {place: state.get(key)})


def _show_buttons(found: Sequence[FoundDigit], labels: Sequence[int | None], part: int) -> None:
    count = sum(label is not None for label in labels)
    parts = -(-len(found) // SHOWN)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Add {wording.count(count, 'digit')}",
            icon=":material/check:",
            type="primary",
            key="draw.digits.add",
            disabled=not count,
            on_click=_add,
            args=(found, labels),
        )
        st.button(
            "Discard all",
            icon=":material/close:",
            key="draw.digits.discard",
            on_click=start,
            args=((),),
        )
        if parts > 1:
            for step, name, icon in ((-1, "Back", "chevron_left"), (1, "Next", "chevron_right")):
                st.button(
                    name,
                    icon=f":material/{icon}:",
                    key=f"draw.digits.part.{name.lower()}",
                    disabled=not 0 <= part + step < parts,
                    on_click=state.put,
                    args=(PART, part + step),
                )
            st.caption(f"Part {part + 1} of {parts}", width="content")


def _add(found: Sequence[FoundDigit], labels: Sequence[int | None]) -> None:
    """Add the digits with a label, and keep the others for review."""
    pairs = list(zip(found, labels, strict=True))
    new = [Digit.from_image(digit.image, label) for digit, label in pairs if label is not None]
    old = digit_collection.load()
    try:
        joined = old.add(*new)
    except DigitError as error:
        state.put(digit_collection.PROBLEM, str(error))
        return
    count = len(joined) - len(old)
    if count:
        title = f"added {wording.count(count, 'digit')} from files"
        digit_collection.change(title, joined)
    state.put(digit_collection.VERSION, state.get(digit_collection.VERSION) + 1)
    start([digit for digit, label in pairs if label is None])
