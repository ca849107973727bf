"""Lesson 2's ladder: the row of rungs, and what to do next on the learner's rung."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.components import assist
from ui.content.rungs import Rung
from ui.core import state
from ui.core.keys import Key
from ui.perceptron.ladder_progress import LadderProgress, go_to_rung
from ui.workbench.run_controls import BENCH
from ui.workbench.run_view import View

#: The row of rungs.
ROW: Key[int] = Key("perceptron.ladder", 0)
#: The place of the sentence on what to do next, which is known only when the run is.
NEXT_STEP: Key[None] = Key("perceptron.next_step", None)
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
            on_change=lambda: climb_to(progress.rungs, state.get(ROW)),
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
        on_click=climb_to,
        args=(progress.rungs, progress.place),
        help="You have changed the settings. This sets them back to those of the rung.",
    )


def climb_to(rungs: tuple[Rung, ...], place: int) -> None:
    """Set the page to a rung, bring the settings into view, and say what to press."""
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
