"""Lesson 2: one unit says "five" or "not five". It opens broken; the learner mends it."""

import streamlit as st

from nncore.analysis import baseline_accuracy
from nncore.network import activate
from ui import controls, figures, frame, pieces, resources, state, training
from ui.lesson import open_lesson, presets, term
from ui.parts import perceptron as parts
from ui.parts import perceptron_answers as answers
from ui.parts.perceptron import Outputs, Score
from ui.parts.perceptron_answers import Case
from ui.view import View

PAGE = "perceptron"
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu")
LOSSES = ("mean_squared_error", "binary_crossentropy")
PIXELS = {False: "0 to 255", True: "0 to 1"}


def look() -> None:
    numbers = parts.look_numbers(dataset)
    with st.expander(f"**1 Look** · {numbers['samples']:,} digits, {numbers['fives']:,} are fives"):
        left, right = st.columns([1, 1.2])
        with left:
            for label, name in ((1, "Fives, label 1"), (0, "Not fives, label 0")):
                st.caption(name)
                st.image(parts.examples(dataset, label, dark=dark), width=470, alt=name)
        with right:
            st.markdown(lesson.text("look", **numbers))
            st.markdown(lesson.text("baseline", **numbers))
            if dataset.embedded:
                st.markdown(lesson.text("sample"))
            st.caption(dataset.source)
            for note in dataset.notes:
                st.caption(f":material/info: {note}")


def settings() -> None:
    controls.output_activation(PAGE, ACTIVATIONS)
    controls.loss(PAGE, LOSSES)
    controls.segments(PAGE, "data.scaled", "Pixels", PIXELS, help=term("scaling"))
    controls.pair(lambda: controls.optimizer(PAGE), lambda: controls.learning_rate(PAGE))
    controls.pair(lambda: controls.epochs(PAGE, 200), lambda: controls.batch_size(PAGE))
    with st.expander("More settings"):
        controls.validation(PAGE)
        controls.whole(PAGE, "data.samples", "Training images (0: all)", 0, 60_000)
        controls.seed(PAGE)


def weights(shown: View) -> None:
    with training.card("Its 784 weights"):
        kernel = shown.network.layers[0].kernel if shown.network else None
        outputs = outputs_of(shown)
        score = Score.of(outputs.values, outputs.labels) if outputs else None
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            picture = parts.weight_picture(kernel, dataset, dark=dark)
            st.image(picture, width=138, alt="The weights, laid out as the pixels lie")
            st.caption(lesson.text("weights"))
        with right:
            st.markdown(parts.facts(score, baseline))


def histogram(shown: View) -> None:
    with training.card("Its outputs"):
        outputs = outputs_of(shown) or Outputs.none()
        chart = parts.histogram(outputs, parts.KERAS_THRESHOLD)
        st.vega_lite_chart(*chart, key="perceptron.outputs", height=225)


def outputs_of(shown: View) -> Outputs | None:
    """For all test images once it is trained, for some of them as long as it moves."""
    if shown.network is None or shown.checkpoint is None:
        return None
    if shown.trained:
        images, labels = dataset.x_test, dataset.y_test
        sums = resources.weighted_sums(shown.checkpoint, dataset)
    else:
        images, labels = parts.watched(dataset)
        sums, _ = shown.network.forward(images)[-1]
    values = activate(shown.experiment.model.output_activation, sums)
    return Outputs(sums[:, 0], values[:, 0], labels)


def build() -> None:
    with st.expander("**One unit, three switches**, and what the curves say"):
        left, right = st.columns(2)
        with left:
            st.markdown(lesson.text("unit"))
            if experiment.fit.validation == "test":
                st.markdown(lesson.text("curves"))
        with right:
            st.markdown(lesson.text("switches"))
            st.markdown(lesson.text(f"activation_{experiment.model.output_activation}"))
            st.markdown(lesson.text(f"loss_{experiment.fit.loss}"))
            st.markdown(lesson.text("pixels_scaled" if experiment.data.scaled else "pixels_raw"))
        pieces.summary(experiment)


def test() -> None:
    st.header("4 Test", anchor=False)
    outputs = outputs_of(shown) if shown.trained else None
    if outputs is None:
        st.info("Train first: then its answers stand here.", icon=":material/arrow_upward:")
        return
    if shown.checkpoint and shown.checkpoint.failure:
        st.error(lesson.text("diverged"), icon=":material/trending_up:")
    if shown.stale:
        st.caption(":material/history: All below belongs to the run shown above, not the settings.")
    answers.show(Case(lesson, dataset, outputs, baseline, dark))
    activation(outputs)


def activation(outputs: Outputs) -> None:
    name = shown.experiment.model.output_activation
    st.subheader(f"The activation, {name}, and where its sums lie on it", anchor=False)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        chart = figures.activation_curve(name, outputs.sums, outputs.labels)
        st.vega_lite_chart(*chart, key=f"{PAGE}.activation", height=240)
    with right:
        st.markdown(lesson.text(f"curve_{name}", **parts.curve_numbers(name, outputs.sums)))
        st.caption(lesson.text("curve_points"))


frame.guard()
lesson, experiment = open_lesson(PAGE)
if experiment.model.units:  # a link may ask for hidden layers, but this lesson is on one unit
    state.set_experiment(PAGE, experiment.updated({"model.units": ()}))
    state.put(f"link.{PAGE}", [*state.link_complaints(PAGE), lesson.text("only_one")])
    st.rerun()
dataset = resources.dataset(experiment.data)
baseline = baseline_accuracy(dataset.y_test)
dark = st.context.theme.type == "dark"
look()
shown = training.bench(
    lesson,
    experiment,
    dataset,
    settings=settings,
    pictures=(weights, histogram),
    speed="full speed" if dataset.embedded else "0.3 s an epoch",  # the sample takes many epochs
)
build()
test()
pieces.downloads(shown)
st.header("5 Ask", anchor=False)
presets(lesson, dataset.embedded)
