"""Charts of a learner's own digits: a gallery to click on, and the curves of further training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nncore.digits.collection import CLASSES, DigitCollection
from nncore.training.branch import Scores
from ui.charts.palette import INK, MUTED, TRAINING, VALIDATION, WRONG
from ui.charts.vega import Chart, Row, Spec, arrow_table

#: The side in pixels of a digit's place, and of its picture.
PLACE, PICTURE = 32, 28
#: The name of the selection that holds the `place` of the clicked digit.
PICKED = "picked"


def draw_gallery(
    digits: DigitCollection, pictures: Sequence[str], predictions: NDArray[np.intp] | None
) -> Chart:
    """Draw a column for each label, the digits in the order in which they were added.

    Args:
        digits: At least one digit.
        pictures: An image address for each digit.
        predictions: (n,) the predicted digits; None without a network.

    Returns:
        A chart in which a misclassified digit has a frame and its prediction in the corner. A click
        selects `PICKED` with the digit's `place` in the collection, counted from 0.
    """
    rows: list[Row] = []
    below = [0] * CLASSES
    for place, digit in enumerate(digits.digits):
        read = None if predictions is None else int(predictions[place])
        rows.append(
            {
                "place": place,
                "label": str(digit.label),
                "row": below[digit.label],
                "picture": pictures[place],
                "read": "" if read in (None, digit.label) else f"{read}",
                "tooltip": f"no. {place + 1}: a {digit.label}"
                + ("" if read is None else f", read as {read}"),
            }
        )
        below[digit.label] += 1
    return Chart(arrow_table(rows), _spec(max(below)))


def _spec(tallest: int) -> Spec:
    names = [str(label) for label in range(CLASSES)]
    labels = {"orient": "top", "title": None, "domain": False, "ticks": False, "labelAngle": 0}
    x = {"field": "label", "type": "nominal", "scale": {"domain": names}, "axis": labels}
    y = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": list(range(tallest))},
        "axis": None,
    }
    frame = {"type": "rect", "width": PLACE - 2, "height": PLACE - 2, "fill": MUTED}
    picked = {"param": PICKED, "empty": False}
    wrong = {"test": "datum.read !== ''", "value": WRONG}
    edges = {
        "fillOpacity": {"condition": {**picked, "value": 0.35}, "value": 0.001},
        "stroke": {"condition": [{**picked, "value": INK}, wrong], "value": "transparent"},
        "strokeWidth": {"value": 2},
        "tooltip": {"field": "tooltip", "type": "nominal"},
    }
    answer = {"type": "text", "dx": 10, "dy": 9, "fontSize": 11, "fontWeight": "bold"}
    return {
        "description": "Your digits, a column for each; misclassified ones are framed.",
        "width": PLACE * CLASSES,
        "height": PLACE * tallest,
        "autosize": {"type": "pad"},  # otherwise the labels take their room from the rows
        "padding": {"left": 2, "right": 12, "top": 2, "bottom": 2},
        "encoding": {"x": x, "y": y},
        "config": {"view": {"stroke": None}, "axis": {"labelFontSize": 13}},
        "layer": [
            {
                "mark": {"type": "image", "width": PICTURE, "height": PICTURE},
                "encoding": {"url": {"field": "picture", "type": "nominal"}},
            },
            {
                "mark": answer | {"color": WRONG},
                "encoding": {"text": {"field": "read", "type": "nominal"}},
            },
            {
                "params": [{"name": PICKED, "select": {"type": "point", "fields": ["place"]}}],
                "mark": frame | {"cursor": "pointer"},
                "encoding": edges,
            },
        ],
    }


def draw_tuning_curves(scores: Sequence[Scores], epochs: int, tested: int) -> Chart:
    """Draw the accuracy while a network is trained further on a learner's own digits.

    Args:
        scores: The accuracies before the first epoch and after each.
        epochs: The number of epochs in all.
        tested: The number of test images that are read.

    Returns:
        A line for the digits trained on, one for those held out if there are any, and one for the
        test images.
    """
    names = ("your digits, trained on", "your digits, held out", f"{tested:,} test images")
    rows: list[Row] = [
        {"epoch": epoch, "right": share, "of": name}
        for epoch, found in enumerate(scores)
        for name, share in zip(names, found, strict=True)
        if np.isfinite(share)
    ]
    colours = {"domain": list(names), "range": [TRAINING, VALIDATION, MUTED]}
    legend = {"title": None, "orient": "top", "columns": 2, "labelLimit": 220}
    x = {"field": "epoch", "type": "quantitative", "scale": {"domain": [0, epochs]}}
    y = {"field": "right", "type": "quantitative", "scale": {"zero": False, "domainMax": 1}}
    return Chart(
        arrow_table(rows),
        {
            "description": "Accuracy over the epochs, by kind of digit.",
            "height": 200,
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": x | {"title": "epoch", "axis": {"tickMinStep": 1}},
                "y": y | {"title": "accuracy", "axis": {"format": ".0%", "tickCount": 4}},
                "color": {"field": "of", "type": "nominal", "scale": colours, "legend": legend},
                "shape": {"field": "of", "type": "nominal", "legend": legend},
            },
        },
    )
