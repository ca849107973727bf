"""Lesson 3, Test: the pixels of an image that speak for and against each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import units
from ui.charts import images as images_module
from ui.charts import palette
from ui.core.wording import not_finite
from ui.mnist.evaluated_network import EvaluatedNetwork

Array: TypeAlias = NDArray[Any]

#: Side of a picture, in pixels.
PICTURE_SIDE = 150
#: Grey of the frame around a picture.
FRAME_GREY = 140


def choose_classes(evaluated: EvaluatedNetwork, index: int) -> dict[int, str]:
    """Return the classes to explain with their roles: predicted, second, and the label."""
    outputs = evaluated.outputs[index]
    predicted, order = int(outputs.argmax()), np.argsort(-outputs, kind="stable")
    roles = {predicted: "predicted", int(order[order != predicted][0]): "second"}
    label = int(evaluated.dataset.y_test[index])
    role = roles.get(label)
    return roles | {label: f"{role}, the label" if role else "the label"}


def compute_contributions(
    evaluated: EvaluatedNetwork, index: int, classes: Sequence[int]
) -> dict[int, Array]:
    """Return for each class the pixels' contributions to its weighted sum, (28, 28).

    They refer to the image as the network gets it.
    """
    rows: Array = evaluated.network.prepare(evaluated.dataset.x_test[index])
    image = rows.reshape(28, 28)
    return {number: units.contributions(evaluated.network, image, number) for number in classes}


def show_contributions(
    evaluated: EvaluatedNetwork, number: int, role: str, picture: Array, limit: float
) -> None:
    """Draw the pixels that speak for and against one class."""
    name = evaluated.names[number]
    colours = images_module.to_rgb(
        picture, palette.POSITIVE, palette.NEGATIVE, limit=limit or None, dark=evaluated.is_dark
    )
    st.markdown(f"**{name}**  \n{role}")
    show_framed(colours, f"Pixels for and against {name}")


def show_framed(colours: NDArray[np.uint8], alt: str) -> None:
    """Draw a picture, enlarged and framed."""
    enlarged = colours.repeat(5, 0).repeat(5, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME_GREY)
    st.image(images_module.png_data_uri(framed), width=PICTURE_SIDE, alt=alt)


def largest(values: Array) -> float:
    """Return the largest size among finite values; 0 if there are none."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def write_sum(pixels: float, z: float) -> str:
    """Return how the pixels and the biases add up to the weighted sum."""
    parts = f"Pixels {_write_signed(pixels)}, biases {_write_signed(z - pixels)}"
    return f"{parts}:  \nz = **{_write_signed(z)}**"


def _write_signed(value: float) -> str:
    """Return a number with its sign, and two decimals unless it is huge."""
    if not np.isfinite(value):
        return not_finite(value)
    return f"{value:+.2f}" if abs(value) < 1000 else f"{value:+.4g}"
