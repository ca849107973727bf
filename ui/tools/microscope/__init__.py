"""The tool "One batch": a few samples go through the network, back, and change it, step by step.

What a step shows is worked out in `lines.py`; here it is drawn, and what the learner
chooses is kept: the step, the batch (`batch.py`), the sample, the neuron, its input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from ui.charts.images import png_data_uri, to_grey, to_rgb
from ui.charts.palette import NEGATIVE, POSITIVE
from ui.components.network import Node, clicked, draw_network
from ui.content.lesson import Lesson, load
from ui.core import resources, state
from ui.tools.microscope import batch as batches
from ui.tools.microscope.case import (
    Case,
    Choice,
    Step,
    lit,
    natural_activation,
    pictures,
    steps,
    variant,
)
from ui.tools.microscope.lines import Table, explain
from ui.tools.microscope.numbers import ROWS, plain
from ui.workbench import run_controls
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]

#: Pixels: the drawing, and a picture of 28 x 28.
HEIGHT, PICTURE = 260, 84


def show_microscope(page: LessonPage, shown: View) -> None:
    """Draw the tool for the network that a page shows.

    Args:
        page: The page.
        shown: What the page shows: the run whose weights are looked at.
    """
    texts, run, checkpoint = load("microscope"), state.run(page.name), shown.checkpoint
    stepping = run is not None and run.peek().stepping
    if checkpoint is None or not checkpoint.weights:
        _begin(page.name, texts, shown, waiting=stepping)
    elif shown.state is not None and shown.state.active and not stepping:
        st.info(texts.text("moving"), icon=":material/pause:")
    else:
        _steps(page.name, texts, checkpoint, stale=bool(shown.stale))


def _begin(page: str, texts: Lesson, shown: View, *, waiting: bool) -> None:
    if waiting:
        st.caption(texts.text("waiting"))
        return
    st.info(texts.text("nothing"), icon=":material/arrow_upward:")
    st.button(
        texts.text("start"),
        key=f"{page}.scope.start",
        icon=":material/casino:",
        on_click=run_controls.begin,
        args=(page, shown.experiment, shown.dataset.fingerprint),
    )


def _steps(page: str, texts: Lesson, checkpoint: Checkpoint, *, stale: bool) -> None:
    """Redraws the tool alone when the learner steps, clicks or chooses."""

    @st.fragment
    def frame() -> None:
        dataset = resources.dataset(checkpoint.experiment.data)
        batch = batches.chosen(page, checkpoint, dataset)
        if batch is None:
            batches.controls(page, texts, checkpoint, dataset)
            own = state.get(f"{page}.scope.numbers", batches.NUMBERS)
            image = checkpoint.experiment.data.is_image
            st.warning(texts.text("pick_images") if image else texts.text("no_numbers", text=own))
            return
        case = Case.of(checkpoint, dataset, batch.x, batch.y)
        way = steps(case)
        at = _place(page, way)
        step = _header(page, texts, case, way, at)
        if step.kind == "inputs":
            st.caption(_standing(texts, checkpoint, stale=stale))
            batches.controls(page, texts, checkpoint, dataset)
        _draw(page, texts, case, step)

    frame()


def _standing(texts: Lesson, checkpoint: Checkpoint, *, stale: bool) -> str:
    """Which weights these are."""
    done = checkpoint.updates
    said = texts.text("by_hand" if checkpoint.edits else "starting")
    if done:
        said = texts.text("standing", updates=done, next=done + 1)
    notes = [said, texts.text("other") if stale else ""]
    notes.append(texts.text("dropout") if checkpoint.experiment.model.dropout else "")
    return " ".join(filter(None, notes))


# The row of steps


def _place(page: str, way: Sequence[Step]) -> int:
    """Where the learner is on the way; at its beginning where the network has changed."""
    step = state.get(f"{page}.scope.at", way[0])
    return way.index(step) if step in way else 0


def _header(page: str, texts: Lesson, case: Case, way: Sequence[Step], at: int) -> Step:
    """Draws title, Back and Next, the row of steps, and what happens in this one."""
    step = way[at]
    title = texts.text(_titled("title", step, case), **_numbers(step, case))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        head = texts.text("step", number=at + 1, count=len(way), title=title)
        st.markdown(f"#### {head}", width="stretch")
        with st.container(horizontal=True, width="content", gap="small"):
            after, end = min(at + 1, len(way) - 1), at == len(way) - 1
            _go(page, "Back", "arrow_back", way[max(0, at - 1)], off=at == 0)
            _go(page, "Next", "arrow_forward", way[after], off=end)
    key = f"{page}.scope.steps"
    state.put(key, at)
    st.pills(
        "Steps",
        range(len(way)),
        format_func=lambda i: _named(texts, way[i], case),
        required=True,
        key=key,
        on_change=lambda: state.put(f"{page}.scope.at", way[state.get(key, 0)]),
        label_visibility="collapsed",
    )
    _say(texts, case, step)
    return step


def _say(texts: Lesson, case: Case, step: Step) -> None:
    """What happens in a step, and why."""
    if step.kind == "inputs":
        st.markdown(texts.text("intro"))
    st.markdown(texts.text(f"say_{variant(step, case)}"))
    natural = natural_activation(case)
    on_loss = step.kind == "loss" or (step.kind, step.layer) == ("delta", case.last)
    if on_loss and case.fused and case.activation(case.last) != natural:
        st.caption(texts.text("own_activation", activation=natural))


def _go(page: str, label: str, icon: str, step: Step, *, off: bool) -> None:
    st.button(
        label,
        key=f"{page}.scope.{label.lower()}",
        icon=f":material/{icon}:",
        type="primary" if label == "Next" else "secondary",
        disabled=off,
        on_click=state.put,
        args=(f"{page}.scope.at", step),
    )


def _named(texts: Lesson, step: Step, case: Case) -> str:
    return texts.text(_titled("name", step, case), **_numbers(step, case))


def _titled(what: str, step: Step, case: Case) -> str:
    """Which of the texts names a step: those on the output layer have their own."""
    if step.layer != case.last or step.kind in ("loss", "update"):
        return f"{what}_{step.kind}"
    if step.kind == "sums":
        return f"{what}_logits"
    if (what, step.kind) == ("name", "activation"):
        return "name_activation"
    return f"{what}_{step.kind}_output"


def _numbers(step: Step, case: Case) -> dict[str, object]:
    several = case.last > 2 and 0 < step.layer < case.last
    activation = case.activation(step.layer) if step.layer else ""
    of = f" {step.layer}" if several else ""
    return {"layer": step.layer, "activation": activation, "of": of}


# The drawing, and what is chosen in it


def _draw(page: str, texts: Lesson, case: Case, step: Step) -> None:
    key, sizes = f"{page}.scope.network", case.experiment.layer_sizes
    node = clicked(key, sizes)
    if node is not None:
        _take(page, step, node)
    if step.kind == "update":
        step = step._replace(layer=min(state.get(f"{page}.scope.layer", step.layer), case.last))
    left, right = st.columns([1, 1.75], gap="medium")
    with right:
        choice = _choice(page, case, step)
        _explain(texts, case, step, choice)
    with left:
        _network(texts, case, key, lit(step, case, choice), _WAYS.get(step.kind, ""))
        _pictures(pictures(step, case, choice))


#: Which way each step goes; on the others there is no neuron to choose.
_WAYS = {
    "sums": "forwards",
    "activation": "forwards",
    "delta": "backwards",
    "gradient": "backwards",
    "update": "done",
}


def _network(
    texts: Lesson, case: Case, key: str, lit: list[tuple[int, int]] | None, way: str
) -> None:
    names = case.names if case.size(case.last) > 1 else case.names[-1:]
    weights = [w for layer in case.network.layers for w in (layer.kernel, layer.bias)]
    draw_network(
        case.experiment.layer_sizes,
        weights,
        key=key,
        activations=[layer.activation for layer in case.network.layers],
        labels=(("x",) if case.network.inputs == 1 else (), names),
        height=HEIGHT,
        lit=lit,
        clickable=True,
    )
    if way:
        st.caption(f"{texts.text(way)} · {texts.text('neurons')}")


def _take(page: str, step: Step, node: Node) -> None:
    """Keeps the neuron that was clicked; below the step's layer it is an input of the neuron."""
    if step.kind == "update" and node.layer:
        state.put(f"{page}.scope.layer", node.layer)
    if step.kind == "gradient" and node.layer == step.layer - 1:
        state.put(f"{page}.scope.source.{step.layer}", node.unit)
    elif node.layer:
        state.put(f"{page}.scope.unit.{node.layer}", node.unit)


