"""Lesson 4: draw a digit, and a network reads it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.drawing import Pixels, Stages, to_mnist
from ui import controls, frame, pieces, resources, state, training
from ui.lesson import open_lesson, presets, term
from ui.parts import draw, readers
from ui.view import View

PAGE = "draw"
DISTORTIONS = {
    "none": "none",
    "affine": "turn, slant, shift, stretch",
    "affine_thickness": "the same, and thicker or thinner strokes",
}
BLANK = Stages(np.zeros((1, 1), np.float32))


@st.fragment
def drawing() -> None:
    with st.container(horizontal=True, gap="small"):
        with st.container(border=True, width=draw.CARD):
            ink = drawn()
        stages = BLANK if ink is None else to_mnist(ink, invert=False)
        with st.container(gap="small"):
            reading(stages)
            draw.samples(dataset)
    look(stages)


def drawn() -> Pixels | None:
    try:
        return draw.field()
    except draw.DrawingError as error:
        st.error(str(error))
        return None


def reading(stages: Stages) -> None:
    """What the network says; again and again while it is still learning."""

    @st.fragment(run_every=2 * readers.POLL if reader.learning else None)
    def answers() -> None:
        network = reader.network
        outputs = None
        if network is not None and stages.image is not None:
            outputs = network.predict(stages.image)[0]
        with st.container(border=True, gap="xsmall"):
            say(stages, outputs)
        left, right = st.columns([1, 1.05], gap="small")
        with left, training.card("What the network sees"):
            draw.view(stages)
        with right, training.card("What it answers"):
            chart = draw.bars(outputs, dataset.class_names)
            st.vega_lite_chart(*chart, key="draw.bars", height=244)

    answers()


def say(stages: Stages, outputs: NDArray[np.float32] | None) -> None:
    if outputs is not None:
        st.header(draw.verdict(outputs, dataset.class_names), anchor=False)
    else:
        st.header(lesson.text("invitation" if stages.is_blank else "no_network"), anchor=False)
    if reader.learning and reader.checkpoint is not None:
        st.caption(readers.still_learning(reader.checkpoint, reader.progress))
    elif outputs is not None and not draw.are_probabilities(outputs):
        st.caption(lesson.text("no_probabilities", total=f"{outputs.sum():.2f}"))
    elif outputs is not None:
        st.caption(draw.runner_up(outputs, dataset.class_names))
    else:
        st.caption(lesson.text("how" if stages.is_blank else "when"))


def look(stages: Stages) -> None:
    with st.expander("**1 Look** · from your strokes to 28 × 28 pixels"):
        st.markdown(lesson.text("look"))
        if stages.is_blank:
            st.info("Draw something: then its stages stand here.", icon=":material/draw:")
        else:
            draw.stages_row(stages, [lesson.text(f"stage_{number}") for number in range(1, 5)])
        st.caption(dataset.source)


def build() -> None:
    with st.expander("**2 Build** · how the network of this page is made"):
        st.markdown(lesson.text("build"))
        left, right = st.columns(2)
        with left:
            controls.hidden_layers(PAGE)
            controls.choice(
                PAGE,
                "fit.augment",
                "Distortion of the training images",
                list(DISTORTIONS),
                format_func=DISTORTIONS.__getitem__,
                help=term("augmentation"),
            )
            controls.pair(lambda: controls.optimizer(PAGE), lambda: controls.learning_rate(PAGE))
            controls.pair(lambda: controls.epochs(PAGE, 1000), lambda: controls.batch_size(PAGE))
            controls.pair(lambda: controls.seed(PAGE), lambda: controls.activation(PAGE))
            st.caption(training.arithmetic(experiment, dataset))
        with right:
            pieces.summary(experiment)


frame.guard()
lesson, experiment = open_lesson(PAGE)
if experiment.data.name != "digits":  # a link may ask for clothes, but there are none to draw
    state.set_experiment(PAGE, experiment.updated({"data.name": "digits"}))
    state.put(f"link.{PAGE}", [*state.link_complaints(PAGE), lesson.text("only_digits")])
    st.rerun()
dataset = resources.dataset(experiment.data)
reader = readers.choose(readers.shelf(lesson.default, experiment, dataset))
readers.status(reader, dataset)
drawing()
build()
pieces.downloads(View(reader.experiment, dataset, reader.checkpoint))
st.header("5 Ask", anchor=False)
presets(lesson, dataset.embedded)
