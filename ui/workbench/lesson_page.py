"""What every lesson's page has around its workbench: buttons in the title row, code, presets."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.experiment import Experiment
from ui.content.lesson import Lesson, Preset, load
from ui.core import resources, state
from ui.workbench import assignment_panel


def open_lesson(name: str, row: DeltaGenerator) -> tuple[Lesson, Experiment]:
    """Draws the buttons of a lesson's title row, and says what its settings are.

    Args:
        name: The lesson's name.
        row: The row that holds its title.

    Returns:
        The lesson, and the page's experiment: from a link, as it was left, or the lesson's own.
    """
    lesson = load(name).on_data()
    experiment = state.experiment(name, lesson.default)
    with row:
        _buttons(lesson, experiment)
    st.caption(lesson.aim)
    assignment_panel.banner(name)
    for complaint in state.link_complaints(name):
        st.warning(complaint, icon=":material/link_off:")
    return lesson, experiment


def _buttons(lesson: Lesson, experiment: Experiment) -> None:
    page = lesson.name
    popover = st.popover("Link", icon=":material/link:", key=f"{page}.link", on_change="rerun")
    if popover.open:
        with popover:
            _link(page, experiment)
    if st.button("Code", icon=":material/code:", key=f"{page}.code"):
        _code(lesson, experiment)
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"{page}.reset",
        on_click=_reset,
        args=(page, lesson.default),
        help="Sets every setting back: to the link's, in a class's task; else to the lesson's own.",
    )


def _link(page: str, experiment: Experiment) -> None:
    st.caption("Opens this page with these settings, on any machine that reaches this lab.")
    st.code(state.link(page, experiment), language=None, wrap_lines=True)
    if not state.assignment(page):  # a class sees its task, and nothing beside it
        assignment_panel.form(page, experiment)


def _reset(page: str, default: Experiment) -> None:
    state.set_experiment(page, state.assigned(page) or default)


@st.dialog("This experiment as a Keras program", width="large")
def _code(lesson: Lesson, experiment: Experiment) -> None:
    program = resources.keras_program(experiment)
    st.caption("It runs by itself: no part of this lab is needed, only TensorFlow and Keras.")
    with st.container(horizontal=True):
        st.download_button(
            "Download",
            program,
            f"{lesson.name}.py",
            "text/x-python",
            icon=":material/download:",
            on_click="ignore",
            key=f"{lesson.name}.program",
        )
        st.download_button(
            "As a notebook",
            lambda: resources.keras_notebook(experiment),
            f"{lesson.name}.ipynb",
            "application/x-ipynb+json",
            icon=":material/download:",
            on_click="ignore",
            key=f"{lesson.name}.notebook",
        )
    st.code(program, language="python", height=480)


def presets(lesson: Lesson, embedded: bool) -> None:
    """The lesson's "what if" buttons, each with its question and what to expect."""
    for group in dict.fromkeys(preset.group for preset in lesson.presets):
        grouped = [preset for preset in lesson.presets if preset.group == group]
        with st.expander(group) if group else st.container():
            _preset_rows(lesson, grouped, embedded)


def _preset_rows(lesson: Lesson, presets: Sequence[Preset], embedded: bool) -> None:
    for start in range(0, len(presets), 2):  # rows keep their order on a phone
        row = presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column:
                _preset_card(lesson, preset, embedded)


def _preset_card(lesson: Lesson, preset: Preset, embedded: bool) -> None:
    wanted = lesson.default.updated(preset.of(embedded))
    fixed = bool(state.fixed_changes(lesson.name, wanted))
    with st.container(border=True):
        st.button(
            preset.name,
            key=f"{lesson.name}.preset.{preset.name}",
            icon=":material/tune:",
            on_click=_use,
            args=(lesson.name, preset, wanted),
            disabled=fixed,
            help="It changes what is fixed in your task." if fixed else None,
        )
        if preset.question:
            st.markdown(preset.question)
        expect = preset.expect_sample if embedded and preset.expect_sample else preset.expect
        if expect:
            st.caption(expect)


def _use(page: str, preset: Preset, wanted: Experiment) -> None:
    state.set_experiment(page, wanted)
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")
