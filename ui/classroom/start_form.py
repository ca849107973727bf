"""The form that starts a class: its lesson, the settings, the task; and the way back to a class."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import streamlit as st

from nncore.data.datasets import DataUnavailable
from nncore.experiment import Experiment
from ui.class_store import codes
from ui.class_store.errors import ClassError
from ui.class_store.values import MOST_ADDRESS, MOST_NAME, TeacherKey
from ui.classroom import desk
from ui.content.lesson import Lesson, load
from ui.core import page_settings, resources, state
from ui.core.assignment import Assignment, plain
from ui.core.catalog import LESSONS, find_lesson
from ui.core.keys import Key
from ui.core.links import write_link
from ui.membership import kept_keys
from ui.workbench import assignment_panel

#: The parameter of a teacher's secret link.
PARAMETER = "teach"
LESSON = Key("classroom.lesson", LESSONS[0].name)
SETTINGS = Key("classroom.settings", "")
NAME = Key("classroom.name", "")
START_BUTTON = Key("classroom.start", False)
OTHER_BUTTON = Key("classroom.other", False)


def follow_secret_link() -> None:
    """Take up the secret link that the page was opened with, and take it out of the address."""
    query = state.get_query()
    code, _, secret = query.pop(PARAMETER, "").partition(".")
    if not secret:
        return
    state.set_query(query)
    key = TeacherKey(codes.read_code(code), secret[:64])
    try:
        desk.open_store().view_class(key)
        kept_keys.keep_teacher_key(key)
    except (ClassError, ValueError) as error:
        shown = error if isinstance(error, ClassError) else "This is no link of a teacher."
        st.error(str(shown), icon=":material/error:")
        return
    desk.show_other(key.code)


def show_start(texts: Lesson) -> None:
    """Draw the form that starts a class."""
    st.markdown(texts.text("start"))
    with st.container(border=True, gap="small"):
        left, right = st.columns(2, gap="medium")
        with left:
            page = st.selectbox(
                "Lesson",
                [lesson.name for lesson in LESSONS],
                format_func=_label_lesson,
                key=LESSON.name,
            )
            experiment = _choose_settings(texts, page)
            st.text_input(
                "Name of the class",
                key=NAME.name,
                max_chars=40,
                placeholder="Made up if you leave it empty",
            )
        with right:
            task = assignment_panel.show_fields(page)
        st.button(
            "Start the class",
            type="primary",
            icon=":material/groups:",
            key=START_BUTTON.name,
            disabled=task is None or experiment is None,
            on_click=_start,
            args=(page, experiment, task),
        )
    _show_others()


def _label_lesson(page: str) -> str:
    lesson = find_lesson(page)
    return lesson.label if lesson is not None else page


def _choose_settings(texts: Lesson, page: str) -> Experiment | None:
    """Draw the choice of settings, and return them; None if the lesson's data are missing."""
    try:
        lesson = load(page).on_data()
        embedded = resources.dataset(lesson.default.data).embedded
    except DataUnavailable as error:
        st.error(str(error), icon=":material/database_off:")
        return None
    mine = page_settings.find_experiment(page)
    choices = {texts.text("settings_own"): lesson.default}
    if mine is not None and mine != lesson.default:
        choices[texts.text("settings_mine")] = mine
    for preset in lesson.presets:
        choices[f"Preset: {preset.name}"] = lesson.default.updated(preset.of(embedded))
    key = SETTINGS.of(page)
    if state.get(key) not in choices:
        state.put(key, next(iter(choices)))
    return choices[st.selectbox("Settings", list(choices), key=key.name)]


def write_task(page: str, experiment: Experiment, task: Assignment) -> str:
    """Return the query string that opens a lesson with some settings and a task."""
    default = load(page).on_data().default
    return urlencode(write_link(experiment, default, task))


def read_target(query: str) -> float:
    """Return the target of a class's task, 0 to 1; 0 for none."""
    found = parse_qs(query).get("target", ["0"])[0]
    try:
        return min(1.0, max(0.0, float(found)))
    except ValueError:
        return 0.0


def _start(page: str, experiment: Experiment, task: Assignment) -> None:
    name, query = plain(state.get(NAME))[:MOST_NAME], write_task(page, experiment, task)
    if len(query) > MOST_ADDRESS:
        st.toast("The task is too long for a class.", icon=":material/error:")
        return
    try:
        address = st.context.ip_address or ""
        key = desk.open_store().create_class(page, query, name, address)
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    kept_keys.keep_teacher_key(key)
    desk.show_other(key.code)
    state.put(desk.NEW, key.code)


def _show_others() -> None:
    """Draw the classes that this browser leads, each with a button that opens its board."""
    keys = kept_keys.list_teacher_keys()
    if not keys:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Classes that you lead:", width="content")
        for code in reversed(keys):
            st.button(
                code,
                icon=":material/groups:",
                key=OTHER_BUTTON.of(code).name,
                on_click=desk.show_other,
                args=(code,),
            )
