"""The records that the scheduler works on: one `Job` per run, and a table of all open jobs.

A job is a frozen value. `nncore.runtime.scheduling` computes the next value of a job, the table
keeps the newest one, and `nncore.runtime.runner` decides when. Nothing here has a thread or a lock.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from nncore.checkpoint import Budget, Checkpoint
from nncore.experiment import Experiment


class State(Enum):
    """The state of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """True while the run continues without being asked to."""
        return self in (State.QUEUED, State.RUNNING)

    @property
    def over(self) -> bool:
        """True once the run can never continue."""
        return self in (State.STOPPED, State.FINISHED, State.FAILED)


@dataclass(frozen=True)
class Progress:
    """A snapshot of a run for the page.

    Args:
        state: The state of the run.
        checkpoint: Its newest checkpoint; has no weights before the first slice has returned.
        stepping: True while a requested batch or epoch is still to come.
        place: The number of other runs that wait or train.
        note: Empty, or one sentence for the learner: why the run failed, or why it was not saved.
    """

    state: State
    checkpoint: Checkpoint
    stepping: bool = False
    place: int = 0
    note: str = ""


@dataclass(frozen=True, eq=False)
class Job:
    """Everything the scheduler knows about one run.

    Args:
        number: Identifies the job; unique within one runner.
        session: The session that owns it, or `"session/name"` for background work.
        checkpoint: The newest checkpoint.
        state: The state of the run.
        goal: The state to enter when the slice under way returns.
        rate: The most gradient updates per second; None means no limit.
        in_line: True if the job starts only after the jobs of its session that came before it.
        due: The time before which no slice may start, in seconds of the runner's clock; 0 means
            at once.
        step: A requested batch or epoch that has not started yet.
        current_step: The requested batch or epoch that the slice under way works on.
        in_flight: True while a worker computes a slice.
        losses: The number of slices in a row that were lost with their worker.
        new_learning_rate: A learning rate to apply when the slice under way returns.
        watched_at: The time at which somebody last looked at the run, on the runner's clock.
        note: Empty, or one sentence for the learner.
        first_slice: (updates, seconds) after the first slice; None before it has returned.
    """

    number: int
    session: str
    checkpoint: Checkpoint
    state: State = State.QUEUED
    goal: State = State.QUEUED
    rate: float | None = None
    in_line: bool = False
    due: float = 0.0
    step: Budget | None = None
    current_step: Budget | None = None
    in_flight: bool = False
    losses: int = 0
    new_learning_rate: float | None = None
    watched_at: float = 0.0
    note: str = ""
    first_slice: tuple[int, float] | None = None

    @property
    def experiment(self) -> Experiment:
        """The experiment that the job trains."""
        return self.checkpoint.experiment

    @property
    def owner(self) -> str:
        """The session behind the job, without the name of its background work."""
        return owner_of(self.session)

    @property
    def is_busy(self) -> bool:
        """True while the job waits for a turn or trains; a job in line counts once it has begun."""
        waits_in_line = self.in_line and self.first_slice is None
        return self.in_flight or (self.state.active and not waits_in_line)

    @property
    def wants_slice(self) -> bool:
        """True if the job would use a free slot now."""
        return not self.in_flight and (self.state.active or self.step is not None)

    @property
    def stepping(self) -> bool:
        """True while a requested batch or epoch is still to come."""
        return self.step is not None or (self.in_flight and self.current_step is not None)

    @property
    def pace(self) -> float | None:
        """Seconds per update without the first slice, which compiles; None if unknown."""
        updates, seconds = self.first_slice or (self.checkpoint.updates, 0.0)
        trained = self.checkpoint.updates - updates
        return (self.checkpoint.seconds - seconds) / trained if trained > 0 else None


class JobTable:
    """All open jobs by session, in the order of their turns. Not safe for concurrent use.

    Reading a count never loops over the jobs, so many jobs in line cost a page nothing.
    """

    def __init__(self) -> None:
        self.sessions: OrderedDict[str, OrderedDict[int, Job]] = OrderedDict()
        self._busy: dict[str, OrderedDict[int, None]] = {}
        self._owners: dict[str, int] = {}  # busy jobs by owner
        self._delayed: dict[int, str] = {}  # sessions of jobs with a due time
        self._busy_count = 0

    def __iter__(self) -> Iterator[Job]:
        for jobs in self.sessions.values():
            yield from jobs.values()

    def put(self, job: Job) -> None:
        """Add a job or replace its older value; a job that is over leaves the table."""
        if job.state.over:
            self.remove(job)
            return
        self.sessions.setdefault(job.session, OrderedDict())[job.number] = job
        self._count(job, job.is_busy)
        if job.due:
            self._delayed[job.number] = job.session
        else:
            self._delayed.pop(job.number, None)

    def remove(self, job: Job) -> None:
        """Drop a job; nothing happens if it is not in the table."""
        self._count(job, False)
        self._delayed.pop(job.number, None)
        jobs = self.sessions.get(job.session, OrderedDict())
        jobs.pop(job.number, None)
        if not jobs:
            self.sessions.pop(job.session, None)

    def rotate(self, job: Job) -> None:
        """Move a job and its session behind all others, because it has had its turn.

        The other work of the same owner moves along and stays just before it. Jobs in line keep
        their order.
        """
        for session in [name for name in self.sessions if owner_of(name) == job.owner]:
            self.sessions.move_to_end(session)
        self.sessions.move_to_end(job.session)
        if not job.in_line:
            self.sessions[job.session].move_to_end(job.number)

    def of_owner(self, owner: str) -> list[Job]:
        """Return all jobs of a session, including those of its background work."""
        found = [jobs for name, jobs in self.sessions.items() if f"{name}/".startswith(f"{owner}/")]
        return [job for jobs in found for job in jobs.values()]

    @property
    def busy_count(self) -> int:
        """The number of jobs that wait or train."""
        return self._busy_count

    def busy_in(self, session: str) -> list[Job]:
        """Return the jobs of one session that wait or train."""
        return [self.sessions[session][number] for number in self._busy.get(session, ())]

    def other_busy_owners(self, owner: str) -> int:
        """Return the number of other owners with a job that waits or trains."""
        return len(self._owners) - (owner in self._owners)

    def is_crowded(self, job: Job) -> bool:
        """Return True if a job of another session, or other work of this one, waits or trains."""
        return self._busy_count > len(self._busy.get(job.session, ()))

    def delayed(self) -> list[Job]:
        """Return the jobs that have a due time."""
        return [self.sessions[session][number] for number, session in self._delayed.items()]

    def _count(self, job: Job, is_busy: bool) -> None:
        """Count a job as busy or not, whichever it was before."""
        here = self._busy.setdefault(job.session, OrderedDict())
        change = is_busy - (job.number in here)
        if is_busy:
            here[job.number] = None
        else:
            here.pop(job.number, None)
        if not here:
            del self._busy[job.session]
        self._busy_count += change
        count = self._owners.get(job.owner, 0) + change
        self._owners[job.owner] = count
        if not count:
            del self._owners[job.owner]


def owner_of(session: str) -> str:
    """Return the session that some background work belongs to."""
    return session.partition("/")[0]
