"""Step 2 of lesson 1: how the network is built, and what its settings mean."""

from __future__ import annotations

import streamlit as st

from ui.core import wording
from ui.tools.epoch_log import show_epoch_log
from ui.workbench import tables, workbench
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View


def show_explanation(page: LessonPage, shown: View) -> None:
    """Draw how the network is built, how many parameters it has, and what is compiled."""
    with st.expander("**More on 2 and 3** · layers, parameters, compile and fit"):
        left, right = st.columns(2, gap="medium")
        with left:
            st.markdown(page.text("build_code"))
            st.code(print_model(page))
            st.markdown(count_parameters(page))
        with right:
            st.markdown(page.text("compile"))
            st.markdown(page.text("fit"))
            show_epoch_log(page.name, shown)
        tables.show_model_summary(page.experiment)  # wider than a column


def print_model(page: LessonPage) -> str:
    """Return the lines of a Keras program that build the network."""
    model, outputs = page.experiment.model, page.experiment.outputs
    layers = [f"    Dense({units}, activation={model.activation!r})," for units in model.units]
    layers.append(f"    Dense({outputs}, activation={model.output_activation!r}),")
    lines = ["model = keras.Sequential([", "    keras.Input(shape=(1,)),", *layers, "])"]
    return "\n".join(lines).replace("'", '"')


def count_parameters(page: LessonPage) -> str:
    """Return how the number of parameters is counted, in Markdown."""
    experiment = page.experiment
    if len(experiment.model.units) != 1:
        return workbench.describe_size(experiment, page.dataset)
    units = experiment.model.units[0]
    return page.text(
        "parameters",
        units=units,
        units_text=wording.count(units, "unit"),
        inputs_text=wording.count(units, "input"),
        hidden=units * 2,
        output=2 * (units + 1),
        total=experiment.parameters,
    )
