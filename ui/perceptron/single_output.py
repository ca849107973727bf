"""What lesson 2 shows of its one unit: numbers, sentences and pictures, all of them pure functions.

This file knows no Streamlit and no session. Outputs are flat here, `(n,)`: there is one unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.analysis.metrics import (
    baseline_accuracy,
    confusion_matrix,
    output_range,
    worst_mistakes,
)
from nncore.data.datasets import Dataset
from nncore.nn.activations import activate
from nncore.nn.losses import predicted_classes
from ui.charts import outputs as outputs_module
from ui.charts import palette, vega
from ui.charts.images import mosaic, png_data_uri, to_grey, to_rgb, weight_images

Array: TypeAlias = NDArray[Any]

#: Where Keras's `accuracy` draws the line.
KERAS_THRESHOLD = 0.5
#: Test images whose outputs are looked at while it trains.
WATCHED = 2000
#: A sigmoid is as good as flat where its slope is below this share of its steepest.
FLAT = 0.04
#: A pixel counts as often inked from this share of the images on; the picture of the weights has
#: its full colour from this share of the weights' sizes on.
OFTEN, FULL_COLOUR = 0.01, 0.98
#: Ends of the threshold's slider at most: outputs beyond them are those of a run that diverged.
WIDEST = 20_000.0


@dataclass(frozen=True)
class Score:
    """What a unit's outputs are worth once a threshold turns them into answers.

    Args:
        threshold: Outputs above it say "five".
        found: Fives that were answered as fives.
        fives: Fives there are.
        alarms: Other digits that were answered as fives.
        others: Other digits there are.
        low: The smallest output; NaN where one of them is.
        high: The largest.
    """

    threshold: float
    found: int
    fives: int
    alarms: int
    others: int
    low: float
    high: float

    @classmethod
    def of(cls, outputs: Array, labels: ArrayLike, threshold: float = KERAS_THRESHOLD) -> Score:
        """Counts the answers.

        Args:
            outputs: `(n,)`.
            labels: `(n,)`, 1 for a five.
            threshold: Above it an output says "five".
        """
        answers = predicted_classes(outputs[:, np.newaxis], threshold)
        (quiet, alarms), (missed, found) = confusion_matrix(labels, answers, 2).tolist()
        low, high = output_range(outputs)
        return cls(threshold, found, found + missed, alarms, alarms + quiet, low, high)

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return (self.found + self.others - self.alarms) / (self.fives + self.others)

    @property
    def recall(self) -> float:
        """The share of the fives that were found."""
        return self.found / self.fives if self.fives else math.nan


class Outputs(NamedTuple):
    """What the unit says to some test images.

    Attributes:
        sums: Weighted sums, `(n,)`.
        values: The outputs, `(n,)`.
        labels: `(n,)`, 1 for a five.
    """

    sums: Array
    values: Array
    labels: Array

    @classmethod
    def none(cls) -> Outputs:
        """No images yet."""
        return cls(*np.zeros((3, 0)))


class Said(NamedTuple):
    """What a network says to some test images, whatever the number of its outputs.

    Attributes:
        sums: Weighted sums, `(n, outputs)`.
        values: The outputs, `(n, outputs)`.
        labels: `(n,)` class numbers.
    """

    sums: Array
    values: Array
    labels: Array

    def alone(self) -> Outputs:
        """The same of a network with a single output."""
        return Outputs(self.sums[:, 0], self.values[:, 0], self.labels)


def watched(dataset: Dataset) -> tuple[Array, Array]:
    """Some of the test images and their labels, spread evenly: enough for a live picture."""
    step = -(-len(dataset.x_test) // WATCHED)
    return dataset.x_test[::step], dataset.y_test[::step]


def number(value: float) -> str:
    """A number in few digits: `-28.6`, `0.57`, `2.5e21`."""
    if not math.isfinite(value):
        return "no number"
    size = abs(value)
    if size < 0.005:
        return "0"
    if size < 10:
        return f"{value:.2f}"
    return f"{value:,.1f}" if size < 1e5 else f"{value:.1e}".replace("e+", "e")


def verdict(accuracy: float, baseline: float) -> str:
    """Which of the lesson's texts says how the accuracy compares with the baseline."""
    difference = accuracy - baseline
    return "same" if abs(difference) < 0.005 else "better" if difference > 0 else "worse"


