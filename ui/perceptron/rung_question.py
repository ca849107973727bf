"""The question of the learner's rung, with the figures of its run, the verdict and the way up."""

from __future__ import annotations

import streamlit as st

from ui.core import state
from ui.core.keys import Key
from ui.perceptron.ladder import ANCHOR, climb_to
from ui.perceptron.ladder_progress import LadderProgress, keep_answer
from ui.perceptron.run_outputs import compute_outputs
from ui.perceptron.single_output import scores as unit_scores
from ui.perceptron.ten_outputs import scores as digit_scores
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

#: The chosen answer on each rung.
CHOICE: Key[int | None] = Key("perceptron.rung", None)


def show_rung_question(progress: LadderProgress, page: LessonPage, shown: View) -> None:
    """Draw the question once a run of this rung is finished.

    Args:
        progress: The learner's place on the ladder.
        page: The page.
        shown: The run that the page shows.
    """
    outputs = compute_outputs(shown)
    if not progress.can_ask(shown) or outputs is None:
        return
    if shown.experiment.outputs > 1:
        summary = page.text("rung_run_ten", **digit_scores.summarize_outputs(outputs))
    else:
        summary = page.text("rung_run", **unit_scores.summarize_outputs(outputs))
    with st.container(border=True, gap="small"):
        st.subheader(f"Rung {progress.place + 1} · {progress.rung.name}", anchor=ANCHOR)
        _show_question(progress, summary)


def _show_question(progress: LadderProgress, summary: str) -> None:
    """Draw the question of the learner's rung and, once it is solved, the way up.

    Args:
        progress: The learner's place on the ladder.
        summary: The run's figures, in a sentence.
    """
    st.caption(summary)
    _show_choices(progress)
    if progress.is_answered:
        _show_verdict(progress)
    if progress.is_solved(progress.rung):  # before that, the next rung's name is the answer
        _show_way_up(progress)


def _show_choices(progress: LadderProgress) -> None:
    rung, key = progress.rung, CHOICE.of(progress.place)
    state.put(key, progress.answers.get(rung.name))
    st.radio(
        rung.question,
        range(len(rung.choices)),
        format_func=lambda place: rung.choices[place].answer,
        key=key.name,
        index=None,
        on_change=lambda: keep_answer(progress, state.get(key)),
    )


def _show_verdict(progress: LadderProgress) -> None:
    rung = progress.rung
    choice = rung.choices[progress.answers[rung.name]]
    if choice.is_right:
        st.success(choice.why, icon=":material/check:")
        if rung.expect:
            st.caption(rung.expect)
    else:
        st.warning(f"{choice.why} *Look again.*", icon=":material/close:")


def _show_way_up(progress: LadderProgress) -> None:
    if progress.is_top:
        st.page_link("pages/mnist.py", label="On to lesson 3", icon=":material/arrow_forward:")
        return
    place = progress.place + 1
    above = progress.rungs[place]
    st.button(
        f"Climb to {place + 1}: {above.name}",
        key="perceptron.climb",
        icon=":material/arrow_upward:",
        type="primary",
        on_click=climb_to,
        args=(progress.rungs, place),
    )
    st.caption(above.change)
