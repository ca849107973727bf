"""Runs, slice by slice, over a `concurrent.futures.Executor`, fairly between sessions.

A run is a chain of checkpoints. Pause, stop, step and slow motion are nothing but *when the next
slice is asked for, and how long it is*. The runner knows neither Streamlit nor TensorFlow nor
dask: what it submits is `nncore.runtime.tasks.advance`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from enum import Enum
from typing import Any

from nncore.checkpoint import Budget, Checkpoint
from nncore.runtime import tasks

#: Seconds of training in a slice: short while somebody looks, long where nobody does; a run's first
#: is shorter still, so that the curve begins at once.
FIRST_SLICE = 0.05
WATCHED_SLICE = 0.2
UNWATCHED_SLICE = 1.0
#: The same for runs that stand in line, where nobody else trains; else they are as short as others.
LINE_SLICE = 0.5
#: For how long after its progress was asked for a run counts as looked at.
WATCHED_FOR = 5.0
#: Slices a second in slow motion, where batches are counted out.
SLOW_SLICES = 8
#: How often a slice whose worker went away is sent again before its run is given up.
MAX_LOSSES = 3


class State(Enum):
    """What a run is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether the run may still go on by itself."""
        return self in (State.QUEUED, State.RUNNING)

    @property
    def over(self) -> bool:
        """Whether the run will never go on."""
        return self in (State.STOPPED, State.FINISHED, State.FAILED)


@dataclass(frozen=True)
class Progress:
    """What there is to see of a run at one moment.

    Args:
        state: What it is doing.
        checkpoint: Where it stands; without weights before its first slice is back.
        stepping: Whether one batch or one epoch that was asked for is still to come.
        place: How many other runs wait or train beside it.
        note: Empty, or a sentence for the learner: why it failed, or what could not be kept.
    """

    state: State
    checkpoint: Checkpoint
    stepping: bool = False
    place: int = 0
    note: str = ""


class Run:
    """One run of one session. Its methods may be called from any thread.

    Made by `Runner.submit`, not by hand.
    """

    def __init__(
        self, runner: Runner, session: str, start: Checkpoint, rate: float | None, paused: bool
    ) -> None:
        self.in_line = False  # behind the runs of its session that were submitted before it
        self.session = session
        self.experiment = start.experiment
        self._runner = runner
        self._checkpoint = start
        self._state = State.PAUSED if paused else State.QUEUED
        self._rate = rate
        self._due = 0.0
        self._step: Budget | None = None  # one batch or one epoch that was asked for
        self._stepping: Budget | None = None  # the one under way
        self._wish = self._state  # what it is to be once the slice under way is back
        self._flying = False
        self._losses = 0
        self._new_rate: float | None = None  # a learning rate for after the slice under way
        self._watched = time.monotonic()
        self._note = ""
        self._first: tuple[int, float] | None = None  # updates and seconds of the first slice
        self._on_over: Callable[[Run], None] | None = None
        self._needed: Callable[[], bool] | None = None

    @property
    def pace(self) -> float | None:
        """Seconds an update took after the first slice, in which a network is compiled, if any."""
        now = self._checkpoint
        updates, seconds = self._first or (now.updates, 0.0)
        made = now.updates - updates
        return (now.seconds - seconds) / made if made > 0 else None

    def progress(self) -> Progress:
        """What there is to see now. Asking also says that somebody is looking."""
        with self._runner._changed:
            self._watched = time.monotonic()
            return self._progress()

    def peek(self) -> Progress:
        """What there is to see now, for those who only count."""
        with self._runner._changed:
            return self._progress()

    def wait_for_first(self, seconds: float) -> None:
        """Returns once the first slice is back, or the run is not going on, or it takes too long.

        Args:
            seconds: How long to wait at most.
        """
        with self._runner._changed:
            self._runner._changed.wait_for(lambda: self._first or not self._state.active, seconds)

    def _progress(self) -> Progress:
        stepping = self._step is not None or (self._flying and self._stepping is not None)
        others = self._runner._others(self)
        return Progress(self._state, self._checkpoint, stepping, others, self._note)

    def pause(self) -> None:
        """Holds the run after the slice under way."""
        self._set(State.PAUSED)

    def resume(self) -> None:
        """Lets a paused run go on."""
        self._set(State.QUEUED)

    def stop(self) -> None:
        """Ends the run after the slice under way; what was learnt until then is kept."""
        self._set(State.STOPPED)

    def step(self, *, batches: int | None = None, epochs: int | None = None) -> None:
        """Trains one piece and holds again.

        Args:
            batches: Gradient updates to make.
            epochs: Ends of epochs to reach.
        """
        with self._runner._changed:
            if not self._state.over:
                self._step = Budget(batches=batches, epochs=epochs)
                self._wish = State.PAUSED
                self._due = 0.0
                self._runner._changed.notify_all()

    def set_rate(self, batches_per_second: float | None) -> None:
        """Sets the speed.

        Args:
            batches_per_second: Gradient updates a second at most; None is as fast as possible.
        """
        with self._runner._changed:
            self._rate, self._due = batches_per_second, 0.0
            self._runner._changed.notify_all()

    def set_learning_rate(self, rate: float) -> None:
        """Goes on with another learning rate: the run becomes a branch, which is not kept.

        Args:
            rate: The new step size.

        Raises:
            ValueError: If `rate` is out of bounds.
        """
        self.experiment.updated({"fit.learning_rate": rate})
        with self._runner._changed:
            if self._flying or not self._checkpoint.slots:
                self._new_rate = rate
            elif not self._state.over:
                self._checkpoint = self._checkpoint.with_learning_rate(rate)

    def _set(self, state: State) -> None:
        with self._runner._changed:
            if self._state.over:
                return
            self._wish, self._step = state, None
            if not self._flying:
                self._land(state)
            self._runner._changed.notify_all()

    def _land(self, state: State) -> None:
        if state.over:
            self._runner._end(self, state)
        else:
            self._state = state

    def _counts(self) -> bool:
        """Whether it waits or trains; one that stands in line does when its turn has come."""
        waits = self.in_line and self._first is None
        return self._flying or (self._state.active and not waits)

    def _wants_slice(self) -> bool:
        return not self._flying and (self._state.active or self._step is not None)

    def _budget(self, now: float) -> Budget:
        self._stepping, self._step = self._step, None
        if self._stepping is not None:
            return self._stepping
        seconds = self._seconds(now)
        if self._rate is None:
            return Budget(seconds=seconds)
        return Budget(seconds=seconds, batches=max(1, round(self._rate / SLOW_SLICES)))

    def _seconds(self, now: float) -> float:
        if not (self._checkpoint.epoch or self._checkpoint.step):
            return FIRST_SLICE
        if self.in_line:  # a click that comes now must not wait long
            return WATCHED_SLICE if self._runner._crowded(self) else LINE_SLICE
        return WATCHED_SLICE if now - self._watched < WATCHED_FOR else UNWATCHED_SLICE

    def _next_due(self, budget: Budget) -> float:
        """When the slice after this one may start, to keep the pace."""
        if self._rate is None or budget.batches is None or self._stepping is not None:
            return 0.0
        now = time.monotonic()
        return max(self._due or now, now - 0.25) + budget.batches / self._rate


class Runner:
    """Works through the slices of all sessions' runs.

    Args:
        executor: Where slices run; None holds all runs until `use` brings one.
        slots: How many slices are under way at a time; a number, or a function that says it.
        is_lost: Whether an exception means that a worker went away, so that the slice can be run
            again.
        on_finished: Called with the last checkpoint of each run that finished, in a thread of its
            own; may return a sentence for the learner. Runs begun with `keep=False`, branches, and
            runs that failed or were stopped are left out.
    """

    def __init__(
        self,
        executor: Executor | None = None,
        slots: int | Callable[[], int] = 2,
        is_lost: Callable[[BaseException], bool] = lambda error: False,
        on_finished: Callable[[Checkpoint], str] | None = None,
    ) -> None:
        self._executor = executor
        self._slots = slots if callable(slots) else lambda: slots
        self._is_lost = is_lost
        self._on_finished = on_finished
        self._changed = threading.Condition(threading.RLock())
        self._sessions: OrderedDict[str, list[Run]] = OrderedDict()
        self._kept: dict[Run, bool] = {}
        self._flying = 0
        self._alone: Run | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="runner", daemon=True)
        self._thread.start()

    def submit(
        self,
        session: str,
        start: Checkpoint,
        *,
        rate: float | None = None,
        paused: bool = False,
        keep: bool = True,
        in_line: bool = False,
        on_over: Callable[[Run], None] | None = None,
        needed: Callable[[], bool] | None = None,
    ) -> Run:
        """Begins a run, or takes one up at a checkpoint.

        Args:
            session: Whose run it is. Behind a slash may stand a name for work of that session in
                the background, such as `"ann/sweep"`: it shares the session's turns with the
                session's other runs, and ends with the session.
            start: `Checkpoint(experiment, fingerprint)` for a new one.
            rate: Batches a second at most; None is as fast as possible.
            paused: Whether to wait for `step` or `resume`.
            keep: Whether the finished run is handed to `on_finished`.
            in_line: Whether it waits until the runs in line before it need no more slots: of many
                runs no more are begun at a time than there are slots.
            on_over: Called with the run once it is over, in a thread of its own; not where its
                session went away.
            needed: Asked before the first slice, with the queue at a stand: where it says no, the
                run is stopped instead.
        """
        with self._changed:
            run = Run(self, session, start, rate, paused)
            run.in_line, run._on_over, run._needed = in_line, on_over, needed
            self._sessions.setdefault(session, []).append(run)
            self._kept[run] = keep
            self._changed.notify_all()
            return run

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Runs a function of `nncore.runtime.tasks` on a worker, ahead of the queue of slices.

        Raises:
            ConnectionError: If there is no worker yet, or none any more.
        """
        executor = self._executor
        if executor is None:
            raise ConnectionError("No worker is ready.")
        return executor.submit(function, *arguments)

    def release(self, session: str) -> None:
        """Ends all runs of a session that went away, those in its background too."""
        with self._changed:
            gone = [name for name in self._sessions if f"{name}/".startswith(f"{session}/")]
            for run in [run for name in gone for run in self._sessions.pop(name)]:
                self._kept.pop(run, None)
                run._wish = run._state = State.STOPPED
                run._step = run._on_over = None
            self._changed.notify_all()

    def active(self) -> int:
        """How many runs wait or train."""
        with self._changed:
            return sum(run._counts() for run in self._runs())

    def others(self, session: str) -> int:
        """How many other sessions have a run that waits or trains."""
        with self._changed:
            busy = {_owner(run.session) for run in self._runs() if run._counts()}
            return len(busy - {_owner(session)})

    def in_flight(self) -> int:
        """How many slices are under way."""
        with self._changed:
            return self._flying

    def use(self, executor: Executor | None) -> None:
        """Goes on with another executor, or holds all runs until there is one."""
        with self._changed:
            self._executor = executor
            self._changed.notify_all()

    def close(self) -> None:
        """Starts no further slice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _runs(self) -> Iterator[Run]:
        for runs in self._sessions.values():
            yield from runs

    def _others(self, run: Run) -> int:
        return sum(other is not run and other._counts() for other in self._runs())

    def _crowded(self, run: Run) -> bool:
        """Whether somebody else, or something else of this session, waits or trains."""
        return any(other.session != run.session and other._counts() for other in self._runs())

    def _loop(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                run = self._next(now)
                if run is None:
                    self._changed.wait(self._pause(now))
                else:
                    self._launch(run, now)

    def _next(self, now: float) -> Run | None:
        """The run whose turn it is: sessions in turn, and the runs of one session in turn.

        The runs of a session that stand in line keep their order.
        """
        if self._executor is None or self._alone is not None or self._flying >= self._slots():
            return None
        for session, runs in self._sessions.items():
            for run in runs:
                if run._wants_slice() and run._due <= now:
                    if run._losses and self._flying:
                        return None  # it flies alone, so that it takes no other one with it
                    self._move_to_end(session)
                    if not run.in_line:
                        runs.remove(run)
                        runs.append(run)
                    return run
        return None

    def _move_to_end(self, session: str) -> None:
        """Has a session wait for its next turn, with what it does besides just before it."""
        owner = _owner(session)
        for name in [name for name in self._sessions if _owner(name) == owner]:
            self._sessions.move_to_end(name)
        self._sessions.move_to_end(session)

    def _pause(self, now: float) -> float | None:
        """Seconds until a run in slow motion is due; None: until something changes."""
        waits = [run._due - now for run in self._runs() if run._wants_slice() and run._due > now]
        return max(0.001, min(waits)) if waits else None

    def _launch(self, run: Run, now: float) -> None:
        if run._first is None and run._needed is not None and not run._needed():
            self._end(run, State.STOPPED)
            return
        budget = run._budget(now)
        run._due = run._next_due(budget)
        run._flying, run._state = True, State.RUNNING
        self._flying += 1
        self._alone = run if run._losses else None
        try:
            future = self.ask(tasks.advance, run.experiment, run._checkpoint, budget)
        except Exception as error:  # noqa: BLE001 - the executor itself may be gone
            future = Future()
            future.set_exception(error)
        future.add_done_callback(lambda done: self._landed(run, done))

    def _landed(self, run: Run, future: Future[Checkpoint]) -> None:
        with self._changed:
            run._flying = False
            self._flying -= 1
            self._alone = None if self._alone is run else self._alone
            error = _error(future)
            if error is None:
                run._losses = 0
                self._advanced(run, future.result())
            elif self._is_lost(error):
                self._lost(run)
            else:
                run._note = str(error) or type(error).__name__
                self._end(run, State.FAILED)
            self._changed.notify_all()

    def _advanced(self, run: Run, checkpoint: Checkpoint) -> None:
        if run._new_rate is not None and not checkpoint.finished:
            checkpoint, run._new_rate = checkpoint.with_learning_rate(run._new_rate), None
        run._checkpoint = checkpoint
        run._first = run._first or (checkpoint.updates, checkpoint.seconds)
        if checkpoint.failure:
            run._note = checkpoint.failure
            self._end(run, State.FAILED)
        elif checkpoint.finished:
            self._end(run, State.FINISHED)
        else:
            run._land(run._wish)

    def _lost(self, run: Run) -> None:
        run._losses += 1
        run._step = run._step or run._stepping
        run._land(run._wish)
        run._due = time.monotonic() + 0.1 * run._losses
        if run._losses >= MAX_LOSSES:
            run._note = (
                f"The worker was lost {MAX_LOSSES} times on this run, which was given up; "
                "try it with fewer units or a smaller batch."
            )
            self._end(run, State.FAILED)

    def _end(self, run: Run, state: State) -> None:
        run._state = run._wish = state
        run._step = None
        keep = self._kept.pop(run, False)
        runs = self._sessions.get(run.session, [])
        if run in runs:
            runs.remove(run)
        if not runs:
            self._sessions.pop(run.session, None)
        keep = keep and state is State.FINISHED and not run._checkpoint.edits
        if keep and self._on_finished is not None:
            threading.Thread(target=self._hand_over, args=(run,), daemon=True).start()
        if run._on_over is not None:
            threading.Thread(target=run._on_over, args=(run,), daemon=True).start()

    def _hand_over(self, run: Run) -> None:
        assert self._on_finished is not None
        try:
            note = self._on_finished(run._checkpoint)
        except Exception as error:  # noqa: BLE001 - the run is over; its learner keeps the result
            note = f"This run is not kept for later: {error}"
        with self._changed:
            run._note = run._note or note


def _owner(session: str) -> str:
    """The session that some work in the background belongs to."""
    return session.partition("/")[0]


def _error(future: Future[Any]) -> BaseException | None:
    if future.cancelled():
        return ConnectionError("The slice was cancelled.")
    return future.exception()
