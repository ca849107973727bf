"""How well each reader reads the learner's own digits: a table, and the mistakes in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import confusion_matrix
from nncore.digits.collection import CLASSES, DigitCollection
from nncore.digits.sampling import likely_range
from nncore.nn.losses import predicted_classes
from ui.charts import confusion
from ui.content.lesson import Lesson
from ui.core import cached_results, state
from ui.core.keys import Key
from ui.draw import reader_list
from ui.draw.canvas_and_prediction import Readers
from ui.draw.digit_collection import name_digit
from ui.draw.reader import Reader, checkpoint_key
from ui.workbench import tables
from ui.workbench.plotly_figure import show_figure

#: The most readers to compare: the chosen one first, then in the list's order.
MOST_COMPARED = 12
#: Fewer digits than this say little about a reader.
FEW = 30
#: The most kinds of mistakes to name.
MOST_NAMED = 6
#: The key of the reader whose mistakes are shown.
SHOWN = Key[str | None]("draw.digits.of", None)


class ReaderScore(NamedTuple):
    """The predictions of a reader for a collection.

    Attributes:
        key: The reader's key.
        label: The reader in one line.
        predictions: (n,) the digits that it predicts.
        right: How many of them are right.
        has_trained_on_it: True if it was trained on digits of the collection.
    """

    key: str
    label: str
    predictions: NDArray[np.intp]
    right: int
    has_trained_on_it: bool


def score_readers(digits: DigitCollection, readers: Readers) -> list[ReaderScore]:
    """Return how well the chosen reader and others with weights read a collection."""
    order = {readers.chosen.key: readers.chosen, **readers.listed}
    return list(islice(_score(digits, order.values()), MOST_COMPARED))


def _score(digits: DigitCollection, readers: Iterable[Reader]) -> Iterator[ReaderScore]:
    for reader in readers:
        if not reader.is_final and reader.checkpoint is None:
            continue
        with suppress(LookupError):  # removed from the store since it was listed
            outputs = cached_results.outputs_on(checkpoint_key(reader), reader.load, digits.images)
            predictions = predicted_classes(outputs)
            right = int((predictions == digits.labels).sum())
            label = reader_list.label(reader, None)
            yield ReaderScore(reader.key, label, predictions, right, reader.branch is not None)


def show_scores(lesson: Lesson, digits: DigitCollection, scores: list[ReaderScore]) -> None:
    """Draw the chosen reader's score in words, a table of all readers, and the mistakes of one."""
    st.markdown(describe_score(lesson, scores[0], len(digits)))
    _show_table(scores, len(digits))
    _show_mistakes(digits, scores)


def describe_score(lesson: Lesson, score: ReaderScore, count: int) -> str:
    """Say how many digits a reader reads right, and what that says about future ones."""
    if score.has_trained_on_it:
        return lesson.text("digits_trained_on", right=score.right, count=count)
    low, high = likely_range(score.right, count)
    numbers = {"right": score.right, "count": count, "low": f"{low:.0%}", "high": f"{high:.0%}"}
    return lesson.text("digits_few" if count < FEW else "digits_many", **numbers)


def _show_table(scores: list[ReaderScore], count: int) -> None:
    columns = {
        "right": [f"{score.right} of {count}" for score in scores],
        "likely accuracy": [_describe_range(score, count) for score in scores],
        "read by": [score.label for score in scores],
    }
    tables.show_table(columns, key="draw.digits.scores")


def _describe_range(score: ReaderScore, count: int) -> str:
    low, high = likely_range(score.right, count)
    return "trained on them" if score.has_trained_on_it else f"{low:.0%} to {high:.0%}"


def _show_mistakes(digits: DigitCollection, scores: list[ReaderScore]) -> None:
    labels = {score.key: score.label for score in scores}
    if state.get(SHOWN) not in labels:
        state.put(SHOWN, scores[0].key)
    key = st.selectbox(
        "Mistakes of",
        list(labels),
        format_func=labels.__getitem__,
        key=SHOWN.name,
        persist_state="session",
    )
    score = next(score for score in scores if score.key == key)
    st.markdown(describe_mistakes(digits.labels, score.predictions))
    if score.right < len(digits):
        matrix = confusion_matrix(digits.labels, score.predictions, CLASSES)
        chart = confusion.confusion_matrix(matrix, [str(label) for label in range(CLASSES)])
        show_figure(
            chart,
            key="draw.digits.confusion",
            alt="How often each of your digits was read as each digit",
        )


def describe_mistakes(labels: NDArray[Any], predictions: NDArray[Any]) -> str:
    """Return the mistakes in words, the most frequent first.

    Args:
        labels: (n,) the digits' labels.
        predictions: (n,) the predicted digits.
    """
    pairs = zip(labels.tolist(), predictions.tolist(), strict=True)
    wrong = Counter((label, digit) for label, digit in pairs if label != digit)
    if not wrong:
        return "No mistakes."
    kinds = [
        f"**{name_digit(label)}** read as **{digit}**" + (f", {n} times" if n > 1 else "")
        for (label, digit), n in wrong.most_common(MOST_NAMED)
    ]
    more = len(wrong) - len(kinds)
    return "; ".join(kinds) + (f"; and {more} other kinds." if more else ".")
