"""The records that the scheduler works on: one `Job` per run, and a table of all open jobs.

A job is a frozen value. `nncore.runtime.scheduling` computes the next value of a job, the table
keeps the newest one, and `nncore.runtime.runner` decides when. Nothing here has a thread or a lock.
"""

from __future__ import annotations

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


def owner_of(session: str) -> str:
    """Return the session that some background work belongs to."""
    return session.partition("/")[0]
