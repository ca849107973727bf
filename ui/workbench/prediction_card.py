"""Predict, then run: one question at a time; the learner commits, the run shows what happens.

Nothing waits for an answer: a question can be skipped, and the page is the same without it. What a
session holds of it, besides the widgets:

    <page>.bet       what the learner has committed to, and the runs that decide it
    <page>.skipped   the names of questions that were skipped
    <page>.asking    whether the card is open

Which questions were answered right is kept by the browser, see `ui/components/keep`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import streamlit as st

from nncore.experiment import Experiment
from ui.components import clock, keep
from ui.content.lesson import Lesson
from ui.content.questions import Option, Question, Verdict, tell
from ui.content.settings import word_changes
from ui.core import resources, state
from ui.workbench import predictions, run_controls
from ui.workbench.lesson_page import LessonPage
from ui.workbench.predictions import Bet

#: Answers of at most so many characters stand side by side.
SHORT = 3
#: Pixels: what *1 Look* takes of the row where it is closed, and where it is open (the whole row).
NARROW, WHOLE = 360, 4000
#: Seconds between two looks at a run that is trained beside the page's.
POLL = 0.5


@contextmanager
def show_beside(page: LessonPage) -> Iterator[None]:
    """Draw the body of the `with`, the page's *1 Look*, and the card in one row."""
    opened = state.get(f"{page.name}.look", False)
    with st.container(horizontal=True, gap="small"):
        with st.container(width=WHOLE if opened else NARROW):
            yield
        show_card(page)


def show_card(opened: LessonPage) -> None:
    """Draw the lesson's next question, or how the learner's prediction turned out."""
    lesson, experiment = opened.lesson, opened.experiment
    if not lesson.questions:
        return
    page, bet = lesson.name, predictions.settled(lesson)
    question, told = predictions.current(lesson, bet), bet is not None and bet.verdict is not None
    state.put(f"{page}.predict", state.get(f"{page}.asking", False))
    box = st.expander(
        _label(lesson, question, bet),
        key=f"{page}.predict",
        icon=":material/psychology_alt:",
        on_change=_toggle,
        args=(page,),
        width=WHOLE if told and state.get(f"{page}.asking", False) else "stretch",
    )
    if box.open:
        with box, st.container(gap="small"):
            if question is None:
                _over(lesson)
            elif bet is None or bet.verdict is None:
                _ask(lesson, question, experiment, bet)
            else:
                _tell(lesson, question, bet, bet.verdict)
            _foot(lesson, told=told)
    if bet is not None and bet.verdict is None and bet.beside is not None:
        _follow(page, bet.run, bet.beside)


def _toggle(page: str) -> None:
    state.put(f"{page}.asking", state.get(f"{page}.predict", False))


def _label(lesson: Lesson, question: Question | None, bet: Bet | None) -> str:
    answers = predictions.answers(lesson)
    right, count = sum(answers.values()), len(lesson.questions)
    if question is None:
        return f"**Predicted** · {right} of {count} right"
    score = f" · {right} of {len(answers)} right" if answers else ""
    if bet is not None and bet.verdict is None:
        return f"**You said:** {_said(question, bet)}"
    if bet is not None and bet.idea is not None and not bet.tried:
        return f"**Your idea is running** · {question.name}{score}"
    if bet is not None and bet.verdict is not None:
        mark = {True: "✓ Right", False: "✗ Not so", None: "Undecided"}[bet.verdict.right]
        return f"**{mark}** · {question.name}{score}"
    place = lesson.questions.index(question) + 1
    return f"**Predict {place} of {count}** · {question.name}{score}"


def _said(question: Question, bet: Bet) -> str:
    return question.options[int(bet.answer)].answer if question.options else f"{bet.answer:g}"


# Asking.


