"""Lesson 1: one number, eight hidden units, two outputs: is it at least 0.5?"""

from ui.core import navigation

row = navigation.guard("rounding")  # before all that takes long to import

import numpy as np
import streamlit as st

from nncore.data.splits import held_out
from ui.charts import class_counts, decision
from ui.components.network import draw_network
from ui.rounding import extrapolation, manual_weights
from ui.rounding.film import show_rounding_film
from ui.tools.diagnosis_card import show_diagnosis
from ui.tools.microscope.tool import show_microscope
from ui.workbench import controls, downloads, prediction_card, tables, workbench
from ui.workbench.lesson_page import LessonPage, open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.run_view import View
from ui.workbench.tool_tabs import show_tool_tabs

PAGE = "rounding"
LINE = np.linspace(0.0, 1.0, 101, dtype=np.float32)[:, np.newaxis]


def show_look(page: LessonPage) -> None:
    dataset, threshold = page.dataset, page.experiment.data.threshold
    title = f"**1 Look** · {len(dataset.x_train):,} numbers, each with its label"
    with st.expander(title, key=f"{PAGE}.look", on_change="rerun"):
        st.markdown(page.text("look", samples=len(dataset.x_train), threshold=threshold))
        left, right = st.columns([1, 1.6])
        with left:
            st.caption("The first five")
            first = {"x": dataset.x_train[:5, 0], "label": dataset.y_train[:5]}
            tables.show_table(first, key="rounding.first")
            st.markdown(page.text("shape", samples=len(dataset.x_train)))
        with right:
            counts = class_counts.number_histogram(
                dataset.x_train, dataset.y_train, threshold, dataset.class_names
            )
            st.vega_lite_chart(*counts, key="rounding.histogram")


def show_settings(page: LessonPage) -> None:
    if len(page.experiment.model.units) == 1:
        controls.units(page, 32)
    else:  # a link may bring more layers, or none
        controls.hidden_layers(page)
    controls.pair(
        lambda: controls.activation(page),
        lambda: controls.output_activation(page, ("softmax", "sigmoid", "linear")),
    )
    controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
    controls.pair(lambda: controls.epochs(page, 200), lambda: controls.batch_size(page))
    with st.expander("More settings"):
        controls.loss(page)
        controls.metric(page)
        controls.validation(page, ("none", "last", "first"))
        controls.whole(page, "data.samples", 2, 100_000)
        controls.slider(page, "data.threshold", 0.0, 1.0)
        controls.slider(page, "data.label_noise", 0.0, 0.5)
        controls.seed(page)


def show_network(page: LessonPage, shown: View) -> None:
    with workbench.card("The network"):
        weights = shown.checkpoint.weights if shown.checkpoint else None
        draw_network(
            shown.experiment.layer_sizes,
            weights or None,
            key="rounding.network",
            labels=(("x",), page.dataset.class_names),
            height=250,
        )


def show_curve(page: LessonPage, shown: View) -> None:
    with workbench.card("What it learns"):
        outputs = shown.network.predict(LINE) if shown.network else np.full((len(LINE), 2), np.nan)
        threshold = shown.experiment.data.threshold
        names = page.dataset.class_names
        chart = decision.decision_curve(LINE[:, 0], outputs, threshold, names)
        st.vega_lite_chart(*chart, key="rounding.curve", height=250)


def count_parameters(page: LessonPage) -> str:
    experiment = page.experiment
    if len(experiment.model.units) != 1:
        return workbench.describe_size(experiment, page.dataset)
    units, total = experiment.model.units[0], experiment.parameters
    counts = {"hidden": units * 2, "output": 2 * (units + 1)}
    return page.text("parameters", units=units, total=total, **counts)


def show_build(page: LessonPage) -> None:
    with st.expander("**More on 2** · how the parameters come about, and what is compiled"):
        left, right = st.columns(2)
        with left:
            st.markdown(count_parameters(page))
            tables.show_model_summary(page.experiment)
        with right:
            st.markdown(page.text("learns"))
            st.markdown(page.text("compile"))


def show_test(page: LessonPage, shown: View) -> None:
    st.header("4 Test", anchor=False)
    st.markdown(page.text("test"))
    left, right = st.columns([1, 3.4])
    with left:
        numbers = tables.edit_numbers("rounding.test", page.dataset.x_test[:, 0])
    with right:
        if shown.network is None:
            st.info("Train first: then its answers stand here.", icon=":material/arrow_upward:")
            return
        outputs = shown.network.predict(numbers[:, np.newaxis])
        tables.tabulate_predictions(
            numbers, outputs, shown.experiment.data.threshold, page.dataset.class_names
        )


def show_overfitting(page: LessonPage) -> None:
    held = held_out(len(page.dataset.x_train), page.experiment.fit)
    count = held.stop - held.start
    with st.expander("**Held-out numbers**, and what overfitting is"):
        if count:
            trained = len(page.dataset.x_train) - count
            parameters = page.experiment.parameters
            numbers = {"held": count, "samples": trained, "parameters": parameters}
            st.markdown(page.text("overfitting", **numbers))
        else:
            st.markdown(page.text("no_validation"))


page = open_lesson(PAGE, row)
with prediction_card.show_beside(page):
    show_look(page)
shown = workbench.show_workbench(
    page, settings=show_settings, pictures=(show_network, show_curve), speed="0.3 s an epoch"
)
show_diagnosis(page, shown)
show_build(page)
show_test(page, shown)
show_tool_tabs(
    page,
    shown,
    {
        "Film": show_rounding_film,
        "One batch": show_microscope,
        "By hand": lambda page, _: manual_weights.by_hand(
            page.lesson, page.experiment, page.dataset
        ),
        "Outside the data": lambda page, _: extrapolation.outside(
            page.lesson, page.experiment, page.dataset
        ),
    },
)
show_overfitting(page)
downloads.show_downloads(shown)
st.header("5 Ask", anchor=False)
show_presets(page)
