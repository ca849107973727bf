"""Watch it think, in lesson 4: layer by layer, one neuron's sum, the pixels that decide.

The session holds, beside widgets:

    draw.neuron   the unit whose sum is worked out, as (layer, unit)
"""

# NumPy's own annotations give Any for most of what is computed here.

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.activation_trace import Thought, Working, strongest_paths, work_out
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
from ui.draw import answer
from ui.draw.readers import Reader

#: Pixels of a picture's side.
PICTURE = 4 * FIELD
#: How many of the largest parts of a sum are listed.
LISTED = 5
VALUES, SUMS = "activations", "weighted sums"
CARD_KEY = "draw.think"
_LIGHTS, _NEURON = "draw.lights", "draw.neuron"


def watch(lesson: Lesson, stages: Stages, reader: Reader, names: Sequence[str]) -> None:
    """Draws the network at work, where the learner has opened it.

    Args:
        lesson: Whose texts.
        stages: The drawing on its way.
        reader: Who reads.
        names: What the classes are called.
    """
    title = "**Watch it think** · layer by layer to the answer"
    box = st.expander(title, key=CARD_KEY, on_change="rerun")
    if box.open:
        with box:
            _opened(lesson, stages, reader, names)


@st.fragment
def _opened(lesson: Lesson, stages: Stages, reader: Reader, names: Sequence[str]) -> None:
    network = reader.network
    if stages.image is None or network is None:
        told = "think_blank" if stages.image is None else "no_network"
        st.info(lesson.text(told), icon=":material/draw:")
        return
    thought = Thought.of(network, stages.image)
    if not np.isfinite(thought.outputs).all():
        st.warning(answer.verdict(thought.outputs, names), icon=":material/warning:")
        return
    _layers(lesson, thought, names)
    left, right = st.columns(2, gap="medium")
    with left:
        _neuron(lesson, thought, names)
    with right:
        _deciding(lesson, network, stages.image, thought, names)


# All layers.


def _layers(lesson: Lesson, thought: Thought, names: Sequence[str]) -> None:
    state.put("draw.shown", state.get("draw.shown", VALUES))
    st.segmented_control(
        "The lights show",
        [VALUES, SUMS],
        key="draw.shown",
        required=True,
        persist_state="session",
    )
    summed = state.get("draw.shown", VALUES) == SUMS
    best = int(thought.outputs.argmax())
    lights.draw_lights(
        (thought.values[0], *thought.sums) if summed else thought.values,
        strongest_paths(thought, best),
        key=_LIGHTS,
        titles=titles(thought.network),
        labels=names,
        chosen=chosen(thought),
        dark=answer.dark(),
        on_click=lambda: _click(thought),
    )
    st.caption(lesson.text("think_lights", winner=names[best]))


def titles(network: Network) -> list[str]:
    """What stands above each layer."""
    hidden = [f"{len(layer.bias)} {layer.activation}" for layer in network.layers[:-1]]
    return [f"{network.inputs} inputs", *hidden, network.layers[-1].activation]


def _sizes(thought: Thought) -> list[int]:
    return [len(layer) for layer in thought.values]


def _click(thought: Thought) -> None:
    node = lights.clicked(_LIGHTS, _sizes(thought))
    if node is not None:
        _choose(node)


def _choose(node: Node) -> None:
    state.put(_NEURON, tuple(node))
    state.put("draw.neuron.layer", node.layer)
    state.put("draw.neuron.unit", node.unit)


def chosen(thought: Thought) -> Node:
    """The unit whose sum is worked out: the learner's, else the brightest of layer 1."""
    held = state.get(_NEURON, None)
    sizes = _sizes(thought)
    if held is not None and held[0] < len(sizes) and held[1] < sizes[held[0]]:
        return Node(*held)
    return Node(1, int(thought.values[1].argmax()))


# One neuron.


def _neuron(lesson: Lesson, thought: Thought, names: Sequence[str]) -> None:
    node = chosen(thought)
    st.markdown("**One neuron**", help=lesson.text("think_neuron"))
    _choose_by_hand(thought, node, names)
    working = work_out(thought, node.layer, node.unit)
    _product(thought, node, working)
    activation = thought.network.layers[node.layer - 1].activation
    st.markdown(worked_out(working, activation, of_pixels=node.layer == 1))
    if node.layer > 1:
        st.caption(largest_parts(working, node.layer - 1))


