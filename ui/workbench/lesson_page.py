"""Opening a lesson: its title row, its settings and its data, as the one value that parts take.

A page opens its lesson once and hands the `LessonPage` to its parts:

    page = open_lesson("rounding", row)
    with prediction_card.show_beside(page):
        show_look(page)
    shown = show_workbench(page, settings=show_settings, pictures=(show_network, show_curve))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content.lesson import Lesson, load
from ui.core import page_settings, resources
from ui.core.keys import PageKey
from ui.workbench import assignment_panel
from ui.workbench.link_complaints import draw_complaints
from ui.workbench.share import show_link

LINK_POPOVER = PageKey("link", False)
LINK_FIELD = PageKey("link.field", None)
CODE_BUTTON = PageKey("code", False)
RESET_BUTTON = PageKey("reset", False)
PROGRAM_BUTTON = PageKey("program", False)
NOTEBOOK_BUTTON = PageKey("notebook", False)


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
    complete: Callable[[Experiment], Experiment] = lambda experiment: experiment,
) -> LessonPage:
    """Draw a lesson's title row, aim and task, and load the data of its settings.

    Args:
        name: The lesson's name.
        row: The row that holds its title.
        repair: Return what to change in settings that this page cannot show; None for settings
            that it can. The page then starts again with the repaired settings.
        complete: Return the settings with the data that go with them and that no address contains.

    Raises:
        nncore.data.datasets.DataUnavailable: If the data cannot be loaded. The title row is drawn
            by then; the page shows what to do in place of the rest.
    """
    lesson = load(name).on_data()
    experiment = page_settings.open_experiment(name, lesson.default)
    if (change := repair(experiment)) is not None:
        repaired = experiment.updated(change.settings)
        page_settings.repair_experiment(name, repaired, lesson.text(change.reason))
        st.rerun()
    experiment = complete(experiment)
    page_settings.hold(name, experiment)
    _draw_head(lesson, experiment, row)
    dataset = resources.dataset(experiment.data)
    return LessonPage(lesson, experiment, dataset, is_dark=st.context.theme.type == "dark")


def _draw_head(lesson: Lesson, experiment: Experiment, row: DeltaGenerator) -> None:
    """Draw the buttons of the title row, the aim, the task, and complaints about the link."""
    with row:
        _draw_buttons(lesson, experiment)
    st.caption(lesson.aim)
    assignment_panel.show_banner(lesson.name)
    draw_complaints(page_settings.list_complaints(lesson.name))


def _draw_buttons(lesson: Lesson, experiment: Experiment) -> None:
    page = lesson.name
    popover = st.popover(
        "Share", icon=":material/share:", key=LINK_POPOVER.on(page).name, on_change="rerun"
    )
    if popover.open:
        with popover:
            _draw_link(page, experiment)
    if st.button("Code", icon=":material/code:", key=CODE_BUTTON.on(page).name):
        _show_code(lesson, experiment)
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=RESET_BUTTON.on(page).name,
        on_click=_reset,
        args=(page, lesson.default),
        help="Sets every setting back to the lesson's own; in a class, to the task's.",
    )


def _draw_link(page: str, experiment: Experiment) -> None:
    """Draw the page's link; below it the form that turns it into the link of a task."""
    place = st.container(gap="xsmall")
    given = page_settings.get_assignment(page)
    # A class sees its task, not the form that makes one.
    task = given or assignment_panel.show_form(page)
    if task is None:
        return
    with place:
        if task:
            st.markdown(":material/school: **The link of your task**")
        else:
            st.caption("This link opens the page with these settings.")
        link = page_settings.build_link(page, experiment, task)
        show_link(link, key=LINK_FIELD.on(page).name, is_task=bool(task))


def _reset(page: str, default: Experiment) -> None:
    page_settings.set_experiment(page, page_settings.get_assigned_experiment(page) or default)


@st.dialog("This experiment as a Keras program", width="large")
def _show_code(lesson: Lesson, experiment: Experiment) -> None:
    program = resources.keras_program(experiment)
    if resources.needs_package(experiment):
        st.caption("It needs the lab's module `nncore`: Keras has no layers for this distortion.")
    else:
        st.caption("It needs TensorFlow and Keras, but no part of this lab.")
    with st.container(horizontal=True):
        st.download_button(
            "Download",
            program,
            f"{lesson.name}.py",
            "text/x-python",
            icon=":material/download:",
            on_click="ignore",
            key=PROGRAM_BUTTON.on(lesson.name).name,
        )
        st.download_button(
            "As a notebook",
            lambda: resources.keras_notebook(experiment),
            f"{lesson.name}.ipynb",
            "application/x-ipynb+json",
            icon=":material/download:",
            on_click="ignore",
            key=NOTEBOOK_BUTTON.on(lesson.name).name,
        )
    st.code(program, language="python", height=480)
