"""Lesson 4: draw a digit, and a network reads it."""

from ui.core import navigation

row = navigation.guard("draw")  # before all that takes long to import

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.digits.ink import Pixels
from nncore.digits.preprocess import Stages, to_mnist
from nncore.experiment import AUGMENTATIONS, Experiment
from ui.components import bars, clock
from ui.core import state
from ui.draw import (
    activation_view,
    answer,
    canvas,
    digit_collection,
    gallery,
    preprocessing_path,
    reader_comparison,
    readers,
    refusal,
    repair,
    writing_styles,
)
from ui.workbench import controls, downloads, prediction_card, tables, workbench
from ui.workbench.lesson_page import Repair, open_lesson, show_presets
from ui.workbench.run_view import View

PAGE = "draw"
BLANK = Stages(np.zeros((1, 1), np.float32))


@st.fragment
def drawing() -> None:
    with st.container(horizontal=True, gap="small"):
        with st.container(border=True, width=canvas.CARD):
            ink = drawn()
        stages = BLANK if ink is None else to_mnist(ink, invert=False)
        with st.container(gap="small"):
            reading(stages)
    if opened:
        cards(ink, stages)


def cards(ink: Pixels | None, stages: Stages) -> None:
    """What can be put on the canvas, and what can be opened on a drawing."""
    who = readers.answering(reader, dataset)
    canvas.samples(dataset)
    repair.offer(who, dataset)
    preprocessing_path.look(lesson, ink, who, dataset)
    activation_view.watch(lesson, stages, who, dataset.class_names)
    reader_comparison.compare(lesson, stages.image, shelf, reader)


def drawn() -> Pixels | None:
    try:
        return canvas.field()
    except canvas.DrawingError as error:
        st.error(str(error))
        return None


def reading(stages: Stages) -> None:
    """What the network says; again and again while it is still learning."""
    waits = refusal.waits(reader)

    @clock.every(2 * readers.POLL if waits else None, key="draw.answers.clock")
    def answers() -> None:
        if waits and not refusal.waits(reader):
            st.rerun()  # it looks no longer
        who = readers.answering(reader, dataset)
        network = who.network
        outputs = None
        if network is not None and stages.image is not None:
            outputs = network.predict(stages.image)[0]
        verdict = st.container(border=True, gap="xsmall")
        left, right = st.columns([1, 1.05], gap="small")
        # What was waited for comes first, and so is on the screen before the rest is drawn.
        with verdict:
            read = say(stages, outputs, who)
        with right, workbench.card("What it answers"):
            before = answer.former(stages, outputs)
            bars.draw(
                outputs,
                dataset.class_names,
                before,
                key="draw.bars",
                label="What the network gives each class.",
                mark="one stroke ago",
            )
        with left, workbench.card("What the network sees"):
            answer.view(stages)
        with verdict:
            repair.note(lesson, who, dataset, outputs, refused=read is None)
            digit_collection.confirm(lesson, stages.image, read)

    answers()


def say(stages: Stages, outputs: NDArray[np.float32] | None, who: readers.Reader) -> int | None:
    """Says what was read, and gives it back: None where nothing was, or it is no digit."""
    judgement = refusal.judged(who, stages.image, outputs)
    if outputs is not None and judgement is not None and judgement.is_refused:
        guess = dataset.class_names[int(outputs.argmax())]
        refusal.say(lesson, who, judgement, guess)
        return None
    if outputs is not None:
        st.header(answer.verdict(outputs, dataset.class_names), anchor=False)
    else:
        st.header(lesson.text("invitation" if stages.is_blank else "no_network"), anchor=False)
    if who is not reader:
        st.caption(readers.standing_in(who, reader))
    elif reader.learning and reader.checkpoint is not None:
        st.caption(readers.still_learning(reader))
    elif outputs is not None and not answer.are_probabilities(outputs):
        st.caption(lesson.text("no_probabilities", total=f"{outputs.sum():.2f}"))
    elif outputs is not None:
        st.caption(answer.runner_up(outputs, dataset.class_names))
    else:
        st.caption(lesson.text("how" if stages.is_blank else "when"))
    return None if outputs is None else int(outputs.argmax())


def build() -> None:
    title = "**2 Build** · how the network of this page is made"
    box = st.expander(title, key="draw.build", on_change="rerun")
    if not box.open:  # a stroke is shown the sooner, the less is on the page
        return
    with box:
        st.markdown(lesson.text("build"))
        left, right = st.columns(2)
        with left:
            controls.hidden_layers(page)
            controls.choice(page, "fit.augment", AUGMENTATIONS)
            if experiment.fit.augment == "styles":
                writing_styles.show(lesson)
            controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
            controls.pair(lambda: controls.epochs(page, 1000), lambda: controls.batch_size(page))
            controls.pair(lambda: controls.seed(page), lambda: controls.activation(page))
            st.caption(workbench.describe_size(experiment, dataset))
        with right:
            tables.show_model_summary(experiment)


def only_digits(experiment: Experiment) -> Repair | None:
    """Change clothes, for which a link may ask, to digits: nobody draws clothes here."""
    if experiment.data.name != "digits":
        return Repair({"data.name": "digits"}, "only_digits")
    return None


page = open_lesson(PAGE, row, only_digits)
lesson, experiment, dataset = page.lesson, page.experiment, page.dataset
shelf = readers.shelf(lesson.default, experiment, dataset)
reader = readers.choose(shelf)
readers.status(reader, dataset)
repair.receive()
canvas.tools()
opened = any(
    state.get(card.CARD_KEY, False)
    for card in (preprocessing_path, activation_view, reader_comparison)
)
drawing()
if not opened:  # a stroke is read the sooner, the less is drawn with it
    cards(None, BLANK)
gallery.section(lesson, shelf, reader, dataset)
prediction_card.show_card(page)
build()
downloads.show_downloads(View(reader.experiment, dataset, reader.checkpoint))
st.header("5 Ask", anchor=False)
show_presets(page)
