"""How long runs will take, worked out by hand from what was timed."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.runtime.timing import (
    MAX_TRIES,
    SPREAD,
    VALID_FOR,
    ShapeKey,
    ShapeTiming,
    TimingTable,
    estimate,
    modelled_update,
    probes,
)

DATA = DataConfig("rounding", 100)
DATASET = load(DATA)


def make(units: int = 8, batch: int = 10, epochs: int = 5, rate: float = 0.001) -> Experiment:
    fit = FitConfig(epochs=epochs, batch_size=batch, learning_rate=rate)
    return Experiment(DATA, ModelConfig((units,)), fit)


def shape(experiment: Experiment) -> Any:
    return ShapeKey.of(experiment, DATASET.fingerprint)


def test_a_timed_shape_uses_its_own_timing() -> None:
    known = {shape(make()): ShapeTiming(compiling=1.0, starting=0.1, update=0.01)}
    runs = [make(rate=0.1), make(rate=0.2)]  # 50 updates each: 0.6 s, twice, and compiled twice
    found = estimate(runs, DATASET, known, slots=2)
    assert found is not None
    assert found.low == pytest.approx((2 * 0.6 + 2) * (1 - SPREAD) / 2)
    assert found.high == pytest.approx((2 * 0.6 + 2) * (1 + SPREAD) / 2)
    assert (found.timed, found.shapes) == (1, 1)


def test_another_shape_is_scaled_from_the_most_similar_one() -> None:
    known = {shape(make(8)): ShapeTiming(0.0, 0.0, 0.001)}
    found = estimate([make(512)], DATASET, known, slots=1)
    assert found is not None
    each = 0.001 * modelled_update(make(512)) / modelled_update(make(8))
    assert found.low == pytest.approx(50 * each * (1 - SPREAD))


def test_shapes_that_disagree_widen_the_estimate() -> None:
    known = {
        shape(make(8)): ShapeTiming(0.0, 0.0, modelled_update(make(8))),
        shape(make(512)): ShapeTiming(0.0, 0.0, 3 * modelled_update(make(512))),
    }
    found = estimate([make(64)], DATASET, known, slots=1)
    assert found is not None
    assert found.high / found.low == pytest.approx(3 * (1 + SPREAD) / (1 - SPREAD))


def test_validation_adds_its_time_to_each_epoch() -> None:
    held = make().updated({"fit.validation": "last"})  # 90 of 100 samples: 9 updates an epoch
    found = estimate([held], DATASET, {shape(held): ShapeTiming(0.0, 0.0, 0.0, 0.5)}, slots=1)
    assert found is not None
    assert found.low == pytest.approx(5 * 0.5 * (1 - SPREAD))


def test_two_slots_do_not_speed_up_one_run_and_others_take_turns() -> None:
    known = {shape(make()): ShapeTiming(0.0, 0.0, 0.01)}
    alone, beside = (estimate([make()], DATASET, known, 2, others) for others in (0, 3))
    assert alone is not None
    assert beside is not None
    assert alone.low == pytest.approx(0.5 * (1 - SPREAD))
    assert (beside.low, beside.high) == (alone.low, pytest.approx(4 * alone.high))


def test_without_a_timing_there_is_no_estimate() -> None:
    assert estimate([make()], DATASET, {}, slots=2) is None


def test_the_quickest_and_the_slowest_shape_are_probed() -> None:
    runs = [make(units, rate=rate) for units in (4, 64, 512) for rate in (0.1, 0.2)]
    assert {one.model.units for one in probes(runs, DATASET)} == {(4,), (512,)}


def test_a_shape_is_timed_once_until_the_timing_is_too_old() -> None:
    clock = [0.0]
    timings, asked = TimingTable(lambda: clock[0]), list[Future[Any]]()

    def ask(*_: Any) -> Future[Any]:
        asked.append(Future())
        return asked[-1]

    runs = [make(rate=0.1), make(rate=0.2)]
    assert timings.measure(runs, DATASET, ask)
    assert timings.measure(runs, DATASET, ask)
    assert len(asked) == 1
    asked[0].set_result((1.0, 0.1, 0.01, 0.0))
    assert not timings.measure(runs, DATASET, ask)
    assert timings.recent() == {shape(runs[0]): ShapeTiming(1.0, 0.1, 0.01, 0.0)}
    clock[0] = VALID_FOR + 1
    assert timings.measure(runs, DATASET, ask)
    assert len(asked) == 2


def test_a_shape_that_ends_its_worker_is_not_timed_for_ever() -> None:
    timings, asked = TimingTable(), list[Future[Any]]()

    def ask(*_: Any) -> Future[Any]:
        asked.append(Future())
        asked[-1].set_exception(ConnectionError())
        return asked[-1]

    for _ in range(10):
        assert not timings.measure([make()], DATASET, ask)
    assert len(asked) == MAX_TRIES


def test_a_finished_run_corrects_the_timing_of_its_shape() -> None:
    timings = TimingTable()
    timings.correct(shape(make()), 0.5)  # never timed: its compiling is not known
    assert timings.recent() == {}
    timings.add(shape(make()), ShapeTiming(1.0, 0.1, 0.01))
    timings.correct(shape(make()), 0.5)
    assert timings.recent()[shape(make())] == ShapeTiming(1.0, 0.1, 0.5)
