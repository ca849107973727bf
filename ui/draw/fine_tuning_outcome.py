"""What further training on the learner's digits has changed: how they are read before and after."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.digits.collection import DigitCollection
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from nncore.training.branch import Branch
from ui.content.lesson import Lesson
from ui.core import cached_results
from ui.draw import digit_collection
from ui.workbench import tables

#: From this change of test accuracy on, in percentage points, the page says that it fell.
FORGOTTEN = 0.1
#: The names of the groups of digits.
TRAINED, HELD, SINCE = "your digits, trained on", "your digits, held out", "drawn since then"


def show_outcome(
    lesson: Lesson, parent: Checkpoint, branch: Branch, name: str, dataset: Dataset
) -> None:
    """Draw how digits are read before and after, once there is an after.

    Args:
        lesson: The lesson, for its texts.
        parent: The network before.
        branch: The result of further training.
        name: The network before, in words.
        dataset: The data whose test images both read.
    """
    if not branch.epoch:
        return
    before = Network.of(parent.experiment, parent.weights)
    groups = _group_digits(branch, digit_collection.load())
    counts = [_count_right(group, before, branch.network) for group in groups.values()]
    sizes = [len(group) for group in groups.values()]
    table = {
        "read right": [f"{group} ({size})" for group, size in zip(groups, sizes, strict=True)],
        "before": [f"{right} of {size}" for (right, _), size in zip(counts, sizes, strict=True)],
        "after": [f"{right} of {size}" for (_, right), size in zip(counts, sizes, strict=True)],
    }
    tests = [_test_accuracy(checkpoint, dataset) for checkpoint in (parent, branch.checkpoint)]
    table["read right"].append(f"MNIST's test images ({len(dataset.x_test):,})")
    table["before"].append(f"{tests[0]:.2%}")
    table["after"].append(f"{tests[1]:.2%}")
    tables.show_table(table, key="draw.tune.table")
    st.caption(f"Before: {name}")
    st.markdown(_explain(lesson, branch, 100 * (tests[1] - tests[0])))


def _group_digits(branch: Branch, collection: DigitCollection) -> dict[str, DigitCollection]:
    """Return the learner's digits in groups: held out, drawn since, trained on. None is empty.

    Args:
        branch: The result of further training.
        collection: The learner's current digits.
    """
    digits = list(zip(branch.digits.digits, branch.held, strict=True))
    known = set(branch.digits.digits)
    groups = {
        HELD: DigitCollection(tuple(digit for digit, held in digits if held)),
        SINCE: DigitCollection(tuple(digit for digit in collection.digits if digit not in known)),
        TRAINED: DigitCollection(tuple(digit for digit, held in digits if not held)),
    }
    return {name: group for name, group in groups.items() if len(group)}


def _count_right(digits: DigitCollection, before: Network, after: Network) -> tuple[int, int]:
    """Return how many digits each of two networks reads right."""
    first, second = (_count(network.predict(digits.images), digits) for network in (before, after))
    return first, second


def _count(outputs: NDArray[np.float32], digits: DigitCollection) -> int:
    return int((predicted_classes(outputs) == digits.labels).sum())


def _test_accuracy(checkpoint: Checkpoint, dataset: Dataset) -> float:
    return cached_results.outcome(checkpoint, dataset).accuracy


def _explain(lesson: Lesson, branch: Branch, points: float) -> str:
    """Return what the table shows, and what it cannot show.

    Args:
        lesson: The lesson, for its texts.
        branch: The result of further training.
        points: The change of the test accuracy in percentage points.
    """
    numbers: dict[str, object] = {"held": int(branch.held.sum()), "count": len(branch.digits)}
    first = lesson.text("tune_held" if branch.held.any() else "tune_all", **numbers)
    if points < -FORGOTTEN:
        name = "tune_forgot"
    else:
        name = "tune_same" if points < 0 else "tune_kept"
    return f"{first} {lesson.text(name, points=f'{abs(points):.2f}')}"