def _choose_by_hand(thought: Thought, node: Node, names: Sequence[str]) -> None:
    """The same choice as by a click, for keyboards."""
    sizes = _sizes(thought)
    layers = range(1, len(sizes))
    state.put("draw.neuron.layer", node.layer)
    state.put("draw.neuron.unit", node.unit)
    outputs = len(sizes) - 1
    left, right = st.columns(2, gap="small")
    left.selectbox(
        "Layer",
        layers,
        key="draw.neuron.layer",
        format_func=lambda layer: "outputs" if layer == outputs else f"hidden layer {layer}",
        on_change=_change_layer,
        args=(thought,),
    )
    last = sizes[node.layer] - 1
    title = f"Digit, {names[0]} to {names[-1]}" if node.layer == outputs else f"Unit, 0 to {last}"
    right.number_input(
        title, 0, last, step=1, key="draw.neuron.unit", on_change=_change_unit, args=(node.layer,)
    )


def _change_layer(thought: Thought) -> None:
    """Goes to the brightest unit of another layer."""
    layer = state.get("draw.neuron.layer", 1)
    _choose(Node(layer, int(thought.values[layer].argmax())))


def _change_unit(layer: int) -> None:
    state.put(_NEURON, (layer, int(state.get("draw.neuron.unit", 0))))


def _product(thought: Thought, node: Node, working: Working) -> None:
    """What goes in, the weights, and their product, as three pictures."""
    inputs = thought.values[node.layer - 1]
    with st.container(horizontal=True, gap="xsmall"):
        for title, numbers in (
            ("inputs", inputs),
            ("× weights", working.weights),
            ("= parts", working.parts),
        ):
            with st.container(width=PICTURE + 4, gap=None):
                st.caption(title)
                ink = node.layer == 1 and numbers is inputs
                answer.show(picture(numbers, grey=ink), PICTURE, title)


def picture(numbers: NDArray[np.float32], *, grey: bool = False) -> NDArray[np.uint8]:
    """Numbers in the order of their layer's lights, as colours.

    Args:
        numbers: (units,).
        grey: Whether they are ink rather than above and below 0.
    """
    columns = lights.columns(len(numbers))
    rows = -(-len(numbers) // columns)
    grid = np.zeros(rows * columns, np.float32)
    grid[: len(numbers)] = numbers
    shown = grid.reshape(rows, columns)
    dark = answer.dark()
    if grey:
        white = "#ffffff" if dark else "#000000"
        return to_rgb(shown, white, white, dark=dark)
    return to_rgb(shown, POSITIVE, NEGATIVE, dark=dark)


def worked_out(working: Working, activation: str, *, of_pixels: bool) -> str:
    """A unit's sum as a table in Markdown.

    Args:
        working: The sum.
        activation: The unit's activation function.
        of_pixels: Whether its inputs are pixels.
    """
    what = "pixels" if of_pixels else "units"
    rows = [
        (f"{what} that speak for it", working.positive),
        (f"{what} that speak against it", working.negative),
        ("its bias", working.bias),
        ("**weighted sum**", working.sum),
        (f"**{activation}** of it" if activation != "softmax" else "**softmax**", None),
    ]
    lines = [f"| {name} | {_signed(value)} |" for name, value in rows if value is not None]
    result = f"| {rows[-1][0]} | **{working.activation:.4g}** |"
    return "\n".join(["| w · x + b | |", "|:--|--:|", *lines, result])


def largest_parts(working: Working, layer: int) -> str:
    """The inputs that add or take most, in words."""
    order = np.argsort(-np.abs(working.parts), kind="stable")[:LISTED]
    parts = [f"unit {i}: {_signed(float(working.parts[i]))}" for i in order]
    return f"The largest parts come from layer {layer}: {', '.join(parts)}."


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


# Which pixels decide.


def _deciding(
    lesson: Lesson, network: Network, image: Pixels, thought: Thought, names: Sequence[str]
) -> None:
    second, first = (int(i) for i in np.argsort(thought.outputs, kind="stable")[-2:])
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
                colours = to_rgb(part, POSITIVE, NEGATIVE, limit=limit, dark=answer.dark())
                answer.show(colours, PICTURE, title.replace("*", ""))
    st.caption(lesson.text("think_colours", winner=names[first], second=names[second]))
