"""The settings of lesson 4's own network."""

from __future__ import annotations

import streamlit as st

from nncore.experiment import AUGMENTATIONS
from ui.draw import writing_styles
from ui.workbench import controls, tables, workbench
from ui.workbench.lesson_page import LessonPage


def show_settings(page: LessonPage) -> None:
    """Draw the settings; what is inside only while the card is open, to keep strokes fast."""
    title = "**2 Build** · the network of this page"
    box = st.expander(title, key="draw.build", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(page.text("build"))
        left, right = st.columns(2)
        with left:
            _show_controls(page)
        with right:
            tables.show_model_summary(page.experiment)


def _show_controls(page: LessonPage) -> None:
    controls.hidden_layers(page)
    controls.choice(page, "fit.augment", AUGMENTATIONS)
    if page.experiment.fit.augment == "styles":
        writing_styles.show(page.lesson)
    controls.pair(lambda: controls.optimizer(page), lambda: controls.learning_rate(page))
    controls.pair(lambda: controls.epochs(page, 1000), lambda: controls.batch_size(page))
    controls.pair(lambda: controls.seed(page), lambda: controls.activation(page))
    st.caption(workbench.describe_size(page.experiment, page.dataset))
