"""The network at work on a drawing: all layers, one neuron's sum, and the pixels that decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.activation_trace import ActivationTrace, UnitSum, explain_unit, strongest_paths
from nncore.analysis.units import contributions
from nncore.digits.ink import Pixels
from nncore.digits.placement import FIELD
from nncore.digits.preprocess import Stages
from nncore.nn.network import Network
from ui.charts.images import to_rgb
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components import lights
from ui.components.network import Node
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key
from ui.draw import pictures
from ui.draw.prediction_text import describe_prediction
from ui.draw.reader import Reader
from ui.workbench.lesson_page import LessonPage

#: The side of a picture in pixels.
PICTURE = 4 * FIELD
#: The number of a sum's largest parts to list.
LISTED = 5
VALUES, SUMS = "activations", "weighted sums"
#: The card, the lights, and whether they show activations or weighted sums.
OPEN, _LIGHTS = Key("draw.think", False), "draw.lights"
SHOWN = Key("draw.shown", VALUES)
#: The unit whose sum is shown, (layer, unit), and the widgets that choose it.
NEURON = Key[tuple[int, int] | None]("draw.neuron", None)
LAYER, UNIT = Key("draw.neuron.layer", 1), Key("draw.neuron.unit", 0)


def show_card(page: LessonPage, stages: Stages, reader: Reader) -> None:
    """Draw the network at work, if the learner has opened the card.

    Args:
        page: The page.
        stages: The drawing's stages.
        reader: The reader.
    """
    title = "**Look inside** · layer by layer to the prediction"
    box = st.expander(title, key=OPEN.name, on_change="rerun")
    if box.open:
        with box:
            _show_contents(page.lesson, stages, reader, page.dataset.class_names)


@st.fragment
def _show_contents(lesson: Lesson, stages: Stages, reader: Reader, names: Sequence[str]) -> None:
    network = reader.network
    if stages.image is None or network is None:
        name = "think_blank" if stages.image is None else "no_network"
        st.info(lesson.text(name), icon=":material/draw:")
        return
    trace = ActivationTrace.of(network, stages.image)
    if not np.isfinite(trace.outputs).all():
        st.warning(describe_prediction(trace.outputs, names), icon=":material/warning:")
        return
    _show_layers(lesson, trace, names)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_neuron(lesson, trace, names)
    with right:
        _show_deciding_pixels(lesson, network, stages.image, trace, names)


def _show_layers(lesson: Lesson, trace: ActivationTrace, names: Sequence[str]) -> None:
    state.put(SHOWN, state.get(SHOWN))
    st.segmented_control(
        "The lights show",
        [VALUES, SUMS],
        key=SHOWN.name,
        required=True,
        persist_state="session",
    )
    shows_sums = state.get(SHOWN) == SUMS
    best = int(trace.outputs.argmax())
    lights.draw_lights(
        (trace.values[0], *trace.sums) if shows_sums else trace.values,
        strongest_paths(trace, best),
        key=_LIGHTS,
        titles=name_layers(trace.network),
        labels=names,
        chosen=find_node(trace),
        dark=pictures.is_dark(),
        sums=shows_sums,
        on_click=lambda: _click(trace),
    )
    st.caption(lesson.text("think_lights", winner=names[best]))


def name_layers(network: Network) -> list[str]:
    """Return a title for each layer."""
    hidden = [f"{len(layer.bias)} {layer.activation}" for layer in network.layers[:-1]]
    return [f"{network.inputs} inputs", *hidden, network.layers[-1].activation]


def _sizes(trace: ActivationTrace) -> list[int]:
    return [len(layer) for layer in trace.values]


def _click(trace: ActivationTrace) -> None:
    node = lights.clicked(_LIGHTS, _sizes(trace))
    if node is not None:
        _choose(node)


def _choose(node: Node) -> None:
    state.put(NEURON, (node.layer, node.unit))
    state.put(LAYER, node.layer)
    state.put(UNIT, node.unit)


def find_node(trace: ActivationTrace) -> Node:
    """Return the unit whose sum is shown: the learner's choice, or the brightest of layer 1."""
    chosen, sizes = state.get(NEURON), _sizes(trace)
    if chosen is not None and chosen[0] < len(sizes) and chosen[1] < sizes[chosen[0]]:
        return Node(*chosen)
    return Node(1, int(trace.values[1].argmax()))


def _show_neuron(lesson: Lesson, trace: ActivationTrace, names: Sequence[str]) -> None:
    node = find_node(trace)
    st.markdown("**One neuron**", help=lesson.text("think_neuron"))
    _show_choice(trace, node, names)
    unit_sum = explain_unit(trace, node.layer, node.unit)
    _show_product(trace, node, unit_sum)
    activation = trace.network.layers[node.layer - 1].activation
    st.markdown(format_sum(unit_sum, activation, of_pixels=node.layer == 1))
    if node.layer > 1:
        st.caption(describe_largest_parts(unit_sum, node.layer - 1))


