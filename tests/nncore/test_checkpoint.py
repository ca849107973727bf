"""Checkpoints as bytes, and how one goes on to more epochs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint, CheckpointError
from nncore.data import on_disk
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig

EXPERIMENT = Experiment(model=ModelConfig(()), fit=FitConfig(epochs=3))


def filled() -> Checkpoint:
    rng = np.random.default_rng(0)
    return Checkpoint(
        EXPERIMENT,
        "data",
        weights=(rng.random((784, 10), np.float32), rng.random(10, np.float32)),
        slots=(np.array(7), np.array(0.001, np.float32), rng.random(3, np.float32)),
        counters=(np.array([5, 1]),),
        epoch=1,
        step=2,
        totals=(256.0, 0.1 + 0.2, 3.0),
        validation_totals=(740.0, 0.1 + 0.7, 5.0),
        history={"loss": (1 / 3,), "val_loss": (float("nan"),)},
        trace=((0.5, 1.25, 0.75),),
        seconds=0.125,
        edits=((3, "fit.learning_rate", 0.01),),
        best_epoch=1,
        aside=(np.array([1, 2], np.float32),),
    )


def test_what_stays_in_memory_is_the_same_checkpoint(tmp_path: Path) -> None:
    small = filled()
    assert small.kept_on_disk(tmp_path) is small


def test_on_disk_every_bit_and_every_form_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    monkeypatch.setattr(on_disk, "SPARE", 0)
    monkeypatch.setattr(on_disk, "_is_local", lambda folder: True)
    before = replace(filled(), counters=(np.zeros((0, 2)), np.eye(3)[:2]))
    after = before.kept_on_disk(tmp_path)
    assert after.to_bytes() == before.to_bytes()
    assert after.slots[0].shape == ()
    if sys.platform == "linux":
        assert not np.shares_memory(after.weights[0], before.weights[0])


def test_without_what_training_needs_a_network_still_predicts_and_shows_its_history() -> None:
    left = filled().without_training_state()
    assert (left.slots, left.counters, left.aside, left.film) == ((), (), (), ())
    assert left.weights[0][0, 0] == filled().weights[0][0, 0]
    assert left.history["loss"] == filled().history["loss"]


def test_bytes_give_back_every_bit() -> None:
    before = filled()
    after = Checkpoint.from_bytes(before.to_bytes())
    for group in ("weights", "slots", "counters"):
        pairs = zip(getattr(before, group), getattr(after, group), strict=True)
        assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs)
    for name in (
        "experiment",
        "fingerprint",
        "epoch",
        "step",
        "totals",
        "validation_totals",
        "trace",
        "seconds",
        "edits",
    ):
        assert getattr(after, name) == getattr(before, name)
    assert after.best_epoch == before.best_epoch == 1
    assert after.aside[0].tolist() == [1, 2]
    assert after.history["loss"] == before.history["loss"]
    assert np.isnan(after.history["val_loss"])


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_truncated_bytes_are_refused_in_a_sentence(cut: int) -> None:
    with pytest.raises(CheckpointError, match="must be the bytes of a checkpoint"):
        Checkpoint.from_bytes(filled().to_bytes()[:cut])


def test_pickles_are_refused() -> None:
    import io

    buffer = io.BytesIO()
    np.savez(buffer, meta=np.array({"a": 1}, dtype=object))
    with pytest.raises(CheckpointError):
        Checkpoint.from_bytes(buffer.getvalue())


def test_more_epochs_take_up_the_same_run() -> None:
    longer = EXPERIMENT.updated({"fit.epochs": 13})
    assert filled().extended(longer).experiment == longer


def test_another_experiment_does_not_take_up_the_run() -> None:
    other = EXPERIMENT.updated({"fit.batch_size": 64})
    with pytest.raises(ValueError, match=r"fit\.batch_size=64 instead of 128"):
        filled().extended(other)


def test_a_run_is_finished_after_its_last_epoch() -> None:
    assert not filled().finished
    assert Checkpoint(EXPERIMENT, "data", epoch=3).finished


def test_updates_are_counted_by_the_optimizer() -> None:
    assert filled().updates == 7
    assert Checkpoint(EXPERIMENT, "data").updates == 0


def test_another_learning_rate_makes_a_branch() -> None:
    branch = filled().with_learning_rate(0.5)
    assert branch.slots[1] == np.float32(0.5)
    assert branch.edits[-1] == (7, "fit.learning_rate", 0.5)
    assert filled().slots[1] == np.float32(0.001)


def test_a_learning_rate_out_of_bounds_makes_no_branch() -> None:
    with pytest.raises(ValueError, match=r"fit\.learning_rate must be a number from"):
        filled().with_learning_rate(-1.0)


# Weights set by hand

SMALL = Experiment(
    DataConfig("rounding", 10),
    ModelConfig((2,)),
    FitConfig("sgd", loss="sparse_categorical_crossentropy", epochs=3),
)


def arrays(*numbers: object) -> tuple[np.ndarray, ...]:
    return tuple(np.array(array, np.float32) for array in numbers)


WEIGHTS = arrays([[1, 2]], [0, 0], [[1, -1], [2, -2]], [0.5, 0])


def begun() -> Checkpoint:
    slots = (np.array(4), np.array(0.01, np.float32))
    return Checkpoint(SMALL, "data", WEIGHTS, slots, epoch=1)


def test_weights_set_by_hand_make_a_branch_with_a_line_for_each_that_differs() -> None:
    branch = begun().with_weights(arrays([[1, 3]], [0, 0], [[1, -1], [2, 7]], [0.5, 0]))
    assert branch.edits == ((4, "weights[0][0, 1]", 3.0), (4, "weights[2][1, 1]", 7.0))
    assert branch.weights[0].tolist() == [[1, 3]]
    assert (branch.epoch, branch.updates, branch.slots) == (1, 4, begun().slots)


def test_before_the_first_update_all_weights_count_as_set() -> None:
    branch = Checkpoint(SMALL, "data").with_weights(WEIGHTS)
    assert len(branch.edits) == 2 + 2 + 4 + 2
    assert branch.edits[0] == (0, "weights[0][0, 0]", 1.0)


def test_the_same_weights_make_no_branch() -> None:
    run = begun()
    assert run.with_weights([np.array(array) for array in WEIGHTS]) is run


def test_a_branch_keeps_its_weights_when_the_callers_change() -> None:
    mine = [np.array(array) for array in WEIGHTS]
    mine[1][0] = 5
    branch = begun().with_weights(mine)
    mine[1][0] = 6
    assert branch.weights[1].tolist() == [5, 0]
    assert begun().weights[1].tolist() == [0, 0]


def test_a_run_that_failed_goes_on_with_other_weights() -> None:
    failed = replace(begun(), failure="The loss was no longer finite.")
    assert failed.finished
    assert not failed.with_weights(arrays([[1, 1]], *WEIGHTS[1:])).finished


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (WEIGHTS[:2], r"weights must have the shapes .* Received: \(1, 2\), \(2,\)$"),
        (arrays([[1, 2, 3]], *WEIGHTS[1:]), r"Received: \(1, 3\)"),
        ((WEIGHTS[0].astype(float), *WEIGHTS[1:]), r"Received: weights\[0\] with float64"),
        (arrays([[1, np.nan]], *WEIGHTS[1:]), r"weights\[0\] with a number that is not finite"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights: tuple[np.ndarray, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        begun().with_weights(weights)


def test_a_branch_goes_through_bytes() -> None:
    branch = begun().with_weights(arrays([[1, 3]], *WEIGHTS[1:]))
    assert Checkpoint.from_bytes(branch.to_bytes()).edits == branch.edits


# Early stopping

PATIENT = SMALL.updated({"fit.patience": 2, "fit.epochs": 10})
LAST = arrays([[9, 9]], [0, 0], [[1, -1], [2, -2]], [0.5, 0])


def stopped() -> Checkpoint:
    """Its loss was lowest in the second of four epochs."""
    losses = {"val_loss": (0.5, 0.3, 0.4, 0.6)}
    slots = (np.array(4), np.array(0.01, np.float32))
    return Checkpoint(
        PATIENT, "data", WEIGHTS, slots, epoch=4, history=losses, best_epoch=2, aside=LAST
    )


def test_a_run_out_of_patience_is_finished_and_says_which_weights_it_kept() -> None:
    assert (stopped().finished, stopped().stopped_early, stopped().kept_epoch) == (True, True, 2)
    assert stopped().kept_history == {"val_loss": (0.5, 0.3)}


def test_while_there_is_patience_left_it_is_not() -> None:
    run = replace(stopped(), epoch=3)
    assert (run.finished, run.stopped_early, run.kept_epoch) == (False, False, 3)


def test_after_all_its_epochs_a_run_keeps_the_best_weights_but_was_not_stopped() -> None:
    done = replace(stopped(), experiment=PATIENT.updated({"fit.epochs": 4}))
    assert (done.finished, done.stopped_early, done.kept_epoch) == (True, False, 2)


def test_more_epochs_go_on_from_the_last_weights() -> None:
    done = replace(stopped(), experiment=PATIENT.updated({"fit.epochs": 3}), epoch=3)
    longer = done.extended(PATIENT)
    assert (longer.weights, longer.aside) == (LAST, WEIGHTS)
    assert longer.extended(PATIENT).weights == LAST  # once


def test_weights_set_by_hand_are_validated_from_the_start() -> None:
    before = replace(filled(), weights=(np.zeros((784, 10), np.float32), np.zeros(10, np.float32)))
    changed = [np.ones_like(array) for array in before.weights]
    assert before.with_learning_rate(0.1).validation_totals == before.validation_totals != ()
    assert before.with_weights(changed).validation_totals == ()


def test_weights_set_by_hand_begin_the_watch_anew() -> None:
    branch = stopped().with_weights(LAST)
    assert (branch.finished, branch.best_epoch, branch.aside) == (False, 0, ())


def test_a_checkpoint_of_before_there_was_early_stopping_is_read() -> None:
    import io
    import json

    with np.load(io.BytesIO(filled().to_bytes())) as stored:
        old = {name: stored[name] for name in stored.files if not name.startswith("aside")}
    meta = json.loads(str(old["meta"]))
    del (
        meta["best_epoch"],
        meta["validation_totals"],
        meta["settings"]["fit.patience"],
        meta["settings"]["fit.schedule"],
    )
    buffer = io.BytesIO()
    np.savez(buffer, **(old | {"meta": np.array(json.dumps(meta))}))
    found = Checkpoint.from_bytes(buffer.getvalue())
    assert (found.experiment, found.best_epoch, found.aside) == (EXPERIMENT, 0, ())
