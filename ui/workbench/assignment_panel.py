"""A lesson link on its page: the banner with its target, and the form in which a teacher makes one.

What was typed by others, such as the instruction, is shown by `st.text`, which knows no markup.
"""

from __future__ import annotations

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.jobs import State
from ui.content.settings import SETTINGS
from ui.content.wording import listing
from ui.core import resources, state
from ui.core.assignment import LONGEST, Assignment, plain

_IMAGES_ONLY = ("data.name", "data.scaled", "fit.augment")
_NUMBERS_ONLY = ("data.threshold", "data.label_noise")


def banner(page: str) -> None:
    """The assignment that the page was opened with, if any, and how far the learner is."""
    asked = state.assignment(page)
    if not asked:
        return
    with st.container(border=True, gap="xsmall", key=f"{page}.class"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":material/school: **Your task**", width="stretch")
            st.button(
                "Leave the task",
                key=f"{page}.class.leave",
                type="tertiary",
                icon=":material/logout:",
                on_click=state.leave_assignment,
                args=(page,),
                help="Opens every setting of this page. The settings stay as they are now.",
            )
        if asked.instruction:
            st.text(asked.instruction)
        if asked.target:
            _progress(page, asked)
        refused = state.refused(page)
        if refused:
            names = listing([SETTINGS[name].label for name in refused])
            st.caption(f":material/lock: Fixed in this task, and so left as it was: {names}.")


def _progress(page: str, asked: Assignment) -> None:
    """The target, and how the learner's own finished run stands to it."""
    st.markdown(f"Target: **{asked.target:.2%}** of the test set answered right.")
    run, own = state.run(page), state.assigned(page)
    found = run.peek() if run is not None else None
    if found is None or own is None:
        st.caption("Not trained yet: only a run of your own counts.")
    elif not found.state.over:
        st.caption("Your run is under way; when it is over, this says how near it came.")
    elif found.state is not State.FINISHED:
        st.caption("Your last run did not get to its end.")
    elif asked.changes(own, found.checkpoint.experiment):
        st.caption("Your last run has other settings than this task allows.")
    else:
        _verdict(asked.target, _accuracy(found.checkpoint))


def _verdict(target: float, accuracy: float) -> None:
    st.progress(min(1.0, accuracy / target), said(target, accuracy))


def said(target: float, accuracy: float) -> str:
    """Whether the target is reached, and by how much."""
    points = 100 * abs(accuracy - target)
    if accuracy >= target:
        return f"✓ **Reached**: your run has {accuracy:.2%}, {points:.2f} points above the target."
    return f"**Not yet**: your run has {accuracy:.2%}, {points:.2f} points below the target."


def _accuracy(checkpoint: Checkpoint) -> float:
    return resources.outcome(checkpoint, resources.dataset(checkpoint.experiment.data)).accuracy


def form(page: str, experiment: Experiment) -> None:
    """A teacher's form, and the link that it makes.

    Args:
        page: The page that the link opens.
        experiment: Its settings.
    """
    st.markdown(":material/school: **For a class**")
    st.caption("The link then also says what to do, and which settings cannot be changed.")
    text = st.text_input("Instruction", key=f"{page}.class.text", max_chars=LONGEST)
    target = st.number_input(
        "Target: test accuracy (0 for none)", 0.0, 1.0, step=0.01, key=f"{page}.class.target"
    )
    elsewhere = _NUMBERS_ONLY if experiment.data.is_image else _IMAGES_ONLY
    names = [name for name in SETTINGS if name not in elsewhere]
    show = _label_of
    locked = st.multiselect(
        "Locked: shown, but not to be changed", names, format_func=show, key=f"{page}.class.locked"
    )
    hidden = st.multiselect("Hidden", names, format_func=show, key=f"{page}.class.hidden")
    st.code(
        state.link(page, experiment, made(text, target, locked, hidden)),
        language=None,
        wrap_lines=True,
    )


def _label_of(setting: str) -> str:
    return SETTINGS[setting].label


def made(text: str, target: float, locked: list[str], hidden: list[str]) -> Assignment:
    """The assignment that a form's fields say."""
    return Assignment(plain(text), target, tuple(locked), tuple(hidden))
