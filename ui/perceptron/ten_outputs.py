"""What lesson 2 shows of a network with ten outputs: one for each digit, the largest answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import (
    baseline_accuracy,
    confusion_matrix,
    output_range,
    worst_mistakes,
)
from nncore.data.datasets import Dataset
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from ui.charts import confusion, palette
from ui.charts import outputs as outputs_module
from ui.charts.images import mosaic, png_data_uri, to_grey
from ui.charts.share_bars import share_bars
from ui.charts.weight_pictures import mosaic_columns
from ui.content.lesson import Lesson, term
from ui.perceptron import single_output as parts
from ui.perceptron.results import beside_baseline, gallery
from ui.perceptron.single_output import Said
from ui.workbench import downloads, tables, workbench

Array: TypeAlias = NDArray[Any]

#: First-layer pictures shown at most, and a digit counts as read from this share of its images on.
PICTURES, READ = 32, 0.5


class Score(NamedTuple):
    """What ten outputs are worth, where the largest is the answer.

    Attributes:
        accuracy: The share of right answers.
        recalls: For each digit the share of its images that was found, `(10,)`.
        commonest: The digit that is answered most often.
        share: How often, of all answers.
        low: The smallest of all outputs; NaN where one of them is.
        high: The largest.
    """

    accuracy: float
    recalls: NDArray[np.float64]
    commonest: int
    share: float
    low: float
    high: float

    @classmethod
    def of(cls, said: Said) -> Score:
        """Counts the answers."""
        outputs, labels = said.values, said.labels
        answers = predicted_classes(outputs)
        matrix = confusion_matrix(labels, answers, outputs.shape[1])
        given = matrix.sum(axis=0)
        recalls = matrix.diagonal() / np.maximum(matrix.sum(axis=1), 1)
        accuracy, commonest = float((answers == labels).mean()), int(given.argmax())
        share = float(given[commonest] / len(labels))
        return cls(accuracy, recalls, commonest, share, *output_range(outputs))

    @property
    def read(self) -> int:
        """How many digits it reads: of which it finds half or more."""
        return int((self.recalls >= READ).sum())


@dataclass(frozen=True)
class Case:
    """What is looked at under "Test".

    Args:
        lesson: Lesson 2, for its texts.
        dataset: Its test set is what was answered.
        said: What the network said to all of it.
        dark: Whether the visitor sees the dark theme.
    """

    lesson: Lesson
    dataset: Dataset
    said: Said
    dark: bool

    @property
    def outputs(self) -> Array:
        """The ten outputs for each test image, `(n, 10)`."""
        return self.said.values


def margins(outputs: Array, labels: Array) -> NDArray[np.float64]:
    """The right output less the largest other one; above 0 where the answer is right.

    Args:
        outputs: `(n, 10)`.
        labels: `(n,)`.
    """
    rows = np.arange(len(labels))
    others = np.array(outputs, np.float64)
    right = others[rows, labels]
    others[rows, labels] = -np.inf
    with np.errstate(invalid="ignore"):  # a network that ran away
        return np.asarray(right - others.max(axis=1), np.float64)


def told(said: Said) -> dict[str, Any]:
    """What ten outputs come to, for a sentence."""
    score = Score.of(said)
    return {
        "accuracy": score.accuracy,
        "baseline": baseline_accuracy(said.labels),
        "read": score.read,
        "low": parts.number(score.low),
        "high": parts.number(score.high),
    }


# Look.


def look(lesson: Lesson, dataset: Dataset, dark: bool) -> None:
    """The images with ten labels, and the baseline."""
    counts = np.bincount(dataset.y_test, minlength=len(dataset.class_names))
    numbers = {
        "samples": len(dataset.y_train),
        "tests": len(dataset.y_test),
        "baseline": baseline_accuracy(dataset.y_test),
        "digit": dataset.class_names[int(counts.argmax())],
    }
    title = f"**1 Look** · {numbers['samples']:,} digits, with ten labels"
    with st.expander(title, key="perceptron.look", on_change="rerun"):
        st.image(_examples(dataset, dark), width=470, alt="A row of images for each of ten labels")
        st.markdown(lesson.text("look_ten", **numbers))
        st.markdown(lesson.text("baseline_ten", **numbers))
        tables.show_source(dataset)


def _examples(dataset: Dataset, dark: bool, columns: int = 12) -> str:
    """The first training images of each class: a row a class."""
    rows = [np.flatnonzero(dataset.y_train == k)[:columns] for k in range(len(dataset.class_names))]
    images = dataset.x_train[[place for row in rows for place in row]]
    return png_data_uri(to_grey(mosaic(images, columns, gap=2), dark=dark), scale=2)


# The bench.


def weights(network: Network | None, score: Score | None, dataset: Dataset, dark: bool) -> None:
    """The card with the first layer's weights as small pictures, and the facts."""
    baseline = baseline_accuracy(dataset.y_test)
    hidden = network is not None and len(network.layers) > 1
    with workbench.card("What its hidden units look for" if hidden else "Its ten pictures"):
        st.image(_pictures(network, dataset, dark), width=270, alt="The weights of each unit")
        st.caption(_named(network))
        left, right = st.columns(2, gap="small")
        one, *others = facts(score, baseline).items()
        left.markdown(parts.listed(dict([one, others[0]])))
        right.markdown(parts.listed(dict(others[1:])))


def _pictures(network: Network | None, dataset: Dataset, dark: bool) -> str:
    if network is None:
        blank = np.full((10, 28, 28), 0.06)
        return png_data_uri(to_grey(mosaic(blank, 5, gap=2), dark=dark), scale=3)
    kernel = network.layers[0].kernel[:, :PICTURES]
    columns = mosaic_columns(kernel.shape[1])
    return parts.weight_pictures(kernel, dataset, columns=columns, scale=3, dark=dark)


