"""The tool "One batch" on a page: the network it looks at, and the step the learner is on."""

from __future__ import annotations

import streamlit as st

from nncore.checkpoint import Checkpoint
from ui.content.lesson import Lesson, load
from ui.core import page_runs, resources, state
from ui.core.keys import PageKey
from ui.tools.microscope.batch_choice import NUMBERS, choose_batch, show_batch_choice
from ui.tools.microscope.batch_trace import BatchTrace, list_steps
from ui.tools.microscope.step_header import find_place, show_step_header
from ui.tools.microscope.step_view import show_step
from ui.workbench import run_controls
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

START = PageKey("scope.start", False)


def show_microscope(page: LessonPage, view: View) -> None:
    """Draw the tool for the network that a page shows.

    Args:
        page: The page.
        view: The run whose weights are looked at.
    """
    texts, run, checkpoint = load("microscope"), page_runs.get_run(page.name), view.checkpoint
    is_stepping = run is not None and run.peek().stepping
    if checkpoint is None or not checkpoint.weights:
        _offer_start(page.name, texts, view, is_waiting=is_stepping)
    elif view.state is not None and view.state.active and not is_stepping:
        st.info(texts.text("moving"), icon=":material/pause:")
    else:
        _show_steps(page.name, texts, checkpoint, is_stale=bool(view.stale))


def _offer_start(page: str, texts: Lesson, view: View, *, is_waiting: bool) -> None:
    if is_waiting:
        st.caption(texts.text("waiting"))
        return
    st.info(texts.text("nothing"), icon=":material/arrow_upward:")
    st.button(
        texts.text("start"),
        key=START.on(page).name,
        icon=":material/casino:",
        on_click=run_controls.begin,
        args=(page, view.experiment, view.dataset.fingerprint),
    )


def _show_steps(page: str, texts: Lesson, checkpoint: Checkpoint, *, is_stale: bool) -> None:
    """Draw the steps in a fragment: a step, a click or a choice redraws the tool alone."""

    @st.fragment
    def draw() -> None:
        dataset = resources.dataset(checkpoint.experiment.data)
        batch = choose_batch(page, checkpoint, dataset)
        if batch is None:
            show_batch_choice(page, texts, checkpoint, dataset)
            _say_unusable(page, texts, checkpoint)
            return
        trace = BatchTrace.of_run(checkpoint, dataset, batch.x, batch.y)
        steps = list_steps(trace)
        place = find_place(page, steps)
        show_step_header(page, texts, trace, steps, place)
        if steps[place].kind == "inputs":
            st.caption(_describe_weights(texts, checkpoint, is_stale=is_stale))
            show_batch_choice(page, texts, checkpoint, dataset)
        show_step(page, texts, trace, steps[place])

    draw()


def _say_unusable(page: str, texts: Lesson, checkpoint: Checkpoint) -> None:
    """Say which samples the tool needs."""
    if checkpoint.experiment.data.is_image:
        st.warning(texts.text("pick_images"))
    else:
        st.warning(texts.text("no_numbers", text=state.get(NUMBERS.on(page))))


def _describe_weights(texts: Lesson, checkpoint: Checkpoint, *, is_stale: bool) -> str:
    """Return which weights are looked at, in a sentence or more."""
    updates = checkpoint.updates
    which = texts.text("by_hand" if checkpoint.edits else "starting")
    if updates:
        which = texts.text("current", updates=updates, next=updates + 1)
    notes = [which, texts.text("other") if is_stale else ""]
    notes.append(texts.text("dropout") if checkpoint.experiment.model.dropout else "")
    return " ".join(filter(None, notes))
