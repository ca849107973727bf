"""Lesson 3: the ten digits, from pixels to a network that reads them."""

from ui.core import navigation

row = navigation.guard("mnist")  # before all that takes long to import

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.components.network import draw_network
from ui.core import resources
from ui.mnist import figures as parts
from ui.mnist import look as images
from ui.mnist import (
    output_comparison,
    overfitting,
    reproducibility,
    shape_errors,
    stage_panel,
    training_loop,
)
from ui.mnist.results import results
from ui.tools import diagnosis_card
from ui.workbench import controls, downloads, prediction_card, tables, workbench
from ui.workbench.lesson_page import LessonPage, open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.run_view import View

PAGE = "mnist"
OUTPUTS = ("softmax", "sigmoid", "linear", "relu", "tanh")
PICTURES = ("First layer", "Each class")


def look() -> None:
    title = f"**1 Look** · {len(dataset.x_train):,} images to learn from"
    opened = st.expander(title, key="mnist.look", on_change="rerun")
    if opened.open:
        with opened:
            images.look(lesson, dataset, dark)


def settings(page: LessonPage) -> None:
    controls.pair(
        lambda: controls.choice(page, "data.name", ("digits", "fashion")),
        lambda: controls.choice(page, "data.scaled", (True, False)),
    )
    controls.hidden_layers(page)
    controls.pair(lambda: controls.epochs(page), lambda: controls.batch_size(page))
    controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
    with st.expander("Against overfitting"):
        overfitting.settings(page)
    with st.expander("More settings"):
        controls.activation(page)
        controls.output_activation(page, OUTPUTS)
        controls.labels(page)
        st.caption(lesson.text(f"labels_{experiment.labels}"))
        controls.validation(page)
        st.caption(lesson.text(f"validation_{experiment.fit.validation}"))
        controls.whole(page, "data.samples", 0, 60_000)
        controls.seed(page)


def network(page: LessonPage, shown: View) -> None:
    with workbench.card("The network"):
        model = shown.experiment.model
        draw_network(
            shown.experiment.layer_sizes,
            (shown.checkpoint.weights if shown.checkpoint else None) or None,
            key="mnist.network",
            activations=(*(model.activation,) * len(model.units), model.output_activation),
            labels=((), dataset.class_names),
            height=236,
        )


def learns(page: LessonPage, shown: View) -> None:
    with st.container(border=True, gap="small"):
        chosen = st.segmented_control(
            "Picture", PICTURES, key="mnist.live", default=PICTURES[0], label_visibility="collapsed"
        )
        if chosen == PICTURES[1]:
            st.vega_lite_chart(*parts.class_shares(shown.network, dataset), key="mnist.classes")
            st.caption(f"Answered right, of the first {parts.WATCHED:,} training images.")
        elif shown.network is None:
            st.caption(lesson.text("first_layer_empty"))
        else:
            st.image(parts.first_layer(shown.network, dark), width="stretch", alt=PICTURES[0])
            st.caption(parts.which_pictures(shown.network, dataset.class_names))
            st.caption(lesson.text("first_layer_live"))


def build() -> None:
    title = "**2 Build** · what the settings mean, and Keras's own summary"
    opened = st.expander(title, key="mnist.build", on_change="rerun")
    if opened.open:
        left, right = opened.columns(2, gap="medium")
        left.markdown(lesson.text("build"))
        with right:
            tables.show_model_summary(experiment)


def loop() -> None:
    opened = st.expander(
        "**3 Train** · the training loop in five steps", key="mnist.loop", on_change="rerun"
    )
    if opened.open:
        with opened:
            training_loop.training_loop(lesson, shown, trained_on)


def test() -> None:
    st.header("4 Test", anchor=False)
    if shown.trained and shown.checkpoint is not None:
        results(lesson, shown.checkpoint, trained_on, dark)
    else:
        st.info(lesson.text("untrained"), icon=":material/arrow_upward:")


def ask() -> None:
    st.header("5 Ask", anchor=False)
    stage_panel.check(lesson, experiment, shown)
    output_comparison.why_softmax(lesson, shown, trained_on, dark)
    reproducibility.same_again(lesson, experiment, dataset)
    shape_errors.errors(lesson, dataset)
    show_presets(page)


try:
    page = open_lesson(PAGE, row)
except DataUnavailable as error:
    images.missing(error)
else:
    lesson, experiment, dataset, dark = page.lesson, page.experiment, page.dataset, page.is_dark
    with prediction_card.show_beside(page):
        look()
    shown = workbench.show_workbench(page, settings=settings, pictures=(network, learns))
    diagnosis_card.show_diagnosis(page, shown)
    trained_on = resources.dataset(shown.experiment.data)
    build()
    loop()
    test()
    downloads.show_downloads(shown)
    ask()
