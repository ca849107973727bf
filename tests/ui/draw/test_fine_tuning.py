"""Training further: what becomes a reader, and when."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.digits.collection import Digit, DigitCollection
from nncore.experiment import Experiment, ModelConfig
from nncore.runtime.errors import NotSent, failed_future
from nncore.training.branch import Branch, Scores, begin
from ui.core import state
from ui.draw import fine_tuning
from ui.draw.fine_tuning import Tuning
from ui.draw.reader_list import BRANCH

HALF = Scores(0.5, 0.5, 0.5)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Collect what a tab is given to hold, by the names of keys."""
    held: dict[str, Any] = {}
    monkeypatch.setattr(state, "put", lambda key, value: held.update({key.name: value}))
    return held


def begun() -> Branch:
    weights = (np.zeros((784, 10), np.float32), np.zeros(10, np.float32))
    parent = Checkpoint(Experiment(model=ModelConfig(())), "data", weights=weights)
    image, at = np.full((28, 28), 9, np.uint8), datetime(2026, 1, 2, tzinfo=UTC)
    return begin(parent, DigitCollection((Digit.from_image(image, 3, at),) * 5))


def collected(branch: Branch) -> Future[Branch]:
    done: Future[Branch] = Future()
    done.set_result(branch)
    return done


def test_a_network_is_no_reader_before_its_first_whole_epoch(put: dict[str, Any]) -> None:
    branch = begun()
    within = branch.after_batches(1, branch.checkpoint.weights, branch.checkpoint.slots)
    tuning = Tuning(branch.checkpoint, "a name", branch)
    fine_tuning._collect(tuning, collected(within))
    assert BRANCH.name not in put
    whole = within.after_epoch(HALF).after_epoch(HALF)  # the parent's scores, and an epoch's
    fine_tuning._collect(tuning, collected(whole))
    assert put[BRANCH.name] is whole.checkpoint


def test_a_slice_that_no_worker_got_is_asked_for_again_and_is_no_loss() -> None:
    branch = begun()
    tuning = Tuning(branch.checkpoint, "a name", branch)
    for error in (NotSent("No worker is ready."), CancelledError()):
        assert fine_tuning._collect(tuning, failed_future(error)) is tuning
    lost = fine_tuning._collect(tuning, failed_future(ConnectionError("gone")))
    assert (lost.lost, lost.failure) == (1, "")
