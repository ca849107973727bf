"""Training that goes on with the learner's own digits, and what came of it: before and after.

Each slice is asked for when the page looks at the one before: a session has at most one under way,
and a session that went away asks for no more. The session holds, beside widgets:

    draw.tuning   how training on stands: a `Tuning`
    draw.branch   the checkpoint that can be chosen as a reader, or nothing
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.digits.collection import DigitCollection
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Network
from nncore.runtime import tasks
from nncore.runtime.cluster import is_lost
from nncore.training.branch import EPOCHS, LEAST, TESTED, Branch, begin
from ui.charts import digit_gallery
from ui.components import clock
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.draw import digit_collection, readers
from ui.draw.readers import Reader
from ui.workbench import tables

#: Seconds after which a slice begins no further epoch, and between two looks at it.
SLICE, POLL = 0.5, 0.4
#: How often a slice is sent again whose worker went away.
TRIES = 3


@dataclass(frozen=True, eq=False)
class Tuning:
    """How training on stands.

    Args:
        parent: The run that it came from.
        name: What that one is called.
        branch: Where it stands.
        slice: The slice under way; None between two, and when it is over.
        lost: How often the present slice's worker went away.
        stopped: Whether the learner has stopped it.
        failure: Empty, or a sentence on what went wrong.
    """

    parent: Checkpoint
    name: str
    branch: Branch
    slice: Future[Branch] | None = None
    lost: int = 0
    stopped: bool = False
    failure: str = ""

    @property
    def over(self) -> bool:
        """Whether it will not go on."""
        return self.branch.finished or self.stopped or bool(self.failure)


def section(lesson: Lesson, base: str, reader: Reader, dataset: Dataset) -> None:
    """Draws the part in which training goes on with the learner's digits.

    Args:
        lesson: Whose texts.
        base: The key of the page's own reader.
        reader: Who is chosen: the network that would go on.
        dataset: The page's data.
    """
    st.markdown(lesson.text("tune"))
    tuning: Tuning | None = state.get("draw.tuning", None)
    if tuning is None or tuning.over:
        _start(lesson, reader, dataset)
    if tuning is None:
        return
    if tuning.over:
        _progress(tuning)
        _outcome(lesson, tuning, dataset)
        _choices(base, reader, tuning)
    else:
        _follow()


# Before.


def _start(lesson: Lesson, reader: Reader, dataset: Dataset) -> None:
    hand = digit_collection.hand()
    here = reader.fingerprint == dataset.fingerprint
    ready = len(hand) >= LEAST and reader.made and here
    st.button(
        "Train on with my digits",
        icon=":material/play_arrow:",
        key="draw.tune",
        disabled=not ready,
        on_click=_begin,
        args=(reader,),
    )
    if len(hand) < LEAST:
        st.caption(lesson.text("tune_few", least=LEAST, count=len(hand)))
    elif not here:
        st.caption(lesson.text("tune_elsewhere"))
    elif reader.learning:
        st.caption(lesson.text("tune_learning"))


def _begin(reader: Reader) -> None:
    """Begins at the chosen reader; where that is a branch, once more at the run it came from.

    Else digits that the branch has trained on could be among those that are now held out.
    """
    tuning: Tuning | None = state.get("draw.tuning", None)
    parent, name = reader.checkpoint, readers.label(reader, None)
    if reader.branch is not None and tuning is not None:
        parent, name = tuning.parent, tuning.name
    if parent is not None:
        state.put("draw.tuning", Tuning(parent, name, begin(parent, digit_collection.hand())))


def _stop() -> None:
    tuning: Tuning | None = state.get("draw.tuning", None)
    if tuning is not None:
        state.put("draw.tuning", replace(tuning, stopped=True, slice=None))


def drop() -> None:
    """Forgets the branch; its parent reads again."""
    state.drop("draw.tuning")
    state.drop("draw.branch")
    state.drop("draw.chosen")


# Meanwhile.


def _follow() -> None:
    @clock.every(POLL, key="draw.tune.clock")
    def live() -> None:
        tuning = _advanced(state.get("draw.tuning", None))
        if tuning is None or tuning.over:
            st.rerun()
        _progress(tuning)
        st.button("Stop", icon=":material/stop:", key="draw.tune.stop", on_click=_stop)

    live()


def _advanced(tuning: Tuning | None) -> Tuning | None:
    """Takes up the slice that is done, and asks for the next one."""
    if tuning is None or tuning.over:
        return tuning
    if tuning.slice is not None and tuning.slice.done():
        tuning = _landed(replace(tuning, slice=None), tuning.slice)
    if tuning.slice is None and not tuning.over:
        tuning = _asked(tuning)
    state.put("draw.tuning", tuning)
    return tuning


def _landed(tuning: Tuning, done: Future[Branch]) -> Tuning:
    try:
        branch = done.result()
    except Exception as error:  # noqa: BLE001 - whatever a worker may raise
        lost = tuning.lost + 1
        if is_lost(error) and lost < TRIES:
            return replace(tuning, lost=lost)
        return replace(tuning, failure=str(error) or type(error).__name__)
    state.put("draw.branch", branch.checkpoint)
    return replace(tuning, branch=branch, lost=0)


def _asked(tuning: Tuning) -> Tuning:
    """Sends the next slice; where there is no worker just now, the next look tries again."""
    try:
        asked = resources.lab().runner.ask(tasks.go_on, tuning.branch, SLICE)
    except ConnectionError:
        return tuning
    return replace(tuning, slice=asked)


def _progress(tuning: Tuning) -> None:
    branch = tuning.branch
    place = f"epoch {branch.epoch} of {EPOCHS}"
    if tuning.failure:
        st.error(f"Training on has ended: {tuning.failure}", icon=":material/error:")
    elif not tuning.over:
        words = "**Training on**" if branch.scores else "**Waiting for the worker**"
        st.progress(branch.epoch / EPOCHS, f"{words} · {place}")
    if branch.epoch:
        chart = digit_gallery.tuning_curves(branch.scores, EPOCHS, TESTED)
        st.vega_lite_chart(*chart, key="draw.tune.curves", height=200)


# After.


def _outcome(lesson: Lesson, tuning: Tuning, dataset: Dataset) -> None:
    branch = tuning.branch
    if not branch.epoch:
        return
    before = Network.of(tuning.parent.experiment, tuning.parent.weights)
    groups = groups_of(branch, digit_collection.hand())
    rows = {name: _right(hand, before, branch.network) for name, hand in groups.items()}
    table = {
        "read right": [f"{name} ({len(groups[name])})" for name in rows],
        "before": [f"{right[0]} of {len(groups[name])}" for name, right in rows.items()],
        "after": [f"{right[1]} of {len(groups[name])}" for name, right in rows.items()],
    }
    tests = [_on_test(checkpoint, dataset) for checkpoint in (tuning.parent, branch.checkpoint)]
    table["read right"].append(f"MNIST's test images ({len(dataset.x_test):,})")
    table["before"].append(f"{tests[0]:.2%}")
    table["after"].append(f"{tests[1]:.2%}")
    tables.show_table(table, key="draw.tune.table")
    st.caption(f"Before: {tuning.name}")
    st.markdown(_meaning(lesson, branch, 100 * (tests[1] - tests[0])))


def _choices(base: str, reader: Reader, tuning: Tuning) -> None:
    """Lets the branch read, or be forgotten."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "It reads now" if reader.branch is not None else "Read with it",
            icon=":material/check:",
            key="draw.tune.read",
            disabled=reader.branch is not None or not tuning.branch.epoch,
            on_click=_read_with_it,
            args=(base,),
        )
        st.button("Drop it", icon=":material/delete:", key="draw.tune.drop", on_click=drop)


