"""Predict, then run: the card asks one question; the learner commits, then the run shows.

A question can be skipped: the page works the same without an answer.
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
from ui.content.questions import (
    PossibleAnswer,
    Question,
    Verdict,
    describe_run,
    word_answer,
)
from ui.content.settings import word_changes
from ui.core import page_settings, resources, state
from ui.core.keys import PageKey
from ui.workbench import predictions, run_controls
from ui.workbench.answer_field import draw_answer_field
from ui.workbench.lesson_page import LessonPage
from ui.workbench.predictions import IS_CARD_OPEN, PREDICTION, SKIPPED, Prediction

LOOK = PageKey("look", False)
CARD = PageKey("predict", False)
ANSWER = PageKey[Any]("answer", None)
RUN_BUTTON = PageKey("run_it", False)
SKIP_BUTTON = PageKey("skip", False)
IDEA_BUTTON = PageKey("run_idea", False)
NEXT_BUTTON = PageKey("next", False)
UNSKIP_BUTTON = PageKey("unskip", False)
FORGET_BUTTON = PageKey("forget", False)
CLOCK = PageKey("beside.clock", None)

#: Width in pixels of a closed *1 Look*, and of a part that takes the whole row.
NARROW, WHOLE = 360, 4000
#: Seconds between two looks at the run to compare with.
POLL = 0.5


@contextmanager
def show_beside(page: LessonPage) -> Iterator[None]:
    """Draw the body of the `with`, the page's *1 Look*, and the card in one row."""
    is_open = state.get(LOOK.on(page.name))
    with st.container(horizontal=True, gap="small"):
        with st.container(width=WHOLE if is_open else NARROW):
            yield
        show_card(page)


def show_card(page: LessonPage) -> None:
    """Draw the lesson's next question, or how the learner's prediction turned out."""
    lesson = page.lesson
    if not lesson.questions:
        return
    prediction = predictions.decided(lesson)
    question = predictions.current(lesson, prediction)
    verdict = prediction.verdict if prediction is not None else None
    is_open = state.get(IS_CARD_OPEN.on(page.name))
    state.put(CARD.on(page.name), is_open)
    box = st.expander(
        _label(lesson, question, prediction),
        key=CARD.on(page.name).name,
        icon=":material/psychology_alt:",
        on_change=_toggle,
        args=(page.name,),
        width=WHOLE if verdict is not None and is_open else "stretch",
    )
    if box.open:
        with box, st.container(gap="small"):
            if question is None:
                _show_summary(lesson)
            elif prediction is None or verdict is None:
                _show_question(page, question, prediction)
            else:
                _show_verdict(lesson, question, prediction, verdict)
            _show_footer(lesson, has_verdict=verdict is not None)
    if prediction is not None and verdict is None and prediction.comparison is not None:
        _wait_for_comparison(page.name, prediction.run, prediction.comparison)


def _toggle(page: str) -> None:
    predictions.open_card(page, state.get(CARD.on(page)))


def _label(lesson: Lesson, question: Question | None, prediction: Prediction | None) -> str:
    answers = predictions.answers(lesson)
    right, total = sum(answers.values()), len(lesson.questions)
    if question is None:
        return f"**Predicted** · {right} of {total} right"
    score = f" · {right} of {len(answers)} right" if answers else ""
    if prediction is None:
        place = lesson.questions.index(question) + 1
        return f"**Predict {place} of {total}** · {question.name}{score}"
    if prediction.verdict is None:
        return f"**Your prediction:** {word_answer(question, prediction.answer)}"
    if prediction.idea is not None and not prediction.is_idea_over:
        return f"**Your idea is running** · {question.name}{score}"
    mark = {True: "✓ Right", False: "✗ Not so", None: "Undecided"}[prediction.verdict.right]
    return f"**{mark}** · {question.name}{score}"


# Asking


