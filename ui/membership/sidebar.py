"""The class in a member's sidebar: name, code, members, what is shared, hand, *Leave*."""

from __future__ import annotations

import streamlit as st

from ui.class_store.errors import ClassError, StoreUnavailable
from ui.class_store.values import Hand
from ui.components import clock
from ui.content.lesson import load
from ui.core import state
from ui.core.keys import Key
from ui.core.wording import count
from ui.membership import feed
from ui.membership.feed import Feed

HAND = Key("class.hand", False)
SHARED = Key("class.shares", False)
LEAVE_POPOVER = Key("class.leaving", False)
LEAVE_BUTTON = Key("class.leave", False)
FORGETS = Key("class.forgets", False)
#: Seconds between two updates; it shows what the class's bar has read, none of it urgent.
POLL = 15.0


def show_class() -> None:
    """Draw the class in the sidebar; nothing for a learner who is in none."""
    if feed.read_feed() is None:
        return

    @clock.every(POLL, key="class.sidebar.clock")
    def show() -> None:
        found = feed.read_feed()
        if found is not None:
            _show_facts(found)
            _show_hand(found)
            _show_leave()

    show()


def _show_facts(found: Feed) -> None:
    classroom = found.view.classroom
    st.markdown(f":material/groups: **{classroom.name}** · {classroom.code}")
    here = count(classroom.members, "learner")
    st.caption(f"You are **{found.view.name}**. {here} here.")
    with st.popover(
        "Shared with your teacher", icon=":material/visibility:", key=SHARED.name, width="stretch"
    ):
        st.markdown(load("classroom").text("shares"))
        runs, drawings = found.view.runs, len(found.view.drawings)
        st.caption(f"So far: {count(runs, 'run')}, {count(drawings, 'drawing')}.")


def _show_hand(found: Feed) -> None:
    is_raised = found.view.hand_raised
    st.button(
        "Put my hand down" if is_raised else "Raise my hand",
        icon=":material/front_hand:",
        type="primary" if is_raised else "secondary",
        key=HAND.name,
        on_click=_raise_hand,
        args=(not is_raised,),
        width="stretch",
    )


def _raise_hand(is_raised: bool) -> None:
    found = feed.read_feed()
    if found is None:
        return
    try:
        is_stored = feed.open_classes().outbox.send(found.key, Hand(is_raised))
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    if not is_stored:
        st.toast("The class cannot be reached. Your hand goes up as soon as it can.")
    feed.refresh()


def _show_leave() -> None:
    with st.popover("Leave", icon=":material/logout:", key=LEAVE_POPOVER.name, width="stretch"):
        st.checkbox("Delete what I have shared", key=FORGETS.name)
        st.button("Leave the class", key=LEAVE_BUTTON.name, on_click=_leave)


def _leave() -> None:
    """Leave the class; the browser forgets its key even where the class cannot be reached."""
    found = feed.read_feed()
    if found is None:
        return
    classes = feed.open_classes()
    forgets = state.get(FORGETS)
    try:
        classes.outbox.drop(found.key)
        classes.store.leave(found.key, forgets=forgets)
    except StoreUnavailable as error:
        if forgets:  # with the key the learner would lose the way to delete it
            st.toast(f"{error} Nothing is deleted yet: try again.", icon=":material/error:")
            return
    except ClassError:
        pass  # it is over
    feed.forget()
