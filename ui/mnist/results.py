"""Lesson 3, Test: how a trained network does on images that it has never seen."""

from __future__ import annotations

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.charts.weight_pictures import first_layer_png, output_pngs
from ui.content.lesson import Lesson
from ui.core import cached_results, resources
from ui.core.cached_results import Outcome
from ui.core.keys import Key
from ui.core.wording import number
from ui.mnist.evaluated_network import EvaluatedNetwork
from ui.mnist.mistakes import show_mistakes
from ui.mnist.tutorial_comparison import compare_with_tutorial, find_preset
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: First-layer pictures at most.
MAX_PICTURES = 64
PREDICT = Key("mnist.predictions", False)


def show_results(page: LessonPage, view: View) -> None:
    """Draw scores, predictions, mistakes and first-layer pictures of the page's trained network.

    Args:
        page: The page.
        view: The run on the page.
    """
    st.header("4 Test", anchor=False)
    if not view.trained or view.checkpoint is None:
        st.info(page.text("untrained"), icon=":material/arrow_upward:")
        return
    checkpoint, dataset = view.checkpoint, resources.dataset(view.experiment.data)
    outcome = cached_results.outcome(checkpoint, dataset)
    preset = find_preset(page.lesson, checkpoint, dataset)
    if preset is not None:
        compare_with_tutorial(page.lesson, preset, checkpoint, outcome, dataset)
    _show_scores(page.lesson, checkpoint, outcome)
    _show_predict(page, dataset, outcome)
    show_mistakes(EvaluatedNetwork.of_run(page.lesson, checkpoint, dataset, page.is_dark))
    _show_first_layer(page, checkpoint, dataset)


def _show_scores(lesson: Lesson, checkpoint: Checkpoint, outcome: Outcome) -> None:
    """Draw accuracy and loss in training, validation and test, and say why they differ."""
    history, kept = checkpoint.kept_history, checkpoint.kept_epoch
    epoch = "last epoch" if kept == checkpoint.epoch else f"epoch {kept:,}"
    columns = iter(st.columns(3))
    for title, prefix in ((f"Training, {epoch}", ""), (f"Validation, {epoch}", "val_")):
        if history.get(f"{prefix}accuracy"):
            accuracy, loss = history[f"{prefix}accuracy"][-1], history[f"{prefix}loss"][-1]
            _show_score(next(columns), title, accuracy, loss)
    _show_score(next(columns), "Test set", outcome.accuracy, outcome.loss)
    if checkpoint.experiment.fit.validation == "test" and history.get("val_accuracy"):
        st.markdown(lesson.text("test_is_validation"))
    if history.get("accuracy"):
        points = 100 * (outcome.accuracy - history["accuracy"][-1])
        side = "above" if points >= 0 else "below"
        st.markdown(lesson.text("differ", points=abs(points), side=side))


def _show_score(
    column: st.delta_generator.DeltaGenerator, title: str, accuracy: float, loss: float
) -> None:
    column.metric(
        title, f"{accuracy:.2%}", f"loss {number(loss, 4)}", delta_color="off", delta_arrow="off"
    )


def _show_predict(page: LessonPage, dataset: Dataset, outcome: Outcome) -> None:
    """Draw the expander on `predict()` and `argmax`; its content only while it is open."""
    title = "**What `predict()` returns**, and how `argmax` turns it into digits"
    expander = st.expander(title, key=PREDICT.name, on_change="rerun")
    if expander.open:
        with expander:
            st.markdown(page.text("predict", images=outcome.outputs.shape[0]))
            st.code(write_predictions(outcome, dataset), language="python", wrap_lines=True)


def write_predictions(outcome: Outcome, dataset: Dataset) -> str:
    """Return a Python session that looks at the predictions for the test set."""
    outputs = outcome.outputs
    classes = outputs.argmax(axis=-1)
    first = ", ".join(f"{value:.4f}" for value in outputs[0])
    return "\n".join(
        (
            ">>> predictions = model.predict(x_test)",
            ">>> predictions.shape",
            f"{outputs.shape}",
            ">>> predictions[0].round(4)",
            f"array([{first}])",
            ">>> predictions[0].argmax(), y_test[0]",
            f"({classes[0]}, {dataset.y_test[0]})",
            ">>> predictions.argmax(axis=-1)[:10]",
            f"array([{', '.join(map(str, classes[:10]))}])",
            ">>> y_test[:10]",
            f"array([{', '.join(map(str, dataset.y_test[:10]))}], dtype=uint8)",
        )
    )


def _show_first_layer(page: LessonPage, checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Draw the first layer's weights as larger pictures; without a hidden layer one per class."""
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    if len(network.layers) > 1:
        units = min(network.layers[0].kernel.shape[1], MAX_PICTURES)
        left, right = st.columns([1, 1.8], gap="medium")
        left.markdown(page.text("first_layer", units=units))
        pictures = first_layer_png(network, page.is_dark, MAX_PICTURES)
        right.image(pictures, width="stretch", alt="The first layer's weights as pictures")
        return
    st.markdown(page.text("first_layer_of_outputs"))
    with st.container(horizontal=True, gap="medium"):
        for picture, name in zip(
            output_pngs(network, page.is_dark), dataset.class_names, strict=True
        ):
            st.image(picture, name, width=140)
