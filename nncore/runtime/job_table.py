"""All open jobs in the order of their turns, and counts of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from nncore.runtime.jobs import Job, owner_of
from nncore.runtime.memory import checkpoint_bytes


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
        self._held: dict[int, int] = {}  # bytes of jobs that have begun
        #: Bytes of the checkpoints of all jobs that have begun.
        self.held_bytes = 0

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
        if job.checkpoint.weights and job.number not in self._held:
            self._held[job.number] = checkpoint_bytes(job.experiment)
            self.held_bytes += self._held[job.number]
        if job.due:
            self._delayed[job.number] = job.session
        else:
            self._delayed.pop(job.number, None)

    def remove(self, job: Job) -> None:
        """Drop a job; nothing happens if it is not in the table."""
        self._count(job, False)
        self.held_bytes -= self._held.pop(job.number, 0)
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

    @property
    def busy_owners(self) -> frozenset[str]:
        """The owners with a job that waits or trains."""
        return frozenset(self._owners)

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
