"""Lesson 2's ladder: the row of rungs, the question of the learner's rung, and the way up."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.components import assist
from ui.content.rungs import Rung
from ui.core import state
from ui.core.keys import Key
from ui.perceptron.ladder_progress import LadderProgress, go_to_rung, keep_answer
from ui.workbench.run_controls import BENCH
from ui.workbench.run_view import View

#: The row of rungs.
ROW: Key[int] = Key("perceptron.ladder", 0)
#: The place of the sentence on what to do next, which is known only when the run is.
NEXT_STEP: Key[None] = Key("perceptron.next_step", None)
#: The chosen answer on each rung.
CHOICE: Key[int | None] = Key("perceptron.rung", None)
ICON = ":material/stairs:"
#: The question's place on the page: a link brings a learner with a phone there.
ANCHOR = "rung-question"


def show_ladder(progress: LadderProgress) -> DeltaGenerator:
    """Draw all rungs in a row: solved ones, the learner's, and those to come.

    Returns:
        An empty place below them for `show_next_step`.
    """
    state.put(ROW, progress.place)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{ICON} **Ladder**", width="content")
        st.segmented_control(
            "The ladder",
            range(len(progress.rungs)),
            format_func=lambda place: _label_rung(progress, place),
            key=ROW.name,
            on_change=lambda: _go(progress.rungs, state.get(ROW)),
            required=True,
            label_visibility="collapsed",
            width="stretch",
        )
        if not progress.is_on_rung:
            _show_way_back(progress)
    # Unlike `st.empty()` it keeps its text until the next one comes.
    return st.container(key=NEXT_STEP.name)


def _label_rung(progress: LadderProgress, place: int) -> str:
    return f"✓{place + 1}" if progress.is_solved(progress.rungs[place]) else f"{place + 1}"


def _show_way_back(progress: LadderProgress) -> None:
    st.button(
        f"Back to rung {progress.place + 1}",
        key="perceptron.ladder.back",
        icon=":material/undo:",
        on_click=_go,
        args=(progress.rungs, progress.place),
        help="You have changed the settings. This sets them back to those of the rung.",
    )


def _go(rungs: tuple[Rung, ...], place: int) -> None:
    go_to_rung(rungs, place)
    assist.scroll_to(BENCH.on("perceptron").name)
    st.toast(f"Rung {place + 1}: {rungs[place].name}. Now press Train.", icon=ICON)


def show_next_step(place: DeltaGenerator, progress: LadderProgress, shown: View) -> None:
    """Say what to do next on the learner's rung.

    Args:
        place: The place that `show_ladder` returned.
        progress: The learner's place on the ladder.
        shown: The run that the page shows.
    """
    if progress.is_on_rung:
        step = describe_next_step(progress, shown)
        place.markdown(f":small[**Rung {progress.place + 1}, {progress.rung.name}.** {step}]")


def describe_next_step(progress: LadderProgress, shown: View) -> str:
    """Return what to do next on the learner's rung."""
    if not progress.can_ask(shown):
        return progress.rung.look
    if not progress.is_solved(progress.rung):
        return f"Now answer the question: [**what is wrong?**](#{ANCHOR})"
    if progress.is_top:
        return "Solved. You are at the top of the ladder. Lesson 3 continues from here."
    return f"Solved. Now climb to rung {progress.place + 2}."


def show_question(progress: LadderProgress, summary: str) -> None:
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
        on_click=_go,
        args=(progress.rungs, place),
    )
    st.caption(above.change)
