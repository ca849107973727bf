"""The class's bar at the top of a member's pages: the open question, and what the teacher sends.

The bar is one line that keeps its height, so nothing below moves when a question opens. A click
opens the card below it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.class_store.errors import ClassError
from ui.class_store.values import Answer, Card, QuestionView
from ui.components import clock
from ui.content.questions import Question, word_answer
from ui.core import state
from ui.core.keys import Key
from ui.membership import feed, kept_keys
from ui.membership.feed import Feed
from ui.membership.visit import go_to
from ui.membership.votes import draw_votes, find_question, read_correct
from ui.workbench.answer_field import draw_answer_field

BAR = Key("class.bar", None)
OPEN_BUTTON = Key("class.question", False)
ANSWER = Key[Any]("class.answer", None)
SEND_BUTTON = Key("class.answer.send", False)
CARD_BUTTON = Key("class.card.open", False)
DISMISS_BUTTON = Key("class.card.dismiss", False)
#: Whether the card with the question is open, and the number of the last card that was put away.
IS_OPEN = Key("class.question.is_open", False, "tab")
DISMISSED = Key("class.card.dismissed", 0, "tab")
#: Seconds between two looks at the class, at least and at most. In between, members look five
#: times a second together: each look takes the server's time from all of them.
SOONEST, LATEST, LOOKS_A_SECOND = 3.0, 10.0, 5


def show_bar() -> None:
    """Draw the class's bar and keep it up to date; nothing for a learner who is in no class.

    A first look may fail, where the database is busy. The bar then looks again, and the page is run
    once more when the class is found: the sidebar and the way into the lesson wait for that.
    """
    is_known = feed.refresh() is not None or feed.read_feed() is not None
    if not is_known and kept_keys.find_member_key() is None:
        return

    @st.fragment
    def show() -> None:
        found = feed.refresh()
        is_over = kept_keys.find_member_key() is None
        if is_over or (found is not None and not is_known):
            st.rerun()
        elif found is None:
            _show_absence()
        else:
            _show_line(found)
            _show_question_card(found)
        members = found.view.classroom.members if found is not None else 0
        clock.again("class.bar.clock", seconds_between_looks(members))

    show()


def seconds_between_looks(members: int) -> float:
    """Return how long a member waits before the next look at a class of this size."""
    return min(max(SOONEST, members / LOOKS_A_SECOND), LATEST)


def _show_absence() -> None:
    """Draw the bar of a class that could not be looked at yet."""
    with st.container(border=True, key=BAR.name):
        st.markdown(describe_loss(0))


def _show_line(found: Feed) -> None:
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=BAR.name, gap="small"
    ):
        st.markdown(f":material/groups: **{found.view.classroom.name}**", width="content")
        card = _find_card(found)
        question = found.view.classroom.question
        if found.is_lost:
            waiting = feed.open_classes().outbox.waiting(found.key)
            st.markdown(describe_loss(waiting), width="stretch")
        elif card is not None:
            _show_card(card)
        elif question is not None and find_question(question.name) is not None:
            _show_question_line(found, question)
        else:
            st.markdown("No question is open.", width="stretch")


def describe_loss(waiting: int) -> str:
    """Return what a member reads while the class cannot be reached.

    Args:
        waiting: How many of the member's events wait to be sent.
    """
    things = f"{waiting} {'thing waits' if waiting == 1 else 'things wait'} to be sent"
    return "The class cannot be reached. The lesson goes on" + (f"; {things}." if waiting else ".")


# What the teacher sends


def _find_card(found: Feed) -> Card | None:
    """Return the newest card that the learner has not put away."""
    last = found.cards[-1] if found.cards else None
    return last if last is not None and last.number > state.get(DISMISSED) else None


def _show_card(card: Card) -> None:
    st.text(f"From your teacher: {card.title}", width="stretch")
    if card.address and st.button(
        "Open",
        type="primary",
        icon=":material/arrow_forward:",
        key=CARD_BUTTON.of(card.number).name,
    ):
        state.put(DISMISSED, card.number)
        go_to(card.address)
    st.button(
        "Put away",
        key=DISMISS_BUTTON.of(card.number).name,
        type="tertiary",
        on_click=state.put,
        args=(DISMISSED, card.number),
    )


# The question


def _show_question_line(found: Feed, question: QuestionView) -> None:
    is_open = state.get(IS_OPEN)
    has_answered = (question.name, question.round) in found.view.answers
    if question.is_shown:
        words = "The answers are shown."
    elif has_answered:
        words = "Your answer is sent."
    else:
        again = "Vote again: discuss it first." if question.round > 1 else "A question is open."
        words = f"**{again}**"
    st.markdown(words, width="stretch")
    st.button(
        "Close" if is_open else "Look" if question.is_shown or has_answered else "Answer it",
        type="secondary" if is_open or has_answered or question.is_shown else "primary",
        icon=":material/expand_less:" if is_open else ":material/ballot:",
        key=OPEN_BUTTON.name,
        on_click=state.put,
        args=(IS_OPEN, not is_open),
    )


def _show_question_card(found: Feed) -> None:
    asked = found.view.classroom.question
    known = find_question(asked.name) if asked is not None else None
    if asked is None or known is None or not state.get(IS_OPEN):
        return
    question = known[1]
    with st.container(border=True, gap="small", key=BAR.of("card").name):
        st.markdown(question.text)
        if asked.is_shown:
            _show_spread(found, asked, question)
        else:
            _show_field(found, asked, question)


def _show_spread(found: Feed, asked: QuestionView, question: Question) -> None:
    own = found.view.answers.get((asked.name, asked.round))
    words = "" if own is None else word_answer(question, own)
    draw_votes(question, found.tallies, read_correct(asked.outcome), words)
    if asked.outcome:
        st.markdown(asked.outcome)


def _show_field(found: Feed, asked: QuestionView, question: Question) -> None:
    own = found.view.answers.get((asked.name, asked.round))
    key = ANSWER.of(asked.name, asked.round)
    if own is not None and state.get(key) is None:
        state.put(key, own if question.number is not None else int(own))
    draw_answer_field(question, key.name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Send my answer" if own is None else "Change my answer",
            type="primary" if own is None else "secondary",
            icon=":material/send:",
            key=SEND_BUTTON.name,
            on_click=_send_answer,
            args=(key, asked),
        )
        if own is None:
            st.caption("The board shows how many chose each answer, and no names.", width="content")
        else:
            st.caption(
                f"You answered: {word_answer(question, own)}. "
                "You can change it until the answers are shown.",
                width="content",
            )


def _send_answer(key: Key[Any], asked: QuestionView) -> None:
    value, found = state.get(key), feed.read_feed()
    if value is None:
        st.toast("Choose your answer first.", icon=":material/edit:")
        return
    if found is None:
        return
    try:
        classes = feed.open_classes()
        is_stored = classes.outbox.send(found.key, Answer(asked.name, float(value), asked.round))
    except ClassError as error:
        st.toast(str(error), icon=":material/error:")
        return
    if not is_stored:
        st.toast("The class cannot be reached. Your answer waits and is sent as soon as it can.")
    feed.refresh()
