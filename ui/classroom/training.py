"""*Train on our digits*: the lab's reader, trained further on the digits that a class shares.

The page asks for each slice when it finds the last one done, so a page that is closed asks for no
more. The reader that comes out is offered to all members.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from nncore.checkpoint import Checkpoint
from nncore.digits.collection import MOST, DigitCollection
from nncore.runtime import tasks
from nncore.runtime.cluster import is_lost
from nncore.runtime.errors import is_unsent, sentence_of
from nncore.training.branch import EPOCHS, Branch, begin
from ui.class_store.values import Card, DrawingRow
from ui.classroom import desk
from ui.classroom.desk import Desk
from ui.content.lesson import load
from ui.core import page_runs, resources, server, state
from ui.core.keys import Key
from ui.membership import class_reader
from ui.workbench import predictions

#: Seconds after which a slice starts no further epoch; how often a lost slice is tried.
SLICE, TRIES = 0.25, 3


@dataclass(frozen=True, eq=False)
class Training:
    """The state of training on a class's digits.

    Args:
        code: The class.
        branch: The current result.
        slice: The slice in progress; None between two slices, and at the end.
        lost: How often the current slice's worker was lost.
        is_offered: True once the reader is offered to the class.
        failure: A sentence on what went wrong, or empty.
    """

    code: str
    branch: Branch
    slice: Future[Branch] | None = None
    lost: int = 0
    is_offered: bool = False
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """True if it will not go on."""
        return self.is_offered or bool(self.failure)

    @property
    def share(self) -> float:
        """The share that is done, 0 to 1."""
        return min(1.0, self.branch.epoch / EPOCHS)


TRAINING = Key[Training | None]("classroom.training", None, "tab")


def find_training(code: str) -> Training | None:
    """Return the training of a class; None if there is none."""
    found = state.get(TRAINING)
    return found if found is not None and found.code == code else None


def find_parent() -> tuple[Checkpoint | None, float]:
    """Return the lab's reader and how much of its own training is done, 0 to 1.

    Returns:
        The reader that lesson 4 opens with; None while the lab trains it.

    Raises:
        nncore.data.datasets.DataUnavailable: If the data cannot be loaded.
    """
    default = load("draw").on_data().default
    dataset = resources.dataset(default.data)
    stored = resources.stored(default, dataset.fingerprint)
    if stored is not None:
        return stored, 1.0
    checkpoint = predictions.shared(default).peek().checkpoint
    is_ready = checkpoint.finished and bool(checkpoint.weights)
    return (checkpoint if is_ready else None), checkpoint.epoch / default.fit.epochs


def collect(drawings: Sequence[DrawingRow]) -> DigitCollection:
    """Return the digits of a wall, the newest that a collection holds, each once."""
    digits = dict.fromkeys(row.drawing.digit for row in drawings)
    return DigitCollection(tuple(digits)[-MOST:])


def start(code: str, parent: Checkpoint, digits: DigitCollection) -> None:
    """Start to train on a class's digits.

    Args:
        code: The class.
        parent: The reader to begin with.
        digits: Five digits or more.
    """
    state.put(TRAINING, Training(code, begin(parent, digits)))


def advance(found: Desk) -> None:
    """Collect the slice that is done, request the next one, and offer the reader at the end."""
    training = find_training(found.code)
    if training is None or training.is_over:
        return
    if training.slice is not None and training.slice.done():
        training = _collect(replace(training, slice=None), training.slice)
    if training.branch.finished and not training.is_over:
        training = _offer(training, found)
    elif training.slice is None and not training.is_over:
        owner, runner = page_runs.get_owner(), server.lab().runner
        future = runner.enqueue(owner, tasks.go_on, training.branch, SLICE)
        training = replace(training, slice=future)
    state.put(TRAINING, training)


def _collect(training: Training, done: Future[Branch]) -> Training:
    try:
        return replace(training, branch=done.result(), lost=0)
    except Exception as error:  # noqa: BLE001 - a worker may raise anything
        if is_unsent(error):
            return training
        lost = training.lost + 1
        if is_lost(error) and lost < TRIES:
            return replace(training, lost=lost)
        return replace(training, failure=sentence_of(error))


def _offer(training: Training, found: Desk) -> Training:
    data = class_reader.pack(training.branch.checkpoint)
    words = "Our class has a reader of its own. Choose it in lesson 4, behind Read by."
    is_offered = desk.try_to(lambda store: store.offer_reader(found.key, data)) and desk.try_to(
        lambda store: store.send(found.key, Card(words, "/draw"))
    )
    failure = "" if is_offered else "The reader could not be sent to the class."
    return replace(training, is_offered=is_offered, failure=failure)
