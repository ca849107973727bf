"""The start of two chosen runs: the same weights or not, and an offer to make them the same."""

from __future__ import annotations

import streamlit as st

from nncore.analysis.significance import same_order, same_shape, same_start
from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from ui.charts.run_comparison import SIGNS
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.core.run_rows import Row, find_seeds
from ui.runs.selection import choose
from ui.workbench import run_history, side_runs

#: The second run, trained again with the first one's seed.
TWIN = Key("runs.twin", ())
TWIN_RUN_BUTTON = Key("runs.twin_run", False)
TWIN_KNOWN_BUTTON = Key("runs.twin_known", False)


def draw_start(lesson: Lesson, one: Row, other: Row) -> None:
    """Say whether two runs started from the same weights; offer it if they did not, but could."""
    experiments = one.experiment, other.experiment
    first_seed, second_seed = (experiment.fit.seed for experiment in experiments)
    same_layers = same_start(*experiments)
    if _has_manual_start(one) or _has_manual_start(other):
        st.markdown(":material/edit: " + lesson.text("by_hand"))
    elif all(same_layers):
        order = " " + lesson.text("same_order") if _share_order(one, other) else ""
        st.markdown(":material/check: " + lesson.text("same", seed=first_seed) + order)
    elif same_shape(*experiments):
        text = lesson.text("other_seed", one=first_seed, other=second_seed)
        st.markdown(":material/casino: " + text)
        _offer_twin(lesson, one, other)
    elif any(same_layers):
        same, count = sum(same_layers), len(same_layers)
        text = lesson.text("part", seed=first_seed, same=same, count=count)
        st.markdown(":material/splitscreen: " + text)
    else:
        st.markdown(":material/block: " + lesson.text("other_layers"))


def _has_manual_start(row: Row) -> bool:
    """Return True if weights were set by hand before the first update."""
    return any(name.startswith("weights") and at == 0 for at, name, _ in row.edits)


def _share_order(one: Row, other: Row) -> bool:
    """Return True if two runs see the same samples in the same order."""
    if one.fingerprint != other.fingerprint:
        return False
    dataset = run_history.data_of(one)
    if dataset is None:
        return False
    return same_order(one.experiment, other.experiment, len(dataset.x_train))


def _offer_twin(lesson: Lesson, one: Row, other: Row) -> None:
    """Offer to train the second run with the first one's seed, and to compare with that."""
    if other.edits or run_history.data_of(other) is None:
        return
    wanted = other.experiment.updated({"fit.seed": one.experiment.fit.seed})
    candidates = find_seeds(run_history.rows(), other)
    twin = next((row for row in candidates if row.experiment == wanted), None)
    is_mine = any(run.experiment == wanted for run in side_runs.runs(TWIN.name))
    if is_mine and side_runs.under_way(TWIN.name):
        side_runs.follow(TWIN.name)
    elif twin is not None:
        st.caption(lesson.text("twin_known"))
        st.button(
            "Compare with that one",
            key=TWIN_KNOWN_BUTTON.name,
            icon=":material/compare_arrows:",
            on_click=choose,
            args=([one.key, twin.key],),
        )
    else:
        st.button(
            f"Train {SIGNS[1]} again with seed {wanted.fit.seed}",
            key=TWIN_RUN_BUTTON.name,
            icon=":material/play_arrow:",
            on_click=_start_twin,
            args=(other, wanted),
        )


def _start_twin(other: Row, wanted: Experiment) -> None:
    starts = [Checkpoint(wanted, other.fingerprint)]
    side_runs.begin_at(TWIN.name, starts, keep=True, page=other.page, label="same start")