def facts(score: Score | None, baseline: float) -> str:
    """The four numbers that the bench always shows, in Markdown; dashes before there are any."""
    accuracy, recall, outputs = "**–**", "**–**", "**–**"
    if score is not None:
        accuracy = compared(score.accuracy, baseline)
        recall = f"**{score.recall:.2f}** :small[= {score.found:,} / {score.fives:,}]"
        outputs = f"**{number(score.low)} to {number(score.high)}**"
    pairs = {
        "Accuracy": accuracy,
        "Baseline": f"**{baseline:.4f}**",
        "Recall of fives": recall,
        "Range of outputs": outputs,
    }
    return listed(pairs)


def compared(accuracy: float, baseline: float) -> str:
    """An accuracy, and a sign that says how it compares with the baseline, in Markdown."""
    sign = {
        "better": ":green[:material/check: above]",
        "same": ":orange[≈ same]",
        "worse": ":violet[:material/close: below]",
    }[verdict(accuracy, baseline)]
    return f"**{accuracy:.4f}** {sign}"


def listed(facts: Mapping[str, str]) -> str:
    """Facts in Markdown, each under its name."""
    return "  \n".join(f":small[{name}]  \n{value}" for name, value in facts.items())


def told(said: Said) -> dict[str, Any]:
    """What a single unit's outputs come to, for a sentence."""
    score = Score.of(said.values[:, 0], said.labels)
    return {
        "accuracy": score.accuracy,
        "baseline": baseline_accuracy(said.labels),
        "recall": score.recall,
        "low": number(score.low),
        "high": number(score.high),
    }


