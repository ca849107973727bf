"""One neuron's weights and its bias: which neuron, its formula, and a slider for each number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from ui.components.network import Node, clicked
from ui.core import state
from ui.core.keys import Key
from ui.rounding.manual_weights.position import Position, move

FIRST = Node(1, 0)
#: The neuron whose numbers are shown.
NEURON: Key[Node] = Key("rounding.hand.neuron", FIRST)
CHOICE: Key[Node] = Key("rounding.hand.choice", FIRST)
#: Slider and field of each number, by its place.
SLIDER: Key[float] = Key("rounding.hand.slide", 0.0)
FIELD: Key[float | None] = Key("rounding.hand.type", None)
#: The drawing in which a neuron can be clicked.
DRAWING = "rounding.hand.network"
#: Sliders reach so far to either side, further where a weight is larger.
SLIDER_REACH = 10.0
#: Numbers up to this size can be typed.
FIELD_REACH = 1e6
COLUMNS = 2


class WeightPlace(NamedTuple):
    """The place of one weight or bias.

    Attributes:
        array: Number of the array in `Position.weights`.
        position: Index in that array.
        label: Its name for the learner.
    """

    array: int
    position: tuple[int, ...]
    label: str


def list_places(
    sizes: Sequence[int], neuron: Node, output_names: Sequence[str]
) -> list[WeightPlace]:
    """Return the places of a neuron's weights and its bias.

    Args:
        sizes: Units of each layer, from the inputs to the outputs.
        neuron: The neuron.
        output_names: Names of the outputs.
    """
    layer, unit = neuron
    sources = [name_node(sizes, Node(layer - 1, i), output_names) for i in range(sizes[layer - 1])]
    weights = [
        WeightPlace(2 * layer - 2, (i, unit), f"weight of {source}")
        for i, source in enumerate(sources)
    ]
    return [*weights, WeightPlace(2 * layer - 1, (unit,), "bias")]


def name_node(sizes: Sequence[int], node: Node, output_names: Sequence[str]) -> str:
    """Return a neuron's name for the learner, such as `"unit 3"`."""
    if node.layer == 0:
        return "x"
    if node.layer == len(sizes) - 1:
        return f"output {output_names[node.unit]}"
    return f"unit {node.unit}" + (f" of layer {node.layer}" if len(sizes) > 3 else "")


def chosen_neuron(sizes: Sequence[int]) -> Node:
    """Return the chosen neuron: that of a new click in the drawing, else the last one."""
    click = clicked(DRAWING, sizes)
    if click is not None and click.layer > 0:
        state.put(NEURON, click)
    layer, unit = state.get(NEURON)
    return Node(layer, unit) if layer < len(sizes) and unit < sizes[layer] else FIRST


def show_neuron(at: Position, neuron: Node) -> None:
    """Draw a box with the neuron's name, for learners who do not click, and its formula."""
    sizes, names = at.experiment.layer_sizes, at.dataset.class_names
    nodes = [Node(layer, unit) for layer in range(1, len(sizes)) for unit in range(sizes[layer])]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Neuron**", width="content")
        state.put(CHOICE, neuron)
        st.selectbox(
            "Neuron",
            nodes,
            key=CHOICE.name,
            format_func=lambda node: name_node(sizes, node, names),
            on_change=_choose_neuron,
            label_visibility="collapsed",
            width=180,
        )
        st.markdown(write_formula(at, neuron), width="content")


def _choose_neuron() -> None:
    state.put(NEURON, state.get(CHOICE))


def write_formula(at: Position, neuron: Node) -> str:
    """Return what the neuron computes; with its numbers where there are only two."""
    layers = at.network.layers
    layer = layers[neuron.layer - 1]
    kind, bias = layer.activation, layer.bias[neuron.unit]
    if neuron.layer > 1:
        return f"`{kind}` of its weighted sum"
    weight = layer.kernel[0, neuron.unit]
    formula = f"`{kind}({weight:.4g} · x {'−' if bias < 0 else '+'} {abs(bias):.4g})`"
    bends = kind == "relu" and len(layers) > 1 and weight != 0
    return f"{formula} turns on at x = {0 - bias / weight:.3g}" if bends else formula


def show_sliders(at: Position, neuron: Node) -> None:
    """Draw a slider and a field for each of the neuron's numbers."""
    places = list_places(at.experiment.layer_sizes, neuron, at.dataset.class_names)
    for begin in range(0, len(places), COLUMNS):  # rows keep their order on a phone
        row = places[begin : begin + COLUMNS]
        for column, place in zip(st.columns(COLUMNS, gap="medium"), row, strict=False):
            with column:
                _show_slider(at, place)


def _show_slider(at: Position, place: WeightPlace) -> None:
    value = float(at.weights[place.array][place.position])
    reach = max(SLIDER_REACH, float(math.ceil(abs(value))))
    name = "-".join(map(str, (place.array, *place.position)))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        slider = state.bind_widget(SLIDER.of(name), value)
        st.slider(
            place.label,
            -reach,
            reach,
            step=0.05,
            key=slider,
            on_change=_set_weight,
            args=(at, place, slider),
        )
        field = state.bind_widget(FIELD.of(name), value)
        st.number_input(
            f"{place.label}, typed",
            -max(FIELD_REACH, reach),
            max(FIELD_REACH, reach),
            step=0.1,
            format="%.3f",
            key=field,
            on_change=_set_weight,
            args=(at, place, field),
            label_visibility="collapsed",
            width=110,
        )


def _set_weight(at: Position, place: WeightPlace, name: str) -> None:
    """Take the value of a slider or a field over into the weights.

    Args:
        at: The weights that were shown.
        place: The number to set.
        name: The widget's name. Updates under a stale name are ignored.
    """
    widget: Key[float | None] = Key(name, None)
    value = state.get(widget)
    if value is not None and state.is_current(name):
        weights = [np.array(array) for array in at.weights]
        weights[place.array][place.position] = value
        move(at, replace(at, weights=tuple(weights)))