def _choice(page: str, case: Case, step: Step) -> Choice:
    """Draws what can be chosen at a step: sample, layer, neuron, where its weight comes from."""
    wanted = _CHOICES[step.kind]
    layer = step.layer
    sample, unit, source = 0, 0, 0
    with st.container(horizontal=True, gap="small"):
        if "sample" in wanted:
            sample = _pick(page, "sample", "Sample", range(case.count), lambda i: f"#{i + 1}")
        if "layer" in wanted and case.last > 1:
            layers = range(1, case.last + 1)
            layer = _pick(page, "layer", "Layer", layers, lambda i: _layer(case, i), step.layer)
        if "unit" in wanted:
            units = range(case.size(layer))
            unit = _pick(page, f"unit.{layer}", "Neuron", units, lambda i: case.name(layer, i))
        if "source" in wanted:
            source = _source(page, case, layer, unit)
        elif step.kind == "inputs" and case.experiment.data.is_image:
            source = _pixel(page, case, sample)
    return Choice(sample, unit, source)


_CHOICES = {
    "inputs": ("sample",),
    "sums": ("sample", "unit"),
    "activation": ("sample", "unit"),
    "loss": ("sample",),
    "delta": ("sample", "unit"),
    "gradient": ("unit", "source"),
    "update": ("layer", "unit", "source"),
}


