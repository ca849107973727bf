"""Lesson 3, Test: one image on its way through the network, layer by layer and pixel by pixel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis import units as units_module
from nncore.nn.network import Network
from ui.charts import images as images_module
from ui.charts import mistakes, palette
from ui.core import state
from ui.mnist import figures as parts

if TYPE_CHECKING:
    from ui.mnist.mistakes import Case

Array: TypeAlias = NDArray[Any]

#: Units whose pictures are shown: those that answer most.
STRONGEST = 6
#: Pixels: how wide those pictures are together.
WIDE = 300
#: Where lesson 4 looks for an image that was sent to its canvas.
SENT = "draw.sent"
#: The grey around pictures.
FRAME = 140
#: Pixels of a picture's sides.
SIDE = 150


def one_image(case: Case, index: int) -> None:
    """An image, what speaks for its answers pixel by pixel, and what each layer makes of it.

    Args:
        case: The network and its test set.
        index: Which test image.
    """
    passed = case.network.forward(case.dataset.x_test[index])
    asked = _asked(case, index)
    pixels = {c: units_module.contributions(case.network, _input(case, index), c) for c in asked}
    limit = max(map(_largest, pixels.values()))
    with st.container(horizontal=True, gap="small"):  # on a phone two and two
        with st.container(width=SIDE, gap="small"):
            _the_image(case, index)
        for number, picture in pixels.items():
            with st.container(width=SIDE, gap="small"):
                _pixels(case, number, asked[number], picture, limit)
                st.caption(_added_up(float(picture.sum()), float(passed[-1][0][0, number])))
    exact = "pixels_exact" if len(case.network.layers) == 1 else "pixels_gradient"
    st.caption(case.lesson.text(exact))
    _layers(case, index, passed, list(asked))


def _input(case: Case, index: int) -> Array:
    """The image as the network gets it: contributions are taken of these numbers."""
    rows: Array = case.network.prepare(case.dataset.x_test[index])
    return rows.reshape(28, 28)


def _asked(case: Case, index: int) -> dict[int, str]:
    """The winner, the runner-up, and what it is, where that is a third."""
    outputs = case.outputs[index]
    answer, order = int(outputs.argmax()), np.argsort(-outputs, kind="stable")
    asked = {answer: "the answer", int(order[order != answer][0]): "second"}
    label = int(case.dataset.y_test[index])
    role = asked.get(label)
    return asked | {label: f"{role}, the label" if role else "the label"}


# The image.


def _the_image(case: Case, index: int) -> None:
    image, label = case.dataset.x_test[index], int(case.dataset.y_test[index])
    answer = int(case.outputs[index].argmax())
    name, said, mark = case.names[label], case.names[answer], "✓" if label == answer else "✗"
    sure = f"{case.sure(index)} sure" if case.softmax else f"output {case.sure(index)}"
    st.markdown(f"**Test image {index:,}**  \nis {name}")
    _framed(images_module.to_grey(image, dark=case.dark), f"Test image {index:,}: {name}")
    st.caption(f"The network says **{said}** {mark}, {sure}.")
    if case.dataset.name != "digits":
        st.caption(case.lesson.text("send_digits_only"))
    elif st.button("Send to the canvas", key="mnist.send", icon=":material/draw:"):
        state.put(SENT, {"image": image, "label": label, "from": f"test image {index:,}"})
        st.switch_page("pages/draw.py")


def _pixels(case: Case, number: int, role: str, picture: Array, limit: float) -> None:
    """Which pixels speak for one class."""
    name = case.names[number]
    colours = images_module.to_rgb(
        picture, palette.POSITIVE, palette.NEGATIVE, limit=limit or None, dark=case.dark
    )
    st.markdown(f"**{name}**  \n{role}")
    _framed(colours, f"Pixels for and against {name}")


def _framed(colours: NDArray[np.uint8], words: str) -> None:
    enlarged = colours.repeat(5, 0).repeat(5, 1)
    framed = np.pad(enlarged, ((1, 1), (1, 1), (0, 0)), constant_values=FRAME)
    st.image(images_module.png_data_uri(framed), width=SIDE, alt=words)


def _largest(values: Array) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _added_up(pixels: float, z: float) -> str:
    """What the pixels add up to, and what is missing to the weighted sum."""
    return f"Pixels {_plain(pixels)}, biases {_plain(z - pixels)}:  \nz = **{_plain(z)}**"


def _plain(value: float) -> str:
    """A number with its sign, two digits behind the point where it is not huge."""
    return f"{value:+.2f}" if abs(value) < 1000 else f"{value:+.4g}"


# The layers.


def _layers(case: Case, index: int, passed: list[tuple[Array, Array]], asked: list[int]) -> None:
    hidden = passed[:-1]
    st.markdown(case.lesson.text("layers" if hidden else "layers_of_outputs"))
    cells = [partial(_hidden, case, n, z[0], a[0]) for n, (z, a) in enumerate(hidden, 1)]
    if hidden:
        cells.insert(1, partial(_strongest, case, hidden[0][1][0]))
    for start in range(0, len(cells), 2):  # rows keep their order on a phone
        for column, draw in zip(st.columns(2, gap="medium"), cells[start:][:2], strict=False):
            with column:
                draw()
    sums, outputs = passed[-1][0][0], passed[-1][1][0]
    form = ".1%" if case.softmax else ".3g"
    kind = case.network.layers[-1].activation
    left, right = st.columns(2, gap="medium")
    with left:
        chart = mistakes.outputs(sums, case.names, asked[:2], "weighted sum z")
        st.vega_lite_chart(*chart, key="mnist.image.sums")
    with right:
        chart = mistakes.outputs(outputs, case.names, asked[:2], f"{kind}(z)", form)
        st.vega_lite_chart(*chart, key="mnist.image.outputs")
    if hidden:
        st.caption(_deciders(case, index, asked))


def _hidden(case: Case, number: int, sums: Array, activations: Array) -> None:
    """A hidden layer's sums and activations."""
    layer = case.network.layers[number - 1]
    on, count = int((activations != 0).sum()), len(activations)
    shown = len(mistakes.shown_units(activations))
    said = f"**Layer {number}**, {layer.activation}: {on:,} of {count:,} units are not 0"
    st.caption(said + (f"; the {shown} largest" if shown < count else ""))
    chart = mistakes.hidden_layer(sums, activations)
    st.vega_lite_chart(*chart, key=f"mnist.image.layer.{number}")


