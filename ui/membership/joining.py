"""Joining a class: by its address, or by its code typed on the start page."""

from __future__ import annotations

import streamlit as st

from ui.class_store import codes
from ui.class_store.errors import ClassError
from ui.class_store.values import MemberKey
from ui.content.lesson import load
from ui.core import state
from ui.core.keys import Key
from ui.membership import feed, kept_keys, sharing
from ui.membership.visit import go_to, write_address

#: The parameter of a class's short address.
PARAMETER = "class"
CODE = Key("class.code", "")
JOIN_BUTTON = Key("class.join", False)
OPEN_BUTTON = Key("class.open", False)
BOX = Key("class.box", None)
#: A sentence on a code that could not be used, shown once.
_PROBLEM = Key("class.problem", "")
#: The class that the learner has just joined and still has to be taken to.
_ARRIVING = Key("class.arriving", "")


def show_join() -> None:
    """Draw the way into a class on the start page; a learner who has joined goes to the lesson."""
    found = feed.read_feed() or feed.refresh()
    if found is not None and state.get(_ARRIVING) == found.key.code:
        state.drop(_ARRIVING)
        go_to(write_address(found.view.classroom.page, found.view.classroom.task))
    given = codes.read_code(state.get_query().get(PARAMETER, ""))
    if found is not None and given in ("", found.key.code):
        _show_membership(found)
    elif given:
        _show_invitation(given)
    elif kept_keys.find_member_key() is None:
        _show_field()


def _show_membership(found: feed.Feed) -> None:
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=BOX.of("in").name
    ):
        st.markdown(
            f":material/groups: You are **{found.view.name}** in the class "
            f"**{found.view.classroom.name}**.",
            width="stretch",
        )
        classroom = found.view.classroom
        if st.button(
            "Go to its lesson",
            type="primary",
            icon=":material/arrow_forward:",
            key=OPEN_BUTTON.name,
        ):
            go_to(write_address(classroom.page, classroom.task))


def _show_invitation(code: str) -> None:
    """Draw the card of a learner who opened a class's address."""
    texts = load("classroom")
    with st.container(border=True, gap="small", key=BOX.of("invitation").name):
        st.header(f"Join the class {code}", anchor=False)
        st.markdown(texts.text("shares"))
        _show_problem()
        st.button(
            "Join the class",
            type="primary",
            icon=":material/groups:",
            key=JOIN_BUTTON.name,
            on_click=join,
            args=(code,),
        )


def _show_field() -> None:
    """Draw the field for a code that somebody reads from the projector."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="bottom", key=BOX.of("code").name
    ):
        st.text_input(
            "Code of your class",
            key=CODE.name,
            max_chars=20,
            placeholder="Six letters, from your teacher",
            width=260,
        )
        st.button("Join", icon=":material/groups:", key=JOIN_BUTTON.name, on_click=_join_typed)
        _show_problem()


def _show_problem() -> None:
    problem = state.get(_PROBLEM)
    if problem:
        state.drop(_PROBLEM)
        st.error(problem, icon=":material/error:")


def _join_typed() -> None:
    typed = state.get(CODE)
    code = codes.read_code(typed)
    if code:
        join(code)
    elif typed:
        state.put(_PROBLEM, "A code has six letters. Look at the projector once more.")


def join(code: str) -> None:
    """Join a class; what the learner has done before is not shared with it.

    Args:
        code: The class's code.
    """
    kept = kept_keys.find_member_key()
    token = kept.token if kept is not None else codes.make_token()
    try:
        key = feed.open_classes().store.join(code, token, st.context.ip_address or "")
    except ClassError as error:
        state.put(_PROBLEM, str(error))
        return
    _enter(key)


def _enter(key: MemberKey) -> None:
    kept_keys.keep_member_key(key)
    sharing.note_last_run(key)
    state.put(_ARRIVING, key.code)
