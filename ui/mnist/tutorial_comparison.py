"""A finished preset beside what the tutorial printed: what to expect, and what this run gave."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from ui.content.lesson import Lesson, Preset
from ui.core.cached_results import Outcome
from ui.mnist.printed_epochs import PRINTED_EPOCHS, PRINTED_TESTS, compare_epochs
from ui.workbench import tables


def find_preset(lesson: Lesson, checkpoint: Checkpoint, dataset: Dataset) -> Preset | None:
    """Return the preset that a finished run has the settings of; None if there is none."""
    if not checkpoint.finished or checkpoint.fingerprint != dataset.fingerprint:
        return None
    for preset in lesson.presets:
        if lesson.default.updated(preset.of(dataset.embedded)) == checkpoint.experiment:
            return preset
    return None


def compare_with_tutorial(
    lesson: Lesson, preset: Preset, checkpoint: Checkpoint, outcome: Outcome, dataset: Dataset
) -> None:
    """Draw what to expect of a preset and what its run gave, side by side."""
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{preset.name}**: what to expect on all 60,000 images")
        st.markdown(preset.expect)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**Your run**, on {len(dataset.x_train):,} images")
        accuracies = _write_progress(checkpoint.kept_history.get("accuracy", ()))
        sentence = f"Training accuracy: {accuracies}."
        if "val_accuracy" in checkpoint.history:
            sentence += f" Held out: {checkpoint.kept_history['val_accuracy'][-1]:.1%}."
        st.markdown(f"{sentence} Test: {outcome.accuracy:.1%}.")
        if dataset.embedded and preset.expect_sample:
            st.caption(preset.expect_sample)
    if preset.name in PRINTED_EPOCHS:
        columns = compare_epochs(PRINTED_EPOCHS[preset.name], checkpoint.history)
        tables.show_table(columns, key="mnist.printed")
    if preset.name in PRINTED_TESTS:
        loss, accuracy = PRINTED_TESTS[preset.name]
        own = {"own_loss": outcome.loss, "own_accuracy": outcome.accuracy}
        st.markdown(lesson.text("printed_test", loss=loss, accuracy=accuracy, **own))


def _write_progress(accuracies: Sequence[float]) -> str:
    """Return accuracies epoch by epoch; of many the first and the last."""
    ends = accuracies if len(accuracies) <= 5 else (accuracies[0], accuracies[-1])
    return (" → " if len(accuracies) <= 5 else " … ").join(f"{a:.1%}" for a in ends)
