"""The tool *Outside the data*: the curve far beyond the data, its bends, and other seeds.

Each hidden unit bends the curve in one place. Beyond the last bend a relu network continues in a
straight line, whatever the rule is there.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from nncore.nn.network import Network
from ui.components import clock
from ui.core import page_runs, resources
from ui.rounding.extrapolation.curve import FAR, describe_ends, find_bends, show_curve
from ui.rounding.extrapolation.other_seeds import RUNS, show_other_seeds
from ui.rounding.extrapolation.unit_table import show_unit_table
from ui.workbench import side_runs
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View, view_of

#: Ranges of inputs by the labels of their buttons.
RANGES = {"−10 to 10": (-10.0, 10.0), "−1 to 2": (-1.0, 2.0), "0 to 1": (0.0, 1.0)}


def show_extrapolation(page: LessonPage, _: View) -> None:
    """Draw the tool, again and again while a run that it shows is under way."""
    is_moving = _is_moving(page)

    @clock.every(side_runs.POLL if is_moving else None, key="rounding.outside.clock")
    def show_tool() -> None:
        if is_moving and not _is_moving(page):
            st.rerun()
        shown = view_of(page_runs.get_run(page.name), page.experiment, page.dataset)
        st.markdown(page.text("outside"))
        if shown.network is None:
            st.info(page.text("outside_untrained"), icon=":material/arrow_upward:")
        elif not np.isfinite(shown.network.predict(np.array(FAR))).all():
            st.error(page.text("outside_nan"), icon=":material/trending_up:")
        else:
            _show_network(page, shown, shown.network)

    show_tool()


def _is_moving(page: LessonPage) -> bool:
    """Return True while the drawing may change by itself."""
    run = page_runs.get_run(page.name)
    return side_runs.under_way(RUNS) or (run is not None and run.peek().state.active)


def _show_network(page: LessonPage, shown: View, network: Network) -> None:
    label = st.segmented_control(
        "Inputs",
        list(RANGES),
        default=next(iter(RANGES)),
        required=True,
        key="rounding.reach",
        persist_state="session",
        label_visibility="collapsed",
    )
    span = RANGES[label]
    dataset = resources.dataset(shown.experiment.data)
    left, right = st.columns([1.1, 1], gap="medium")
    with left:
        bends = find_bends(shown.experiment, network)
        show_curve(shown.experiment, network, dataset, span, "rounding.outside", bends=bends)
        st.caption(page.text("outside_key"))
        st.markdown(describe_ends(network, dataset))
    with right:
        show_unit_table(page.lesson, shown.experiment, network)
    st.markdown(page.text("outside_seeds"))
    show_other_seeds(shown, network, dataset, span)
