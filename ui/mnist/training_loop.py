"""The training loop of lesson 3, told in five steps beside the experiment's own numbers."""

from __future__ import annotations

import streamlit as st

from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from ui.content.lesson import Lesson
from ui.content.settings import word_value
from ui.mnist import figures as parts
from ui.workbench.run_view import View


def training_loop(lesson: Lesson, shown: View, dataset: Dataset) -> None:
    """The training loop told in five steps, beside this experiment's own numbers.

    Args:
        lesson: Whose texts.
        shown: What is trained, and how far.
        dataset: The data of `shown.experiment`.
    """
    experiment, fit = shown.experiment, shown.experiment.fit
    rows = training_rows(len(dataset.x_train), fit)
    samples = rows.stop - rows.start
    numbers = {
        "samples": samples,
        "batch": min(fit.batch_size, samples),
        "steps": updates_per_epoch(len(dataset.x_train), fit),
        "parameters": experiment.parameters,
        "loss": word_value("fit.loss", fit.loss),
        "optimizer": word_value("fit.optimizer", fit.optimizer),
        "rate": f"{fit.learning_rate:g}",
        "activation": experiment.model.activation if experiment.model.units else "softmax",
    }
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.markdown(lesson.text("loop", **numbers))
    with right:
        if shown.network is None:
            st.info(lesson.text("loop_untrained"), icon=":material/arrow_upward:")
            return
        step = parts.one_step(shown.network, experiment, dataset)
        st.markdown("**The same in this network's numbers**, as it stands now")
        st.code(parts.told(step), language=None, wrap_lines=True)
        st.caption(lesson.text("loop_sgd", **numbers))
