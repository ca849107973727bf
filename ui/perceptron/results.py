"""What lesson 2 does with its network's outputs: a threshold makes answers of them.

The threshold is how the reader looks at the result; it is no part of the experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from nncore.data.datasets import Dataset
from ui.content.lesson import Lesson, term
from ui.core import state
from ui.perceptron import single_output as parts
from ui.perceptron.single_output import Mistake, Outputs, Score
from ui.workbench import tables

PAGE = "perceptron"
THRESHOLDS = {"0, as the tutorial": 0.0, "0.5, as Keras": 0.5}


@dataclass(frozen=True)
class Case:
    """What is looked at.

    Args:
        lesson: Lesson 2, for its texts.
        dataset: Its test set is what was answered.
        outputs: What the network said to all of it.
        baseline: The accuracy of always saying "not five".
        dark: Whether the visitor sees the dark theme.
    """

    lesson: Lesson
    dataset: Dataset
    outputs: Outputs
    baseline: float
    dark: bool


@st.fragment
def show(case: Case) -> None:
    """The slider, and all that follows it; moving it runs nothing else of the page."""
    outputs = case.outputs
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        first = st.container()
        chosen = _threshold(case, Score.of(outputs.values, outputs.labels))
    score = Score.of(outputs.values, outputs.labels, chosen)
    with right:
        _scores(case, score)
        st.vega_lite_chart(*parts.histogram(outputs, chosen), key="perceptron.read", height=240)
    with first:
        _verdict(case, score)
    _printed(case, chosen)
    _mistakes(case, chosen)


def _threshold(case: Case, score: Score) -> float:
    st.markdown(case.lesson.text("threshold"))
    low, high, step = parts.slider_range(score)
    chosen = state.get(f"{PAGE}.chosen_threshold", parts.KERAS_THRESHOLD)
    state.put(f"{PAGE}.threshold", min(max(chosen, low), high))
    value = st.slider(
        "Threshold: outputs above it say *five*",
        low,
        high,
        step=step,
        key=f"{PAGE}.threshold",
        on_change=lambda: _choose(state.get(f"{PAGE}.threshold", chosen)),
        help=term("threshold"),
    )
    with st.container(horizontal=True):
        for name, at in THRESHOLDS.items():
            st.button(name, key=f"{PAGE}.threshold.{at:g}", on_click=_choose, args=(at,))
    return value


def _choose(at: float) -> None:
    state.put(f"{PAGE}.chosen_threshold", at)


def _scores(case: Case, score: Score) -> None:
    accuracy, recall, alarms = st.columns(3)
    with accuracy:
        beside_baseline(score.accuracy, case.baseline)
    recall.metric(
        "Recall of fives",
        f"{score.recall:.2f}",
        f"{score.found:,} of {score.fives:,} found",
        delta_color="off",
        delta_arrow="off",
        help=term("recall"),
    )
    alarms.metric(
        "False alarms",
        f"{score.alarms:,}",
        f"of {score.others:,} other digits",
        delta_color="off",
        delta_arrow="off",
        help=case.lesson.text("alarms"),
    )


def beside_baseline(accuracy: float, baseline: float) -> None:
    """The accuracy, and how far above or below the baseline it is."""
    same = parts.verdict(accuracy, baseline) == "same"
    st.metric(
        "Accuracy",
        f"{accuracy:.4f}",
        f"{accuracy - baseline:+.3f} vs baseline",
        delta_color="off" if same else "normal",
        delta_arrow="off" if same else "auto",
        help=term("metric"),
    )


def _verdict(case: Case, score: Score) -> None:
    removed = (score.accuracy - case.baseline) / (1 - case.baseline)
    numbers = {"accuracy": score.accuracy, "baseline": case.baseline, "removed": removed}
    st.markdown(case.lesson.text(parts.verdict(score.accuracy, case.baseline), **numbers))
    at, best = parts.best_threshold(case.outputs.values, case.outputs.labels)
    st.caption(case.lesson.text("best", at=parts.number(at), best=best))


def _printed(case: Case, chosen: float) -> None:
    with st.expander("**Print the first ten outputs** beside their labels"):
        st.code("print(model.predict(x_test[:10]))", language="python")
        st.markdown(case.lesson.text("printed"))
        columns = parts.first_outputs(case.dataset, case.outputs.values, chosen, dark=case.dark)
        image = st.column_config.ImageColumn("image", width="small")
        tables.show_table(
            columns, key=f"{PAGE}.first", column_config={"image": image}, height="content"
        )


def _mistakes(case: Case, chosen: float) -> None:
    st.subheader("What it is most wrong about", anchor=False)
    wrong = parts.most_wrong(case.dataset, case.outputs.values, chosen, dark=case.dark)
    if not wrong:
        st.success("Not one of the test images is answered wrong.")
        return
    st.caption(case.lesson.text("mistakes"))
    gallery(wrong)


def gallery(mistakes: Sequence[Mistake]) -> None:
    """Pictures of mistakes, each above its caption."""
    with st.container(horizontal=True, gap="small"):
        for mistake in mistakes:
            with st.container(width=84, gap="xxsmall"):
                st.image(mistake.image, width=84, alt=mistake.caption)
                st.caption(mistake.caption)
