"""Lesson 3, Test: one image on its way through the network, pixel by pixel and layer by layer."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import units as units_module
from nncore.nn.network import Network
from ui.charts import images as images_module
from ui.charts import layer_outputs
from ui.charts.weight_pictures import colour_weights, full_colour_size
from ui.core import state
from ui.core.keys import SENT_IMAGE, Key
from ui.mnist.evaluated_network import EvaluatedNetwork
from ui.mnist.pixel_contributions import (
    PICTURE_SIDE,
    choose_classes,
    compute_contributions,
    largest,
    show_contributions,
    show_framed,
    write_sum,
)

Array: TypeAlias = NDArray[Any]

#: Units whose pictures are shown: those with the largest activations.
MAX_UNITS = 6
#: Width of those pictures together, in pixels.
UNITS_WIDTH = 300
SEND = Key("mnist.send", False)


def explore_image(evaluated: EvaluatedNetwork, index: int) -> None:
    """Draw an image, the pixels that speak for each class, and the output of each layer.

    Args:
        evaluated: The network and its test set.
        index: The number of the test image.
    """
    if not np.isfinite(evaluated.outputs[index]).all():
        _show_image(evaluated, index)
        st.info(evaluated.lesson.text("image_diverged"), icon=":material/trending_up:")
        return
    layers = evaluated.network.forward(evaluated.dataset.x_test[index])
    classes = choose_classes(evaluated, index)
    pixels = compute_contributions(evaluated, index, list(classes))
    limit = max(map(largest, pixels.values()))
    with st.container(horizontal=True, gap="small"):  # two by two on a phone
        with st.container(width=PICTURE_SIDE, gap="small"):
            _show_image(evaluated, index)
        for number, picture in pixels.items():
            with st.container(width=PICTURE_SIDE, gap="small"):
                show_contributions(evaluated, number, classes[number], picture, limit)
                z = float(layers[-1][0][0, number])
                st.caption(write_sum(float(picture.sum()), z))
    is_exact = len(evaluated.network.layers) == 1
    st.markdown(evaluated.lesson.text("pixels_exact" if is_exact else "pixels_gradient"))
    _show_layers(evaluated, index, layers, list(classes))


# The image.


def _show_image(evaluated: EvaluatedNetwork, index: int) -> None:
    image, label = evaluated.dataset.x_test[index], int(evaluated.dataset.y_test[index])
    predicted = int(evaluated.outputs[index].argmax())
    name, mark = evaluated.names[label], "✓" if label == predicted else "✗"
    st.markdown(f"**Test image {index:,}**  \nlabel {name}")
    grey = images_module.to_grey(image, dark=evaluated.is_dark)
    show_framed(grey, f"Test image {index:,}: {name}")
    confidence = evaluated.describe_confidence(index)
    st.caption(f"Predicted **{evaluated.names[predicted]}** {mark}, {confidence}.")
    if evaluated.dataset.name != "digits":
        st.caption(evaluated.lesson.text("send_digits_only"))
    elif st.button("Send to the canvas", key=SEND.name, icon=":material/draw:"):
        source = f"test image {index:,}"
        state.put(SENT_IMAGE, {"image": image, "label": label, "from": source})
        st.switch_page("pages/draw.py")


# The layers.


def _show_layers(
    evaluated: EvaluatedNetwork,
    index: int,
    layers: list[tuple[Array, Array]],
    classes: list[int],
) -> None:
    hidden = layers[:-1]
    st.markdown(evaluated.lesson.text("layers" if hidden else "layers_of_outputs"))
    cells = [partial(_show_hidden, evaluated, n, z[0], a[0]) for n, (z, a) in enumerate(hidden, 1)]
    if hidden:
        cells.insert(1, partial(_show_strongest, evaluated, hidden[0][1][0]))
    for start in range(0, len(cells), 2):  # rows keep their order on a phone
        for column, draw in zip(st.columns(2, gap="medium"), cells[start:][:2], strict=False):
            with column:
                draw()
    sums, outputs = layers[-1][0][0], layers[-1][1][0]
    _show_outputs(evaluated, sums, outputs, classes[:2])
    if hidden:
        st.caption(_describe_deciders(evaluated, index, classes))


def _show_outputs(
    evaluated: EvaluatedNetwork, sums: Array, outputs: Array, marked: list[int]
) -> None:
    """Draw the ten weighted sums, and the ten outputs that the activation makes of them."""
    form = ".1%" if evaluated.is_softmax else ".3g"
    activation = evaluated.network.layers[-1].activation
    left, right = st.columns(2, gap="medium")
    with left:
        chart = layer_outputs.outputs(sums, evaluated.names, marked, "weighted sum z")
        st.vega_lite_chart(*chart, key="mnist.image.sums")
    with right:
        chart = layer_outputs.outputs(outputs, evaluated.names, marked, f"{activation}(z)", form)
        st.vega_lite_chart(*chart, key="mnist.image.outputs")


def _show_hidden(evaluated: EvaluatedNetwork, number: int, sums: Array, activations: Array) -> None:
    """Draw a hidden layer's weighted sums and activations."""
    layer = evaluated.network.layers[number - 1]
    on, count = int((activations != 0).sum()), len(activations)
    drawn = len(layer_outputs.shown_units(activations))
    caption = f"**Layer {number}**, {layer.activation}: {on:,} of {count:,} units are not 0"
    st.caption(caption + (f"; the {drawn} largest" if drawn < count else ""))
    chart = layer_outputs.hidden_layer(sums, activations)
    st.vega_lite_chart(*chart, key=f"mnist.image.layer.{number}")


def _show_strongest(evaluated: EvaluatedNetwork, activations: Array) -> None:
    """Draw the first-layer weights of the units with the largest activations."""
    units = strongest_units(activations)
    if not units:
        st.caption(evaluated.lesson.text("strongest_none"))
        return
    st.markdown(evaluated.lesson.text("strongest", units=", ".join(map(str, units))))
    pictures = strongest_png(evaluated.network, units, evaluated.is_dark)
    st.image(pictures, width=UNITS_WIDTH, alt=f"The weights of the units {units}, as pictures")


def strongest_units(activations: Array) -> list[int]:
    """Return the units with the largest activations: at most `MAX_UNITS`, none that is 0.

    Args:
        activations: (units,).
    """
    order = np.argsort(-np.abs(activations), kind="stable")[:MAX_UNITS]
    return [int(unit) for unit in order if activations[unit]]


def strongest_png(network: Network, units: list[int], is_dark: bool) -> str:
    """Return the first-layer weights of some units, three in a row, as a PNG data URI.

    Args:
        network: A network on images.
        units: The units.
        is_dark: True if a weight of 0 is dark.
    """
    images = images_module.weight_images(network.layers[0].kernel[:, units])
    tiles = images_module.mosaic(images, 3, gap=2)
    return colour_weights(tiles, full_colour_size(images), is_dark, scale=3)


def _describe_deciders(evaluated: EvaluatedNetwork, index: int, classes: list[int]) -> str:
    """Return which units of the last hidden layer decide between prediction and runner-up."""
    one, other = classes[:2]
    image = evaluated.dataset.x_test[index]
    shares = units_module.deciding_units(evaluated.network, image, one, other)
    order = np.argsort(-np.abs(shares), kind="stable")[:3]
    units = ", ".join(f"unit {unit} {shares[unit]:+.2f}" for unit in order if shares[unit])
    if not units:
        return evaluated.lesson.text("deciders_none")
    names = {"one": evaluated.names[one], "other": evaluated.names[other], "units": units}
    return evaluated.lesson.text("deciders", **names)