def best_threshold(outputs: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """The threshold that would give the highest accuracy, and that accuracy.

    Args:
        outputs: `(n,)`; those not finite say "not five" whatever the threshold.
        labels: `(n,)`, 1 for a five.

    Returns:
        The lowest of the best thresholds among the outputs and minus infinity, and the accuracy.
    """
    values = np.nan_to_num(np.asarray(outputs, float), nan=-np.inf)
    order = np.argsort(values)
    sorted_values, fives = values[order], np.asarray(labels)[order]
    cuts = np.concatenate([[-np.inf], sorted_values])  # with cut i the first i say "not five"
    right = np.concatenate([[0], np.cumsum(1 - fives)]) + fives.sum()
    right -= np.concatenate([[0], np.cumsum(fives)])
    possible = np.append(cuts[:-1] < sorted_values, True)  # equal outputs get equal answers
    best = int(np.argmax(np.where(possible, right, -1)))
    return float(cuts[best]), float(right[best] / len(fives))


def slider_range(score: Score) -> tuple[float, float, float]:
    """Ends and step of the threshold's slider: they take in all outputs, 0 and 1."""
    low, high = (x if math.isfinite(x) else 0.0 for x in (score.low, score.high))
    low = float(math.floor(max(min(low, 0.0), -WIDEST)))
    high = float(math.ceil(min(max(high, 1.0), WIDEST)))
    span = high - low
    return low, high, 0.01 if span <= 4 else 0.1 if span <= 100 else 0.5


def curve_numbers(activation: str, sums: Array) -> dict[str, Any]:
    """What the text beside the activation's curve is filled with.

    Args:
        activation: The output's activation.
        sums: `(n,)` weighted sums.

    Returns:
        The lowest and the highest sum and what becomes of them, as texts, and `flat`: the share
        of sums at which a sigmoid's slope is below `FLAT` of its steepest.
    """
    ends = np.array(output_range(sums))
    lowest, highest = (number(end) for end in ends)
    at_lowest, at_highest = (f"{a:.4f}" for a in activate(activation, ends))
    sigmoid = activate("sigmoid", np.asarray(sums, float))
    flat = float((4 * sigmoid * (1 - sigmoid) < FLAT).mean())
    numbers = {"lowest": lowest, "highest": highest, "flat": flat}
    return numbers | {"at_lowest": at_lowest, "at_highest": at_highest}


def histogram(outputs: Outputs, threshold: float) -> vega.Chart:
    """Where the outputs fall, by class, read at a threshold."""
    return outputs_module.output_histogram(outputs.values, outputs.labels, threshold)


# Pictures, as addresses of PNGs.


def weight_picture(kernel: Array | None, dataset: Dataset, *, dark: bool) -> str:
    """The unit's 784 weights as they lie on the picture; pale grey where there are none yet.

    Weights of pixels that hardly any image inks are left blank: they hardly take part, and the
    random numbers that they began with would outshine the others.
    """
    if kernel is None:
        return png_data_uri(to_grey(np.full((28, 28), 0.06), dark=dark), scale=6)
    return weight_pictures(kernel, dataset, columns=1, scale=6, dark=dark)


def weight_pictures(
    kernel: Array, dataset: Dataset, *, columns: int, scale: int, dark: bool
) -> str:
    """The weights of several units, side by side and on one scale: see `weight_picture`."""
    weights, limit = weights_where_inked(kernel, inked(dataset))
    shown = mosaic(weights, columns, gap=2)
    colours = to_rgb(shown, palette.POSITIVE, palette.NEGATIVE, limit=limit, dark=dark)
    return png_data_uri(colours, scale)


def inked(dataset: Dataset) -> Array:
    """Which pixels more than a few images ink, `(28, 28)`."""
    often: Array = (dataset.x_train[:WATCHED] > 0).mean(axis=0) >= OFTEN
    return often


def weights_where_inked(kernel: Array, inked: Array) -> tuple[Array, float | None]:
    """Weights as pictures, and the size of a weight that gets the full colour.

    Args:
        kernel: `(784, units)`.
        inked: `(28, 28)`: elsewhere the pictures are 0.

    Returns:
        `(units, 28, 28)`, and the size; None where no weight is a number.
    """
    weights = weight_images(kernel)
    sizes = np.abs(weights[np.isfinite(weights) & inked])
    limit = float(np.quantile(sizes, FULL_COLOUR)) if len(sizes) else None
    return np.where(inked, weights, 0.0), limit


def examples(dataset: Dataset, label: int, *, dark: bool, columns: int = 8, rows: int = 2) -> str:
    """The first training images with a label, side by side."""
    images = dataset.x_train[np.flatnonzero(dataset.y_train == label)[: columns * rows]]
    return png_data_uri(to_grey(mosaic(images, columns, gap=2), dark=dark), scale=2)


def picture(image: Array, *, dark: bool) -> str:
    """One image, ink on paper."""
    return png_data_uri(to_grey(image, dark=dark), scale=3)


def first_outputs(
    dataset: Dataset, outputs: Array, threshold: float, *, dark: bool, count: int = 10
) -> dict[str, list[Any]]:
    """The first test images, their labels, outputs and answers, as columns of a table."""
    labels, values = dataset.y_test[:count], outputs[:count]
    answers = predicted_classes(values[:, np.newaxis], threshold)
    return {
        "image": [picture(image, dark=dark) for image in dataset.x_test[:count]],
        "label": [f"{label}  {dataset.class_names[label]}" for label in labels],
        "output": [f"{value:.4g}" for value in values],
        "answer": [dataset.class_names[answer] for answer in answers],
        "verdict": [
            "✓ right" if answer == label else "✗ wrong"
            for answer, label in zip(answers, labels, strict=True)
        ],
    }


class Mistake(NamedTuple):
    """A test image that was answered wrong.

    Attributes:
        image: The address of its PNG.
        caption: Its label and the output.
    """

    image: str
    caption: str


def most_wrong(
    dataset: Dataset, outputs: Array, threshold: float, *, dark: bool, count: int = 16
) -> list[Mistake]:
    """The mistakes furthest from the threshold, worst first."""
    places = worst_mistakes(outputs[:, np.newaxis], dataset.y_test, count, threshold)
    return [
        Mistake(
            picture(dataset.x_test[i], dark=dark),
            f"{dataset.class_names[dataset.y_test[i]]}  \n**{outputs[i]:.3g}**",
        )
        for i in places
    ]


def look_numbers(dataset: Dataset) -> dict[str, Any]:
    """What the texts of "Look" are filled with."""
    return {
        "samples": len(dataset.y_train),
        "fives": int(dataset.y_train.sum()),
        "tests": len(dataset.y_test),
        "test_fives": int(dataset.y_test.sum()),
        "baseline": baseline_accuracy(dataset.y_test),
    }
