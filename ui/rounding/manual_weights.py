"""Lesson 1's weights set by hand: can a person round as well as a network that was trained?

Where a learner stands, and how changes are taken back, is in `positions.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.charts import decision
from ui.components.network import Node, clicked, draw_network
from ui.content.lesson import Lesson, term
from ui.core import page_runs, state
from ui.rounding import manual_weights_state
from ui.rounding.manual_weights_state import KEY, MOST, Position
from ui.workbench import run_controls
from ui.workbench.run_view import view_of

PAGE = "rounding"
#: How far sliders reach to either side, where a weight is not larger; any number can be typed up to
#: the second.
REACH, TYPED = 10.0, 1e6
#: Sliders side by side.
ABREAST = 2
#: Where the curve is looked at: not at 0.5, where many a network set by hand is of two minds.
LINE = np.linspace(0.0, 1.0, 200, dtype=np.float32)[:, np.newaxis]
#: Where one can begin, by what the buttons say.
STARTS = {
    "run": "This run's weights",
    "first": "Its first weights",
    "zeros": "All zeros",
    "one": "One unit, all zeros",
}
#: Losses to beat, as shares of the loss of a network that knows nothing.
LEVELS = {"hands_nothing": 1.0, "hands_half": 0.5, "hands_tenth": 0.1}


class Number(NamedTuple):
    """One weight or bias: in which array, where in it, and what it is called."""

    array: int
    place: tuple[int, ...]
    label: str


def by_hand(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> None:
    """The tool: a network to click, its numbers to set, and what that makes of the task.

    Args:
        lesson: Whose texts.
        experiment: The page's settings.
        dataset: The data that they ask for.
    """
    if experiment.parameters > MOST:
        count = {"count": experiment.parameters, "most": MOST}
        st.info(lesson.text("hands_too_many", **count), icon=":material/pan_tool:")
    else:
        _tool(lesson, experiment, dataset)


@st.fragment
def _tool(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> None:
    shown = view_of(page_runs.get_run(lesson.name), experiment, dataset)
    found = manual_weights_state.starts(shown, experiment, dataset.fingerprint)
    at = manual_weights_state.now(found)
    st.markdown(lesson.text("hands"))
    _buttons(at, found)
    if other := _other_settings(at, experiment):
        st.caption(f":material/history: {lesson.text('hands_other')} {', '.join(other)}.")
    _goals(lesson, at, found.get("run") if shown.trained else None)
    neuron = _neuron(at.experiment.layer_sizes)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        _drawing(at, neuron)
        _score(at)
    with right:
        threshold, names = at.experiment.data.threshold, at.dataset.class_names
        chart = decision.decision_curve(LINE[:, 0], at.network.predict(LINE), threshold, names)
        st.vega_lite_chart(*chart, key=f"{KEY}.curve", height=320)
    _choose(at, neuron)
    _sliders(at, neuron)
    _train_on(lesson, at)


def _buttons(at: Position, found: Mapping[str, Position]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown("Begin with", width="content")
        for name, label in STARTS.items():
            st.button(
                label,
                key=f"{KEY}.start.{name}",
                on_click=manual_weights_state.move,
                args=(at, found.get(name)),
                disabled=name not in found,
                help=None if name in found else "Train first: then it has weights.",
            )
        st.button(
            "Undo",
            key=f"{KEY}.undo",
            icon=":material/undo:",
            on_click=manual_weights_state.undo,
            disabled=not manual_weights_state.past(),
        )


def _other_settings(at: Position, experiment: Experiment) -> list[str]:
    """Which settings of the page were others when these weights were taken up."""
    single = {"model.units": (1,)} if at.name == "one" else {}
    theirs = experiment.updated(single).settings()
    return [
        name.split(".")[1].replace("_", " ")
        for name, value in at.experiment.settings().items()
        if value != theirs[name] and (name == "fit.loss" or not name.startswith("fit."))
    ]


def _neuron(sizes: Sequence[int]) -> Node:
    """The neuron that is chosen: by the click that makes this run, else as it was."""
    click = clicked(f"{KEY}.network", sizes)
    if click is not None and click.layer > 0:
        state.put(f"{KEY}.neuron", click)
    layer, unit = state.get(f"{KEY}.neuron", Node(1, 0))
    return Node(layer, unit) if layer < len(sizes) and unit < sizes[layer] else Node(1, 0)


def _drawing(at: Position, neuron: Node) -> None:
    sizes = at.experiment.layer_sizes
    before = [Node(neuron.layer - 1, unit) for unit in range(sizes[neuron.layer - 1])]
    draw_network(
        sizes,
        at.weights,
        key=f"{KEY}.network",
        labels=(("x",), at.dataset.class_names),
        height=240,
        lit=[neuron, *before],
        clickable=True,
    )


def _score(at: Position) -> None:
    """Loss and accuracy, and the best loss so far."""
    scores, best = at.scores, manual_weights_state.best(at)
    said = f"{scores['accuracy']:.1%} of {len(at.dataset.x_train):,} numbers right"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.metric("Loss, your score", f"{scores['loss']:.3f}", help=term("loss"), width=150)
        st.caption(said if best is None else f"{said}  \nBest so far: **{best:.3f}**")


def _goals(lesson: Lesson, at: Position, trained: Position | None) -> None:
    """The losses to beat, and which of them the learner has beaten from this start."""
    best = manual_weights_state.best(at)
    nothing = replace(at, weights=manual_weights_state.zeros(at.experiment)).scores["loss"]
    goals = {text: share * nothing for text, share in LEVELS.items()}
    if trained is not None and manual_weights_state.task(trained) == manual_weights_state.task(at):
        goals["hands_trained"] = trained.scores["loss"]
    named = {"ln2": " (ln 2)" if math.isclose(nothing, math.log(2), rel_tol=1e-4) else ""}
    said = [
        f"{_mark(best is not None and best < goal)} **{goal:.3f}** {lesson.text(text, **named)}"
        for text, goal in sorted(goals.items(), key=lambda item: -item[1])
    ]
    with st.container(horizontal=True, gap="small"):
        for part in ("Get below", *said):
            st.markdown(part, width="content")


def _mark(beaten: bool) -> str:
    return ":material/check_circle:" if beaten else ":material/radio_button_unchecked:"


# The numbers of one neuron.


def numbers(sizes: Sequence[int], neuron: Node, names: Sequence[str]) -> list[Number]:
    """A neuron's weights and its bias.

    Args:
        sizes: Units from the inputs to the outputs.
        neuron: Whose numbers.
        names: The outputs' names.
    """
    layer, unit = neuron
    sources = [_name(sizes, Node(layer - 1, i), names) for i in range(sizes[layer - 1])]
    weights = [
        Number(2 * layer - 2, (i, unit), f"weight of {source}") for i, source in enumerate(sources)
    ]
    return [*weights, Number(2 * layer - 1, (unit,), "bias")]


def _name(sizes: Sequence[int], node: Node, names: Sequence[str]) -> str:
    if node.layer == 0:
        return "x"
    if node.layer == len(sizes) - 1:
        return f"output {names[node.unit]}"
    return f"unit {node.unit}" + (f" of layer {node.layer}" if len(sizes) > 3 else "")


def _choose(at: Position, neuron: Node) -> None:
    """The neuron by its name: for those who do not click, and to say which one it is."""
    sizes, names = at.experiment.layer_sizes, at.dataset.class_names
    nodes = [Node(layer, unit) for layer in range(1, len(sizes)) for unit in range(sizes[layer])]
    key = f"{KEY}.choice"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Neuron**", width="content")
        state.put(key, neuron)
        st.selectbox(
            "Neuron",
            nodes,
            key=key,
            format_func=lambda node: _name(sizes, node, names),
            on_change=_choose_neuron,
            args=(key,),
            label_visibility="collapsed",
            width=180,
        )
        st.markdown(_formula(at, neuron), width="content")


def _choose_neuron(key: str) -> None:
    state.put(f"{KEY}.neuron", state.get(key, Node(1, 0)))


def _formula(at: Position, neuron: Node) -> str:
    """What the neuron computes, with its numbers where they are few."""
    layers = at.network.layers
    layer = layers[neuron.layer - 1]
    kind, bias = layer.activation, layer.bias[neuron.unit]
    if neuron.layer > 1:
        return f"`{kind}` of its weighted sum"
    weight = layer.kernel[0, neuron.unit]
    formula = f"`{kind}({weight:.4g} · x {'−' if bias < 0 else '+'} {abs(bias):.4g})`"
    bends = kind == "relu" and len(layers) > 1 and weight != 0
    return f"{formula} turns on at x = {0 - bias / weight:.3g}" if bends else formula


def _sliders(at: Position, neuron: Node) -> None:
    found = numbers(at.experiment.layer_sizes, neuron, at.dataset.class_names)
    for begin in range(0, len(found), ABREAST):  # rows keep their order on a phone
        row = found[begin : begin + ABREAST]
        for column, number in zip(st.columns(ABREAST, gap="medium"), row, strict=False):
            with column:
                _slider(at, number)


def _slider(at: Position, number: Number) -> None:
    """A number twice: to be moved, and to be typed."""
    value = float(at.weights[number.array][number.place])
    reach = max(REACH, float(math.ceil(abs(value))))
    name = "-".join(map(str, (number.array, *number.place)))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = state.bind_widget(f"{KEY}.slide.{name}", value)
        st.slider(
            number.label,
            -reach,
            reach,
            step=0.05,
            key=key,
            on_change=_set,
            args=(at, number, key),
        )
        key = state.bind_widget(f"{KEY}.type.{name}", value)
        st.number_input(
            f"{number.label}, typed",
            -max(TYPED, reach),
            max(TYPED, reach),
            step=0.1,
            format="%.3f",
            key=key,
            on_change=_set,
            args=(at, number, key),
            label_visibility="collapsed",
            width=110,
        )


def _set(at: Position, number: Number, key: str) -> None:
    """Takes over what a slider or a field says."""
    value: float | None = state.get(key, None)
    if value is not None and state.is_current(key):
        weights = [np.array(array) for array in at.weights]
        weights[number.array][number.place] = value
        manual_weights_state.move(at, replace(at, weights=tuple(weights)))


def _train_on(lesson: Lesson, at: Position) -> None:
    branch = at.start.with_weights(at.weights)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        go = st.button(
            "Train on from here",
            key=f"{KEY}.train",
            icon=":material/play_arrow:",
            disabled=branch is at.start,
            help=lesson.text("hands_train"),
        )
        with st.popover("Hint", icon=":material/lightbulb:"):
            st.markdown(lesson.text("hands_hint"))
    if go:
        run_controls.train_on(PAGE, branch)
        st.toast(
            "Training goes on from your weights: look at 3 Train.", icon=":material/fork_right:"
        )
        st.rerun()
