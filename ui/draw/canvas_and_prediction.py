"""The canvas with the prediction next to it: the part of lesson 4 that runs after each stroke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.digits.preprocess import Stages, to_mnist
from ui.components import bars, clock, verdict
from ui.core import cached_results, state
from ui.draw import (
    activation_view,
    canvas,
    digit_collection,
    image_changes,
    image_offers,
    label_question,
    last_reading,
    pictures,
    preprocessing_path,
    reader_comparison,
    refusal,
)
from ui.draw.prediction_text import (
    SENTENCES,
    SURE,
    are_probabilities,
    describe_prediction,
    describe_runner_up,
)
from ui.draw.reader import Reader
from ui.draw.reader_choice import POLL, describe_stand_in, describe_unfinished
from ui.draw.reader_list import find_stand_in
from ui.membership import shared_drawings
from ui.workbench import workbench
from ui.workbench.lesson_page import LessonPage

BLANK = Stages(np.zeros((1, 1), np.float32))
_CARDS = (preprocessing_path.OPEN, activation_view.OPEN, reader_comparison.OPEN)


@dataclass(frozen=True)
class Readers:
    """The readers of the page.

    Args:
        listed: All that can be chosen, by key, the page's own first.
        chosen: The one that the learner chose.
    """

    listed: Mapping[str, Reader]
    chosen: Reader


def show_drawing(page: LessonPage, readers: Readers) -> None:
    """Draw the canvas, the prediction, and the cards that look into it.

    Cards that are open follow the drawing, so they run with it. Closed cards run with the page:
    the less there is to run after a stroke, the sooner the prediction appears.
    """
    has_open_card = any(state.get(key) for key in _CARDS)
    _show_canvas(page, readers, has_open_card)
    if not has_open_card:
        _show_cards(page, readers, None, BLANK)


@st.fragment
def _show_canvas(page: LessonPage, readers: Readers, has_open_card: bool) -> None:
    with st.container(horizontal=True, gap="small"):
        with st.container(border=True, width=canvas.CARD):
            ink = _read_ink()
        stages = BLANK if ink is None else to_mnist(ink, invert=False)
        with st.container(gap="small"):
            _follow_reader(page, readers.chosen, stages)
    if has_open_card:
        _show_cards(page, readers, ink, stages)


def _show_cards(page: LessonPage, readers: Readers, ink: Pixels | None, stages: Stages) -> None:
    """Draw test images to put on the canvas, and the cards that look into a drawing."""
    reader = find_stand_in(readers.chosen, page.dataset)
    canvas.show_samples(page.dataset)
    image_offers.show_offers(reader, page.dataset)
    preprocessing_path.show_card(page, ink, reader)
    activation_view.show_card(page, stages, reader)
    reader_comparison.show_card(page, stages.image, readers.listed, readers.chosen)


def _read_ink() -> Pixels | None:
    try:
        return canvas.show_field()
    except canvas.DrawingError as error:
        st.error(str(error))
        return None


def _follow_reader(page: LessonPage, chosen: Reader, stages: Stages) -> None:
    """Draw the prediction, again and again while the network is learning."""
    state.drop(digit_collection.IS_CHANGED)  # the whole page runs, which `show_reading` need not do
    is_waiting = refusal.is_pending(chosen)

    @clock.every(2 * POLL if is_waiting else None, key="draw.answers.clock")
    def show_reading() -> None:
        if is_waiting and not refusal.is_pending(chosen):
            st.rerun()  # nothing changes any more, so the clock can stop
        _show_reading(page, chosen, stages)

    show_reading()


def _show_reading(page: LessonPage, chosen: Reader, stages: Stages) -> None:
    reader, names = find_stand_in(chosen, page.dataset), page.dataset.class_names
    network, outputs = reader.network, None
    if network is not None and stages.image is not None:
        outputs = network.predict(stages.image)[0]
    prediction = st.container(border=True, gap="xsmall", key="draw.prediction")
    left, right = st.columns([1, 1.05], gap="small")
    with prediction:  # drawn first, so that it is on the screen before the rest
        _show_live_prediction(page, reader, chosen)
        digit = _show_prediction(page, reader, chosen, stages, outputs)
    with right, workbench.card("The network's output"):
        before = last_reading.remember_outputs(stages, outputs)
        bars.draw(
            outputs,
            names,
            before,
            key="draw.bars",
            label="The network's output for each class.",
            mark="one stroke ago",
            live=True,
        )
    with left, workbench.card("The network's input"):
        pictures.show_input(stages, canvas.greys())
    with prediction:
        image_changes.show_note(page, reader, outputs, is_refused=digit is None)
        label_question.ask_for_label(page.lesson, stages.image, digit)
        if stages.image is not None:
            label = digit_collection.find_label(stages.image)
            shared_drawings.show_share(stages.image, label, digit, outputs)
    checkpoint = reader.checkpoint if reader.is_final else None
    canvas.show_pen(None if checkpoint is None else cached_results.packed(checkpoint))


def _show_live_prediction(page: LessonPage, reader: Reader, chosen: Reader) -> None:
    """Draw the prediction for what the pen draws just now; it is hidden while the pen rests."""
    names = {
        "noOutputs": "no_outputs",
        "noProbabilities": "no_probabilities",
        "invitation": "invitation",
        "how": "how",
        "blocked": "unreadable_canvas",
    }
    texts = {key: page.text(name) for key, name in names.items()}
    caption = None if reader is chosen else describe_stand_in(reader, chosen)
    words = SENTENCES | texts
    verdict.draw(
        words,
        page.dataset.class_names,
        key="draw.verdict",
        sure=SURE,
        caption=caption,
    )


def _show_prediction(
    page: LessonPage,
    reader: Reader,
    chosen: Reader,
    stages: Stages,
    outputs: NDArray[np.float32] | None,
) -> int | None:
    """Draw the prediction and return it: None where there is none, or the drawing is refused."""
    names = page.dataset.class_names
    judgement = refusal.judge(reader, stages.image, outputs)
    if outputs is None:
        st.header(page.text("invitation" if stages.is_blank else "untrained"), anchor=False)
    elif judgement is not None and judgement.is_refused:
        refusal.show(page.lesson, reader, judgement, names[int(outputs.argmax())])
        return None
    else:
        st.header(describe_prediction(outputs, names), anchor=False)
    st.caption(_describe_reading(page, reader, chosen, stages, outputs))
    return None if outputs is None else int(outputs.argmax())


def _describe_reading(
    page: LessonPage,
    reader: Reader,
    chosen: Reader,
    stages: Stages,
    outputs: NDArray[np.float32] | None,
) -> str:
    """Return the line below the prediction."""
    if reader is not chosen:
        return describe_stand_in(reader, chosen)
    if chosen.is_learning and chosen.checkpoint is not None:
        return describe_unfinished(chosen)
    if outputs is None:
        return page.text("how" if stages.is_blank else "when")
    if not np.isfinite(outputs).all():
        return page.text("no_outputs")
    if not are_probabilities(outputs):
        return page.text("no_probabilities", total=f"{outputs.sum():.2f}")
    return describe_runner_up(outputs, page.dataset.class_names)
