"""The tour: six short steps on the first visit, which can be skipped and seen again."""

from __future__ import annotations

import streamlit as st

from ui.components import keep
from ui.components.keep.shapes import Flag
from ui.content.lesson import Lesson
from ui.core import state
from ui.core.keys import Key

STEPS = 6
#: Whether the tour was seen to its end or skipped; the browser keeps it.
SLOT = keep.Slot[bool]("tour", Flag(), "The tour of the start page", count=int)
#: The step on the page, from 1; 0 before the learner has done anything, and -1 once it is closed.
STEP = Key("home.tour", 0)
BACK_BUTTON, NEXT_BUTTON, CLOSE_BUTTON, AGAIN_BUTTON = (
    Key("home.tour_back", False),
    Key("home.tour_next", False),
    Key("home.tour_close", False),
    Key("home.tour_again", False),
)


def is_open() -> bool:
    """Return True if the tour is on the page: on the first visit, and when it was asked for."""
    step = state.get(STEP)
    return step > 0 or (step == 0 and not keep.get(SLOT))


def show_tour(home: Lesson) -> None:
    """Draw the step of the tour, with the ways on, back and out; nothing while it is closed."""
    if not is_open():
        return
    step = max(1, state.get(STEP))
    with st.container(border=True, gap="xsmall", key="home.tour_card"):
        st.markdown(f":material/tour: **Tour, {step} of {STEPS}.** {home.text(f'tour_{step}')}")
        with st.container(horizontal=True, gap="small"):
            _button(BACK_BUTTON, "Back", "arrow_back", max(1, step - 1))
            if step < STEPS:
                _button(NEXT_BUTTON, "Next step", "arrow_forward", step + 1)
            else:
                _button(NEXT_BUTTON, "Start", "check", -1)
            _button(CLOSE_BUTTON, "Skip the tour", "close", -1)


def offer_tour() -> None:
    """Draw the button that shows the tour again; nothing while it is open."""
    if not is_open():
        _button(AGAIN_BUTTON, "Show the tour", "tour", 1)


def _button(key: Key[bool], label: str, icon: str, step: int) -> None:
    st.button(
        label,
        key=key.name,
        icon=f":material/{icon}:",
        type="secondary" if key == NEXT_BUTTON else "tertiary",
        on_click=_go,
        args=(step,),
    )


def _go(step: int) -> None:
    state.put(STEP, step)
    if step < 0:
        keep.put(SLOT, True)
