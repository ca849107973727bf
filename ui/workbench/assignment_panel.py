"""A teacher's task on its page: the banner with its target, and the form that makes a task's link.

Text that others typed, such as the instruction, is drawn by `st.text`, which knows no markup.
"""

from __future__ import annotations

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.runtime.jobs import State
from nncore.validation import SettingError
from ui.content.settings import SETTINGS
from ui.core import cached_results, page_runs, page_settings, resources
from ui.core.assignment import LONGEST, Assignment, plain, read_target
from ui.core.catalog import find_lesson
from ui.core.keys import PageKey
from ui.core.wording import listing, percent

BANNER = PageKey("class", None)
LEAVE_BUTTON = PageKey("class.leave", False)
RETURN_BUTTON = PageKey("class.return", False)
INSTRUCTION = PageKey("class.text", "")
TARGET = PageKey("class.target", "")
LOCKED = PageKey[list[str]]("class.locked", [])
HIDDEN = PageKey[list[str]]("class.hidden", [])
CLOSED = PageKey("class.closed", False)


def show_banner(page: str) -> None:
    """Draw the task that the page was opened with, and how close the learner is to its target.

    Where the learner has left the task, draw the way back to it.
    """
    task = page_settings.get_assignment(page)
    if not task:
        _offer_return(page)
        return
    with st.container(border=True, gap="xsmall", key=BANNER.on(page).name):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":material/school: **Your task**", width="stretch")
            st.button(
                "Leave the task",
                key=LEAVE_BUTTON.on(page).name,
                type="tertiary",
                icon=":material/logout:",
                on_click=page_settings.leave_assignment,
                args=(page,),
                help="Frees every setting of this page. You can return to the task.",
            )
        if task.instruction:
            st.text(task.instruction)
        if task.target:
            _show_target(page, task)
        refused = page_settings.take_refused(page)
        if refused:
            labels = listing([_label_of(setting) for setting in refused])
            st.caption(f":material/lock: Fixed in this task, so it stays as it was: {labels}.")


def _offer_return(page: str) -> None:
    if not page_settings.has_left_assignment(page):
        return
    with (
        st.container(border=True, gap="xsmall", key=BANNER.on(page).name),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        st.markdown(":material/school: You left the task. Every setting is free.", width="stretch")
        st.button(
            "Return to the task",
            key=RETURN_BUTTON.on(page).name,
            type="tertiary",
            icon=":material/undo:",
            on_click=page_settings.return_to_assignment,
            args=(page,),
            help="Brings the task back, with the settings that it fixes.",
        )


def _show_target(page: str, task: Assignment) -> None:
    """Draw the target, and the learner's own finished run compared with it."""
    st.markdown(f"Target: **{percent(task.target, 2)}** test accuracy.")
    run, own = page_runs.get_run(page), page_settings.get_assigned_experiment(page)
    progress = run.peek() if run is not None else None
    if progress is None or own is None:
        st.caption("Not trained yet: only your own run counts.")
    elif not progress.state.over:
        st.caption("Your run is under way. When it is over, its accuracy appears here.")
    elif progress.state is not State.FINISHED:
        st.caption("Your last run did not finish.")
    elif task.changes(own, progress.checkpoint.experiment):
        st.caption("Your last run has other settings than this task allows.")
    else:
        accuracy = _test_accuracy(progress.checkpoint)
        st.progress(min(1.0, accuracy / task.target), compare(task.target, accuracy))


def compare(target: float, accuracy: float) -> str:
    """Return whether an accuracy reaches the target, and by how much, in Markdown."""
    points = 100 * abs(accuracy - target)
    reached = percent(accuracy, 2)
    if accuracy >= target:
        return f"✓ **Reached**: your run has {reached}, {points:.2f} points above the target."
    return f"**Not yet**: your run has {reached}, {points:.2f} points below the target."


def _test_accuracy(checkpoint: Checkpoint) -> float:
    return cached_results.outcome(
        checkpoint, resources.dataset(checkpoint.experiment.data)
    ).accuracy


def show_form(page: str) -> Assignment | None:
    """Draw a teacher's form, and return the task that it describes; None where it has a mistake.

    Args:
        page: The name of the page that the link opens.
    """
    st.markdown(":material/school: **For a class**")
    st.caption("Fill in any of these, and the link above opens the page with your task.")
    return show_fields(page)


def show_fields(page: str) -> Assignment | None:
    """Draw the fields of a task, and return the task; None where they have a mistake.

    Args:
        page: The name of the page that the task is for.
    """
    text = st.text_input("Instruction", key=INSTRUCTION.on(page).name, max_chars=LONGEST)
    target = st.text_input(
        "Target: test accuracy", key=TARGET.on(page).name, placeholder="95%", max_chars=12
    )
    lesson = find_lesson(page)
    settings = [s for s in SETTINGS if lesson is not None and s in lesson.settings]
    locked = st.multiselect(
        "Locked: visible, but fixed",
        settings,
        format_func=_label_of,
        key=LOCKED.on(page).name,
    )
    hidden = st.multiselect("Hidden", settings, format_func=_label_of, key=HIDDEN.on(page).name)
    is_closed = st.checkbox(
        "Finished runs of others stay closed",
        key=CLOSED.on(page).name,
        help="Without this, settings that somebody has trained before open with the result.",
    )
    try:
        return make_assignment(text, target, locked, hidden, is_closed=is_closed)
    except SettingError as error:
        st.error(str(error), icon=":material/error:")
        return None


def _label_of(setting: str) -> str:
    return SETTINGS[setting].label


def make_assignment(
    text: str, target: str, locked: list[str], hidden: list[str], *, is_closed: bool = False
) -> Assignment:
    """Return the task that a form's fields describe.

    Raises:
        nncore.validation.SettingError: If the target is not a share or a percentage.
    """
    return Assignment(plain(text), read_target(target), tuple(locked), tuple(hidden), is_closed)
