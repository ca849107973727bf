"""The runner against an executor whose slices the test lands by hand: order, pace, losses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.experiment import Experiment, FitConfig
from nncore.runtime.jobs import State
from nncore.runtime.runner import Run, Runner
from nncore.runtime.scheduling import MAX_LOSSES

BATCHES = 10  # in an epoch of these tests


class WorkerGone(Exception):
    pass


class Hand(Executor):
    """Holds what is submitted until the test lands it."""

    def __init__(self) -> None:
        self.flying: list[tuple[Future[Any], tuple[Experiment, Checkpoint, Budget]]] = []
        self.arrived = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self.arrived:
            self.flying.append((future, args))
            self.arrived.notify_all()
        return future

    def wait_for(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.flying) >= count, 5), len(self.flying)

    def seed(self) -> int:
        """The seed of the run whose slice has waited longest."""
        self.wait_for(1)
        return self.flying[0][1][0].fit.seed

    def budget(self) -> Budget:
        self.wait_for(1)
        return self.flying[0][1][2]

    def land(self, error: BaseException | None = None) -> None:
        """The slice that has waited longest comes back, an epoch or the batches asked for on."""
        self.wait_for(1)
        future, (experiment, before, budget) = self.flying.pop(0)
        if error is not None:
            future.set_exception(error)
            return
        done = before.epoch * BATCHES + before.step + (budget.batches or BATCHES)
        after = replace(before, experiment=experiment, epoch=done // BATCHES, step=done % BATCHES)
        future.set_result(after)

    def turns(self, count: int) -> list[int]:
        """The seeds of the slices that come back next, each of which another one follows."""
        order = []
        for _ in range(count):
            order.append(self.seed())
            self.land()
            self.wait_for(1)
        return order


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def runner(hand: Hand) -> Iterator[Runner]:
    made = Runner(hand, 1, lambda error: isinstance(error, WorkerGone))
    yield made
    made.close()


def start(seed: int = 0, epochs: int = 3) -> Checkpoint:
    return Checkpoint(Experiment(fit=FitConfig(seed=seed, epochs=epochs)), "data")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def is_in(run: Run, state: State) -> Callable[[], bool]:
    return lambda: run.peek().state is state


def test_a_run_goes_on_slice_by_slice_until_it_is_finished(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    for _ in range(3):
        hand.land()
    until(is_in(run, State.FINISHED))
    assert run.peek().checkpoint.epoch == 3
    assert not hand.flying


def test_who_waits_for_the_first_slice_is_let_go_when_it_is_back(
    runner: Runner, hand: Hand
) -> None:
    run = runner.submit("ann", start())
    waiting = threading.Thread(target=run.wait_for_first, args=(60,), daemon=True)
    waiting.start()
    hand.wait_for(1)
    assert waiting.is_alive()
    hand.land()
    waiting.join(5)
    assert not waiting.is_alive()


def test_nobody_waits_for_the_first_slice_of_a_paused_run(runner: Runner) -> None:
    run = runner.submit("ann", start(), paused=True)
    waiting = threading.Thread(target=run.wait_for_first, args=(60,), daemon=True)
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_paused_run_waits_and_goes_on(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    hand.wait_for(1)
    run.pause()
    hand.land()
    until(is_in(run, State.PAUSED))
    time.sleep(0.05)
    assert not hand.flying
    run.resume()
    hand.land()
    hand.land()
    until(is_in(run, State.FINISHED))


def test_a_stopped_run_keeps_what_it_has_learnt(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    hand.land()
    hand.wait_for(1)
    run.stop()
    hand.land()
    until(is_in(run, State.STOPPED))
    assert run.peek().checkpoint.epoch == 2
    run.resume()
    assert run.peek().state is State.STOPPED


def test_a_paused_run_can_be_stopped(runner: Runner) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.stop()
    assert run.peek().state is State.STOPPED
    assert runner.active() == 0


def test_a_step_makes_one_batch_and_holds_again(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.step(batches=1)
    assert hand.budget() == Budget(batches=1)
    hand.land()
    until(is_in(run, State.PAUSED))
    assert run.peek().checkpoint.step == 1
    assert not run.peek().stepping


def test_a_step_asked_for_during_a_slice_comes_after_it(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    hand.wait_for(1)
    run.step(batches=1)
    hand.land()
    assert hand.budget() == Budget(batches=1)
    hand.land()
    until(is_in(run, State.PAUSED))
    assert (run.peek().checkpoint.epoch, run.peek().checkpoint.step) == (1, 1)


def test_slow_motion_counts_batches_out(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start(), rate=80.0)
    assert hand.budget().batches == 10  # an eighth of a second's
    before = time.monotonic()
    hand.land()
    hand.wait_for(1)
    assert time.monotonic() - before > 0.05
    run.set_rate(None)
    hand.land()
    assert hand.budget().batches is None


def test_sessions_take_turns_whatever_number_of_runs_each_has(runner: Runner, hand: Hand) -> None:
    """A sweep of many runs does not starve one click: every second slice is the click's."""
    runner.submit("sweep", start(seed=100))
    hand.wait_for(1)
    for seed in range(101, 120):
        runner.submit("sweep", start(seed=seed))
    runner.submit("click", start(seed=1))
    order = hand.turns(6)
    assert [seed == 1 for seed in order[1:]] == [False, True, False, True, False]


