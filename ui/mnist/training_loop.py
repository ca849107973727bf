"""Lesson 3, Train: the training loop in five steps, with the experiment's own numbers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from ui.content.settings import word_value
from ui.core import resources
from ui.core.keys import Key
from ui.mnist.training_step import describe_training_step, take_training_step
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

LOOP = Key("mnist.loop", False)


def show_training_loop(page: LessonPage, view: View) -> None:
    """Draw the expander on the training loop; its content only while it is open."""
    title = "**The training loop** in five steps"
    expander = st.expander(title, key=LOOP.name, on_change="rerun")
    if not expander.open:
        return
    dataset = resources.dataset(view.experiment.data)
    numbers = _loop_numbers(view.experiment, dataset)
    left, right = expander.columns(2, gap="medium")
    left.markdown(page.text("loop", **numbers))
    with right:
        if view.network is None:
            st.info(page.text("loop_untrained"), icon=":material/arrow_upward:")
            return
        step = take_training_step(view.network, view.experiment, dataset)
        st.markdown(page.text("loop_numbers"))
        st.code(describe_training_step(step), language=None, wrap_lines=True)
        st.caption(page.text("loop_sgd", **numbers))


def _loop_numbers(experiment: Experiment, dataset: Dataset) -> dict[str, Any]:
    """Return the numbers and words that the text on the loop takes."""
    fit = experiment.fit
    rows = training_rows(len(dataset.x_train), fit)
    samples = rows.stop - rows.start
    return {
        "samples": samples,
        "batch": min(fit.batch_size, samples),
        "steps": updates_per_epoch(len(dataset.x_train), fit),
        "parameters": experiment.parameters,
        "loss": word_value("fit.loss", fit.loss),
        "optimizer": word_value("fit.optimizer", fit.optimizer),
        "rate": f"{fit.learning_rate:g}",
        "activation": experiment.model.activation if experiment.model.units else "softmax",
    }
