"""Predictions on the board: ask, count, show, run once for all, vote again."""

from __future__ import annotations

import streamlit as st

from nncore.data.datasets import DataUnavailable
from ui.class_store.values import MOST_ROUNDS, QuestionView, Tally
from ui.classroom import desk, question_run
from ui.classroom.desk import Desk
from ui.content.lesson import Lesson, load
from ui.content.questions import Question
from ui.core import state
from ui.core.catalog import LESSONS
from ui.core.keys import Key
from ui.core.wording import count
from ui.membership.votes import draw_votes, find_question, name_question, read_correct

LESSON = Key("classroom.question.lesson", "")
QUESTION = Key("classroom.question", "")
ASK_BUTTON = Key("classroom.question.ask", False)
SHOW_BUTTON = Key("classroom.question.show", False)
AGAIN_BUTTON = Key("classroom.question.again", False)
RUN_BUTTON = Key("classroom.question.run", False)
NEXT_BUTTON = Key("classroom.question.next", False)


def show_predictions(texts: Lesson, found: Desk) -> None:
    """Draw the open question with its votes, or the choice of a question."""
    asked = found.view.question
    known = find_question(asked.name) if asked is not None else None
    if asked is None or known is None:
        _show_choice(texts, found)
        return
    lesson, question = known
    st.header(question.name, anchor=False)
    st.markdown(question.text)
    tallies = _read_tallies(found, asked)
    if asked.is_shown:
        _show_result(texts, found, asked, lesson, question, tallies)
    else:
        _show_open_vote(texts, found, asked, question, tallies)


def _show_choice(texts: Lesson, found: Desk) -> None:
    st.markdown(texts.text("no_question"))
    if state.get(LESSON) not in [lesson.name for lesson in LESSONS]:
        state.put(LESSON, found.view.page)
    page = st.selectbox(
        "Lesson",
        [lesson.name for lesson in LESSONS],
        format_func=lambda name: next(one.label for one in LESSONS if one.name == name),
        key=LESSON.name,
    )
    questions = load(page).questions
    if not questions:
        st.caption(texts.text("no_questions"))
        return
    names = [question.name for question in questions]
    key = QUESTION.of(page)
    if state.get(key) not in names:
        state.put(key, names[0])
    name = st.selectbox("Question", names, key=key.name)
    st.markdown(next(question.text for question in questions if question.name == name))
    st.button(
        "Ask the class",
        type="primary",
        icon=":material/ballot:",
        key=ASK_BUTTON.name,
        on_click=desk.act,
        args=(lambda store: store.open_question(found.key, name_question(page, name)),),
    )


def _read_tallies(found: Desk, asked: QuestionView) -> list[Tally]:
    """Return the votes on a question, the first one first."""
    votes = range(1, asked.round + 1)
    return [
        tally
        for vote in votes
        if (
            tally := found.read(
                f"tally.{asked.name}.{vote}",
                lambda store, vote=vote: store.tally(found.key, asked.name, vote),  # type: ignore[misc]
            )
        )
    ]


def _show_open_vote(
    texts: Lesson, found: Desk, asked: QuestionView, question: Question, tallies: list[Tally]
) -> None:
    """Draw the answers to choose from and how many have answered, but no spread."""
    for answer in question.answers:
        st.markdown(f"- {answer.text}")
    now = tallies[-1] if tallies else Tally(asked.name, asked.round, 0, found.view.members, {})
    members = max(1, now.members, now.answered)
    vote = f"Vote {asked.round}: " if asked.round > 1 else ""
    st.progress(now.answered / members, f"{vote}{now.answered} of {now.members} have answered")
    st.caption(texts.text("hidden"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Show the answers",
            type="primary",
            icon=":material/visibility:",
            key=SHOW_BUTTON.name,
            on_click=desk.act,
            args=(lambda store: store.show_answers(found.key),),
        )
        _show_next(found)


def _show_next(found: Desk) -> None:
    st.button(
        "Next question",
        icon=":material/arrow_forward:",
        key=NEXT_BUTTON.name,
        on_click=_close,
        args=(found,),
    )


def _ask_again(found: Desk, asked: QuestionView) -> None:
    question_run.forget()  # or the outcome would be shown together with the second vote
    desk.act(lambda store: store.open_question(found.key, asked.name, asked.round + 1))


def _close(found: Desk) -> None:
    question_run.forget()
    desk.act(lambda store: store.close_question(found.key))


def _show_result(
    texts: Lesson,
    found: Desk,
    asked: QuestionView,
    lesson: Lesson,
    question: Question,
    tallies: list[Tally],
) -> None:
    """Draw the spread, and what happened beside what was thought."""
    thought, happened = st.columns(2, gap="large")
    with thought:
        answered = tallies[-1].answered if tallies else 0
        st.markdown(f"**What we thought** · {count(answered, 'answer')}")
        draw_votes(question, tallies, read_correct(asked.outcome))
    with happened:
        st.markdown("**What happened**")
        if asked.outcome:
            st.markdown(asked.outcome)
        else:
            _show_run(texts, found, lesson, question)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Vote again",
            icon=":material/replay:",
            key=AGAIN_BUTTON.name,
            disabled=asked.round >= MOST_ROUNDS,
            on_click=_ask_again,
            args=(found, asked),
        )
        _show_next(found)


def _show_run(texts: Lesson, found: Desk, lesson: Lesson, question: Question) -> None:
    """Draw the button that runs the question once for all, and then the run's result."""
    try:
        outcome = question_run.find_outcome(lesson, question, found.view.task)
    except DataUnavailable as error:
        st.error(str(error), icon=":material/database_off:")
        return
    if outcome.text:
        desk.act(lambda store: store.show_outcome(found.key, outcome.text))
        st.markdown(outcome.text)
        return
    st.button(
        "Running" if outcome.is_running else "Run it once for all",
        type="primary",
        icon=":material/play_arrow:",
        key=RUN_BUTTON.name,
        disabled=outcome.is_running,
        on_click=question_run.start,
        args=(lesson, question, found.view.task),
    )
    if outcome.is_running:
        st.progress(outcome.share, outcome.words)
    elif outcome.problem:
        st.warning(outcome.problem, icon=":material/stop_circle:")
    else:
        st.caption(texts.text("shown"))
