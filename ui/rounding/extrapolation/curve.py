"""The curve of a network's outputs far beyond its data, and its predictions at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.units import hinges
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.network import Network
from ui.charts.decision import extrapolation_curve
from ui.core import wording

Array: TypeAlias = NDArray[Any]

HEIGHT, SMALL_HEIGHT = 250, 140
#: Two inputs far outside the data; the rule gives class 0 and class 1.
FAR = (-10.0, 10.0)


def show_curve(
    experiment: Experiment,
    network: Network,
    dataset: Dataset,
    span: tuple[float, float],
    key: str,
    *,
    bends: Sequence[tuple[float, str]] = (),
    is_small: bool = False,
) -> None:
    """Draw both outputs over a wide range of inputs.

    Args:
        experiment: The settings of the network.
        network: The network.
        dataset: Names of its classes.
        span: Smallest and largest input.
        key: Name of the chart.
        bends: Inputs at which hidden units bend, each with the unit's name.
        is_small: Draw it small and without a legend, as one of several.
    """
    x = choose_inputs(network, *span)
    height = SMALL_HEIGHT if is_small else HEIGHT
    chart = extrapolation_curve(
        x,
        network.predict(x),
        experiment.data.threshold,
        dataset.class_names,
        bends=bends,
        height=height,
        legend=not is_small,
    )
    st.vega_lite_chart(*chart, key=key, height=height)


def choose_inputs(network: Network, low: float, high: float) -> Array:
    """Return inputs to draw a curve through: denser near the data, and on both sides of a border.

    Args:
        network: A network with one input.
        low: Smallest input.
        high: Largest input.
    """
    borders = np.array(boundaries(network, low, high))
    near_data = np.linspace(max(low, -1.0), min(high, 2.0), 151)
    near_borders = np.concatenate([borders - 1e-4, borders + 1e-4]).clip(low, high)
    return np.unique(np.concatenate([np.linspace(low, high, 201), near_data, near_borders]))


def find_bends(experiment: Experiment, network: Network) -> list[tuple[float, str]]:
    """Return where the units of the first layer bend, and their names; none for straight lines."""
    if not experiment.model.units or experiment.model.activation == "linear":
        return []
    places = enumerate(hinges(network).tolist())
    return [(x, f"unit {unit}") for unit, x in places if np.isfinite(x)]


def describe_ends(network: Network, dataset: Dataset) -> str:
    """Return the predictions far outside the data, and whether they are right, in Markdown."""
    lines = []
    for x, outputs, label in zip(FAR, network.predict(np.array(FAR)), (0, 1), strict=True):
        answer = int(outputs.argmax())
        verdict = "✓ right" if answer == label else "✗ wrong"
        values = " and ".join(wording.number(value, 3) for value in outputs.tolist())
        name = dataset.class_names[answer]
        lines.append(f"At **x = {x:.0f}** the outputs are {values}: **{name}**, {verdict}.")
    return "  \n".join(lines).replace("= -", "= −")
