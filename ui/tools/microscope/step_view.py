"""One step of the microscope, drawn: the network, the pictures, the worked line and the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.charts.images import png_data_uri, to_grey, to_rgb
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components.network import clicked, draw_network
from ui.content.lesson import Lesson
from ui.core.keys import PageKey
from ui.tools.microscope.backward_steps import explain_delta, explain_gradient
from ui.tools.microscope.batch_trace import (
    BatchTrace,
    Focus,
    TraceStep,
    lit_neurons,
    step_pictures,
)
from ui.tools.microscope.explanation_tables import Explanation, Table
from ui.tools.microscope.focus_choice import (
    CHOICES,
    choose_focus,
    chosen_layer,
    take_clicked_neuron,
)
from ui.tools.microscope.formula_terms import write_digits
from ui.tools.microscope.forward_steps import (
    explain_activation,
    explain_inputs,
    explain_loss,
    explain_sums,
)
from ui.tools.microscope.update_step import explain_update

Array: TypeAlias = NDArray[Any]

#: Height of the drawing, and side of a picture of 28 x 28, in pixels.
HEIGHT, PICTURE_SIDE = 260, 84
#: The drawing of the network.
NETWORK = PageKey("scope.network", None)
#: The caption of a step's direction; the other steps have no neuron to choose.
_DIRECTIONS = {
    "sums": "forwards",
    "activation": "forwards",
    "delta": "backwards",
    "gradient": "backwards",
    "update": "done",
}
_EXPLAIN: dict[str, Callable[[int, BatchTrace, Focus], Explanation]] = {
    "inputs": explain_inputs,
    "sums": explain_sums,
    "activation": explain_activation,
    "loss": explain_loss,
    "delta": explain_delta,
    "gradient": explain_gradient,
    "update": explain_update,
}


def show_step(page: str, texts: Lesson, trace: BatchTrace, step: TraceStep) -> None:
    """Draw a step: on the left the network and pictures, on the right the worked numbers."""
    key = NETWORK.on(page).name
    node = clicked(key, trace.experiment.layer_sizes)
    if node is not None:
        take_clicked_neuron(page, step, node)
    if step.kind == "update":
        step = step._replace(layer=chosen_layer(page, step, trace))
    left, right = st.columns([1, 1.75], gap="medium")
    with right:
        focus = choose_focus(page, trace, step)
        _show_explanation(texts, trace, step, focus)
    with left:
        _show_network(key, trace, lit_neurons(step, trace, focus))
        if step.kind in _DIRECTIONS:
            st.caption(f"{texts.text(_DIRECTIONS[step.kind])} · {texts.text('neurons')}")
        _show_pictures(step_pictures(step, trace, focus))


def _show_network(key: str, trace: BatchTrace, lit: list[tuple[int, int]] | None) -> None:
    names = trace.names if trace.layer_size(trace.last) > 1 else trace.names[-1:]
    weights = [w for layer in trace.network.layers for w in (layer.kernel, layer.bias)]
    draw_network(
        trace.experiment.layer_sizes,
        weights,
        key=key,
        activations=[layer.activation for layer in trace.network.layers],
        labels=(("x",) if trace.network.inputs == 1 else (), names),
        height=HEIGHT,
        lit=lit,
        clickable=True,
    )


def _show_explanation(texts: Lesson, trace: BatchTrace, step: TraceStep, focus: Focus) -> None:
    explanation = explain_step(step, trace, focus)
    if explanation.lines:
        with st.container(border=True, gap="small"):
            st.caption(_describe_focus(texts, trace, step, focus))
            for line in explanation.lines:
                st.markdown(line)
    for table in explanation.tables:
        _show_table(table)
    st.caption(texts.text("rounded"))
    if step.kind == "update":
        before, after = write_digits(trace.numbers.loss), write_digits(trace.loss_after)
        verdict = texts.text("smaller" if trace.loss_after < trace.numbers.loss else "larger")
        st.markdown(f"{texts.text('after', before=before, after=after)} {verdict}")


def _describe_focus(texts: Lesson, trace: BatchTrace, step: TraceStep, focus: Focus) -> str:
    """Return the caption of the worked line: which neuron, weight and sample it is about."""
    choices = CHOICES[step.kind]
    if step.kind == "inputs":
        return texts.text("worked", what=f"sample #{focus.sample + 1}")
    what = trace.neuron_name(step.layer, focus.unit) if "unit" in choices else "the batch"
    if "source" in choices:
        what = f"{trace.neuron_name(step.layer - 1, focus.source)} → {what}"
    if "sample" in choices and "unit" in choices:
        return texts.text("worked_sample", what=what, sample=focus.sample + 1)
    return texts.text("worked", what=what)


def _show_table(table: Table) -> None:
    import pyarrow as pa

    st.caption(table.title)
    unbroken = {  # a scroll bar is better than a line break inside a number
        name: [text.replace(" ", "\u00a0") for text in texts]
        for name, texts in table.columns.items()
    }
    st.table(pa.table(unbroken), border="horizontal", width="content", hide_index=True)


def _show_pictures(pictures: dict[str, Array]) -> None:
    """Draw pictures side by side: pixels as ink on paper, weights and gradients in two colours."""
    if not pictures:
        return
    is_dark = st.context.theme.type == "dark"
    with st.container(horizontal=True, gap="xsmall"):
        for caption, values in pictures.items():
            if caption.startswith("Image"):
                colours = to_grey(values / (float(values.max()) or 1.0), dark=is_dark)
            else:
                colours = to_rgb(values, POSITIVE, NEGATIVE, dark=is_dark)
            with st.container(width=PICTURE_SIDE, gap=None):
                st.image(png_data_uri(colours, scale=6), width=PICTURE_SIDE, alt=caption)
                st.caption(caption)


def explain_step(step: TraceStep, trace: BatchTrace, focus: Focus) -> Explanation:
    """Return the tables of a step, and the worked lines for the learner's choice."""
    with np.errstate(all="ignore"):  # a diverged network shows its NaN and infinity
        return _EXPLAIN[step.kind](step.layer, trace, focus)
