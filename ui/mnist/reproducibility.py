"""Lesson 3, Ask: the same experiment trained again, with the same seed and with others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from ui.core.keys import Key
from ui.workbench import side_runs, tables
from ui.workbench.lesson_page import LessonPage

AGAIN = Key("mnist.again", False)
RUN_FOUR = Key("mnist.again.run", False)
#: Where the session keeps the four runs.
FOUR_RUNS = "mnist.again_runs"


def show_reproducibility(page: LessonPage) -> None:
    """Draw the expander on seeds: one epoch of the page's settings, trained four times."""
    title = "**The same again?** What a seed is for"
    expander = st.expander(title, key=AGAIN.name, on_change="rerun")
    if not expander.open:
        return
    with expander:
        st.markdown(page.text("again", seed=page.experiment.fit.seed))
        runs = side_runs.runs(FOUR_RUNS)
        if side_runs.under_way(FOUR_RUNS):
            side_runs.follow(FOUR_RUNS)
            return
        st.button(
            "Run them again" if runs else "Run it four times",
            key=RUN_FOUR.name,
            icon=":material/play_arrow:",
            on_click=_begin_four,
            args=(page.experiment, page.dataset.fingerprint),
        )
        results = [run.peek().checkpoint for run in runs]
        if results and all(checkpoint.finished for checkpoint in results):
            _compare_runs(page, results)


def _begin_four(experiment: Experiment, fingerprint: str) -> None:
    """Start two runs with the page's seed and two with random seeds, one epoch each."""
    own = experiment.fit.seed
    fresh = np.random.default_rng().integers(2**32, size=2)
    four = [
        experiment.updated({"fit.epochs": 1, "fit.seed": int(seed)}) for seed in (own, own, *fresh)
    ]
    side_runs.begin(FOUR_RUNS, four, fingerprint)


def _compare_runs(page: LessonPage, results: Sequence[Checkpoint]) -> None:
    if results[0].experiment != page.experiment.updated({"fit.epochs": 1}):
        st.caption(":material/history: These runs are older than the settings.")
    tables.show_table(_run_columns(results), key="mnist.again_table")
    for text, (one, other) in {"again_seeded": results[:2], "again_fresh": results[2:]}.items():
        same, total = _count_equal_weights(one, other)
        gap = abs(one.history["accuracy"][0] - other.history["accuracy"][0])
        is_same = same == total and one.history == other.history
        verdict = "✓ the same to the last digit" if is_same else "✗ not the same"
        numbers = {"same": same, "total": total, "gap": 100 * gap, "verdict": verdict}
        st.markdown(page.text(text, **numbers))


def _run_columns(results: Sequence[Checkpoint]) -> dict[str, list[str]]:
    """Return what there is to compare, digit by digit: one row for each run."""
    return {
        "run": [f"{number}" for number in range(1, len(results) + 1)],
        "seed": [f"{c.experiment.fit.seed}" for c in results],
        "loss": [repr(c.history["loss"][0]) if c.history else c.failure for c in results],
        "accuracy": [repr(c.history["accuracy"][0]) if c.history else "" for c in results],
        "an output weight": [f"{c.weights[-2][0, 0]:.9g}" for c in results],
        "all weights (SHA-256)": [weights_digest(c) for c in results],
    }


def weights_digest(checkpoint: Checkpoint) -> str:
    """Return twelve hexadecimal digits for all weights; a single other bit changes them."""
    digest = hashlib.sha256()
    for array in checkpoint.weights:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _count_equal_weights(one: Checkpoint, other: Checkpoint) -> tuple[int, int]:
    """Return how many weights and biases are equal in both runs, and how many there are."""
    pairs = list(zip(one.weights, other.weights, strict=True))
    return sum(int((a == b).sum()) for a, b in pairs), sum(a.size for a, _ in pairs)
