"""Lesson 2: one unit says "five" or "not five". It opens broken; rung by rung it is mended."""

from ui.core import navigation

row = navigation.guard("perceptron")  # before all that takes long to import

import streamlit as st

from nncore.analysis.metrics import baseline_accuracy
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.activations import activate
from ui.charts import outputs as outputs_module
from ui.core import resources
from ui.perceptron import ladder
from ui.perceptron import results as answers
from ui.perceptron import single_output as parts
from ui.perceptron import ten_outputs as ten
from ui.perceptron.film import show_perceptron_film
from ui.perceptron.results import Case
from ui.perceptron.single_output import Outputs, Said, Score
from ui.tools import diagnosis_card
from ui.tools.microscope.tool import show_microscope
from ui.workbench import controls, downloads, prediction_card, tables, workbench
from ui.workbench.lesson_page import LessonPage, Repair, open_lesson
from ui.workbench.preset_cards import show_presets
from ui.workbench.run_view import View
from ui.workbench.tool_tabs import show_tool_tabs

PAGE = "perceptron"
ACTIVATIONS = {1: ("linear", "sigmoid", "tanh", "relu"), 10: ("linear", "sigmoid", "softmax")}
LOSSES = {
    1: ("mean_squared_error", "binary_crossentropy"),
    10: ("mean_squared_error", "categorical_crossentropy", "sparse_categorical_crossentropy"),
}


def look() -> None:
    if experiment.outputs > 1:
        ten.look(lesson, dataset, dark)
        return
    numbers = parts.look_numbers(dataset)
    title = f"**1 Look** · {numbers['samples']:,} digits, {numbers['fives']:,} are fives"
    with st.expander(title, key=f"{PAGE}.look", on_change="rerun"):
        for label, name in ((1, "Fives, label 1"), (0, "Not fives, label 0")):
            st.caption(name)
            st.image(parts.examples(dataset, label, dark=dark), width=470, alt=name)
        st.markdown(lesson.text("look", **numbers))
        st.markdown(lesson.text("baseline", **numbers))
        if dataset.embedded:
            st.markdown(lesson.text("sample"))
        tables.show_source(dataset)


def settings(page: LessonPage) -> None:
    controls.output_activation(page, ACTIVATIONS[experiment.outputs])
    controls.loss(page, LOSSES[experiment.outputs])
    controls.segments(page, "data.scaled", (False, True))
    if experiment.outputs > 1:
        controls.hidden_layers(page)
    controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
    controls.pair(lambda: controls.epochs(page, 200), lambda: controls.batch_size(page))
    with st.expander("More settings"):
        controls.validation(page)
        controls.whole(page, "data.samples", 0, 60_000)
        controls.seed(page)


def weights(page: LessonPage, shown: View) -> None:
    seen, said = data_of(shown), said_by(shown)
    if shown.experiment.outputs > 1:
        ten.weights(shown.network, ten.Score.of(said) if said else None, seen, dark)
        return
    with workbench.card("Its 784 weights"):
        kernel = shown.network.layers[0].kernel if shown.network else None
        score = Score.of(said.values[:, 0], said.labels) if said else None
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            picture = parts.weight_picture(kernel, seen, dark=dark)
            st.image(picture, width=138, alt="The weights, laid out as the pixels lie")
            st.caption(lesson.text("weights"))
        with right:
            st.markdown(parts.facts(score, baseline_accuracy(seen.y_test)))


def outputs(page: LessonPage, shown: View) -> None:
    said = said_by(shown)
    if shown.experiment.outputs > 1:
        ten.shares(ten.Score.of(said) if said else None, data_of(shown))
        return
    with workbench.card("Its outputs"):
        chart = parts.histogram(said.alone() if said else Outputs.none(), parts.KERAS_THRESHOLD)
        st.vega_lite_chart(*chart, key="perceptron.outputs", height=225)


def data_of(shown: View) -> Dataset:
    """The data of the run that is shown; the settings may have climbed on to other labels."""
    return resources.dataset(shown.experiment.data)