def _show_question(page: LessonPage, question: Question, prediction: Prediction | None) -> None:
    lesson, name = page.lesson, page.name
    embedded = resources.dataset(lesson.default.data).embedded
    st.markdown(question.text)
    if prediction is not None:  # the field was not drawn while the card was closed
        state.put(ANSWER.on(name).of(question.name), prediction.answer)
    answer = draw_answer_field(
        question, ANSWER.on(name).of(question.name).name, is_disabled=prediction is not None
    )
    run = (
        prediction.run
        if prediction
        else question.experiment(lesson.default, page.experiment, embedded)
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        is_waiting = prediction is not None and predictions.under_way(name, prediction.run)
        # A number that is being typed arrives together with the click, so the button waits for it.
        needs_choice = answer is None and question.number is None
        st.button(
            "Run it again" if prediction is not None and not is_waiting else "Run it",
            key=RUN_BUTTON.on(name).name,
            icon=":material/play_arrow:",
            disabled=needs_choice or is_waiting,
            on_click=_commit,
            args=(lesson, question, run, embedded),
        )
        st.button(
            "Skip", key=SKIP_BUTTON.on(name).name, type="tertiary", on_click=_skip, args=(lesson,)
        )
        st.caption(_describe_run(lesson, run, prediction), width="stretch")


def _describe_run(lesson: Lesson, run: Experiment, prediction: Prediction | None) -> str:
    """Return what the run will change, or what it is doing."""
    changes = "; ".join(word_changes(lesson.default, run)) or "the lesson's own settings"
    if prediction is None:
        return f"The run: {changes}"
    if predictions.under_way(lesson.name, prediction.run):
        return "Your prediction is fixed. The answer appears here when the run is over."
    if predictions.finished(lesson.name, prediction.run) is not None:
        return "Your prediction is fixed. The run to compare with is still training."
    return f"This run did not finish. Run it again: {changes}"


def _commit(lesson: Lesson, question: Question, run: Experiment, embedded: bool) -> None:
    page = lesson.name
    answer = state.get(ANSWER.on(page).of(question.name))
    if answer is None:
        st.toast("Type your prediction first.", icon=":material/edit:")
        return
    comparison = question.comparison(lesson.default, embedded)
    state.put(PREDICTION.on(page), Prediction(question.name, answer, run, comparison))
    _train(page, run)


def _train(page: str, run: Experiment) -> None:
    predictions.open_card(page, False)  # the run must be seen; the card opens again after it
    page_settings.set_experiment(page, run)
    run_controls.train(page, run)


def _skip(lesson: Lesson) -> None:
    question = predictions.current(lesson, state.get(PREDICTION.on(lesson.name)))
    if question is not None:
        _add_skipped(lesson.name, question.name)
    state.drop(PREDICTION.on(lesson.name))


def _add_skipped(page: str, question: str) -> None:
    key = SKIPPED.on(page)
    state.put(key, (*state.get(key), question))


# The result


def _show_verdict(
    lesson: Lesson, question: Question, prediction: Prediction, verdict: Verdict
) -> None:
    embedded = resources.dataset(lesson.default.data).embedded
    answer = question.answers[int(prediction.answer)] if question.answers else None
    left, right = st.columns([1, 1.4], gap="medium")
    with left:
        st.markdown(_judgement(question, prediction, verdict))
        st.markdown(verdict.numbers)
        _show_idea_result(lesson.name, question, prediction, answer)
    with right:
        for part in (answer, question):
            if part is not None and part.why:
                st.markdown(part.why_sample if embedded and part.why_sample else part.why)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _offer_idea(lesson, prediction, answer, embedded)
        st.button(
            "Next question",
            key=NEXT_BUTTON.on(lesson.name).name,
            icon=":material/arrow_forward:",
            on_click=_go_to_next,
            args=(lesson.name, question.name, verdict.right is None),
        )


def _judgement(question: Question, prediction: Prediction, verdict: Verdict) -> str:
    said = word_answer(question, prediction.answer)
    if verdict.right is None:
        return f"You predicted: {said}. This run does not decide it."
    if verdict.right:
        more = "" if question.answers else f", and it is {verdict.correct}"
        return f":green[✓ **Right**]: {said}{more}."
    return f":red[✗ **Not so**]. You predicted: {said}. It is: **{verdict.correct}**."


def _show_idea_result(
    page: str, question: Question, prediction: Prediction, answer: PossibleAnswer | None
) -> None:
    """Draw what the run of the learner's own idea gave."""
    if prediction.idea is None or not prediction.is_idea_over or answer is None:
        return
    found = predictions.finished(page, prediction.idea)
    if found is not None:
        st.markdown(f"**Your idea, run**  \n{describe_run(question, found)}")
        st.markdown(answer.tried)


def _offer_idea(
    lesson: Lesson, prediction: Prediction, answer: PossibleAnswer | None, embedded: bool
) -> None:
    """Draw a button that runs a wrong idea, where it can be run."""
    is_open = prediction.is_wrong and not prediction.is_idea_over
    if answer is None or answer.settings is None or not is_open:
        return
    page = lesson.name
    settings = {**answer.settings, **((answer.sample_settings or {}) if embedded else {})}
    idea = lesson.default.updated(settings)
    is_running = prediction.idea is not None and predictions.under_way(page, idea)
    st.button(
        "Your idea is running" if is_running else "Run your idea",
        key=IDEA_BUTTON.on(page).name,
        icon=":material/play_arrow:",
        disabled=is_running,
        on_click=_run_idea,
        args=(page, prediction, idea),
        help="; ".join(word_changes(lesson.default, idea)) or None,
    )


def _run_idea(page: str, prediction: Prediction, idea: Experiment) -> None:
    state.put(PREDICTION.on(page), replace(prediction, idea=idea, is_idea_over=False))
    _train(page, idea)


def _go_to_next(page: str, question: str, is_undecided: bool) -> None:
    state.drop(PREDICTION.on(page))
    if is_undecided:
        _add_skipped(page, question)


def _show_summary(lesson: Lesson) -> None:
    """Draw all questions with the marks of their answers."""
    answers = predictions.answers(lesson)
    marks = {True: ":green[✓]", False: ":red[✗]", None: "–"}
    lines = [f"{marks[answers.get(q.name)]} {q.name}" for q in lesson.questions]
    st.markdown("  \n".join(lines))
    if len(answers) < len(lesson.questions):
        st.button(
            "Ask what I skipped",
            key=UNSKIP_BUTTON.on(lesson.name).name,
            on_click=state.drop,
            args=(SKIPPED.on(lesson.name),),
        )


def _show_footer(lesson: Lesson, *, has_verdict: bool) -> None:
    """Draw whether answers are kept, and the button to forget them."""
    if not keep.is_lasting():
        st.caption("A reload forgets your answers: this browser keeps nothing.")
    if has_verdict or not predictions.answers(lesson):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if keep.is_lasting():
            st.caption("Only this browser keeps your answers.", width="content")
        st.button(
            "Forget them",
            key=FORGET_BUTTON.on(lesson.name).name,
            type="tertiary",
            on_click=_forget,
            args=(lesson.name,),
        )


def _forget(page: str) -> None:
    keep.put(predictions.slot(page), None)
    state.drop(PREDICTION.on(page))
    state.drop(SKIPPED.on(page))


def _wait_for_comparison(page: str, run: Experiment, comparison: Experiment) -> None:
    """Run the page again once the run to compare with is over; the page's own run comes first."""
    if predictions.finished(page, run) is None:
        return
    shared = predictions.shared(comparison)
    if predictions.is_too_large(shared):
        st.caption(shared.peek().note)
        return

    @clock.every(POLL, key=CLOCK.on(page).name)
    def watch() -> None:
        if shared.progress().state.over:
            st.rerun()

    watch()
