"""The scheduling policy on plain records: no thread, no executor, no clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.experiment import Experiment, FitConfig
from nncore.runtime import scheduling
from nncore.runtime.job_table import JobTable
from nncore.runtime.jobs import Job, State

EPOCHS = 4


def job(number: int = 1, session: str = "ann", **changes: Any) -> Job:
    start = Checkpoint(Experiment(fit=FitConfig(seed=number, epochs=EPOCHS)), "data")
    return replace(Job(number, session, start), **changes)


def advanced(one: Job, epochs: int = 1, **changes: Any) -> Checkpoint:
    return replace(one.checkpoint, epoch=one.checkpoint.epoch + epochs, **changes)


def begun(one: Job) -> Job:
    """The job after its first slice."""
    return scheduling.landed(scheduling.launched(one, 0.0, crowded=False)[0], advanced(one))


def table_of(*jobs: Job) -> JobTable:
    table = JobTable()
    for one in jobs:
        table.put(one)
    return table


def turns(table: JobTable, count: int, now: float = 0.0) -> list[int]:
    """The numbers of the jobs whose turn it is, one after the other, as if slices took no time."""
    order = []
    for _ in range(count):
        found = scheduling.next_job(table, now, 0)
        assert found is not None
        order.append(found.number)
        table.rotate(found)
    return order


# Requests


def test_a_request_takes_effect_at_once_if_no_slice_is_under_way() -> None:
    assert scheduling.requested(job(), State.PAUSED).state is State.PAUSED


def test_a_request_waits_for_the_slice_under_way() -> None:
    flying, _ = scheduling.launched(job(), 0.0, crowded=False)
    paused = scheduling.requested(flying, State.PAUSED)
    assert (flying.state, paused.state) == (State.RUNNING, State.RUNNING)
    assert scheduling.landed(paused, advanced(paused)).state is State.PAUSED


def test_nothing_revives_a_run_that_is_over() -> None:
    over = scheduling.ended(job(), State.STOPPED)
    assert scheduling.requested(over, State.QUEUED) is over
    assert scheduling.step_requested(over, Budget(batches=1)) is over


def test_a_step_pauses_afterwards() -> None:
    waiting = scheduling.step_requested(job(), Budget(batches=1))
    assert waiting.stepping
    flying, budget = scheduling.launched(waiting, 0.0, crowded=False)
    assert budget == Budget(seconds=scheduling.STEP_SLICE, batches=1)
    assert flying.stepping
    done = scheduling.landed(flying, replace(flying.checkpoint, step=1, slots=(np.array(1),)))
    assert (done.state, done.stepping) == (State.PAUSED, False)


def test_a_step_goes_on_until_its_epoch_is_validated() -> None:
    asked = scheduling.step_requested(job(), Budget(batches=1))
    flying, _ = scheduling.launched(asked, 0.0, crowded=False)
    after = replace(flying.checkpoint, slots=(np.array(1),), validation_totals=(740.0, 1.0, 0.5))
    one = scheduling.landed(flying, after)
    assert (one.step, one.state) == (Budget(batches=0), State.RUNNING)
    flying, _ = scheduling.launched(one, 0.0, crowded=False)
    done = scheduling.landed(flying, replace(after, validation_totals=(), epoch=1))
    assert (done.step, done.state) == (None, State.PAUSED)


def test_a_long_step_is_done_in_slices_until_it_is_complete() -> None:
    one = scheduling.step_requested(job(), Budget(epochs=2))
    for epochs, rest in ((0, 2), (1, 1), (0, 1)):
        flying, budget = scheduling.launched(one, 0.0, crowded=False)
        assert budget.seconds == scheduling.STEP_SLICE
        one = scheduling.landed(flying, advanced(flying, epochs))
        assert (one.step, one.state) == (Budget(epochs=rest), State.RUNNING)
    flying, _ = scheduling.launched(one, 0.0, crowded=False)
    done = scheduling.landed(flying, advanced(flying))
    assert (done.step, done.state) == (None, State.PAUSED)


def test_a_step_of_batches_counts_what_is_left() -> None:
    asked = scheduling.step_requested(job(), Budget(batches=100))
    flying, _ = scheduling.launched(asked, 0.0, crowded=False)
    one = scheduling.landed(flying, replace(flying.checkpoint, slots=(np.array(30),)))
    assert one.step == Budget(batches=70)


@pytest.mark.parametrize("state", [State.PAUSED, State.STOPPED])
def test_a_long_step_ends_with_the_slice_under_way_when_it_is_stopped(state: State) -> None:
    asked = scheduling.step_requested(job(), Budget(epochs=2))
    flying, _ = scheduling.launched(asked, 0.0, crowded=False)
    done = scheduling.landed(scheduling.requested(flying, state), advanced(flying, 0))
    assert (done.step, done.state) == (None, state)


def test_no_slice_is_longer_than_half_a_second() -> None:
    lengths = (
        scheduling.FIRST_SLICE,
        scheduling.WATCHED_SLICE,
        scheduling.UNWATCHED_SLICE,
        scheduling.LINE_SLICE,
        scheduling.STEP_SLICE,
    )
    assert max(lengths) < 0.5


#: Jobs of every kind, with their first slice still to come.
KINDS: dict[str, dict[str, Any]] = {
    "watched": {"watched_at": 10.0},
    "unwatched": {},
    "in line": {"in_line": True},
    "slow": {"rate": 1.0},
    "fast": {"rate": 1e6},
    "lost": {"losses": 1},
    "step": {"step": Budget(epochs=1)},
    "many batches": {"step": Budget(batches=10_000)},
}


@pytest.mark.parametrize("crowded", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_slice_has_a_limit_and_none_is_planned_for_half_a_second(
    kind: str, crowded: bool
) -> None:
    for one in (job(**KINDS[kind]), replace(begun(job()), **KINDS[kind])):
        _, budget = scheduling.launched(one, 10.0, crowded)
        assert budget.seconds is not None
        assert 0 < budget.seconds < 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_stopped_sends_no_slice_after_the_one_under_way(kind: str) -> None:
    flying, _ = scheduling.launched(job(**KINDS[kind]), 10.0, crowded=False)
    stopping = scheduling.requested(flying, State.STOPPED)
    for after in (
        scheduling.landed(stopping, advanced(stopping, 0)),
        scheduling.lost(stopping, 11.0),
    ):
        assert after.state is State.STOPPED
        assert not after.wants_slice


def test_a_learning_rate_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        scheduling.with_learning_rate(job(), -1.0)


def test_a_learning_rate_changes_a_waiting_run_at_once() -> None:
    slots = (np.array(3), np.array(0.001, np.float32))
    waiting = job(checkpoint=replace(job().checkpoint, slots=slots))
    assert scheduling.with_learning_rate(waiting, 0.25).checkpoint.slots[1] == np.float32(0.25)


# Turns


def test_sessions_take_turns_whatever_number_of_jobs_each_has() -> None:
    table = table_of(*(job(n, "sweep") for n in range(1, 9)), job(100, "click"))
    assert turns(table, 6) == [1, 100, 2, 100, 3, 100]


def test_jobs_in_line_keep_their_order() -> None:
    table = table_of(*(job(n, "ann/sweep", in_line=True) for n in (1, 2, 3)))
    assert turns(table, 3) == [1, 1, 1]


def test_background_work_shares_the_turns_of_its_session() -> None:
    table = table_of(job(1, "ann/sweep", in_line=True), job(2, "ann"), job(3, "ben"))
    order = turns(table, 8)
    assert [order.count(number) for number in (1, 2, 3)] == [2, 2, 4]


def test_a_job_that_is_not_due_is_passed_over_and_says_when_it_is() -> None:
    table = table_of(job(1, due=5.0), job(2, "ben", due=7.0))
    assert scheduling.next_job(table, 4.0, 0) is None
    assert scheduling.seconds_until_due(table, 4.0) == 1.0
    assert turns(table, 1, now=6.0) == [1]


def test_nothing_is_awaited_without_a_delayed_job() -> None:
    assert scheduling.seconds_until_due(table_of(job()), 0.0) is None


def test_a_job_that_was_lost_waits_until_it_can_run_alone() -> None:
    table = table_of(job(1, losses=1), job(2, "ben"))
    assert scheduling.next_job(table, 0.0, in_flight=1) is None
    assert turns(table, 1) == [1]


# The length of a slice


def test_a_slice_is_short_at_first_and_while_somebody_looks() -> None:
    running = begun(job(watched_at=100.0))
    found = [scheduling.launched(one, 101.0, False)[1].seconds for one in (job(), running)]
    unwatched = scheduling.launched(running, 100.0 + scheduling.WATCHED_FOR, False)[1].seconds
    assert [*found, unwatched] == [
        scheduling.FIRST_SLICE,
        scheduling.WATCHED_SLICE,
        scheduling.UNWATCHED_SLICE,
    ]


def test_a_job_in_line_takes_longer_slices_while_it_is_alone() -> None:
    running = begun(job(in_line=True))
    lengths = [scheduling.launched(running, 0.0, crowded)[1].seconds for crowded in (False, True)]
    assert lengths == [scheduling.LINE_SLICE, scheduling.WATCHED_SLICE]


def test_slow_motion_counts_batches_and_sets_the_next_due_time() -> None:
    flying, budget = scheduling.launched(job(rate=80.0), 10.0, crowded=False)
    assert budget.batches == 10
    assert flying.due == pytest.approx(10.125)


def test_slow_motion_catches_up_only_a_little_after_a_delay() -> None:
    late, _ = scheduling.launched(job(rate=80.0, due=1.0), 10.0, crowded=False)
    assert late.due == pytest.approx(10.0 - scheduling.CATCH_UP + 0.125)


# Results


def test_a_finished_checkpoint_finishes_the_run() -> None:
    done = scheduling.landed(job(), advanced(job(), EPOCHS))
    assert done.state is State.FINISHED


def test_a_failure_becomes_the_note() -> None:
    done = scheduling.landed(job(), advanced(job(), failure="The loss became NaN."))
    assert (done.state, done.note) == (State.FAILED, "The loss became NaN.")


def test_a_lost_step_is_sent_again_later() -> None:
    step = Budget(batches=1)
    flying, _ = scheduling.launched(scheduling.step_requested(job(), step), 0.0, False)
    again = scheduling.lost(flying, 10.0)
    assert (again.step, again.losses, again.state) == (step, 1, State.PAUSED)
    assert again.due == pytest.approx(10.0 + scheduling.LOSS_DELAY)


def test_a_run_that_was_stopped_is_not_sent_again() -> None:
    flying, _ = scheduling.launched(job(), 0.0, False)
    lost = scheduling.lost(scheduling.requested(flying, State.STOPPED), 0.0)
    assert lost.state is State.STOPPED


def test_a_run_is_given_up_after_some_losses_in_a_row() -> None:
    one = job()
    for _ in range(scheduling.MAX_LOSSES):
        one = scheduling.lost(scheduling.launched(one, 0.0, False)[0], 0.0)
    assert one.state is State.FAILED
    assert "fewer units" in one.note


def test_a_run_that_took_all_memory_is_ended_at_once() -> None:
    flying, _ = scheduling.launched(job(), 0.0, crowded=False)
    ended = scheduling.lost(flying, 0.0, ran_out=True)
    assert (ended.state, ended.note) == (State.FAILED, scheduling.RAN_OUT)
    assert not ended.wants_slice


def test_a_slice_that_returns_resets_the_losses() -> None:
    one = scheduling.lost(scheduling.launched(job(), 0.0, False)[0], 0.0)
    assert scheduling.landed(one, advanced(one)).losses == 0


def test_the_pace_leaves_out_the_first_slice() -> None:
    first = scheduling.landed(job(), advanced(job(), slots=(np.int64(10),), seconds=5.0))
    assert first.pace is None
    second = scheduling.landed(first, advanced(first, slots=(np.int64(30),), seconds=6.0))
    assert second.pace == pytest.approx(1.0 / 20)


def test_an_update_that_would_hold_up_others_is_refused() -> None:
    """784-1024-1024-1024-10 has 2,913,290 weights: 1,716 samples make 5 billion products."""
    wide = Experiment().updated({"model.units": (1024, 1024, 1024)})
    assert scheduling.refuse(Experiment().updated({"fit.batch_size": 8192})) == ""
    assert scheduling.refuse(wide.updated({"fit.batch_size": 1716})) == ""
    assert "smaller batch size" in scheduling.refuse(wide.updated({"fit.batch_size": 1717}))
