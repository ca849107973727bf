"""How long a slice is, by a pretended clock on which each gradient update takes a known time.

The largest network at batch 1 takes 97 s an epoch: no slice of it may be longer than half a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime import scheduling
from nncore.training import compiled_model, engine
from nncore.training.compiled_model import CompiledModel

#: 60,000 updates an epoch in 97 s.
PACE = 97 / 60_000
LARGE = Experiment(
    DataConfig("rounding", 60_000),  # the pace is pretended, so the inputs need not be images
    ModelConfig((1024, 1024, 1024)),
    FitConfig(batch_size=1, epochs=1000),
)
LENGTHS = sorted(
    {
        scheduling.FIRST_SLICE,
        scheduling.WATCHED_SLICE,
        scheduling.UNWATCHED_SLICE,
        scheduling.LINE_SLICE,
        scheduling.STEP_SLICE,
    }
)


@dataclass
class Clock:
    """A clock that only the pretended training moves."""

    seconds: float = 0.0

    def perf_counter(self) -> float:
        return self.seconds


@dataclass
class Pretended(CompiledModel):
    """A compiled network that trains nothing, and takes its time by the pretended clock."""

    clock: Clock
    pace: float
    chunk_steps: int = 512
    columns: tuple[str, ...] = ("samples", "loss", "accuracy")
    chunks: list[int] = field(default_factory=list)
    updates: int = 0

    def __post_init__(self) -> None:
        self._seconds_per_step: float | None = None

    def set_state(self, experiment: Experiment, checkpoint: Checkpoint) -> None:
        self.updates = checkpoint.updates

    def train_chunk(self, tensors: Any, rows: Any, mask: Any, rates: Any = None) -> Any:
        steps = int(mask[:, 0].sum())
        self.clock.seconds += steps * self.pace
        self._seconds_per_step = self.pace
        self.chunks.append(steps)
        self.updates += steps
        return np.ones((self.chunk_steps, 3), np.float32)

    def copy_weights(self) -> Any:
        return ()

    def copy_state(self) -> Any:
        return (), (np.array(self.updates), np.array(0.001, np.float32)), ()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    pretended = Clock()
    monkeypatch.setattr(engine, "time", pretended)
    monkeypatch.setattr(engine, "device_data", lambda dataset, experiment: ())
    return pretended


def lend(monkeypatch: pytest.MonkeyPatch, model: Pretended) -> None:
    """Let the engine train with this network."""

    class Pool:
        @contextmanager
        def borrow(self, experiment: Experiment) -> Iterator[Pretended]:
            yield model

    monkeypatch.setattr(engine, "shared_pool", Pool)


def begin() -> Checkpoint:
    return Checkpoint(LARGE, datasets.load(LARGE.data).fingerprint)


@pytest.mark.parametrize("seconds", LENGTHS)
def test_no_slice_of_the_largest_network_at_batch_1_is_longer_than_planned(
    seconds: float, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Pretended(clock, PACE)
    lend(monkeypatch, model)
    checkpoint = begin()
    for _ in range(5):
        started = clock.seconds
        checkpoint = engine.advance(LARGE, checkpoint, Budget(seconds=seconds))
        assert 0 < clock.seconds - started < 0.5
    assert sum(model.chunks) == checkpoint.updates > 5


@pytest.mark.parametrize("seconds", LENGTHS)
def test_one_epoch_is_cut_by_the_same_limit(
    seconds: float, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend(monkeypatch, Pretended(clock, PACE))
    after = engine.advance(LARGE, begin(), Budget(epochs=1, seconds=seconds))
    assert clock.seconds < 0.5
    assert (after.epoch, after.step > 0) == (0, True)


def test_the_first_chunk_of_an_unknown_shape_is_one_batch(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Pretended(clock, 3.0)  # seconds an update: longer than any slice
    lend(monkeypatch, slow)
    engine.advance(LARGE, begin(), Budget(seconds=scheduling.FIRST_SLICE))
    assert slow.chunks == [1]


@pytest.mark.parametrize("pace", [1e-6, 1e-4, PACE, 0.02, 0.3])
@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_chunk_fits_into_the_time_that_is_left_or_is_a_single_batch(
    seconds: float, pace: float, clock: Clock
) -> None:
    model = Pretended(clock, pace)
    model._seconds_per_step = pace
    steps = model.steps_within(seconds)
    assert steps == 1 or steps * pace <= max(seconds, compiled_model.SHORTEST_CHUNK) + 1e-9
