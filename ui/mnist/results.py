"""Lesson 3, Test: what a trained network makes of images that it has never seen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from ui.content.lesson import Lesson, Preset
from ui.core import resources
from ui.core.resources import Outcome
from ui.mnist import figures as parts
from ui.mnist.mistakes import Case, mistakes

#: How many first-layer pictures.
PICTURES = 64


def results(lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset, dark: bool) -> None:
    """Scores, the tutorial's beside them, mistakes, first-layer pictures.

    Args:
        lesson: Whose texts and presets.
        checkpoint: A run with weights.
        dataset: The data that it ran on.
        dark: Whether the page is dark.
    """
    outcome = resources.outcome(checkpoint, dataset)
    preset = preset_of(lesson, checkpoint, dataset)
    if preset is not None:
        _beside_the_tutorial(preset, checkpoint, outcome, dataset)
    _scores(lesson, checkpoint, outcome)
    mistakes(Case.of(lesson, checkpoint, dataset, dark))
    _first_layer(lesson, checkpoint, dataset, dark)


def preset_of(lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> Preset | None:
    """The preset that a finished run is of, if it is of one."""
    if not checkpoint.finished or checkpoint.fingerprint != dataset.fingerprint:
        return None
    for preset in lesson.presets:
        if lesson.default.updated(preset.of(dataset.embedded)) == checkpoint.experiment:
            return preset
    return None


def _beside_the_tutorial(
    preset: Preset, checkpoint: Checkpoint, outcome: Outcome, dataset: Dataset
) -> None:
    """What to expect of a preset, and what its run gave, side by side."""
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{preset.name}**: what to expect on all 60,000 images")
        st.markdown(preset.expect)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**Your run**, on {len(dataset.x_train):,} images")
        said = f"Training accuracy: {_progression(checkpoint.kept_history.get('accuracy', ()))}."
        if "val_accuracy" in checkpoint.history:
            said += f" Held out: {checkpoint.kept_history['val_accuracy'][-1]:.1%}."
        st.markdown(f"{said} Test: {outcome.accuracy:.1%}.")
        if dataset.embedded and preset.expect_sample:
            st.caption(preset.expect_sample)


def _progression(accuracies: Sequence[float]) -> str:
    """Accuracies epoch by epoch, or the first and the last of many."""
    shown = accuracies if len(accuracies) <= 5 else (accuracies[0], accuracies[-1])
    return (" → " if len(accuracies) <= 5 else " … ").join(f"{a:.1%}" for a in shown)


def _scores(lesson: Lesson, checkpoint: Checkpoint, outcome: Outcome) -> None:
    """Accuracy and loss in training, validation and test, and why they differ."""
    history, kept = checkpoint.kept_history, checkpoint.kept_epoch
    epoch = "last epoch" if kept == checkpoint.epoch else f"epoch {kept:,}"
    columns = iter(st.columns(3))
    for title, prefix in ((f"Training, {epoch}", ""), (f"Validation, {epoch}", "val_")):
        if history.get(f"{prefix}accuracy"):
            accuracy, loss = history[f"{prefix}accuracy"][-1], history[f"{prefix}loss"][-1]
            _score(next(columns), title, accuracy, loss)
    _score(next(columns), "Test set", outcome.accuracy, outcome.loss)
    if history.get("accuracy"):
        points = 100 * (outcome.accuracy - history["accuracy"][-1])
        side = "above" if points >= 0 else "below"
        st.markdown(lesson.text("differ", points=abs(points), side=side))


def _score(
    column: st.delta_generator.DeltaGenerator, title: str, accuracy: float, loss: float
) -> None:
    column.metric(
        title, f"{accuracy:.2%}", f"loss {loss:.4g}", delta_color="off", delta_arrow="off"
    )


def _first_layer(lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset, dark: bool) -> None:
    """The first layer's weights as larger pictures; for no hidden layer, one for each class."""
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    if len(network.layers) > 1:
        units = min(network.layers[0].kernel.shape[1], PICTURES)
        left, right = st.columns([1, 1.8], gap="medium")
        left.markdown(lesson.text("first_layer", units=units))
        pictures = parts.first_layer(network, dark, PICTURES)
        right.image(pictures, width="stretch", alt="Weights as pictures")
        return
    st.markdown(lesson.text("first_layer_of_outputs"))
    with st.container(horizontal=True, gap="medium"):
        for address, name in zip(
            parts.output_pictures(network, dark), dataset.class_names, strict=True
        ):
            st.image(address, name, width=140)
