"""Train runs slice by slice on a `concurrent.futures.Executor`, fairly between sessions.

A run is a chain of checkpoints. Pause, stop, step and slow motion only decide *when the next slice
is sent, and how long it is*: that policy is `nncore.runtime.scheduling`. This module has the lock,
the thread and the executor. It knows neither Streamlit nor TensorFlow nor dask.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.runtime import errors, scheduling, tasks
from nncore.runtime.background import Background
from nncore.runtime.flights import Flight, Flights
from nncore.runtime.job_table import JobTable
from nncore.runtime.jobs import Job, Progress, State, owner_of
from nncore.runtime.memory import MOST_BYTES, may_fill, refuse_one_more
from nncore.runtime.questions import QuestionQueue
from nncore.runtime.run import Run

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Hooks:
    """The callbacks of one open run.

    Args:
        run: Its handle.
        keep: True if the finished run goes to `on_finished`.
        on_over: Called with the handle once the run is over, or None.
        needed: Asked before the first slice, or None.
    """

    run: Run
    keep: bool
    on_over: Callable[[Run], None] | None
    needed: Callable[[], bool] | None


class Runner:
    """Train the runs of all sessions on a limited number of slots.

    Args:
        executor: Computes the slices; None holds all runs until `use` provides one.
        slots: The number of slices that may run at once, or a function that returns it.
        is_lost: Returns True for an exception that means that a worker went away, so that the
            slice can be sent again.
        on_finished: Called with the last checkpoint of each run that finished, in a thread of its
            own; returns an empty text, or a sentence for the learner. Not called for runs submitted
            with `keep=False`, branches, and runs that failed or were stopped.
        clock: Returns the time in seconds; replaced in tests.
        background: Runs the callbacks; None for threads of the runner's own.
        has_killed: Returns True for a lost slice of which the worker died, maybe by what it ran.
            Only such losses count against a run; a lost connection is not its doing.
        refuse: Returns why an experiment cannot be trained here, or an empty text. Asked before the
            first slice of a run, under the queue's lock.
        memory_kills: Returns how often memory has run out so far. A lost slice of a large run that
            was the only one under way meanwhile ends its run.
        most_bytes: Bytes that the open runs of all sessions may hold together.
        put_away: Returns the checkpoint of a run that is over in a form that takes less memory.
    """

    def __init__(
        self,
        executor: Executor | None = None,
        slots: int | Callable[[], int] = 2,
        is_lost: Callable[[BaseException], bool] = lambda error: False,
        on_finished: Callable[[Checkpoint], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        background: Background | None = None,
        has_killed: Callable[[BaseException], bool] = lambda error: True,
        refuse: Callable[[Experiment], str] = lambda experiment: "",
        memory_kills: Callable[[], int] = lambda: 0,
        most_bytes: int = MOST_BYTES,
        put_away: Callable[[Checkpoint], Checkpoint] = lambda checkpoint: checkpoint,
    ) -> None:
        self._executor = executor
        self._slots = slots if callable(slots) else lambda: slots
        self._is_lost, self._has_killed = is_lost, has_killed
        self._on_finished, self._put_away, self._clock = on_finished, put_away, clock
        self.refuse, self._memory_kills, self._most_bytes = refuse, memory_kills, most_bytes
        self._changed = threading.Condition(threading.RLock())
        self._table = JobTable()
        self._hooks: dict[int, _Hooks] = {}
        self._last_number = 0
        self._flights = Flights()
        self._alone: int | None = None  # the number of a job that must run alone
        self._closed = False
        self._background = background or Background()
        self._questions = QuestionQueue()
        self._asked_last = False  # the last free slot went to a question
        threading.Thread(target=self._loop, name="runner", daemon=True).start()

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
        """Start a run, or continue one from a checkpoint.

        Args:
            session: The session that owns the run. A name after a slash, as in `"ann/sweep"`,
                marks background work: it shares the session's turns and ends with the session.
            start: `Checkpoint(experiment, fingerprint)` for a new run.
            rate: The most gradient updates per second; None means no limit.
            paused: True to wait for `step` or `resume`.
            keep: True to hand the finished run to `on_finished`.
            in_line: True to start only after the runs of this session submitted before it, so that
                no more of them are under way at once than there are slots.
            on_over: Called with the run once it is over, in a thread of its own; not called if its
                session was released.
            needed: Called under the queue's lock before the first slice; returning False stops the
                run.
        """
        state = State.PAUSED if paused else State.QUEUED
        with self._changed:
            self._last_number += 1
            job = Job(
                self._last_number,
                session,
                start,
                state,
                goal=state,
                rate=rate,
                in_line=in_line,
                watched_at=self._clock(),
            )
            run = Run(self, job)
            self._hooks[job.number] = _Hooks(run, keep, on_over, needed)
            self._put(job)
            return run

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run a function of `nncore.runtime.tasks` on a worker, ahead of the queue of slices.

        Raises:
            nncore.runtime.errors.NotSent: If there is no worker, or the executor is gone.
        """
        executor = self._executor
        if executor is None:
            raise errors.NotSent("No worker is ready.")
        try:
            return executor.submit(function, *arguments)
        except MemoryError:
            raise
        except Exception as error:  # dask has no class for a client that is closed
            LOG.warning("A task was not sent: %r", error)
            raise errors.NotSent("The workers are gone.") from error

    def enqueue(self, session: str, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run a function of `nncore.runtime.tasks` on a worker when it is the session's turn.

        For work that takes longer than a slice. Such work uses at most half of the slots, and
        sessions take turns. It waits while there is no worker.

        Args:
            session: The session that asks. What waits when it leaves is cancelled; so is too much.
            function: The function.
            *arguments: Its arguments.
        """
        with self._changed:
            question = self._questions.add(session, partial(self.ask, function, *arguments))
            self._changed.notify_all()
            return question

    def release(self, session: str) -> None:
        """End all runs of a session that has left, including its background work."""
        with self._changed:
            cancelled = self._questions.release(session)
            for job in self._table.of_owner(session):
                hooks = self._hooks.pop(job.number)
                hooks.run.job = scheduling.ended(job, State.STOPPED)
                self._table.remove(job)
            self._changed.notify_all()
        for question in cancelled:  # outside the lock: this calls its callbacks
            question.cancel()

    def active(self) -> int:
        """Return the number of runs that wait or train."""
        with self._changed:
            return self._table.busy_count

    def open_runs(self, session: str) -> int:
        """Return the number of runs of one session, or its background work, that are not over."""
        with self._changed:
            return len(self._table.sessions.get(session, ()))

    def busy_in(self, session: str) -> list[Progress]:
        """Return snapshots of the runs of one session that wait or train."""
        with self._changed:
            jobs = self._table.busy_in(session)
            return [scheduling.progress_of(job, self._table) for job in jobs]

    def list_busy(self) -> list[Experiment]:
        """Return the experiments of all runs that wait or train."""
        with self._changed:
            return [job.experiment for job in self._table if job.is_busy]

    def is_training(self, session: str) -> bool:
        """Return True while a run of a session, or its background work, trains at full speed.

        Slow motion does not count: it is for a viewer.
        """
        with self._changed:
            return any(job.is_busy and job.rate is None for job in self._table.of_owner(session))

    def open_runs_of(self, owner: str) -> list[Run]:
        """Return the runs of a session and its background work that are not over, oldest first."""
        with self._changed:
            numbers = sorted(job.number for job in self._table.of_owner(owner))
            return [self._hooks[number].run for number in numbers]

    def busy_owners(self) -> frozenset[str]:
        """Return the sessions with a run that waits or trains, in them or in background work."""
        with self._changed:
            return self._table.busy_owners

    def others(self, session: str) -> int:
        """Return the number of other sessions with a run that waits or trains."""
        with self._changed:
            return self._table.other_busy_owners(owner_of(session))

    def in_flight(self) -> int:
        """Return the number of slices under way."""
        with self._changed:
            return self._flights.count

    def use(self, executor: Executor | None) -> None:
        """Continue on another executor; None holds all runs until there is one."""
        with self._changed:
            self._executor = executor
            self._changed.notify_all()

    def close(self) -> None:
        """Start no further slice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def look(self, run: Run, *, watched: bool = False) -> Progress:
        """Return a snapshot of a run; with `watched`, its next slices stay short."""
        with self._changed:
            if watched and run.job.number in self._hooks:
                run.job = scheduling.watched(run.job, self._clock())
                self._table.put(run.job)
            return scheduling.progress_of(run.job, self._table)

    def change(self, run: Run, change: Callable[[Job], Job]) -> None:
        """Replace the record of a run by what `change` makes of it.

        Raises:
            ValueError: If `change` refuses.
        """
        with self._changed:
            job = change(run.job)
            if run.job.number in self._hooks:  # not for a run that is over
                self._put(job)

    def wait(self, condition: Callable[[], object], seconds: float) -> None:
        """Block until a condition on a run holds, or time is up."""
        with self._changed:
            self._changed.wait_for(condition, seconds)

    def _put(self, job: Job) -> None:
        """Store the newest record of an open run, and finish it if it is over."""
        hooks = self._hooks[job.number]
        hooks.run.job = job
        self._table.put(job)
        if job.state.over:
            del self._hooks[job.number]
            self._finish(hooks)
        self._changed.notify_all()

    def _loop(self) -> None:
        with self._changed:
            while not self._closed:
                now = self._clock()
                asks = self._has_free_slot() and self._questions.has_turn(self._slots())
                job = self._next(now) if self._asked_last or not asks else None
                if job is not None:
                    self._asked_last = False
                    self._launch(job, now)
                elif asks:
                    self._asked_last = True
                    self._flights.begin()
                    self._questions.launch(self._question_done)
                else:
                    self._changed.wait(scheduling.seconds_until_due(self._table, now))

    def _has_free_slot(self) -> bool:
        is_held = self._executor is None or self._alone is not None
        return not is_held and self._flights.count < self._slots()

    def _next(self, now: float) -> Job | None:
        if not self._has_free_slot():
            return None
        return scheduling.next_job(self._table, now, self._flights.count)

    def _question_done(self) -> None:
        with self._changed:
            self._flights.end()
            self._questions.finish()
            self._changed.notify_all()

    def _launch(self, job: Job, now: float) -> None:
        """Send the next slice of a job, unless nobody needs the run any more."""
        self._table.rotate(job)
        if job.first_slice is None and not self._may_begin(job):
            return
        self._flights.begin_slice(job.number, self._memory_kills())
        self._alone = job.number if job.losses else None
        job, budget = scheduling.launched(job, now, self._table.is_crowded(job))
        self._put(job)
        try:
            future = self.ask(tasks.advance, job.experiment, job.checkpoint, budget)
        except (MemoryError, errors.NotSent) as error:
            future = errors.failed_future(error)
        future.add_done_callback(partial(self._land, job.number))

    def _may_begin(self, job: Job) -> bool:
        """Return True if a run may start; else it is over."""
        needed = self._hooks[job.number].needed
        if needed is not None and not needed():
            self._put(scheduling.ended(job, State.STOPPED))
            return False
        refusal = self.refuse(job.experiment)
        if not job.checkpoint.weights:
            held = self._table.held_bytes
            refusal = refusal or refuse_one_more(job.experiment, held, self._most_bytes)
        if refusal:
            self._put(scheduling.failed(job, refusal))
        return not refusal

    def _land(self, number: int, future: Future[Checkpoint]) -> None:
        """Take what a slice has returned; the result of a released run is dropped."""
        error = errors.error_of(future)
        with self._changed:
            flight = self._flights.end_slice(number)
            self._alone = None if self._alone == number else self._alone
            if number in self._hooks:
                self._put(self._after(self._hooks[number].run.job, future, error, flight))
            self._changed.notify_all()

    def _after(
        self, job: Job, future: Future[Checkpoint], error: BaseException | None, flight: Flight
    ) -> Job:
        if error is None:
            return scheduling.landed(job, future.result())
        if isinstance(error, errors.NotSent):
            return scheduling.lost(job, self._clock(), counts=False)
        if self._is_lost(error):
            ran_out = self._memory_kills() > flight.memory_kills
            counts = ran_out or self._has_killed(error)
            is_cause = ran_out and flight.is_alone and may_fill(job.experiment)
            return scheduling.lost(job, self._clock(), counts=counts, ran_out=is_cause)
        if not isinstance(error, errors.READABLE):
            LOG.error("A slice failed.", exc_info=error)
        return scheduling.failed(job, errors.sentence_of(error))

    def _finish(self, hooks: _Hooks) -> None:
        """Hand on a run that is over."""
        run = hooks.run
        keep = hooks.keep and run.job.state is State.FINISHED and not run.job.checkpoint.edits
        if keep and self._on_finished is not None:
            self._background.run(partial(self._hand_over, run, self._on_finished))
        if hooks.on_over is not None:  # who is told, as a sweep is, takes what it needs of the run
            self._background.run(partial(hooks.on_over, run))
        else:
            self._background.run(partial(self._lighten, run))

    def _hand_over(self, run: Run, on_finished: Callable[[Checkpoint], str]) -> None:
        try:
            note = on_finished(run.job.checkpoint)
        except Exception as error:
            LOG.error("A finished run was not saved.", exc_info=error)
            note = f"This run was not saved: {errors.reason_of(error)}."
        with self._changed:
            run.job = scheduling.with_note(run.job, note)

    def _lighten(self, run: Run) -> None:
        checkpoint = self._put_away(run.job.checkpoint)
        with self._changed:
            run.job = replace(run.job, checkpoint=checkpoint)