def _strongest(case: Case, activations: Array) -> None:
    """What the units of the first layer that answer most look for."""
    units = strongest(activations)
    st.caption(case.lesson.text("strongest", units=", ".join(map(str, units))))
    pictures = strongest_pictures(case.network, activations, case.dark)
    st.image(pictures, width=WIDE, alt=f"The weights of the units {units}, as pictures")


def strongest(activations: Array) -> list[int]:
    """The units that answer most, at most `STRONGEST` of them.

    Args:
        activations: (units,).
    """
    order = np.argsort(-np.abs(activations), kind="stable")[:STRONGEST]
    return [int(unit) for unit in order]


def strongest_pictures(network: Network, activations: Array, dark: bool) -> str:
    """The first layer's weights of the units that answer most, three and three.

    Args:
        network: A network on images.
        activations: (units,), the first layer's.
        dark: Whether a weight of 0 is dark.

    Returns:
        A PNG's address.
    """
    images = images_module.weight_images(network.layers[0].kernel[:, strongest(activations)])
    whole = images_module.mosaic(images, 3, gap=2)
    colours = images_module.to_rgb(
        whole, palette.POSITIVE, palette.NEGATIVE, limit=parts.strong(images), dark=dark
    )
    return images_module.png_data_uri(colours, 3)


def _deciders(case: Case, index: int, asked: list[int]) -> str:
    """Which units of the last hidden layer decide between the winner and the runner-up."""
    one, other = asked[:2]
    shares = units_module.deciding_units(case.network, case.dataset.x_test[index], one, other)
    order = np.argsort(-np.abs(shares), kind="stable")[:3]
    listed = ", ".join(f"unit {unit} {shares[unit]:+.2f}" for unit in order)
    names = {"one": case.names[one], "other": case.names[other], "units": listed}
    return case.lesson.text("deciders", **names)
