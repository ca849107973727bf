"""The settings of lesson 4's own network."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nncore.experiment import AUGMENTATIONS
from ui.draw import writing_styles
from ui.workbench import tables, widgets, workbench
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
    widgets.hidden_layers(page)
    if not widgets.is_hidden(page, "fit.augment"):
        _show_augmentation(page)
    widgets.pair(page, widgets.STEP_SIZE)
    widgets.pair(
        page,
        {"fit.epochs": partial(widgets.epochs, high=1000), "fit.batch_size": widgets.batch_size},
    )
    widgets.pair(page, {"fit.seed": widgets.seed, "model.activation": widgets.activation})
    st.caption(workbench.describe_size(page.experiment, page.dataset))


def _show_augmentation(page: LessonPage) -> None:
    widgets.choice(page, "fit.augment", AUGMENTATIONS)
    if page.experiment.fit.augment == "styles":
        writing_styles.show(page.lesson)
