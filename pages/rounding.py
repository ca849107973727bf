"""Lesson 1: one number, eight hidden units, two outputs: is it at least 0.5?"""

from ui.core import navigation

row = navigation.guard("rounding")  # before all that takes long to import

import numpy as np
import streamlit as st

from nncore.data.splits import held_out
from ui.charts import class_counts, decision
from ui.components.network import draw_network
from ui.content.lesson import term
from ui.core import resources
from ui.core.run_view import View
from ui.rounding import extrapolation, manual_weights
from ui.tools import diagnosis_card, film_tool, microscope
from ui.workbench import controls, downloads, prediction_card, tables, tool_tabs, workbench
from ui.workbench.lesson_page import open_lesson, presets

PAGE = "rounding"
LINE = np.linspace(0.0, 1.0, 101, dtype=np.float32)[:, np.newaxis]


def look() -> None:
    title = f"**1 Look** · {len(dataset.x_train):,} numbers, each with its label"
    with st.expander(title, key=f"{PAGE}.look", on_change="rerun"):
        st.markdown(lesson.text("look", samples=len(dataset.x_train), threshold=threshold))
        left, right = st.columns([1, 1.6])
        with left:
            st.caption("The first five")
            first = {"x": dataset.x_train[:5, 0], "label": dataset.y_train[:5]}
            tables.show_table(first, key="rounding.first")
            st.markdown(lesson.text("shape", samples=len(dataset.x_train)))
        with right:
            counts = class_counts.number_histogram(
                dataset.x_train, dataset.y_train, threshold, dataset.class_names
            )
            st.vega_lite_chart(*counts, key="rounding.histogram")


def settings() -> None:
    if len(experiment.model.units) == 1:
        controls.units(PAGE, 32)
    else:  # a link may bring more layers, or none
        controls.hidden_layers(PAGE)
    controls.pair(
        lambda: controls.activation(PAGE),
        lambda: controls.output_activation(PAGE, ("softmax", "sigmoid", "linear")),
    )
    controls.pair(lambda: controls.optimizer(PAGE), lambda: controls.learning_rate(PAGE))
    controls.pair(lambda: controls.epochs(PAGE, 200), lambda: controls.batch_size(PAGE))
    with st.expander("More settings"):
        controls.loss(PAGE)
        controls.metric(PAGE)
        controls.validation(PAGE, ("none", "last", "first"))
        controls.whole(PAGE, "data.samples", "Numbers", 2, 100_000)
        controls.slider(PAGE, "data.threshold", "Threshold", 0.0, 1.0, help=term("threshold"))
        controls.slider(
            PAGE, "data.label_noise", "Wrong labels", 0.0, 0.5, help=term("label noise")
        )
        controls.seed(PAGE)


def network(shown: View) -> None:
    with workbench.card("The network"):
        weights = shown.checkpoint.weights if shown.checkpoint else None
        draw_network(
            shown.experiment.layer_sizes,
            weights or None,
            key="rounding.network",
            labels=(("x",), dataset.class_names),
            height=250,
        )


def learns(shown: View) -> None:
    with workbench.card("What it learns"):
        outputs = shown.network.predict(LINE) if shown.network else np.full((len(LINE), 2), np.nan)
        threshold = shown.experiment.data.threshold
        chart = decision.decision_curve(LINE[:, 0], outputs, threshold, dataset.class_names)
        st.vega_lite_chart(*chart, key="rounding.curve", height=250)


def parameters() -> str:
    if len(experiment.model.units) != 1:
        return workbench.arithmetic(experiment, dataset)
    units, total = experiment.model.units[0], experiment.parameters
    counts = {"hidden": units * 2, "output": 2 * (units + 1)}
    return lesson.text("parameters", units=units, total=total, **counts)


def build() -> None:
    with st.expander("**More on 2** · how the parameters come about, and what is compiled"):
        left, right = st.columns(2)
        with left:
            st.markdown(parameters())
            tables.show_model_summary(experiment)
        with right:
            st.markdown(lesson.text("compile"))


def test(shown: View) -> None:
    st.header("4 Test", anchor=False)
    st.markdown(lesson.text("test"))
    left, right = st.columns([1, 3.4])
    with left:
        numbers = tables.edit_numbers("rounding.test", dataset.x_test[:, 0])
    with right:
        if shown.network is None:
            st.info("Train first: then its answers stand here.", icon=":material/arrow_upward:")
            return
        outputs = shown.network.predict(numbers[:, np.newaxis])
        tables.tabulate_predictions(
            numbers, outputs, shown.experiment.data.threshold, dataset.class_names
        )


def overfitting() -> None:
    held = held_out(len(dataset.x_train), experiment.fit)
    count = held.stop - held.start
    with st.expander("**Held-out numbers**, and what overfitting is"):
        if count:
            trained = len(dataset.x_train) - count
            numbers = {"held": count, "samples": trained, "parameters": experiment.parameters}
            st.markdown(lesson.text("overfitting", **numbers))
        else:
            st.markdown(lesson.text("no_validation"))


lesson, experiment = open_lesson(PAGE, row)
dataset, threshold = resources.dataset(experiment.data), experiment.data.threshold
with prediction_card.beside(lesson, experiment):
    look()
shown = workbench.bench(
    lesson,
    experiment,
    dataset,
    settings=settings,
    pictures=(network, learns),
    speed="0.3 s an epoch",
)
diagnosis_card.card(PAGE, experiment, shown)
build()
test(shown)
tool_tabs.tools(
    PAGE,
    {
        "Film": lambda: film_tool.rounding(lesson, shown),
        "One batch": lambda: microscope.tool(PAGE, shown),
        "By hand": lambda: manual_weights.by_hand(lesson, experiment, dataset),
        "Outside the data": lambda: extrapolation.outside(lesson, experiment, dataset),
    },
)
overfitting()
downloads.show_downloads(shown)
st.header("5 Ask", anchor=False)
presets(lesson, embedded=False)
