"""The learner's own digits at a glance: a gallery, its changes, and the readers' scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import streamlit as st

from nncore.digits.collection import CLASSES, Digit, DigitCollection
from ui.charts import digit_gallery
from ui.core import state
from ui.core.keys import Key
from ui.draw import canvas, collection_files, digit_collection, fine_tuning, import_review
from ui.draw.canvas_and_prediction import Readers
from ui.draw.collection_scores import ReaderScore, score_readers, show_scores
from ui.draw.digit_collection import VERSION, name_digit
from ui.draw.pictures import is_dark
from ui.workbench.lesson_page import LessonPage

#: The gallery scrolls from this many rows on.
ROWS = 12
HEIGHT = ROWS * digit_gallery.PLACE + 40
#: The card, and whether the learner opened it: a new title would close it.
CARD, IS_OPEN = Key("draw.digits.card", False), Key("draw.digits.opened", False)
#: The place of the chosen digit, the clicks on the chart, and a new label.
PICKED = Key[int | None]("draw.digits.picked", None)
_CHART = Key[Mapping[str, Any]]("draw.digits.chart", {})
_LABEL = Key[int | None]("draw.digits.label", None)


def show_section(page: LessonPage, readers: Readers) -> None:
    """Draw the card of the learner's own digits; its contents only while it is open.

    Args:
        page: The page.
        readers: The page's readers.
    """
    digits = digit_collection.load()
    state.put(CARD, state.get(IS_OPEN))
    card = st.expander(
        f"**3 Train** · Your own digits · {_count(digits)}",
        key=CARD.name,
        icon=":material/back_hand:",
        on_change=_toggle,
    )
    if not card.open:
        return
    with card:
        st.markdown(page.text("digits"))
        if len(digits):
            _show_digits(page, digits, score_readers(digits, readers))
        else:
            st.info(page.text("digits_empty"), icon=":material/draw:")
        _show_foot(page, digits)
        import_review.show(page, readers.chosen)
        st.divider()
        fine_tuning.show_section(page, readers.chosen)


def _toggle() -> None:
    state.put(IS_OPEN, state.get(CARD))


def _count(digits: DigitCollection) -> str:
    return "none yet" if not len(digits) else f"{len(digits)} digit{'s' * (len(digits) > 1)}"


def _show_digits(page: LessonPage, digits: DigitCollection, scores: list[ReaderScore]) -> None:
    left, right = st.columns([1, 1.35], gap="medium")
    with left:
        _show_gallery(digits, scores[0] if scores else None)
    with right:
        if scores:
            show_scores(page.lesson, digits, scores)
        else:
            st.info(page.text("no_network"), icon=":material/hourglass_top:")


def _show_gallery(digits: DigitCollection, chosen: ReaderScore | None) -> None:
    predictions = None if chosen is None else chosen.predictions
    pictures = [_picture(digit) for digit in digits.digits]
    chart = digit_gallery.draw_gallery(digits, pictures, predictions)
    key = _CHART.of(state.get(VERSION))
    is_tall = max(Counter(d.label for d in digits.digits).values()) > ROWS
    with st.container(height=HEIGHT if is_tall else "content", border=False):
        st.vega_lite_chart(
            *chart, key=key.name, width="content", on_select=lambda: _pick(key), theme=None
        )
    places = range(len(digits))
    if state.get(PICKED) not in places:
        state.put(PICKED, None)
    place = st.selectbox(
        "Click a digit, or choose it here",
        places,
        format_func=lambda i: f"no. {i + 1}: {name_digit(digits.digits[i].label)}",
        key=PICKED.name,
        placeholder="None chosen",
    )
    if place is not None:
        _show_one(digits, int(place), None if predictions is None else int(predictions[place]))


def _picture(digit: Digit) -> str:
    return canvas.ink_data_uri(digit.image, dark=is_dark())


def _pick(key: Key[Mapping[str, Any]]) -> None:
    points = state.get(key).get("selection", {}).get(digit_gallery.PICKED, [])
    if points:
        state.put(PICKED, int(points[-1]["place"]))


def _show_one(digits: DigitCollection, place: int, prediction: int | None) -> None:
    """Draw what can be done with one digit."""
    digit = digits.digits[place]
    reading = "" if prediction is None else f", read as **{prediction}**"
    st.markdown(f"No. {place + 1}: **{name_digit(digit.label)}**{reading}")
    version = state.get(VERSION)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Remove",
            icon=":material/delete:",
            key="draw.digits.remove",
            on_click=_change,
            args=(f"removed {name_digit(digit.label)}", digits.remove(place)),
        )
        with st.popover("It is …", icon=":material/edit:", key=f"draw.digits.relabel.{version}"):
            st.pills(
                "Which digit is it?",
                range(CLASSES),
                key=_LABEL.of(version).name,
                on_change=_relabel,
                args=(digits, place, version),
            )
        st.button(
            "On the canvas",
            icon=":material/draw:",
            key="draw.digits.put",
            on_click=canvas.put,
            args=(digit.image,),
        )


def _change(title: str, new: DigitCollection) -> None:
    digit_collection.change(title, new)
    state.put(VERSION, state.get(VERSION) + 1)
    state.put(PICKED, None)


def _relabel(digits: DigitCollection, place: int, version: int) -> None:
    label = state.get(_LABEL.of(version))
    if version != state.get(VERSION):  # a repeated message: the collection has changed since
        return
    old = digits.digits[place].label
    if label is not None and label != old:
        title = f"{name_digit(old)} became {name_digit(label)}"
        _change(title, digits.relabel(place, label))


def _show_foot(page: LessonPage, digits: DigitCollection) -> None:
    st.caption(digit_collection.describe_storage())
    with st.container(horizontal=True, gap="small"):
        digit_collection.show_undo("draw.digits.undo")
        if len(digits):
            st.button(
                "Remove all",
                icon=":material/delete_sweep:",
                key="draw.digits.empty",
                on_click=_change,
                args=(f"removed all {len(digits)}", DigitCollection()),
            )
            collection_files.show_downloads(digits)
    collection_files.show_upload(page)
