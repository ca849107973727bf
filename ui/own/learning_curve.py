"""Ask: how the accuracy on held-out drawings grows with the drawings to learn from.

The learner predicts first. Then small runs train on the first 1, 2, 5 ... drawings of each class.
The held-out drawings are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.runtime.run import Run
from ui.charts.drawings_curve import drawings_curve
from ui.core import cached_results, resources, state
from ui.core.keys import Key
from ui.core.wording import percent
from ui.workbench import side_runs
from ui.workbench.lesson_page import LessonPage

RUNS = "own.curve"
#: Drawings of each class to learn from; all of them come last.
STEPS = (1, 2, 5, 10, 20)
GUESS, RUN_BUTTON = Key[int | None]("own.curve.guess", None), Key("own.curve.run", False)
#: The experiment that the shown runs belong to.
OF = Key[Experiment | None]("own.curve.of", None, "tab")
#: Answers to choose from: accuracies in percent, each up to the next one.
GUESSES = (0, 60, 80, 95)


def list_steps(dataset: Dataset) -> list[int]:
    """Return how many drawings of each class to learn from: some steps, and the smallest class."""
    least = int(np.bincount(dataset.y_train).min())
    return sorted({step for step in STEPS if step < least} | {least})


def show_learning_curve(page: LessonPage) -> None:
    """Draw the question, the button that trains, and the curve."""
    st.subheader(page.text("curve_title"), anchor=False)
    st.markdown(page.text("curve"))
    guess = st.segmented_control(
        page.text("curve_guess"),
        range(len(GUESSES)),
        format_func=lambda place: page.text(f"guess_{GUESSES[place]}"),
        key=GUESS.name,
    )
    steps = list_steps(page.dataset)
    st.button(
        f"Train {len(steps)} networks",
        key=RUN_BUTTON.name,
        icon=":material/play_arrow:",
        disabled=guess is None or side_runs.under_way(RUNS),
        on_click=_begin,
        args=(page.experiment, page.dataset, steps),
    )
    if state.get(OF) != page.experiment:
        return
    if side_runs.under_way(RUNS):
        side_runs.follow(RUNS)
    elif side_runs.runs(RUNS):
        _show_curve(page, steps, side_runs.runs(RUNS), guess)


def _begin(experiment: Experiment, dataset: Dataset, steps: Sequence[int]) -> None:
    classes = len(dataset.class_names)
    starts = []
    for step in steps:
        one = experiment.updated({"data.samples": step * classes})
        starts.append(Checkpoint(one, resources.dataset(one.data).fingerprint))
    state.put(OF, experiment)
    side_runs.begin_at(RUNS, starts, keep=False, page="own", label="learning curve")


def _show_curve(
    page: LessonPage, steps: Sequence[int], runs: Sequence[Run], guess: int | None
) -> None:
    """Draw the accuracies, and how the learner's prediction turned out."""
    found = [(step, measure(run)) for step, run in zip(steps, runs, strict=False)]
    points = [(step, accuracy) for step, accuracy in found if accuracy is not None]
    if not points:
        return
    st.vega_lite_chart(*drawings_curve(points), key="own.curve.chart")
    first, last = points[0][1], points[-1][1]
    if guess is not None:
        is_right = find_answer(first) == guess
        st.markdown(page.text("curve_right" if is_right else "curve_wrong", first=percent(first)))
    numbers = {"first": percent(first), "last": percent(last), "most": points[-1][0]}
    st.markdown(page.text("curve_more" if last > first else "curve_flat", **numbers))


def measure(run: Run) -> float | None:
    """Return a run's accuracy on the held-out drawings, 0 to 1; None where it did not finish."""
    checkpoint = run.peek().checkpoint
    if not checkpoint.finished or not checkpoint.weights:
        return None
    dataset = resources.dataset(checkpoint.experiment.data)
    return cached_results.outcome(checkpoint, dataset).accuracy


def find_answer(accuracy: float) -> int:
    """Return the place of the answer that an accuracy makes right."""
    return max(place for place, least in enumerate(GUESSES) if 100 * accuracy >= least)
