"""The runner on an executor whose slices the test completes itself: order, pace, losses."""

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
from nncore.experiment import Experiment, FitConfig, ModelConfig
from nncore.runtime import scheduling
from nncore.runtime.jobs import State
from nncore.runtime.run import Run
from nncore.runtime.runner import Runner
from nncore.runtime.scheduling import MAX_LOSSES

BATCHES = 10  # in an epoch of these tests


class WorkerGone(Exception):
    pass


class ManualExecutor(Executor):
    """Holds submitted slices until the test completes them."""

    def __init__(self) -> None:
        self.in_flight: list[tuple[Future[Any], tuple[Experiment, Checkpoint, Budget]]] = []
        self.arrived = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self.arrived:
            self.in_flight.append((future, args))
            self.arrived.notify_all()
        return future

    def wait_for(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.in_flight) >= count, 5), len(
                self.in_flight
            )

    def seed(self) -> int:
        """Return the seed of the run of the oldest slice."""
        self.wait_for(1)
        return self.in_flight[0][1][0].fit.seed

    def budget(self) -> Budget:
        self.wait_for(1)
        return self.in_flight[0][1][2]

    def land(self, error: BaseException | None = None) -> None:
        """Complete the oldest slice: an epoch further, or by the requested batches."""
        self.wait_for(1)
        future, (experiment, before, budget) = self.in_flight.pop(0)
        if error is not None:
            future.set_exception(error)
            return
        done = before.epoch * BATCHES + before.step + (budget.batches or BATCHES)
        slots = (np.array(done), np.array(0.001, np.float32))
        epoch, step = divmod(done, BATCHES)
        weights = (np.zeros(1, np.float32),)
        after = replace(
            before, experiment=experiment, epoch=epoch, step=step, weights=weights, slots=slots
        )
        future.set_result(after)

    def turns(self, count: int) -> list[int]:
        """Complete some slices, and return the seeds of their runs in order."""
        order = []
        for _ in range(count):
            order.append(self.seed())
            self.land()
            self.wait_for(1)
        return order


@pytest.fixture
def executor() -> ManualExecutor:
    return ManualExecutor()


@pytest.fixture
def runner(executor: ManualExecutor) -> Iterator[Runner]:
    found = Runner(executor, 1, lambda error: isinstance(error, WorkerGone))
    yield found
    found.close()


def start(seed: int = 0, epochs: int = 3) -> Checkpoint:
    return Checkpoint(Experiment(fit=FitConfig(seed=seed, epochs=epochs)), "data")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def is_in(run: Run, state: State) -> Callable[[], bool]:
    return lambda: run.peek().state is state


def test_a_run_continues_slice_by_slice_until_it_is_finished(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start())
    for _ in range(3):
        executor.land()
    until(is_in(run, State.FINISHED))
    assert run.peek().checkpoint.epoch == 3
    assert not executor.in_flight


def test_wait_for_first_returns_with_the_first_slice(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start())
    waiting = threading.Thread(target=run.wait_for_first, args=(60,), daemon=True)
    waiting.start()
    executor.wait_for(1)
    assert waiting.is_alive()
    executor.land()
    waiting.join(5)
    assert not waiting.is_alive()


def test_wait_for_first_does_not_wait_for_a_paused_run(runner: Runner) -> None:
    run = runner.submit("ann", start(), paused=True)
    waiting = threading.Thread(target=run.wait_for_first, args=(60,), daemon=True)
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_paused_run_waits_and_resumes(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start())
    executor.wait_for(1)
    run.pause()
    executor.land()
    until(is_in(run, State.PAUSED))
    time.sleep(0.05)
    assert not executor.in_flight
    run.resume()
    executor.land()
    executor.land()
    until(is_in(run, State.FINISHED))


def test_a_stopped_run_keeps_its_progress(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start())
    executor.land()
    executor.wait_for(1)
    run.stop()
    executor.land()
    until(is_in(run, State.STOPPED))
    assert run.peek().checkpoint.epoch == 2
    run.resume()
    assert run.peek().state is State.STOPPED


