"""A table of the first layer's units: where each bends, and what it does on the data."""

from __future__ import annotations

import streamlit as st

from nncore.analysis.units import where_on
from nncore.experiment import Experiment
from nncore.nn.network import Network
from ui.content.lesson import Lesson
from ui.core import wording
from ui.workbench import tables

#: What a unit does from 0 to 1, by where its weighted sum is above 0 there.
RELU_WORDS = {"never": "dead", "in part": "bends", "always": "always on"}
OTHER_WORDS = {"never": "below 0", "in part": "crosses 0", "always": "above 0"}
ROW, MAX_ROWS = 35, 8


def show_unit_table(lesson: Lesson, experiment: Experiment, network: Network) -> None:
    """Draw the table; one sentence where no unit bends.

    Args:
        lesson: Lesson 1, for its texts.
        experiment: The settings of the network.
        network: The network.
    """
    activation = experiment.model.activation
    if not experiment.model.units or activation == "linear":
        st.markdown(lesson.text("outside_straight"))
        return
    first, places = network.layers[0], where_on(network)
    words = RELU_WORDS if activation == "relu" else OTHER_WORDS
    weights, biases = first.kernel[0].astype(float), first.bias.astype(float)
    lines = zip(weights.tolist(), biases.tolist(), strict=True)
    columns = {
        "unit": list(range(len(places))),
        "weight": weights.round(3),
        "bias": biases.round(3),
        "above 0 where": [describe_range(weight, bias) for weight, bias in lines],
        "from 0 to 1": [words[place] for place in places],
    }
    height = ROW * (min(len(places), MAX_ROWS) + 1) + 3
    tables.show_table(columns, key="rounding.units_table", height=height)
    st.caption(_summarize(lesson, activation, places))


def _summarize(lesson: Lesson, activation: str, places: tuple[str, ...]) -> str:
    units = wording.count(len(places), "unit")
    if activation != "relu":
        name = activation.replace("_", " ")
        return lesson.text("outside_other", units_text=units, activation=name)
    bending, on = places.count("in part"), places.count("always")
    counted = lesson.text(
        "outside_relu",
        dead=places.count("never"),
        units_text=units,
        inside_text="1 bends" if bending == 1 else f"{bending} bend",
        always_text="1 is" if on == 1 else f"{on} are",
    )
    return f"{counted}\n{lesson.text('outside_dying')}"


def describe_range(weight: float, bias: float) -> str:
    """Return where a unit's weighted sum is above 0, such as `"x > 0.500"`."""
    if weight == 0:
        return "everywhere" if bias > 0 else "nowhere"
    return f"x {'>' if weight > 0 else '<'} {0 - bias / weight:.3f}".replace("-", "−")
