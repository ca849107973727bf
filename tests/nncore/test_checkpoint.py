"""Checkpoints as bytes, and how one goes on to more epochs."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint, CheckpointError
from nncore.experiment import Experiment, FitConfig, ModelConfig

EXPERIMENT = Experiment(model=ModelConfig(()), fit=FitConfig(epochs=3))


def filled() -> Checkpoint:
    rng = np.random.default_rng(0)
    return Checkpoint(
        EXPERIMENT,
        "data",
        weights=(rng.random((784, 10), np.float32), rng.random(10, np.float32)),
        slots=(np.int64(7), np.float32(0.001), rng.random(3, np.float32)),
        counters=(np.array([5, 1]),),
        epoch=1,
        step=2,
        totals=(256.0, 0.1 + 0.2, 3.0),
        history={"loss": (1 / 3,), "val_loss": (float("nan"),)},
        trace=((0.5, 1.25, 0.75),),
        seconds=0.125,
        edits=((3, "fit.learning_rate", 0.01),),
    )


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
        "trace",
        "seconds",
        "edits",
    ):
        assert getattr(after, name) == getattr(before, name)
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