def _ask(lesson: Lesson, question: Question, experiment: Experiment, bet: Bet | None) -> None:
    page, embedded = lesson.name, resources.dataset(lesson.default.data).embedded
    st.markdown(question.text)
    if bet is not None:  # the field was not drawn while the card was closed
        state.put(f"{page}.answer.{question.name}", bet.answer)
    answer = _field(page, question, disabled=bet is not None)
    run = question.experiment(lesson.default, experiment, embedded) if bet is None else bet.run
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        waiting = bet is not None and predictions.under_way(page, bet.run)
        st.button(
            "Run it again" if bet is not None and not waiting else "Run it",
            key=f"{page}.run_it",
            icon=":material/play_arrow:",
            disabled=answer is None or waiting,
            on_click=_commit,
            args=(lesson, question, run, embedded),
        )
        st.button("Skip", key=f"{page}.skip", type="tertiary", on_click=_skip, args=(lesson,))
        st.caption(_how_far(lesson, run, bet), width="stretch")


def _field(page: str, question: Question, *, disabled: bool) -> float | None:
    """Where the answer is given."""
    key, number = f"{page}.answer.{question.name}", question.number
    if number is None:
        answers = [option.answer for option in question.options]
        options = range(len(answers))
        more: Any = {"disabled": disabled, "label_visibility": "collapsed"}
        said = answers.__getitem__
        if all(len(answer) <= SHORT for answer in answers):
            chosen = st.segmented_control("Answer", options, key=key, format_func=said, **more)
        else:
            chosen = st.radio("Answer", options, None, said, key=key, **more)
        return None if chosen is None else int(chosen)
    bounds = (number.low, number.high, number.step)
    kind: Any = int if all(value == int(value) for value in bounds) else float
    low, high, step = map(kind, bounds)
    given: float | None = st.number_input(
        number.asks, low, high, None, step, key=key, width=220, disabled=disabled
    )
    return given


def _how_far(lesson: Lesson, run: Experiment, bet: Bet | None) -> str:
    """What the run will be, or what it is doing."""
    changed = "; ".join(word_changes(lesson.default, run)) or "the lesson's own settings"
    if bet is None:
        return f"The run: {changed}"
    if predictions.under_way(lesson.name, bet.run):
        return "You have said it. The run is under way; when it is over, the answer stands here."
    if predictions.finished(lesson.name, bet.run) is not None:
        return "You have said it. The run to compare with is under way, beside this one."
    return f"This run did not get to its end. Run it again: {changed}"


def _commit(lesson: Lesson, question: Question, run: Experiment, embedded: bool) -> None:
    page = lesson.name
    answer = state.get(f"{page}.answer.{question.name}", None)
    if answer is not None:
        beside = question.beside(lesson.default, embedded)
        state.put(f"{page}.bet", Bet(question.name, answer, run, beside))
        _train(page, run)


def _train(page: str, run: Experiment) -> None:
    predictions.open_card(
        page, False
    )  # so that the run can be seen; the card opens again when it is over
    state.set_experiment(page, run)
    run_controls.train(page, run)


def _skip(lesson: Lesson) -> None:
    question = predictions.current(lesson, state.get(f"{lesson.name}.bet", None))
    if question is not None:
        skipped: tuple[str, ...] = state.get(f"{lesson.name}.skipped", ())
        state.put(f"{lesson.name}.skipped", (*skipped, question.name))
    state.drop(f"{lesson.name}.bet")


# What came of it.


def _tell(lesson: Lesson, question: Question, bet: Bet, verdict: Verdict) -> None:
    embedded = resources.dataset(lesson.default.data).embedded
    option = question.options[int(bet.answer)] if question.options else None
    left, right = st.columns([1, 1.4], gap="medium")
    with left:
        st.markdown(_judgement(question, bet, verdict))
        st.markdown(verdict.numbers)
        _tried(lesson.name, question, bet, option)
    with right:
        for part in (option, question):
            if part is not None and part.why:
                st.markdown(part.why_sample if embedded and part.why_sample else part.why)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _idea(lesson, bet, option, embedded)
        st.button(
            "Next question",
            key=f"{lesson.name}.next",
            icon=":material/arrow_forward:",
            on_click=_next,
            args=(lesson.name, question.name, verdict.right is None),
        )