def _named(network: Network | None) -> str:
    if network is None or len(network.layers) == 1:
        shown = "0–4, below 5–9"
    else:
        units = network.layers[0].kernel.shape[1]
        shown = f"{PICTURES} of {units:,} units" if units > PICTURES else f"all {units:,} units"
    return f"{shown} · :blue[■] for :red[■] against"


def facts(score: Score | None, baseline: float) -> dict[str, str]:
    """The four numbers that the bench always shows; dashes before there are any."""
    accuracy, read, outputs = "**–**", "**–**", "**–**"
    if score is not None:
        accuracy = parts.compared(score.accuracy, baseline)
        read = f"**{score.read} of {len(score.recalls)}**"
        outputs = f"**{parts.number(score.low)} to {parts.number(score.high)}**"
    return {
        "Accuracy": accuracy,
        "Baseline": f"**{baseline:.4f}**",
        "Digits it reads": read,
        "Range of outputs": outputs,
    }


def shares(score: Score | None, dataset: Dataset) -> None:
    """The card with the share of each digit that is found."""
    with workbench.card("Of each digit, how many it finds"):
        found = score.recalls if score else np.zeros(len(dataset.class_names))
        chart = share_bars(found, dataset.class_names, palette.RIGHT, "", ".0%", height=225)
        st.vega_lite_chart(*chart, key="perceptron.shares")


# Test.


def results(case: Case) -> None:
    """Scores, how clearly the right output wins, printed outputs, what is taken for what."""
    score = Score.of(case.said)
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        _verdict(case, score)
        st.markdown(case.lesson.text("margin"))
    with right:
        _metrics(case, score)
        chart = outputs_module.margin_histogram(margins(case.outputs, case.dataset.y_test))
        st.vega_lite_chart(*chart, key="perceptron.margins", height=240)
    _printed(case)
    _confused(case)


def _verdict(case: Case, score: Score) -> None:
    baseline = baseline_accuracy(case.dataset.y_test)
    commonest = case.dataset.class_names[int(np.bincount(case.dataset.y_test).argmax())]
    numbers = {
        "accuracy": score.accuracy,
        "baseline": baseline,
        "digit": commonest,
        "answer": case.dataset.class_names[score.commonest],
        "share": score.share,
    }
    name = parts.verdict(score.accuracy, baseline)
    st.markdown(case.lesson.text(f"{name}_ten", **numbers))


def _metrics(case: Case, score: Score) -> None:
    baseline = baseline_accuracy(case.dataset.y_test)
    accuracy, read, answer = st.columns(3)
    with accuracy:
        beside_baseline(score.accuracy, baseline)
    worst = int(score.recalls.argmin())
    read.metric(
        "Digits it reads",
        f"{score.read} of {len(score.recalls)}",
        f"worst: {case.dataset.class_names[worst]}, {score.recalls[worst]:.0%} found",
        delta_color="off",
        delta_arrow="off",
        help=case.lesson.text("reads"),
    )
    answer.metric(
        "Most often",
        case.dataset.class_names[score.commonest],
        f"{score.share:.0%} of all answers",
        delta_color="off",
        delta_arrow="off",
        help=term("baseline"),
    )


def _printed(case: Case) -> None:
    with st.expander("**Print the first ten outputs** beside their labels"):
        st.code("print(model.predict(x_test[:10]))", language="python")
        st.markdown(case.lesson.text("printed_ten"))
        image = st.column_config.ImageColumn("image", width="small")
        tables.show_table(
            first_outputs(case),
            key="perceptron.first_ten",
            column_config={"image": image},
            height="content",
        )


def first_outputs(case: Case, count: int = 10) -> dict[str, list[Any]]:
    """The first test images, their labels, ten outputs and answers, as columns of a table."""
    names, labels = case.dataset.class_names, case.dataset.y_test[:count]
    outputs = case.outputs[:count]
    answers = predicted_classes(outputs)
    columns: dict[str, list[Any]] = {
        "image": [parts.picture(image, dark=case.dark) for image in case.dataset.x_test[:count]],
        "label": [names[label] for label in labels],
    }
    columns |= {f"[{name}]": [f"{v:.3g}" for v in outputs[:, i]] for i, name in enumerate(names)}
    right = answers == labels
    return columns | {
        "answer": [names[answer] for answer in answers],
        "verdict": ["✓ right" if ok else "✗ wrong" for ok in right],
    }


def _confused(case: Case) -> None:
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        st.markdown(case.lesson.text("confusion"))
        answers = predicted_classes(case.outputs)
        names = case.dataset.class_names
        matrix = confusion_matrix(case.dataset.y_test, answers, len(names))
        chart = confusion.confusion_matrix(matrix, names)
        st.plotly_chart(
            chart, key="perceptron.confusion", config=downloads.plotly_config("confusion-matrix")
        )
    with right:
        st.markdown(case.lesson.text("mistakes_ten"))
        gallery(most_wrong(case))


def most_wrong(case: Case, count: int = 12) -> list[parts.Mistake]:
    """The mistakes with the largest wrong outputs, worst first."""
    labels, names = case.dataset.y_test, case.dataset.class_names
    answers = predicted_classes(case.outputs)
    return [
        parts.Mistake(
            parts.picture(case.dataset.x_test[i], dark=case.dark),
            f"{names[labels[i]]}, read as **{names[answers[i]]}**",
        )
        for i in worst_mistakes(case.outputs, labels, count)
    ]
