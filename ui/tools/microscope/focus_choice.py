"""What the worked line is about: the learner chooses sample, layer, neuron and weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from ui.components.network import Node
from ui.core import state
from ui.core.keys import Key, PageKey
from ui.tools.microscope.batch_choice import keep_widget
from ui.tools.microscope.batch_trace import BatchTrace, Focus, TraceStep
from ui.tools.microscope.formula_terms import ROWS

#: Nothing chosen yet: the first option counts.
_UNCHOSEN = -1
SAMPLE = PageKey("scope.sample", _UNCHOSEN)
LAYER = PageKey("scope.layer", _UNCHOSEN)
#: One key for each layer: the unit, and the input of that unit.
UNIT, SOURCE = PageKey("scope.unit", _UNCHOSEN), PageKey("scope.source", _UNCHOSEN)

#: What can be chosen at each step.
CHOICES = {
    "inputs": ("sample",),
    "sums": ("sample", "unit"),
    "activation": ("sample", "unit"),
    "loss": ("sample",),
    "delta": ("sample", "unit"),
    "gradient": ("unit", "source"),
    "update": ("layer", "unit", "source"),
}


def choose_focus(page: str, trace: BatchTrace, step: TraceStep) -> Focus:
    """Draw the choices of a step, and return what the learner has chosen."""
    choices = CHOICES[step.kind]
    layer = step.layer
    sample, unit, source = 0, 0, 0
    with st.container(horizontal=True, gap="small"):
        if "sample" in choices:
            sample = _pick(SAMPLE.on(page), "Sample", range(trace.count), lambda i: f"#{i + 1}")
        if "layer" in choices and trace.last > 1:
            layers = range(1, trace.last + 1)
            layer = _pick(
                LAYER.on(page), "Layer", layers, lambda i: _layer_name(trace, i), step.layer
            )
        if "unit" in choices:
            units = range(trace.layer_size(layer))
            key = UNIT.on(page).of(layer)
            unit = _pick(key, "Neuron", units, lambda i: trace.neuron_name(layer, i))
        if "source" in choices:
            source = _pick_source(page, trace, layer, unit)
        elif step.kind == "inputs" and trace.experiment.data.is_image:
            source = _pick_pixel(page, trace, sample)
    return Focus(sample, unit, source)


def chosen_layer(page: str, step: TraceStep, trace: BatchTrace) -> int:
    """Return the layer that the update step shows."""
    layer = state.get(LAYER.on(page))
    return step.layer if layer == _UNCHOSEN else min(layer, trace.last)


def take_clicked_neuron(page: str, step: TraceStep, node: Node) -> None:
    """Keep the neuron that was clicked; below the step's layer it is an input of the neuron."""
    if step.kind == "update" and node.layer:
        state.put(LAYER.on(page), node.layer)
    if step.kind == "gradient" and node.layer == step.layer - 1:
        state.put(SOURCE.on(page).of(step.layer), node.unit)
    elif node.layer:
        state.put(UNIT.on(page).of(node.layer), node.unit)


def _layer_name(trace: BatchTrace, layer: int) -> str:
    return "outputs" if layer == trace.last else f"hidden layer {layer}"


def _pick_source(page: str, trace: BatchTrace, layer: int, unit: int) -> int:
    """Draw the choice of a weight's input; of many inputs the largest gradient comes first."""
    gradients = np.nan_to_num(np.abs(trace.gradients(layer, unit)))
    places = np.arange(len(gradients))
    if len(places) > ROWS + 1:
        places = np.argsort(-gradients[:-1], kind="stable")
        places = np.append(places, len(places))
    return _pick(
        SOURCE.on(page).of(layer),
        "Weight from",
        places.tolist(),
        lambda i: trace.neuron_name(layer - 1, i),
    )


def _pick_pixel(page: str, trace: BatchTrace, sample: int) -> int:
    places = np.argsort(-trace.numbers.inputs[sample], kind="stable").tolist()
    return _pick(SOURCE.on(page).of(1), "Pixel", places, lambda i: trace.neuron_name(0, i))


def _pick(
    key: Key[int],
    label: str,
    options: Sequence[int],
    name_option: Callable[[int], str],
    first: int | None = None,
) -> int:
    """Draw a select box whose value is kept while other steps, without it, are shown."""
    widget, keep = keep_widget(key, first)
    if state.get(widget) not in options:
        state.put(widget, options[0])
    st.selectbox(
        label,
        options,
        key=widget.name,
        format_func=name_option,
        on_change=keep,
        width=140,
    )
    return int(state.get(widget))