def _judgement(question: Question, bet: Bet, verdict: Verdict) -> str:
    said = _said(question, bet)
    if verdict.right is None:
        return f"You said: {said}. This run does not decide it."
    if verdict.right:
        more = "" if question.options else f", and it is {verdict.correct}"
        return f":green[✓ **Right**]: {said}{more}."
    return f":red[✗ **Not so**]. You said: {said}. It is: **{verdict.correct}**."


def _tried(page: str, question: Question, bet: Bet, option: Option | None) -> None:
    """What came of the learner's own idea."""
    found = predictions.finished(page, bet.idea) if bet.idea is not None and bet.tried else None
    if found is not None and option is not None:
        st.markdown(f"**Your idea, run**  \n{tell(question, found)}")
        st.markdown(option.tried)


def _idea(lesson: Lesson, bet: Bet, option: Option | None, embedded: bool) -> None:
    """Lets a wrong idea be run, where it can be."""
    if option is None or option.settings is None or bet.tried or not bet.wrong:
        return
    page = lesson.name
    settings = {**option.settings, **((option.sample_settings or {}) if embedded else {})}
    idea = lesson.default.updated(settings)
    waiting = bet.idea is not None and predictions.under_way(page, idea)
    st.button(
        "Your idea is running" if waiting else "Run your idea",
        key=f"{page}.run_idea",
        icon=":material/play_arrow:",
        disabled=waiting,
        on_click=_run_idea,
        args=(page, bet, idea),
        help="; ".join(word_changes(lesson.default, idea)) or None,
    )


def _run_idea(page: str, bet: Bet, idea: Experiment) -> None:
    state.put(f"{page}.bet", replace(bet, idea=idea, tried=False))
    _train(page, idea)


def _next(page: str, name: str, undecided: bool) -> None:
    state.drop(f"{page}.bet")
    if undecided:
        state.put(f"{page}.skipped", (*state.get(f"{page}.skipped", ()), name))


def _over(lesson: Lesson) -> None:
    """All questions at a glance."""
    answers = predictions.answers(lesson)
    marks = {True: ":green[✓]", False: ":red[✗]", None: "–"}
    lines = [f"{marks[answers.get(q.name)]} {q.name}" for q in lesson.questions]
    st.markdown("  \n".join(lines))
    if len(answers) < len(lesson.questions):
        st.button(
            "Ask what I skipped",
            key=f"{lesson.name}.unskip",
            on_click=state.drop,
            args=(f"{lesson.name}.skipped",),
        )


def _foot(lesson: Lesson, *, told: bool) -> None:
    """Whether answers are kept, and the way to forget them."""
    if not keep.is_lasting():
        st.caption("Answers will not be kept over a reload: this browser keeps nothing.")
    if told or not predictions.answers(lesson):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if keep.is_lasting():
            st.caption("This browser keeps your answers, nobody else.", width="content")
        st.button(
            "Forget them",
            key=f"{lesson.name}.forget",
            type="tertiary",
            on_click=_forget,
            args=(lesson.name,),
        )


def _forget(page: str) -> None:
    keep.put(predictions.slot(page), None)
    state.drop(f"{page}.bet")
    state.drop(f"{page}.skipped")


def _follow(page: str, run: Experiment, beside: Experiment) -> None:
    """Waits for the run to compare with, which the lab trains for all who ask."""
    if predictions.finished(page, run) is None:  # first things first: the page follows its own run
        return
    shared = predictions.shared(beside)

    @clock.every(POLL, key=f"{page}.beside.clock")
    def watch() -> None:
        if shared.progress().state.over:
            st.rerun()

    watch()