def said_by(shown: View) -> Said | None:
    """For all test images once it is trained, for some of them as long as it moves."""
    if shown.network is None or shown.checkpoint is None:
        return None
    seen = data_of(shown)
    images, labels = (seen.x_test, seen.y_test) if shown.trained else parts.watched(seen)
    if shown.trained:
        sums = resources.weighted_sums(shown.checkpoint, seen)
    else:
        sums, _ = shown.network.forward(images)[-1]
    return Said(sums, activate(shown.experiment.model.output_activation, sums), labels)


def build() -> None:
    with st.expander("**The network, three switches**, and what the curves say"):
        left, right = st.columns(2)
        with left:
            st.markdown(lesson.text("unit" if experiment.outputs == 1 else "unit_ten"))
            if experiment.fit.validation == "test":
                st.markdown(lesson.text("curves"))
        with right:
            st.markdown(lesson.text("switches"))
            st.markdown(lesson.text(f"activation_{experiment.model.output_activation}"))
            st.markdown(lesson.text(f"loss_{experiment.fit.loss}"))
            st.markdown(lesson.text("pixels_scaled" if experiment.data.scaled else "pixels_raw"))
        tables.show_model_summary(experiment)


def test() -> None:
    st.header("4 Test", anchor=False)
    said = said_by(shown) if shown.trained else None
    if said is None:
        st.info("Train first: then its answers stand here.", icon=":material/arrow_upward:")
        return
    if shown.checkpoint and shown.checkpoint.failure:
        st.error(lesson.text("diverged"), icon=":material/trending_up:")
    if shown.stale:
        st.caption(":material/history: All below belongs to the run shown above, not the settings.")
    seen = data_of(shown)
    if shown.experiment.outputs > 1:
        ten.results(ten.Case(lesson, seen, said, dark))
        return
    answers.show(Case(lesson, seen, said.alone(), baseline_accuracy(seen.y_test), dark))
    activation(said.alone())


def activation(outputs: Outputs) -> None:
    name = shown.experiment.model.output_activation
    st.subheader(f"The activation, {name}, and where its sums lie on it", anchor=False)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        chart = outputs_module.activation_curve(name, outputs.sums, outputs.labels)
        st.vega_lite_chart(*chart, key=f"{PAGE}.activation", height=240)
    with right:
        st.markdown(lesson.text(f"curve_{name}", **parts.curve_numbers(name, outputs.sums)))
        st.caption(lesson.text("curve_points"))


def what_is_wrong() -> None:
    """The rung's question; what the diagnosis says would give the answer away."""
    said = said_by(shown)
    if climbed.asks(shown) and said is not None:
        many = shown.experiment.outputs > 1
        numbers = ten.told(said) if many else parts.told(said)
        figures_of = lesson.text("rung_said_ten" if many else "rung_said", **numbers)
        ladder.card(climbed, shown, figures_of)
    if not climbed.waits(shown):
        diagnosis_card.show_diagnosis(page, shown)


def only_one_unit(experiment: Experiment) -> Repair | None:
    """Remove hidden layers in front of a single output: a link may ask for them."""
    if experiment.model.units and experiment.outputs == 1:
        return Repair({"model.units": ()}, "only_one")
    return None


page = open_lesson(PAGE, row, only_one_unit)
lesson, experiment, dataset, dark = page.lesson, page.experiment, page.dataset, page.is_dark
climbed = ladder.standing(lesson, experiment, dataset.embedded)
with st.container(gap="xsmall"):  # so that the bench below is on the first screen
    with prediction_card.show_beside(page):
        look()
    next_step = ladder.row(climbed)
shown = workbench.show_workbench(
    page,
    settings=settings,
    pictures=(weights, outputs),
    speed="full speed" if dataset.embedded else "0.3 s an epoch",  # the sample takes many epochs
)
ladder.guide(next_step, climbed, shown)
what_is_wrong()
build()
test()
show_tool_tabs(
    page,
    shown,
    {"Film": show_perceptron_film, "One batch": show_microscope},
)
downloads.show_downloads(shown)
st.header("5 Ask", anchor=False)
show_presets(page)