def test_runs_of_one_session_take_turns(runner: Runner, hand: Hand) -> None:
    for seed in (1, 2, 3):
        runner.submit("ann", start(seed, epochs=9))
    order = hand.turns(6)
    assert sorted(order[:3]) == sorted(order[3:]) == [1, 2, 3]


def test_no_more_slices_fly_than_there_are_slots(hand: Hand) -> None:
    runner = Runner(hand, 2)
    for seed in range(5):
        runner.submit(f"session {seed}", start(seed))
    hand.wait_for(2)
    time.sleep(0.05)
    assert len(hand.flying) == 2
    runner.close()


def test_the_place_counts_other_active_runs(runner: Runner, hand: Hand) -> None:
    first = runner.submit("ann", start(1))
    runner.submit("ben", start(2))
    held = runner.submit("cat", start(3), paused=True)
    assert first.progress().place == 1
    assert held.progress().place == 2


def test_a_lost_slice_is_run_again(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    hand.land()
    hand.land(WorkerGone())
    hand.land()
    hand.land()
    until(is_in(run, State.FINISHED))
    assert run.peek().checkpoint.epoch == 3


def test_a_lost_step_is_run_again_as_a_step(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.step(batches=1)
    hand.land(WorkerGone())
    assert hand.budget() == Budget(batches=1)
    hand.land()
    until(is_in(run, State.PAUSED))
    assert run.peek().checkpoint.step == 1


def test_a_run_that_kills_its_worker_every_time_is_given_up_with_a_sentence(
    runner: Runner, hand: Hand
) -> None:
    run = runner.submit("ann", start())
    for _ in range(MAX_LOSSES):
        hand.land(WorkerGone())
    until(is_in(run, State.FAILED))
    assert run.peek().note.startswith("The worker stopped 3 times during this run")
    assert not hand.flying


def test_a_slice_that_was_lost_before_flies_alone(hand: Hand) -> None:
    runner = Runner(hand, 4, lambda error: isinstance(error, WorkerGone))
    killer = runner.submit("ann", start(1))
    innocent = runner.submit("ben", start(2, epochs=900))
    hand.wait_for(2)
    for _ in range(2):  # a worker that dies takes both along
        hand.land(WorkerGone())
    seen = []
    while killer.peek().state is not State.FAILED:
        seen.append(hand.seed())
        time.sleep(0.01)
        assert len(hand.flying) == 1
        hand.land(WorkerGone() if seen[-1] == 1 else None)
    assert seen.count(1) == MAX_LOSSES - 1
    assert innocent.peek().state.active
    runner.close()


def test_an_error_of_the_slice_ends_its_run_with_its_sentence(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start())
    hand.land(ValueError("The data here are others."))
    until(is_in(run, State.FAILED))
    assert run.peek().note == "The data here are others."


def test_a_session_that_went_away_takes_its_runs_along(runner: Runner, hand: Hand) -> None:
    gone, other = runner.submit("ann", start(1)), runner.submit("ben", start(2, epochs=2))
    hand.wait_for(1)
    runner.release("ann")
    assert gone.peek().state is State.STOPPED
    hand.land()
    hand.land()
    hand.land()
    until(is_in(other, State.FINISHED))
    assert not hand.flying


def test_runs_wait_for_workers_that_are_not_there_yet(hand: Hand) -> None:
    runner = Runner(None, 1)
    run = runner.submit("ann", start(epochs=1))
    with pytest.raises(ConnectionError, match="No worker is ready"):
        runner.ask(len, "x")
    runner.use(hand)
    hand.land()
    until(is_in(run, State.FINISHED))
    runner.close()


def test_finished_runs_are_handed_over_and_stopped_ones_are_not(hand: Hand) -> None:
    kept: list[Checkpoint] = []

    def keep(checkpoint: Checkpoint) -> str:
        kept.append(checkpoint)
        return "Noted."

    runner = Runner(hand, 1, on_finished=keep)
    done = runner.submit("ann", start(1, epochs=1))
    hand.land()
    until(lambda: done.peek().note == "Noted.")
    stopped = runner.submit("ann", start(2))
    hand.wait_for(1)
    stopped.stop()
    hand.land()
    branch = runner.submit("ann", start(3, epochs=1), keep=False)
    hand.land()
    until(is_in(branch, State.FINISHED))
    time.sleep(0.05)
    assert [checkpoint.experiment.fit.seed for checkpoint in kept] == [1]


def test_a_changed_learning_rate_takes_hold_after_the_slice_and_is_not_kept(hand: Hand) -> None:
    kept: list[Checkpoint] = []

    def keep(checkpoint: Checkpoint) -> str:
        kept.append(checkpoint)
        return ""

    runner = Runner(hand, 1, on_finished=keep)
    begun = replace(start(epochs=2), slots=(np.array(0), np.array(0.001, np.float32)))
    run = runner.submit("ann", begun)
    hand.wait_for(1)
    run.set_learning_rate(0.25)
    hand.land()
    hand.wait_for(1)
    assert run.peek().checkpoint.slots[1] == np.float32(0.25)
    hand.land()
    until(is_in(run, State.FINISHED))
    time.sleep(0.05)
    assert not kept
    runner.close()


def test_a_run_that_cannot_be_kept_says_so_and_stays_finished(hand: Hand) -> None:
    def fails(checkpoint: Checkpoint) -> str:
        raise OSError("No space left.")

    runner = Runner(hand, 1, on_finished=fails)
    run = runner.submit("ann", start(epochs=1))
    hand.land()
    until(lambda: run.peek().note == "This run was not saved: No space left.")
    assert run.peek().state is State.FINISHED
    runner.close()


def test_slices_are_short_while_somebody_looks_and_the_first_is_the_shortest(hand: Hand) -> None:
    now = [100.0]
    runner = Runner(hand, 1, clock=lambda: now[0])
    runner.submit("ann", start(epochs=9))
    first = hand.budget().seconds
    hand.land()
    watched = hand.budget().seconds
    now[0] += 60
    hand.land()
    unwatched = hand.budget().seconds
    assert first is not None
    assert watched is not None
    assert unwatched is not None
    assert first < watched < unwatched
    runner.close()


# Work in the background


def test_runs_in_line_keep_their_order_and_no_more_are_begun_than_there_are_slots(
    hand: Hand,
) -> None:
    runner = Runner(hand, 2)
    for seed in range(5):
        runner.submit("ann/sweep", start(seed, epochs=2), in_line=True)
    order = []
    for _ in range(10):
        hand.wait_for(1)
        order.append(hand.seed())
        hand.land()
    assert order == [0, 1, 0, 1, 2, 3, 2, 3, 4, 4]
    runner.close()


def test_a_click_does_not_wait_behind_the_sweep_of_its_own_session(
    runner: Runner, hand: Hand
) -> None:
    for seed in range(100, 300):
        runner.submit("ann/sweep", start(seed, epochs=9), in_line=True)
    hand.wait_for(1)
    runner.submit("ann", start(seed=1, epochs=9))
    order = hand.turns(6)
    assert order[1:] == [100, 1, 100, 1, 100]


def test_a_session_with_a_sweep_has_no_more_turns_than_another(runner: Runner, hand: Hand) -> None:
    runner.submit("ann/sweep", start(seed=100, epochs=99), in_line=True)
    runner.submit("ann", start(seed=1, epochs=99))
    runner.submit("ben", start(seed=2, epochs=99))
    order = hand.turns(9)
    assert [order[1:].count(seed) for seed in (100, 1, 2)] == [2, 2, 4]


def test_a_session_that_went_away_takes_its_sweep_along_and_no_other(
    runner: Runner, hand: Hand
) -> None:
    swept = [runner.submit("ann/sweep", start(seed), in_line=True) for seed in (1, 2)]
    other = runner.submit("anna/sweep", start(3, epochs=1), in_line=True)
    hand.wait_for(1)
    runner.release("ann")
    assert {run.peek().state for run in swept} == {State.STOPPED}
    hand.land()
    hand.land()
    until(is_in(other, State.FINISHED))
    assert not hand.flying


def test_of_a_line_only_what_has_begun_counts_as_training(runner: Runner, hand: Hand) -> None:
    for seed in range(50):
        runner.submit("ann/sweep", start(seed, epochs=9), in_line=True)
    hand.land()
    hand.wait_for(1)
    assert runner.active() == 1
    assert (runner.others("ann"), runner.others("ben")) == (0, 1)


def test_who_asked_is_told_when_a_run_is_over_and_not_when_its_session_is_gone(
    runner: Runner, hand: Hand
) -> None:
    told: list[int] = []

    def note(run: Run) -> None:
        told.append(run.experiment.fit.seed)

    runner.submit("ann", start(1, epochs=1), on_over=note)
    hand.land()
    until(lambda: told == [1])
    gone = runner.submit("ben", start(2), on_over=note)
    hand.wait_for(1)
    runner.release("ben")
    hand.land()
    assert gone.peek().state is State.STOPPED
    assert told == [1]


def test_a_run_that_is_not_needed_any_more_is_not_begun(runner: Runner, hand: Hand) -> None:
    first = runner.submit("ann", start(1, epochs=2), needed=lambda: True)
    other = runner.submit("ann", start(2), needed=lambda: False)
    hand.land()
    until(is_in(other, State.STOPPED))
    hand.land()
    until(is_in(first, State.FINISHED))
    assert not hand.flying


def test_a_runs_pace_leaves_its_first_slice_out(runner: Runner, hand: Hand) -> None:
    run = runner.submit("ann", start(epochs=2))
    for updates, seconds in ((10, 5.0), (30, 6.0)):  # the first slice compiles
        hand.wait_for(1)
        future, (_, before, _) = hand.flying.pop(0)
        slots = (np.array(updates),)
        future.set_result(replace(before, epoch=before.epoch + 1, slots=slots, seconds=seconds))
    until(is_in(run, State.FINISHED))
    assert run.pace == pytest.approx(1.0 / 20)
