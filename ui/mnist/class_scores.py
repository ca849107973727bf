"""Lesson 3, Test: precision, recall and F1 of each class, and how well confidence fits accuracy."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import metrics
from nncore.nn.losses import predicted_classes
from ui.charts import calibration as calibration_module
from ui.mnist.evaluated_network import EvaluatedNetwork
from ui.workbench import tables

#: Up to this difference, confidence and accuracy count as equal.
EVEN = 0.005


def show_class_scores(evaluated: EvaluatedNetwork, matrix: NDArray[np.int64]) -> None:
    """Draw a table of precision, recall, F1 and support for each class."""
    scores = metrics.precision_recall_support(matrix)
    st.markdown(evaluated.lesson.text("classes"))
    percent = {
        name: st.column_config.NumberColumn(format="%.1f%%")
        for name in ("precision", "recall", "F1")
    }
    tables.show_table(
        {
            "class": list(evaluated.names),
            "precision": _in_per_cent(scores.precision),
            "recall": _in_per_cent(scores.recall),
            "F1": _in_per_cent(scores.f1),
            "support": scores.support,
        },
        key="mnist.scores",
        column_config=percent,
        height=35 * (len(evaluated.names) + 1) + 3,
    )


def _in_per_cent(shares: NDArray[np.float64]) -> list[float | None]:
    return [100 * float(share) if np.isfinite(share) else None for share in shares]


def show_calibration(evaluated: EvaluatedNetwork) -> None:
    """Draw how well confidence fits accuracy; say so if the outputs are no probabilities."""
    text = evaluated.lesson.text
    st.markdown(text("calibration"))
    if not evaluated.is_softmax:
        st.info(text("calibration_none"), icon=":material/info:")
        return
    if evaluated.has_diverged:
        st.info(text("calibration_diverged"), icon=":material/info:")
        return
    labels = evaluated.dataset.y_test
    calibration = metrics.calibration(evaluated.outputs, labels)
    accuracy = float((predicted_classes(evaluated.outputs) == labels).mean())
    st.vega_lite_chart(*calibration_module.reliability(calibration), key="mnist.reliability")
    confidence = calibration.mean_confidence
    numbers = {"sure": confidence, "accuracy": accuracy, "error": 100 * calibration.error}
    st.caption(text(f"calibration_{judge_confidence(confidence, accuracy)}", **numbers))


def judge_confidence(confidence: float, accuracy: float) -> str:
    """Return whether a network is more confident than accurate: `"over"`, `"under"`, `"even"`.

    Args:
        confidence: Its mean confidence.
        accuracy: Its accuracy.
    """
    if abs(confidence - accuracy) < EVEN:
        return "even"
    return "over" if confidence > accuracy else "under"
