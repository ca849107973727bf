"""The tool *By hand*: a network to click, its numbers to set, and how well it then rounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from nncore.experiment import Experiment
from nncore.nn.activations import activate
from ui.charts.decision import decision_curve
from ui.components.network import Node, draw_network
from ui.content.settings import SETTINGS
from ui.core import page_runs, wording
from ui.rounding.manual_weights import position
from ui.rounding.manual_weights.goals import show_goals, show_score
from ui.rounding.manual_weights.position import MAX_PARAMETERS, Position
from ui.rounding.manual_weights.sliders import (
    DRAWING,
    chosen_neuron,
    show_neuron,
    show_sliders,
)
from ui.workbench import run_controls
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View, view_of

#: Inputs at which the outputs are drawn. 0.5 is not among them: there, the outputs of many a
#: network set by hand are equal.
LINE = np.linspace(0.0, 1.0, 200, dtype=np.float32)[:, np.newaxis]
#: Weights to begin with, by the labels of their buttons.
STARTS = {
    "run": "This run's weights",
    "first": "Its first weights",
    "zeros": "All zeros",
    "one": "One unit, all zeros",
}


def show_manual_weights(page: LessonPage, _: View) -> None:
    """Draw the tool, or say that the network is too large for it."""
    parameters = page.experiment.parameters
    if parameters > MAX_PARAMETERS:
        text = page.text("hands_too_many", count=parameters, most=MAX_PARAMETERS)
        st.info(text, icon=":material/pan_tool:")
    else:
        _show_tool(page)


@st.fragment
def _show_tool(page: LessonPage) -> None:
    shown = view_of(page_runs.get_run(page.name), page.experiment, page.dataset)
    starts = position.find_starts(shown, page.experiment, page.dataset.fingerprint)
    at = position.current_position(starts)
    st.markdown(page.text("hands"))
    _show_start_buttons(page, at, starts)
    if changed := list_changed_settings(at, page.experiment):
        st.caption(f":material/history: {page.text('hands_other').strip()} {', '.join(changed)}.")
    show_goals(page.lesson, at, starts.get("run") if shown.trained else None)
    neuron = chosen_neuron(at.experiment.layer_sizes)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        _show_drawing(at, neuron)
        show_score(at)
    with right:
        threshold, names = at.experiment.data.threshold, at.dataset.class_names
        chart = decision_curve(LINE[:, 0], at.network.predict(LINE), threshold, names)
        st.vega_lite_chart(*chart, key="rounding.hand.curve", height=320)
    show_neuron(at, neuron)
    show_sliders(at, neuron)
    _show_training(page, at)


def _show_start_buttons(page: LessonPage, at: Position, starts: Mapping[str, Position]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown("Begin with", width="content")
        for name, label in STARTS.items():
            st.button(
                label,
                key=f"rounding.hand.start.{name}",
                on_click=position.move,
                args=(at, starts.get(name)),
                disabled=name not in starts,
                help=None if name in starts else page.text("hands_no_run"),
            )
        st.button(
            "Undo",
            key="rounding.hand.undo",
            icon=":material/undo:",
            on_click=position.undo,
            disabled=not position.has_changes(),
        )


def list_changed_settings(at: Position, experiment: Experiment) -> list[str]:
    """Return the settings of the page that differ from those of the learner's network."""
    single = {"model.units": (1,)} if at.name == "one" else {}
    theirs = experiment.updated(single).settings()
    return [
        wording.lower_first(SETTINGS[name].label)
        for name, value in at.experiment.settings().items()
        if value != theirs[name] and (name == "fit.loss" or not name.startswith("fit."))
    ]


def _show_drawing(at: Position, neuron: Node) -> None:
    sizes = at.experiment.layer_sizes
    sources = [Node(neuron.layer - 1, unit) for unit in range(sizes[neuron.layer - 1])]
    draw_network(
        sizes,
        at.weights,
        key=DRAWING,
        labels=(("x",), at.dataset.class_names),
        height=240,
        lit=[neuron, *sources],
        clickable=True,
    )


def _show_training(page: LessonPage, at: Position) -> None:
    """Draw the button that trains the learner's weights, and the hint."""
    branch = at.start.with_weights(at.weights)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        is_pressed = st.button(
            "Train on from here",
            key="rounding.hand.train",
            icon=":material/play_arrow:",
            disabled=branch is at.start,
            help=explain_training(page, at.experiment),
        )
        with st.popover("Hint", icon=":material/lightbulb:"):
            st.markdown(write_hint(page, at))
    if is_pressed:
        run_controls.train_on(page.name, branch)
        st.toast(page.text("hands_started"), icon=":material/fork_right:")
        st.rerun()


def explain_training(page: LessonPage, experiment: Experiment) -> str:
    """Return what training from these weights does, for the network's activation."""
    text = page.text("hands_train")
    outputs_zero = float(activate(experiment.model.activation, np.zeros(1))[0]) == 0
    return f"{text}\n{page.text('hands_train_zeros')}" if outputs_zero else text


def write_hint(page: LessonPage, at: Position) -> str:
    """Return one way to round by hand; its numbers follow activation and threshold."""
    model, data = at.experiment.model, at.experiment.data
    at_threshold = float(activate(model.activation, np.array([data.threshold]))[0])
    hint = page.text(
        "hands_hint",
        activation=model.activation,
        output=at.dataset.class_names[1],
        threshold=data.threshold,
        at_threshold=f"{at_threshold:.3g}",
        bias=f"{-10 * at_threshold + 0.0:.3g}".replace("-", "−"),
    )
    is_right = not data.label_noise and model.output_activation != "linear"
    return f"{hint}\n{page.text('hands_hint_steeper')}" if is_right else hint
