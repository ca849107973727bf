"""The parts that every lesson's page shares: opening it, the title row's buttons, its presets.

A page opens its lesson once and hands the `LessonPage` to its parts:

    page = open_lesson("rounding", row)
    with prediction_card.show_beside(page):
        show_look(page)
    shown = show_workbench(page, settings=show_settings, pictures=(show_network, show_curve))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, Preset, load
from ui.core import resources, state
from ui.workbench import assignment_panel


@dataclass(frozen=True)
class LessonPage:
    """A lesson that is open: the one parameter that the parts of a page take.

    Args:
        lesson: Texts, presets and questions.
        experiment: The page's settings: from a link, as the learner left them, or the lesson's own.
        dataset: The data that the settings name.
        is_dark: Return True where the learner's theme is dark.
    """

    lesson: Lesson
    experiment: Experiment
    dataset: Dataset
    is_dark: bool

    @property
    def name(self) -> str:
        """The page's name, such as `"mnist"`: the first part of its keys."""
        return self.lesson.name

    def text(self, name: str, **numbers: object) -> str:
        """Return one of the lesson's texts, see `Lesson.text`."""
        return self.lesson.text(name, **numbers)


@dataclass(frozen=True)
class Repair:
    """A change to settings that a link asks for and that a page cannot show.

    Args:
        settings: New values by dotted name.
        reason: Name of the lesson's text that tells the learner why.
    """

    settings: Mapping[str, Any]
    reason: str


def open_lesson(
    name: str,
    row: DeltaGenerator,
    repair: Callable[[Experiment], Repair | None] = lambda experiment: None,
) -> LessonPage:
    """Draw a lesson's title row, aim and task, and load the data of its settings.

    Args:
        name: The lesson's name.
        row: The row that holds its title.
        repair: Return what to change in settings that this page cannot show; None for settings
            that it can. The page then starts again with the repaired settings.

    Raises:
        nncore.data.datasets.DataUnavailable: If the data cannot be loaded. The title row is drawn
            by then; the page shows what to do in place of the rest.
    """
    lesson = load(name).on_data()
    experiment = state.experiment(name, lesson.default)
    if (change := repair(experiment)) is not None:
        state.repair_experiment(name, experiment.updated(change.settings))
        state.put(f"link.{name}", [*state.link_complaints(name), lesson.text(change.reason)])
        st.rerun()
    _draw_head(lesson, experiment, row)
    dataset = resources.dataset(experiment.data)
    return LessonPage(lesson, experiment, dataset, is_dark=st.context.theme.type == "dark")


def _draw_head(lesson: Lesson, experiment: Experiment, row: DeltaGenerator) -> None:
    name = lesson.name
    with row:
        _buttons(lesson, experiment)
    st.caption(lesson.aim)
    assignment_panel.banner(name)
    for complaint in state.link_complaints(name):
        st.warning(complaint, icon=":material/link_off:")


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


def show_presets(page: LessonPage) -> None:
    """Draw the lesson's "what if" buttons, each with its question and what to expect."""
    presets = page.lesson.presets
    for group in dict.fromkeys(preset.group for preset in presets):
        grouped = [preset for preset in presets if preset.group == group]
        with st.expander(group) if group else st.container():
            _show_preset_rows(page, grouped)


def _show_preset_rows(page: LessonPage, presets: Sequence[Preset]) -> None:
    for start in range(0, len(presets), 2):  # rows keep their order on a phone
        row = presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column:
                _show_preset_card(page, preset)


def _show_preset_card(page: LessonPage, preset: Preset) -> None:
    lesson, embedded = page.lesson, page.dataset.embedded
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
