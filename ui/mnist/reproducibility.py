"""The same experiment trained again, with the same seed and with others."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from ui.content.lesson import Lesson
from ui.workbench import side_runs, tables


def same_again(lesson: Lesson, experiment: Experiment, dataset: Dataset) -> None:
    """The same experiment twice with its seed and twice with others, digit by digit.

    Args:
        lesson: Whose texts.
        experiment: The page's settings; one epoch of them is run.
        dataset: The data.
    """
    aside = st.expander(
        "**The same again?** What a seed is for", key="mnist.again", on_change="rerun"
    )
    if not aside.open:
        return
    with aside:
        st.markdown(lesson.text("again", seed=experiment.fit.seed))
        runs = side_runs.runs("mnist.again_runs")
        if side_runs.under_way("mnist.again_runs"):
            side_runs.follow("mnist.again_runs")
            return
        st.button(
            "Run them again" if runs else "Run it four times",
            key="mnist.again.run",
            icon=":material/play_arrow:",
            on_click=_begin_four,
            args=(experiment, dataset.fingerprint),
        )
        results = [progress.checkpoint for progress in (run.peek() for run in runs)]
        if results and all(checkpoint.finished for checkpoint in results):
            _compare_runs(lesson, results, experiment)


def _begin_four(experiment: Experiment, fingerprint: str) -> None:
    """Two runs with the seed, two with fresh ones, one epoch each."""
    own = experiment.fit.seed
    fresh = np.random.default_rng().integers(2**32, size=2)
    four = [
        experiment.updated({"fit.epochs": 1, "fit.seed": int(seed)}) for seed in (own, own, *fresh)
    ]
    side_runs.begin("mnist.again_runs", four, fingerprint)


def _compare_runs(lesson: Lesson, results: list[Checkpoint], experiment: Experiment) -> None:
    ran = results[0].experiment
    if ran != experiment.updated({"fit.epochs": 1}):
        st.caption(":material/history: These runs are older than the settings.")
    tables.show_table(_run_columns(results), key="mnist.again_table")
    for text, (one, other) in {"again_seeded": results[:2], "again_fresh": results[2:]}.items():
        same, total = _equal_weights(one, other)
        gap = abs(one.history["accuracy"][0] - other.history["accuracy"][0])
        verdict = (
            "✓ the same to the last digit"
            if same == total and one.history == other.history
            else "✗ not the same"
        )
        numbers = {"same": same, "total": total, "gap": 100 * gap, "verdict": verdict}
        st.markdown(lesson.text(text, **numbers))


def _run_columns(results: list[Checkpoint]) -> dict[str, list[str]]:
    """What there is to compare, digit by digit: a row a run."""
    return {
        "run": [f"{number}" for number in range(1, len(results) + 1)],
        "seed": [f"{c.experiment.fit.seed}" for c in results],
        "loss": [repr(c.history["loss"][0]) if c.history else c.failure for c in results],
        "accuracy": [repr(c.history["accuracy"][0]) if c.history else "" for c in results],
        "an output weight": [f"{c.weights[-2][0, 0]:.9g}" for c in results],
        "all weights (SHA-256)": [weights_digest(c) for c in results],
    }


def weights_digest(checkpoint: Checkpoint) -> str:
    """Twelve hexadecimal digits that stand for all weights: one other bit, and they differ."""
    digest = hashlib.sha256()
    for array in checkpoint.weights:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:12]


def _equal_weights(one: Checkpoint, other: Checkpoint) -> tuple[int, int]:
    """How many weights and biases are the same in both, and how many there are."""
    pairs = list(zip(one.weights, other.weights, strict=True))
    return sum(int((a == b).sum()) for a, b in pairs), sum(a.size for a, _ in pairs)
