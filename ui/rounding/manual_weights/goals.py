"""The score of weights set by hand, and the losses to beat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from ui.content.lesson import Lesson, term
from ui.core import wording
from ui.rounding.manual_weights.position import Position, find_lowest_loss, zero_weights

#: Losses to beat, as shares of the loss of a network that knows nothing, by the lesson's texts.
SHARES = {"hands_nothing": 1.0, "hands_half": 0.5, "hands_tenth": 0.1}
TRAINED = "hands_trained"


def show_score(at: Position) -> None:
    """Draw loss and accuracy of the learner's weights, and the best loss so far."""
    loss, best = at.scores["loss"], find_lowest_loss(at)
    line = f"{at.scores['accuracy']:.1%} of {len(at.dataset.x_train):,} numbers right"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.metric("Loss, your score", wording.fixed(loss, 3), help=term("loss"), width=150)
        st.caption(line if best is None else f"{line}  \nBest so far: **{best:.3f}**")


def show_goals(lesson: Lesson, at: Position, trained: Position | None) -> None:
    """Draw the losses to beat, each with a mark once the learner has beaten it from this start.

    Args:
        lesson: The lesson with the goals' texts.
        at: The learner's weights.
        trained: The weights of the page's finished run, if there is one.
    """
    best = find_lowest_loss(at)
    with st.container(horizontal=True, gap="small"):
        st.markdown("Get the loss below", width="content")
        goals = find_goals(at, trained)
        for name, goal in sorted(goals.items(), key=lambda item: -item[1]):
            is_ln2 = name == "hands_nothing" and math.isclose(goal, math.log(2), rel_tol=1e-4)
            text = lesson.text(name, ln2=" (ln 2)" if is_ln2 else "")
            mark = _mark(best is not None and best < goal)
            st.markdown(f"{mark} **{goal:.3f}** {text}", width="content")


def find_goals(at: Position, trained: Position | None) -> Mapping[str, float]:
    """Return the losses to beat by the names of their texts."""
    nothing = replace(at, weights=zero_weights(at.experiment)).scores["loss"]
    goals = {name: share * nothing for name, share in SHARES.items()}
    if trained is not None and trained.task == at.task:
        goals[TRAINED] = trained.scores["loss"]
    return goals


def _mark(is_beaten: bool) -> str:
    return ":material/check_circle:" if is_beaten else ":material/radio_button_unchecked:"
