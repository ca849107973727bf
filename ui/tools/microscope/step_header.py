"""The head of the microscope: title, Back and Next, the row of steps, and what a step does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import PageKey
from ui.tools.microscope.batch_trace import BatchTrace, TraceStep, loss_activation, text_variant

#: The step that the learner is on; at first the inputs.
CURRENT_STEP = PageKey("scope.at", TraceStep("inputs", 0))
STEP_ROW = PageKey("scope.steps", 0)
BACK, NEXT = PageKey("scope.back", False), PageKey("scope.next", False)


def find_place(page: str, steps: Sequence[TraceStep]) -> int:
    """Return the place of the learner's step; the first one if the network has other steps now."""
    step = state.get(CURRENT_STEP.on(page))
    return steps.index(step) if step in steps else 0


def show_step_header(
    page: str, texts: Lesson, trace: BatchTrace, steps: Sequence[TraceStep], place: int
) -> None:
    """Draw title, Back and Next, the row of steps, and what happens in this one."""
    step, last = steps[place], len(steps) - 1
    title = texts.text(_text_name("title", step, trace), **_text_numbers(step, trace))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        head = texts.text("step", number=place + 1, count=len(steps), title=title)
        st.markdown(f"#### {head}", width="stretch")
        with st.container(horizontal=True, width="content", gap="small"):
            _show_move(page, BACK, "Back", steps[max(0, place - 1)], is_off=place == 0)
            _show_move(page, NEXT, "Next", steps[min(place + 1, last)], is_off=place == last)
    row = STEP_ROW.on(page)
    state.put(row, place)
    st.pills(
        "Steps",
        range(len(steps)),
        format_func=lambda i: _step_name(texts, steps[i], trace),
        required=True,
        key=row.name,
        on_change=lambda: state.put(CURRENT_STEP.on(page), steps[state.get(row)]),
        label_visibility="collapsed",
    )
    _explain(texts, trace, step)


def _explain(texts: Lesson, trace: BatchTrace, step: TraceStep) -> None:
    """Say what happens in a step, and why."""
    if step.kind == "inputs":
        st.markdown(texts.text("intro"))
    st.markdown(texts.text(f"say_{text_variant(step, trace)}"))
    activation = loss_activation(trace)
    on_loss = step.kind == "loss" or (step.kind, step.layer) == ("delta", trace.last)
    if on_loss and trace.is_fused and trace.activation(trace.last) != activation:
        st.caption(texts.text("own_activation", activation=activation))


def _show_move(page: str, key: PageKey[bool], label: str, step: TraceStep, *, is_off: bool) -> None:
    """Draw a button that goes to another step."""
    st.button(
        label,
        key=key.on(page).name,
        icon=f":material/arrow_{'forward' if label == 'Next' else 'back'}:",
        type="primary" if label == "Next" else "secondary",
        disabled=is_off,
        on_click=state.put,
        args=(CURRENT_STEP.on(page), step),
    )


def _step_name(texts: Lesson, step: TraceStep, trace: BatchTrace) -> str:
    return texts.text(_text_name("name", step, trace), **_text_numbers(step, trace))


def _text_name(prefix: str, step: TraceStep, trace: BatchTrace) -> str:
    """Return the name of a step's text; steps on the output layer have their own."""
    if step.layer != trace.last or step.kind in ("loss", "update"):
        return f"{prefix}_{step.kind}"
    if step.kind == "sums":
        return f"{prefix}_logits"
    if (prefix, step.kind) == ("name", "activation"):
        return "name_activation"
    return f"{prefix}_{step.kind}_output"


def _text_numbers(step: TraceStep, trace: BatchTrace) -> dict[str, Any]:
    has_several = trace.last > 2 and 0 < step.layer < trace.last
    activation = trace.activation(step.layer) if step.layer else ""
    return {
        "layer": step.layer,
        "activation": activation,
        "of": f" {step.layer}" if has_several else "",
    }