def _show_choice(trace: ActivationTrace, node: Node, names: Sequence[str]) -> None:
    """Draw the widgets that choose a unit without a mouse."""
    sizes = _sizes(trace)
    layers = range(1, len(sizes))
    state.put(LAYER, node.layer)
    state.put(UNIT, node.unit)
    outputs = len(sizes) - 1
    left, right = st.columns(2, gap="small")
    left.selectbox(
        "Layer",
        layers,
        key=LAYER.name,
        format_func=lambda layer: "outputs" if layer == outputs else f"hidden layer {layer}",
        on_change=_change_layer,
        args=(trace,),
    )
    last = sizes[node.layer] - 1
    title = f"Digit, {names[0]} to {names[-1]}" if node.layer == outputs else f"Unit, 0 to {last}"
    right.number_input(
        title, 0, last, step=1, key=UNIT.name, on_change=_change_unit, args=(node.layer,)
    )


def _change_layer(trace: ActivationTrace) -> None:
    """Go to the brightest unit of another layer."""
    layer = state.get(LAYER)
    _choose(Node(layer, int(trace.values[layer].argmax())))


def _change_unit(layer: int) -> None:
    state.put(NEURON, (layer, int(state.get(UNIT))))


def _show_product(trace: ActivationTrace, node: Node, unit_sum: UnitSum) -> None:
    """Draw the inputs, the weights and their products as three pictures."""
    inputs = trace.values[node.layer - 1]
    with st.container(horizontal=True, gap="xsmall"):
        for title, numbers in (
            ("inputs", inputs),
            ("× weights", unit_sum.weights),
            ("= parts", unit_sum.parts),
        ):
            with st.container(width=PICTURE + 4, gap=None):
                st.caption(title)
                is_ink = node.layer == 1 and numbers is inputs
                pictures.show_colours(draw_numbers(numbers, grey=is_ink), PICTURE, title)


def draw_numbers(numbers: NDArray[np.float32], *, grey: bool = False) -> NDArray[np.uint8]:
    """Return numbers as colours, in the order of their layer's lights.

    Args:
        numbers: (units,).
        grey: True for ink, in greys; False for numbers above and below 0, in two colours.
    """
    columns = lights.columns(len(numbers))
    rows = -(-len(numbers) // columns)
    grid = np.zeros(rows * columns, np.float32)
    grid[: len(numbers)] = numbers
    shown = grid.reshape(rows, columns)
    dark = pictures.is_dark()
    if grey:
        white = "#ffffff" if dark else "#000000"
        return to_rgb(shown, white, white, dark=dark)
    return to_rgb(shown, POSITIVE, NEGATIVE, dark=dark)


def format_sum(unit_sum: UnitSum, activation: str, *, of_pixels: bool) -> str:
    """Return a unit's sum as a table in Markdown.

    Args:
        unit_sum: The sum.
        activation: The name of the unit's activation function.
        of_pixels: True if its inputs are pixels.
    """
    inputs = "pixels" if of_pixels else "units"
    rows = [
        (f"{inputs} with positive parts", unit_sum.positive),
        (f"{inputs} with negative parts", unit_sum.negative),
        ("its bias", unit_sum.bias),
        ("**weighted sum**", unit_sum.sum),
        (f"**{activation}** of it" if activation != "softmax" else "**softmax**", None),
    ]
    lines = [f"| {name} | {_signed(value)} |" for name, value in rows if value is not None]
    result = f"| {rows[-1][0]} | **{unit_sum.activation:.4g}** |"
    return "\n".join(["| w · x + b | |", "|:--|--:|", *lines, result])


def describe_largest_parts(unit_sum: UnitSum, layer: int) -> str:
    """Return the inputs with the largest parts, in words."""
    order = np.argsort(-np.abs(unit_sum.parts), kind="stable")[:LISTED]
    parts = [f"unit {i}: {_signed(float(unit_sum.parts[i]))}" for i in order]
    return f"The largest parts come from layer {layer}: {', '.join(parts)}."


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


def _show_deciding_pixels(
    lesson: Lesson, network: Network, image: Pixels, trace: ActivationTrace, names: Sequence[str]
) -> None:
    second, first = (int(i) for i in np.argsort(trace.outputs, kind="stable")[-2:])
    winner, other = (contributions(network, image, unit) for unit in (first, second))
    limit = max(float(np.abs(part).max(initial=0.0)) for part in (winner, other)) or 1.0
    st.markdown("**Which pixels decide**", help=lesson.text("think_pixels"))
    shown = (
        (f"for **{names[first]}**", winner),
        (f"for **{names[second]}**", other),
        (f"**{names[first]}** rather than **{names[second]}**", winner - other),
    )
    with st.container(horizontal=True, gap="xsmall"):
        for title, part in shown:
            with st.container(width=PICTURE + 4, gap=None):
                st.caption(title)
                colours = to_rgb(part, POSITIVE, NEGATIVE, limit=limit, dark=pictures.is_dark())
                pictures.show_colours(colours, PICTURE, title.replace("*", ""))
    st.caption(lesson.text("think_colours", winner=names[first], second=names[second]))