def _read_with_it(base: str) -> None:
    branch: Checkpoint | None = state.get("draw.branch", None)
    if branch is not None:
        state.put("draw.chosen", (base, readers.of_branch(branch).key))


#: What the groups of digits are called.
TRAINED, HELD, SINCE = "your digits, trained on", "your digits, held out", "drawn since then"


def groups_of(branch: Branch, hand: DigitCollection) -> dict[str, DigitCollection]:
    """The learner's digits by what training on knows of them, those groups that are not empty.

    Args:
        branch: The branch.
        hand: The learner's digits of now.
    """
    digits = list(zip(branch.digits.digits, branch.held, strict=True))
    known = set(branch.digits.digits)
    groups = {
        HELD: DigitCollection(tuple(digit for digit, held in digits if held)),
        SINCE: DigitCollection(tuple(digit for digit in hand.digits if digit not in known)),
        TRAINED: DigitCollection(tuple(digit for digit, held in digits if not held)),
    }
    return {name: group for name, group in groups.items() if len(group)}


def _right(hand: DigitCollection, before: Network, after: Network) -> tuple[int, int]:
    """How many digits two networks read right."""
    first, second = (_count(network.predict(hand.images), hand) for network in (before, after))
    return first, second


def _count(outputs: NDArray[np.float32], hand: DigitCollection) -> int:
    return int((predicted_classes(outputs) == hand.labels).sum())


def _on_test(checkpoint: Checkpoint, dataset: Dataset) -> float:
    return resources.outcome(checkpoint, dataset).accuracy


def _meaning(lesson: Lesson, branch: Branch, points: float) -> str:
    """What the table says, and what it cannot say."""
    numbers: dict[str, Any] = {"held": int(branch.held.sum()), "count": len(branch.digits)}
    first = lesson.text("tune_held" if branch.held.any() else "tune_all", **numbers)
    forgot = "tune_forgot" if points < -0.1 else "tune_kept"
    return f"{first} {lesson.text(forgot, points=f'{abs(points):.2f}')}"