def _layer(case: Case, layer: int) -> str:
    return "outputs" if layer == case.last else f"hidden layer {layer}"


def _source(page: str, case: Case, layer: int, unit: int) -> int:
    """Where the weight comes from; of many inputs the one with the largest gradient at first."""
    gradients = np.nan_to_num(np.abs(case.gradients(layer, unit)))
    places = np.arange(len(gradients))
    if len(places) > ROWS + 1:
        places = np.argsort(-gradients[:-1], kind="stable")
        places = np.append(places, len(places))
    return _pick(
        page, f"source.{layer}", "Weight from", places.tolist(), lambda i: case.name(layer - 1, i)
    )


def _pixel(page: str, case: Case, sample: int) -> int:
    places = np.argsort(-case.passed.inputs[sample], kind="stable").tolist()
    return _pick(page, "source.1", "Pixel", places, lambda i: case.name(0, i))


def _pick(
    page: str,
    name: str,
    label: str,
    options: Sequence[int],
    form: Callable[[int], str],
    first: int | None = None,
) -> int:
    """Draws a select box whose value is kept while other steps, without it, are shown."""
    key, keep = batches.kept_widget(page, name, first)
    if state.get(key, None) not in options:
        state.put(key, options[0])
    st.selectbox(
        label,
        options,
        key=key,
        format_func=form,
        on_change=keep,
        width=140,
    )
    return int(state.get(key, options[0]))


# What a step shows


def _explain(texts: Lesson, case: Case, step: Step, choice: Choice) -> None:
    shown = explain(step, case, choice)
    if shown.lines:
        with st.container(border=True, gap="small"):
            st.caption(_what(texts, case, step, choice))
            for line in shown.lines:
                st.markdown(line)
    for table in shown.tables:
        _table(table)
    st.caption(texts.text("rounded"))
    if step.kind == "update":
        before, after = plain(case.passed.loss), plain(case.after)
        less = texts.text("smaller" if case.after < case.passed.loss else "larger")
        st.markdown(f"{texts.text('after', before=before, after=after)} {less}")


def _what(texts: Lesson, case: Case, step: Step, choice: Choice) -> str:
    """What the worked line is on."""
    wanted = _CHOICES[step.kind]
    if step.kind == "inputs":
        return texts.text("worked", what=f"sample #{choice.sample + 1}")
    what = case.name(step.layer, choice.unit) if "unit" in wanted else "the batch"
    if "source" in wanted:
        what = f"{case.name(step.layer - 1, choice.source)} → {what}"
    if "sample" in wanted and "unit" in wanted:
        return texts.text("worked_sample", what=what, sample=choice.sample + 1)
    return texts.text("worked", what=what)


def _table(table: Table) -> None:
    import pyarrow as pa

    st.caption(table.title)
    unbroken = {  # rather scrolled than broken in the middle of a number
        name: [text.replace(" ", "\u00a0") for text in texts]
        for name, texts in table.columns.items()
    }
    st.table(pa.table(unbroken), border="horizontal", width="content", hide_index=True)


def _pictures(found: dict[str, Array]) -> None:
    """Pictures side by side: pixels as ink on paper, weights and gradients in their two colours."""
    if not found:
        return
    dark = st.context.theme.type == "dark"
    with st.container(horizontal=True, gap="xsmall"):
        for caption, values in found.items():
            if caption.startswith("Image"):
                colours = to_grey(values / (float(values.max()) or 1.0), dark=dark)
            else:
                colours = to_rgb(values, POSITIVE, NEGATIVE, dark=dark)
            with st.container(width=PICTURE, gap=None):
                st.image(png_data_uri(colours, scale=6), width=PICTURE, alt=caption)
                st.caption(caption)
