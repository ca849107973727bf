"""Pictures, charts and numbers of lesson 3: pure functions, the same result for the same arrays.

This file knows no Streamlit and no session; the page decides what is shown when.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows
from nncore.experiment import Experiment
from nncore.nn.backprop import backward
from nncore.nn.network import Network, evaluate
from ui.charts import palette, vega
from ui.charts.images import mosaic, png_data_uri, to_grey, to_rgb, weight_images
from ui.charts.vega import Chart

Array: TypeAlias = NDArray[Any]

#: First-layer pictures drawn while it learns: more are too small to read, and cost time.
MOST_PICTURES = 32
#: Training images whose answers are looked at while it learns.
WATCHED = 1000
#: Pixels of a cell in the picture of an image as numbers.
_CELL = 22


# The data.


def array_facts(dataset: Dataset) -> dict[str, list[Any]]:
    """Shape, ndim, dtype and range of the four arrays, as columns of a table."""
    arrays = {
        "train_images": dataset.x_train,
        "train_labels": dataset.y_train,
        "test_images": dataset.x_test,
        "test_labels": dataset.y_test,
    }
    return {
        "array": list(arrays),
        "shape": [str(array.shape) for array in arrays.values()],
        "ndim": [array.ndim for array in arrays.values()],
        "dtype": [str(array.dtype) for array in arrays.values()],
        "range": [f"{array.min()} to {array.max()}" for array in arrays.values()],
    }


def picture(image: Array, dark: bool = False, scale: int = 4) -> str:
    """One image, ink on paper, as the address of a PNG.

    Args:
        image: (28, 28) uint8.
        dark: Whether the paper is dark.
        scale: Pixels of the PNG to a pixel of the image.
    """
    return png_data_uri(to_grey(image, dark=dark), scale)


def number_grid(image: Array, dark: bool = False) -> str:
    """One image as its numbers, each on its own shade, as the address of an SVG.

    Args:
        image: (28, 28) uint8.
        dark: Whether the paper is dark.
    """
    side = _CELL * len(image)
    cells = "".join(_cell(int(v), r, c, dark) for (r, c), v in np.ndenumerate(image) if v)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}"'
        f' height="{side}" font-family="sans-serif" font-size="10.5" text-anchor="middle">'
        f'<pattern id="z" width="{_CELL}" height="{_CELL}" patternUnits="userSpaceOnUse">'
        f"{_square(0, 0, 0, dark)}"
        f'<text x="{_CELL / 2}" y="{_CELL * 0.66}" fill="#8C8C8C">0</text></pattern>'
        f'<rect width="{side}" height="{side}" fill="url(#z)"/>{cells}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _cell(value: int, row: int, column: int, dark: bool) -> str:
    ink = "#FFFFFF" if (value > 115) != dark else "#000000"
    x, y = _CELL * (column + 0.5), _CELL * (row + 0.66)
    text = f'<text x="{x:g}" y="{y:.1f}" fill="{ink}">{value}</text>'
    return _square(value, row, column, dark) + text


def _square(value: int, row: int, column: int, dark: bool) -> str:
    red, green, blue = to_grey(np.array([[value]], np.uint8), dark=dark)[0, 0]
    edge = f'width="{_CELL}" height="{_CELL}" stroke="#8C8C8C" stroke-opacity="0.25"'
    x, y = column * _CELL, row * _CELL
    return f'<rect x="{x}" y="{y}" {edge} fill="rgb({red},{green},{blue})"/>'


# Live pictures.


def first_layer(network: Network, dark: bool = False, most: int = MOST_PICTURES) -> str:
    """The first layer's weights as pictures in one, as the address of a PNG.

    All are on one scale, so that strong and weak units can be told apart; the strongest hundredth
    of the weights have the full colour.

    Args:
        network: A network on images.
        dark: Whether a weight of 0 is dark.
        most: How many units to show at most, the first ones.
    """
    images = weight_images(network.layers[0].kernel[:, :most])
    whole = mosaic(images, picture_columns(len(images)), gap=2)
    return _coloured(whole, strong(images), dark)


def which_pictures(network: Network, names: Sequence[str]) -> str:
    """Which units the pictures of `first_layer` belong to, in a sentence.

    Args:
        network: The network of the pictures.
        names: The classes' names.
    """
    units = network.layers[0].kernel.shape[1]
    if len(network.layers) == 1:
        return f"One picture an output: {', '.join(names[:5])}; below {', '.join(names[5:])}."
    if units > MOST_PICTURES:
        return f"One picture a unit, the first {MOST_PICTURES} of {units:,}."
    return f"One picture a unit: all {units:,}."


def output_pictures(network: Network, dark: bool = False) -> list[str]:
    """Of a network without a hidden layer the weights of each output, each a picture's address.

    Args:
        network: A network on images with one layer.
        dark: Whether a weight of 0 is dark.
    """
    images = weight_images(network.layers[0].kernel)
    return [_coloured(image, strong(images), dark) for image in images]


def strong(weights: Array) -> float | None:
    """The size from which a weight has the full colour; None where none of them is finite."""
    sizes = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(sizes, 0.99)) if sizes.size else None


def _coloured(weights: Array, limit: float | None, dark: bool) -> str:
    colours = to_rgb(weights, palette.POSITIVE, palette.NEGATIVE, limit=limit, dark=dark)
    return png_data_uri(colours, 4)


def picture_columns(count: int) -> int:
    """How many of `count` pictures stand side by side in `first_layer`."""
    return next((columns for most, columns in ((4, 2), (10, 5), (18, 6)) if count <= most), 8)


def class_shares(network: Network | None, dataset: Dataset) -> Chart:
    """Which share of each class is answered right, among the first training images.

    Args:
        network: Whose answers; None draws the axes alone.
        dataset: Where the images are from.

    Returns:
        A live chart: one bar a class.
    """
    labels = dataset.y_train[:WATCHED]
    shares = np.zeros(len(dataset.class_names))
    if network is not None:
        right = network.predict(dataset.x_train[:WATCHED]).argmax(axis=1) == labels
        counts = np.bincount(labels, minlength=len(shares))
        shares = np.bincount(labels[right], minlength=len(shares)) / np.maximum(counts, 1)
    return bars(shares, dataset.class_names, palette.RIGHT, "", height=200)


def bars(
    values: Array,
    names: Sequence[str],
    color: str,
    title: str,
    form: str = ".0%",
    height: int = 260,
) -> Chart:
    """Numbers from 0 to 1 as lying bars, each with its value written at its end.

    Args:
        values: One for each name; what is not finite gets no bar.
        names: What stands before the bars.
        color: The bars' colour.
        title: The axis's title; empty for none.
        form: How a value is written, as in `format()`.
        height: Pixels.

    Returns:
        A chart whose spec does not depend on the values.
    """
    rows: list[vega.Row] = [
        {"name": name, "value": float(value), "label": format(float(value), form)}
        for name, value in zip(names, values, strict=True)
    ]
    y: vega.Spec = {"field": "name", "type": "nominal", "sort": list(names)}
    y["axis"] = {"title": None, "labelOverlap": False, "labelFlush": False, "labelBound": False}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1.2]},
        "axis": {
            "title": title or None,
            "format": ".0%" if "%" in form else "",
            "values": [0, 0.5, 1],
        },
    }
    text = {"type": "text", "align": "left", "dx": 4, "color": palette.INK, "fontSize": 11}
    spec = {
        "layer": [
            {"mark": {"type": "bar", "color": color}, "encoding": {"x": x, "y": y}},
            {"mark": text, "encoding": {"x": x, "y": y, "text": {"field": "label"}}},
        ],
        "height": height,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
        "description": f"A bar for each of {', '.join(names)}.",
    }
    return Chart(vega.arrow_table(rows), spec)


# The loop.


class Step(NamedTuple):
    """One turn of the training loop in numbers, with a plain step of SGD at its end.

    Attributes:
        batch: How many samples.
        shapes: What each layer does: `relu((128, 784) · (784, 32) + (32,))` and what comes out.
        loss: The batch's loss.
        gradient: The mean size of the gradient's numbers.
        place: Which weight of the first layer has the largest gradient: row, column, unit.
        before: This weight.
        slope: Its gradient.
        after: The weight after the step.
        new_loss: The same batch's loss after the step.
    """

    batch: int
    shapes: tuple[str, ...]
    loss: float
    gradient: float
    place: tuple[int, int, int]
    before: float
    slope: float
    after: float
    new_loss: float


def one_step(network: Network, experiment: Experiment, dataset: Dataset) -> Step:
    """Goes once through the training loop with the first batch's worth of training images.

    Args:
        network: Where it stands.
        experiment: Its loss, batch size and learning rate.
        dataset: The data that it trains on.
    """
    start = training_rows(len(dataset.x_train), experiment.fit).start
    rows = slice(start, start + experiment.fit.batch_size)
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    loss, gradients = backward(network, experiment, x, y)
    kernel, slopes = network.layers[0].kernel, gradients[0]
    pixel, unit = np.unravel_index(np.abs(slopes).argmax(), slopes.shape)
    rate = experiment.fit.learning_rate
    old = [array for layer in network.layers for array in (layer.kernel, layer.bias)]
    moved = [array - rate * slope for array, slope in zip(old, gradients, strict=True)]
    after = evaluate(Network.of(experiment, moved), experiment, x, y)["loss"]
    return Step(
        len(x),
        tuple(_shapes(network, len(x))),
        loss,
        float(np.abs(np.concatenate([slope.ravel() for slope in gradients])).mean()),
        (int(pixel) // 28, int(pixel) % 28, int(unit)),
        float(kernel[pixel, unit]),
        float(slopes[pixel, unit]),
        float(moved[0][pixel, unit]),
        after,
    )


def told(step: Step) -> str:
    """A step's numbers, a line or two for each of the loop's five parts."""
    row, column, unit = step.place
    return "\n".join(
        (
            f"1  x: the first {step.batch:,} training images",
            *(f"2  {line}" for line in step.shapes),
            f"3  loss = {step.loss:.6f}",
            f"4  gradient: mean size {step.gradient:.3g}; the largest",
            f"   in layer 1: {step.slope:+.4g}, from the pixel in",
            f"   row {row}, column {column}, to unit {unit}",
            f"5  this weight: {step.before:+.6f} → {step.after:+.6f}",
            f"   loss, same batch: {step.loss:.6f} → {step.new_loss:.6f}",
        )
    )


def _shapes(network: Network, batch: int) -> Iterator[str]:
    """For each layer the shapes that go into it and come out of it."""
    for layer in network.layers:
        inputs, units = layer.kernel.shape
        yield (
            f"{layer.activation}(({batch}, {inputs}) · ({inputs}, {units}) + ({units},))"
            f"\n   → ({batch}, {units})"
        )