def test_a_paused_run_can_be_stopped(runner: Runner) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.stop()
    assert run.peek().state is State.STOPPED
    assert runner.active() == 0


def test_a_step_trains_one_batch_and_pauses_again(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.step(batches=1)
    assert executor.budget() == Budget(seconds=scheduling.STEP_SLICE, batches=1)
    executor.land()
    until(is_in(run, State.PAUSED))
    assert run.peek().checkpoint.step == 1
    assert not run.peek().stepping


def test_a_step_requested_during_a_slice_follows_it(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start())
    executor.wait_for(1)
    run.step(batches=1)
    executor.land()
    assert executor.budget() == Budget(seconds=scheduling.STEP_SLICE, batches=1)
    executor.land()
    until(is_in(run, State.PAUSED))
    assert (run.peek().checkpoint.epoch, run.peek().checkpoint.step) == (1, 1)


def test_slow_motion_sends_a_fixed_number_of_batches(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start(), rate=80.0)
    assert executor.budget().batches == 10  # an eighth of a second's
    before = time.monotonic()
    executor.land()
    executor.wait_for(1)
    assert time.monotonic() - before > 0.05
    run.set_rate(None)
    executor.land()
    assert executor.budget().batches is None


def test_sessions_take_turns_whatever_number_of_runs_each_has(
    runner: Runner, executor: ManualExecutor
) -> None:
    """A sweep of many runs does not starve one click: every second slice is the click's."""
    runner.submit("sweep", start(seed=100))
    executor.wait_for(1)
    for seed in range(101, 120):
        runner.submit("sweep", start(seed=seed))
    runner.submit("click", start(seed=1))
    order = executor.turns(6)
    assert [seed == 1 for seed in order[1:]] == [False, True, False, True, False]


def test_runs_of_one_session_take_turns(runner: Runner, executor: ManualExecutor) -> None:
    for seed in (1, 2, 3):
        runner.submit("ann", start(seed, epochs=9))
    order = executor.turns(6)
    assert sorted(order[:3]) == sorted(order[3:]) == [1, 2, 3]


def test_no_more_slices_are_under_way_than_there_are_slots(executor: ManualExecutor) -> None:
    runner = Runner(executor, 2)
    for seed in range(5):
        runner.submit(f"session {seed}", start(seed))
    executor.wait_for(2)
    time.sleep(0.05)
    assert len(executor.in_flight) == 2
    runner.close()


def test_the_place_counts_other_active_runs(runner: Runner, executor: ManualExecutor) -> None:
    first = runner.submit("ann", start(1))
    runner.submit("ben", start(2))
    held = runner.submit("cat", start(3), paused=True)
    assert first.progress().place == 1
    assert held.progress().place == 2


def test_a_lost_slice_is_sent_again(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start())
    executor.land()
    executor.land(WorkerGone())
    executor.land()
    executor.land()
    until(is_in(run, State.FINISHED))
    assert run.peek().checkpoint.epoch == 3


def test_a_lost_step_is_sent_again_as_a_step(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start(), paused=True)
    run.step(batches=1)
    executor.land(WorkerGone())
    assert executor.budget() == Budget(seconds=scheduling.STEP_SLICE, batches=1)
    executor.land()
    until(is_in(run, State.PAUSED))
    assert run.peek().checkpoint.step == 1


def test_a_run_that_kills_its_worker_every_time_is_given_up_with_a_sentence(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start())
    for _ in range(MAX_LOSSES):
        executor.land(WorkerGone())
    until(is_in(run, State.FAILED))
    assert run.peek().note.startswith("The worker stopped 3 times during this run")
    assert not executor.in_flight


def test_a_lost_connection_does_not_count_against_a_run(executor: ManualExecutor) -> None:
    runner = Runner(
        executor,
        1,
        lambda error: isinstance(error, WorkerGone | ConnectionError),
        has_killed=lambda error: isinstance(error, WorkerGone),
    )
    run = runner.submit("ann", start())
    executor.land(WorkerGone())
    for _ in range(MAX_LOSSES):
        executor.land(ConnectionError())
    for _ in range(3):
        executor.land()
    until(is_in(run, State.FINISHED))
    runner.close()


def test_a_slice_that_an_executor_does_not_take_is_sent_to_the_next_one(
    executor: ManualExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed(Executor):
        tries = 0

        def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
            self.tries += 1
            raise RuntimeError("Tried sending message after closing. Status: closed")

    monkeypatch.setattr(scheduling, "LOSS_DELAY", 0.001)
    closed = Closed()
    runner = Runner(closed, 1, lambda error: isinstance(error, WorkerGone))
    run = runner.submit("ann", start())
    until(lambda: closed.tries > MAX_LOSSES)
    runner.use(executor)
    for _ in range(3):
        executor.land()
    until(is_in(run, State.FINISHED))
    runner.close()


def test_a_slice_that_was_lost_before_runs_alone(executor: ManualExecutor) -> None:
    runner = Runner(executor, 4, lambda error: isinstance(error, WorkerGone))
    killer = runner.submit("ann", start(1))
    innocent = runner.submit("ben", start(2, epochs=900))
    executor.wait_for(2)
    for _ in range(2):  # a worker that dies takes both along
        executor.land(WorkerGone())
    seen = []
    while killer.peek().state is not State.FAILED:
        seen.append(executor.seed())
        time.sleep(0.01)
        assert len(executor.in_flight) == 1
        executor.land(WorkerGone() if seen[-1] == 1 else None)
    assert seen.count(1) == MAX_LOSSES - 1
    assert innocent.peek().state.active
    runner.close()


class Memory:
    """Counts how often memory ran out, as the test says."""

    def __init__(self) -> None:
        self.kills = 0

    def __call__(self) -> int:
        return self.kills


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def guarded(executor: ManualExecutor, memory: Memory) -> Iterator[Runner]:
    found = Runner(executor, 2, lambda error: isinstance(error, WorkerGone), memory_kills=memory)
    yield found
    found.close()


def wide(seed: int) -> Checkpoint:
    """A run that may take all memory."""
    fit = FitConfig("adam", seed=seed)
    return Checkpoint(Experiment(model=ModelConfig((1024, 1024, 1024)), fit=fit), "data")


def test_a_small_run_whose_worker_held_too_much_goes_on(
    guarded: Runner, executor: ManualExecutor, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "LOSS_DELAY", 0.001)
    small = guarded.submit("ann", start(1, epochs=1))
    executor.wait_for(1)
    memory.kills += 1
    executor.land(WorkerGone())
    executor.land()
    until(is_in(small, State.FINISHED))


def test_a_run_that_takes_all_memory_is_ended_once_and_the_next_goes_on(
    guarded: Runner, executor: ManualExecutor, memory: Memory
) -> None:
    large = guarded.submit("ann", wide(1))
    executor.wait_for(1)
    memory.kills += 1
    executor.land(WorkerGone())
    until(is_in(large, State.FAILED))
    assert large.peek().note == scheduling.RAN_OUT
    assert not executor.in_flight
    other = guarded.submit("ben", start(2, epochs=1))
    executor.land()
    until(is_in(other, State.FINISHED))


def test_where_two_were_under_way_each_is_tried_alone_and_only_the_large_one_is_ended(
    guarded: Runner, executor: ManualExecutor, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "LOSS_DELAY", 0.001)
    large, small = guarded.submit("ann", wide(1)), guarded.submit("ben", start(2, epochs=1))
    executor.wait_for(2)
    memory.kills += 1
    for _ in range(2):
        executor.land(WorkerGone())
    assert large.peek().state.active
    tries = 0
    while not (large.peek().state.over and small.peek().state.over):
        if executor.seed() == 1:
            tries += 1
            memory.kills += 1
            executor.land(WorkerGone())
            until(is_in(large, State.FAILED))
        else:
            executor.land()
            until(is_in(small, State.FINISHED))
    assert tries == 1
    assert large.peek().note == scheduling.RAN_OUT


def test_a_worker_that_dies_of_something_else_gets_its_run_again(
    guarded: Runner, executor: ManualExecutor, memory: Memory
) -> None:
    memory.kills = 7  # long ago
    run = guarded.submit("ann", start(epochs=1))
    executor.land(WorkerGone())
    executor.land()
    until(is_in(run, State.FINISHED))


def test_a_run_that_is_too_large_is_refused_before_its_first_slice(
    executor: ManualExecutor,
) -> None:
    def refuse(experiment: Experiment) -> str:
        return "It needs more." if experiment.fit.seed == 1 else ""

    runner = Runner(executor, 1, refuse=refuse)
    large, small = runner.submit("ann", start(1)), runner.submit("ben", start(2, epochs=1))
    until(is_in(large, State.FAILED))
    assert large.peek().note == "It needs more."
    assert executor.seed() == 2
    executor.land()
    until(is_in(small, State.FINISHED))
    stepped = runner.submit("ann", start(1), paused=True)
    stepped.step(batches=1)
    until(is_in(stepped, State.FAILED))
    assert not stepped.peek().stepping
    runner.close()


def test_large_runs_of_all_sessions_share_a_budget_and_small_ones_find_room(
    executor: ManualExecutor,
) -> None:
    """With Adam, 784-1024-10 takes 9.8 MB: three times 814,090 numbers."""
    runner = Runner(executor, 1, most_bytes=20 * 2**20)
    wide = {"model.units": (1024,), "fit.optimizer": "adam", "fit.epochs": 9}

    def submit(session: str, seed: int) -> Run:
        experiment = Experiment().updated(wide | {"fit.seed": seed})
        return runner.submit(session, Checkpoint(experiment, "data"))

    submit("ann", 1)
    submit("ben", 2)
    executor.turns(2)
    refused = submit("cem", 3)
    runner.submit("dee", start(4, epochs=9))
    assert {*executor.turns(6)} == {1, 2, 4}
    assert refused.peek().state is State.FAILED
    assert "as many large runs as fit" in refused.peek().note
    runner.release("ann")  # a tab that is given up makes room
    submit("cem", 5)
    assert 5 in executor.turns(6)
    runner.close()


def test_an_error_in_a_slice_ends_the_run_with_its_sentence(
    runner: Runner, executor: ManualExecutor
) -> None:
    run = runner.submit("ann", start())
    executor.land(ValueError("The data here are others."))
    until(is_in(run, State.FAILED))
    assert run.peek().note == "The data here are others."


def test_releasing_a_session_ends_its_runs(runner: Runner, executor: ManualExecutor) -> None:
    gone, other = runner.submit("ann", start(1)), runner.submit("ben", start(2, epochs=2))
    executor.wait_for(1)
    runner.release("ann")
    assert gone.peek().state is State.STOPPED
    executor.land()
    executor.land()
    executor.land()
    until(is_in(other, State.FINISHED))
    assert not executor.in_flight


def test_runs_wait_until_there_are_workers(executor: ManualExecutor) -> None:
    runner = Runner(None, 1)
    run = runner.submit("ann", start(epochs=1))
    with pytest.raises(ConnectionError, match="No worker is ready"):
        runner.ask(len, "x")
    runner.use(executor)
    executor.land()
    until(is_in(run, State.FINISHED))
    runner.close()


def test_finished_runs_are_saved_and_stopped_ones_are_not(executor: ManualExecutor) -> None:
    kept: list[Checkpoint] = []

    def keep(checkpoint: Checkpoint) -> str:
        kept.append(checkpoint)
        return "Noted."

    runner = Runner(executor, 1, on_finished=keep)
    done = runner.submit("ann", start(1, epochs=1))
    executor.land()
    until(lambda: done.peek().note == "Noted.")
    stopped = runner.submit("ann", start(2))
    executor.wait_for(1)
    stopped.stop()
    executor.land()
    branch = runner.submit("ann", start(3, epochs=1), keep=False)
    executor.land()
    until(is_in(branch, State.FINISHED))
    time.sleep(0.05)
    assert [checkpoint.experiment.fit.seed for checkpoint in kept] == [1]


def test_a_changed_learning_rate_applies_after_the_slice_and_is_not_saved(
    executor: ManualExecutor,
) -> None:
    kept: list[Checkpoint] = []

    def keep(checkpoint: Checkpoint) -> str:
        kept.append(checkpoint)
        return ""

    runner = Runner(executor, 1, on_finished=keep)
    begun = replace(start(epochs=2), slots=(np.array(0), np.array(0.001, np.float32)))
    run = runner.submit("ann", begun)
    executor.wait_for(1)
    run.set_learning_rate(0.25)
    executor.land()
    executor.wait_for(1)
    assert run.peek().checkpoint.slots[1] == np.float32(0.25)
    executor.land()
    until(is_in(run, State.FINISHED))
    time.sleep(0.05)
    assert not kept
    runner.close()


def test_a_run_that_cannot_be_saved_says_so_and_stays_finished(executor: ManualExecutor) -> None:
    def fails(checkpoint: Checkpoint) -> str:
        raise OSError(28, "No space left on device", "/srv/lab")

    runner = Runner(executor, 1, on_finished=fails)
    run = runner.submit("ann", start(epochs=1))
    executor.land()
    until(lambda: run.peek().note == "This run was not saved: No space left on device.")
    assert run.peek().state is State.FINISHED
    runner.close()


def test_what_is_over_is_put_away_whichever_way_it_ended(executor: ManualExecutor) -> None:
    """But not what may go on, and not for a sweep, which takes what it needs and drops the rest."""
    saved: list[Checkpoint] = []

    def save(checkpoint: Checkpoint) -> str:
        saved.append(checkpoint)
        return "Noted."

    runner = Runner(
        executor, 1, on_finished=save, put_away=lambda one: replace(one, fingerprint="away")
    )
    done = runner.submit("ann", start(1, epochs=1))
    executor.land()
    until(lambda: done.peek().checkpoint.fingerprint == "away")
    until(lambda: done.peek().note == "Noted.")
    assert [checkpoint.fingerprint for checkpoint in saved] == [start(1).fingerprint]
    other = runner.submit("ann", start(2))
    executor.wait_for(1)
    assert other.peek().checkpoint.fingerprint != "away"
    other.stop()
    executor.land()
    until(lambda: other.peek().checkpoint.fingerprint == "away")
    assert other.peek().state is State.STOPPED
    told: list[Run] = []
    runner.submit("ann", start(3, epochs=1), on_over=told.append)
    executor.land()
    until(lambda: bool(told))
    assert told[0].peek().checkpoint.fingerprint != "away"
    runner.close()


def test_slices_are_short_while_watched_and_the_first_is_the_shortest(
    executor: ManualExecutor,
) -> None:
    now = [100.0]
    runner = Runner(executor, 1, clock=lambda: now[0])
    runner.submit("ann", start(epochs=9))
    first = executor.budget().seconds
    executor.land()
    watched = executor.budget().seconds
    now[0] += 60
    executor.land()
    unwatched = executor.budget().seconds
    assert first is not None
    assert watched is not None
    assert unwatched is not None
    assert first < watched < unwatched
    runner.close()


# Work in the background


def test_runs_in_line_start_in_order_and_no_more_at_once_than_slots(
    executor: ManualExecutor,
) -> None:
    runner = Runner(executor, 2)
    for seed in range(5):
        runner.submit("ann/sweep", start(seed, epochs=2), in_line=True)
    order = []
    for _ in range(10):
        executor.wait_for(1)
        order.append(executor.seed())
        executor.land()
    assert order == [0, 1, 0, 1, 2, 3, 2, 3, 4, 4]
    runner.close()


def test_a_click_does_not_wait_behind_the_sweep_of_its_own_session(
    runner: Runner, executor: ManualExecutor
) -> None:
    for seed in range(100, 300):
        runner.submit("ann/sweep", start(seed, epochs=9), in_line=True)
    executor.wait_for(1)
    runner.submit("ann", start(seed=1, epochs=9))
    order = executor.turns(6)
    assert order[1:] == [100, 1, 100, 1, 100]


def test_a_session_with_a_sweep_has_no_more_turns_than_another(
    runner: Runner, executor: ManualExecutor
) -> None:
    runner.submit("ann/sweep", start(seed=100, epochs=99), in_line=True)
    runner.submit("ann", start(seed=1, epochs=99))
    runner.submit("ben", start(seed=2, epochs=99))
    order = executor.turns(9)
    assert [order[1:].count(seed) for seed in (100, 1, 2)] == [2, 2, 4]


def test_releasing_a_session_ends_its_sweep_and_no_other(
    runner: Runner, executor: ManualExecutor
) -> None:
    swept = [runner.submit("ann/sweep", start(seed), in_line=True) for seed in (1, 2)]
    other = runner.submit("anna/sweep", start(3, epochs=1), in_line=True)
    executor.wait_for(1)
    runner.release("ann")
    assert {run.peek().state for run in swept} == {State.STOPPED}
    executor.land()
    executor.land()
    until(is_in(other, State.FINISHED))
    assert not executor.in_flight


def test_runs_in_line_count_as_training_once_they_have_started(
    runner: Runner, executor: ManualExecutor
) -> None:
    for seed in range(50):
        runner.submit("ann/sweep", start(seed, epochs=9), in_line=True)
    executor.land()
    executor.wait_for(1)
    assert runner.active() == 1
    assert (runner.others("ann"), runner.others("ben")) == (0, 1)
    assert runner.busy_owners() == {"ann"}


def test_the_open_runs_of_an_owner_are_all_of_its_runs_that_can_be_stopped(
    runner: Runner,
) -> None:
    mine = [runner.submit(name, start(1), paused=True) for name in ("ann", "ann/sweep", "ann")]
    runner.submit("anna", start(1), paused=True)
    assert runner.open_runs_of("ann") == mine
    mine[1].stop()
    assert runner.open_runs_of("ann") == [mine[0], mine[2]]
    assert runner.open_runs_of("ben") == []


def test_a_session_trains_while_a_run_or_its_background_work_goes_at_full_speed(
    runner: Runner, executor: ManualExecutor
) -> None:
    slow = runner.submit("ann", start(0), rate=1.0)
    assert not runner.is_training("ann")
    runner.submit("ann/sweep", start(1))
    assert runner.is_training("ann")
    assert not runner.is_training("an")
    runner.release("ann")
    assert slow.peek().state.over
    assert not runner.is_training("ann")


def test_on_over_is_called_unless_the_session_was_released(
    runner: Runner, executor: ManualExecutor
) -> None:
    ended: list[int] = []

    def note(run: Run) -> None:
        ended.append(run.experiment.fit.seed)

    runner.submit("ann", start(1, epochs=1), on_over=note)
    executor.land()
    until(lambda: ended == [1])
    gone = runner.submit("ben", start(2), on_over=note)
    executor.wait_for(1)
    runner.release("ben")
    executor.land()
    assert gone.peek().state is State.STOPPED
    assert ended == [1]


def test_a_run_that_is_no_longer_needed_is_not_started(
    runner: Runner, executor: ManualExecutor
) -> None:
    first = runner.submit("ann", start(1, epochs=2), needed=lambda: True)
    other = runner.submit("ann", start(2), needed=lambda: False)
    executor.land()
    until(is_in(other, State.STOPPED))
    executor.land()
    until(is_in(first, State.FINISHED))
    assert not executor.in_flight


def test_the_pace_excludes_the_first_slice(runner: Runner, executor: ManualExecutor) -> None:
    run = runner.submit("ann", start(epochs=2))
    for updates, seconds in ((10, 5.0), (30, 6.0)):  # the first slice compiles
        executor.wait_for(1)
        future, (_, before, _) = executor.in_flight.pop(0)
        slots = (np.array(updates),)
        future.set_result(replace(before, epoch=before.epoch + 1, slots=slots, seconds=seconds))
    until(is_in(run, State.FINISHED))
    assert run.pace == pytest.approx(1.0 / 20)
