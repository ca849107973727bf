"""Lesson 1's film: the network, and the decision curve that it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.decision_boundary import predict_along
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from ui.components.network import film as player
from ui.components.network.film import Axis, Bar, Picture, Shot
from ui.tools.film_tool import assemble_film, score_frames, show_film
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_view import View

Array: TypeAlias = NDArray[Any]

#: The inputs at which the decision curve is drawn.
LINE = np.linspace(0.0, 1.0, 101, dtype=np.float32)
#: Training numbers on which the loss and accuracy in the caption are measured.
MEASURED_NUMBERS = 2000


def show_rounding_film(page: LessonPage, view: View) -> None:
    """Show the film of lesson 1."""
    show_film(page, view, build_rounding_film)


def build_rounding_film(checkpoint: Checkpoint, dataset: Dataset) -> Picture:
    """Return the film of a run of lesson 1.

    Args:
        checkpoint: A run with a film.
        dataset: Its data.
    """
    experiment, names = checkpoint.experiment, dataset.class_names
    x, y = dataset.x_train[:MEASURED_NUMBERS], dataset.y_train[:MEASURED_NUMBERS]
    frames = score_frames(checkpoint, x, y)
    network = player.network_picture(
        "The network",
        experiment.layer_sizes,
        [[a for layer in f.network.layers for a in (layer.kernel, layer.bias)] for f in frames],
        labels=(("x",), names),
    )
    curve = decision_picture(
        [frame.network.predict(LINE) for frame in frames], experiment.data.threshold, names
    )
    return assemble_film(checkpoint, frames, network, curve)


def decision_picture(outputs: Sequence[Array], threshold: float, names: Sequence[str]) -> Picture:
    """Draw two output neurons along `LINE` for each frame, and where the prediction changes.

    Args:
        outputs: For each frame (len(LINE), 2).
        threshold: The input at which the labels change.
        names: The neurons' names.
    """
    low, high = find_span(outputs)
    x = Axis("input x", 0.0, 1.0, player.ticks(0.0, 1.0))
    y = Axis("output", low, high, player.ticks(low, high))
    shots = [_decision_frame(values, threshold, (low, high)) for values in outputs]
    return player.chart_picture(
        "What it learns",
        "The two outputs for every input, and where the prediction changes.",
        (x, y),
        shots,
        always=Shot(rules=[(threshold, "truth")]),
        key=[("first", names[0]), ("second", names[1])],
    )


def _decision_frame(values: Array, threshold: float, ends: tuple[float, float]) -> Shot:
    edges, wrong = predict_along(LINE, values, threshold)
    at = ", ".join(f"{edge:.2f}" for edge in edges[:3]) + ("…" if edges[3:] else "")
    change = f"at {at}" if at else "never"
    return Shot(
        bars=[Bar(round(low, 4), round(high, 4), *ends, "off") for low, high in wrong],
        lines=[
            (style, player.rounded(column, *ends))
            for style, column in zip(("first", "second"), values.T, strict=True)
        ],
        rules=[(round(edge, 4), "border") for edge in edges],
        marks=[(round((low + high) / 2, 4), "\u00d7", "cross") for low, high in wrong],
        said=f"\u250a labels change at {threshold:g}  \u2502 predictions change {change}",
    )


def find_span(outputs: Sequence[Array]) -> tuple[float, float]:
    """Return the ends of an axis that holds 0, 1 and the outputs of most frames.

    The ends are the median of the frames' smallest outputs, and of their largest: a few frames with
    outputs in the thousands then leave room for the others.
    """
    finite = [values[np.isfinite(values)] for values in outputs]
    usable = [values for values in finite if len(values)]
    low = float(np.median([values.min() for values in usable])) if usable else 0.0
    high = float(np.median([values.max() for values in usable])) if usable else 1.0
    return min(0.0, low), max(1.0, high)
