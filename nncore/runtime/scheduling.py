"""The scheduling policy as pure functions: whose turn it is, how long a slice is, what follows it.

Each function takes job records and returns new ones. Times are seconds on the runner's clock. There
is no thread, lock, executor or clock here.
"""

from __future__ import annotations

from dataclasses import replace

from nncore.checkpoint import Budget, Checkpoint
from nncore.experiment import Experiment
from nncore.runtime.job_table import JobTable
from nncore.runtime.jobs import Job, Progress, State

#: Seconds of training in a slice. The first slice of a run is the shortest, so that its curve
#: starts at once; slices are longer while nobody looks, because each costs a round trip.
FIRST_SLICE = 0.05
WATCHED_SLICE = 0.2
UNWATCHED_SLICE = 0.4
#: The slice of a job in line while nobody else trains; otherwise it is as short as any other.
LINE_SLICE = 0.4
#: The slices of a requested batch or epoch: it can be stopped between them.
STEP_SLICE = 0.2
#: Seconds for which a run counts as watched after somebody asked for its progress.
WATCHED_FOR = 5.0
#: Slices per second in slow motion, where each slice has a fixed number of batches.
SLOW_SLICES = 8
#: The most seconds by which slow motion may catch up after a delay.
CATCH_UP = 0.25
#: Products of weights and samples in one gradient update: 0.3 s on a core that makes a hundred
#: billion operations a second. No slice can cut an update.
LONGEST_UPDATE = 5 * 10**9
#: What a learner reads where one update would be longer.
LONG_UPDATE = (
    "One update of this run would take so long that others would have to wait. "
    "Choose a smaller batch size or fewer units."
)
#: Losses in a row after which a run is given up.
MAX_LOSSES = 3
#: What a learner reads where a run took more memory than there is.
RAN_OUT = (
    "This run needed more memory than the machine has, so it was ended. "
    "Try fewer units or a smaller batch size."
)
#: Seconds to wait before a lost slice is sent again, times the number of losses.
LOSS_DELAY = 0.1


# Requests


def requested(job: Job, state: State) -> Job:
    """Return the job after a request to pause, resume or stop it."""
    if job.state.over:
        return job
    job = replace(job, goal=state, step=None, current_step=None)
    return job if job.in_flight else replace(job, state=state)


def step_requested(job: Job, step: Budget) -> Job:
    """Return the job after a request to train a piece of the given size and then pause."""
    if job.state.over:
        return job
    return replace(job, step=step, goal=State.PAUSED, due=0.0)


def with_rate(job: Job, rate: float | None) -> Job:
    """Return the job with a new speed limit, in gradient updates per second."""
    return replace(job, rate=rate, due=0.0)


def with_learning_rate(job: Job, learning_rate: float) -> Job:
    """Return the job with a new learning rate, applied after the slice under way if there is one.

    Raises:
        ValueError: If the learning rate is out of bounds.
    """
    job.experiment.updated({"fit.learning_rate": learning_rate})
    if job.in_flight or not job.checkpoint.slots:
        return replace(job, new_learning_rate=learning_rate)
    if job.state.over:
        return job
    return replace(job, checkpoint=job.checkpoint.with_learning_rate(learning_rate))


def watched(job: Job, now: float) -> Job:
    """Return the job after somebody has looked at it."""
    return replace(job, watched_at=now)


def with_note(job: Job, note: str) -> Job:
    """Return the job with a sentence for the learner, unless it has one already."""
    return replace(job, note=job.note or note)


def progress_of(job: Job, table: JobTable) -> Progress:
    """Return a snapshot of the job for the page."""
    others = table.busy_count - job.is_busy
    return Progress(job.state, job.checkpoint, job.stepping, others, job.note)


def refuse(experiment: Experiment) -> str:
    """Return why an experiment cannot be trained beside others; empty if it can."""
    products = experiment.parameters * experiment.fit.batch_size
    return LONG_UPDATE if products > LONGEST_UPDATE else ""


# Turns


def next_job(table: JobTable, now: float, in_flight: int) -> Job | None:
    """Return the job whose turn it is: sessions take turns, and so do the jobs of one session.

    Args:
        table: All open jobs.
        now: The time.
        in_flight: The number of slices under way.

    Returns:
        The job; None if none is due, or if the next one has to wait until it can run alone.
    """
    for jobs in table.sessions.values():
        for job in jobs.values():
            if job.wants_slice and job.due <= now:
                # A job that was lost before runs alone, so that it cannot take others with it.
                return None if job.losses and in_flight else job
    return None


def seconds_until_due(table: JobTable, now: float) -> float | None:
    """Return the seconds until a delayed job is due; None if there is none."""
    waits = [job.due - now for job in table.delayed() if job.wants_slice and job.due > now]
    return max(0.001, min(waits)) if waits else None


def launched(job: Job, now: float, crowded: bool) -> tuple[Job, Budget]:
    """Return the job with a slice under way, and the budget of that slice.

    Args:
        job: The job whose turn it is.
        now: The time.
        crowded: True if somebody else waits or trains.
    """
    budget = replace(job.step, seconds=STEP_SLICE) if job.step else _budget(job, now, crowded)
    job = replace(
        job,
        in_flight=True,
        state=State.RUNNING,
        step=None,
        current_step=job.step,
        due=_next_due(job, budget, now),
    )
    return job, budget


def _rest_of(step: Budget | None, before: Checkpoint, after: Checkpoint) -> Budget | None:
    """Return the part of a step that a slice has left to do, or None.

    A step that has ended an epoch's last batch goes on until the epoch is validated.
    """
    if step is None:
        return None
    if step.epochs is not None:
        epochs = step.epochs - (after.epoch - before.epoch)
        return replace(step, epochs=epochs) if epochs > 0 else None
    batches = (step.batches or 0) - (after.updates - before.updates)
    return replace(step, batches=batches) if batches > 0 or after.validation_totals else None


def _budget(job: Job, now: float, crowded: bool) -> Budget:
    seconds = _slice_seconds(job, now, crowded)
    if job.rate is None:
        return Budget(seconds=seconds)
    return Budget(seconds=seconds, batches=max(1, round(job.rate / SLOW_SLICES)))


def _slice_seconds(job: Job, now: float, crowded: bool) -> float:
    if not (job.checkpoint.epoch or job.checkpoint.step):
        return FIRST_SLICE
    if job.in_line:
        return WATCHED_SLICE if crowded else LINE_SLICE
    return WATCHED_SLICE if now - job.watched_at < WATCHED_FOR else UNWATCHED_SLICE


def _next_due(job: Job, budget: Budget, now: float) -> float:
    """Return when the slice after this one may start, to keep the speed limit."""
    if job.rate is None or budget.batches is None or job.step is not None:
        return 0.0
    return max(job.due or now, now - CATCH_UP) + budget.batches / job.rate


# Results


def landed(job: Job, checkpoint: Checkpoint) -> Job:
    """Return the job after its slice has returned a checkpoint."""
    if checkpoint.experiment == job.experiment:  # the one that has a learner's own drawings
        checkpoint = replace(checkpoint, experiment=job.experiment)
    learning_rate = job.new_learning_rate
    if learning_rate is not None and not checkpoint.finished:
        checkpoint, learning_rate = checkpoint.with_learning_rate(learning_rate), None
    rest = _rest_of(job.current_step, job.checkpoint, checkpoint)
    job = replace(
        job,
        step=job.step or rest,
        current_step=None,
        checkpoint=checkpoint,
        new_learning_rate=learning_rate,
        first_slice=job.first_slice or (checkpoint.updates, checkpoint.seconds),
        in_flight=False,
        losses=0,
    )
    if checkpoint.failure:
        return failed(job, checkpoint.failure)
    if checkpoint.finished:
        return ended(job, State.FINISHED)
    return replace(job, state=State.RUNNING if rest else job.goal)


def lost(job: Job, now: float, *, counts: bool = True, ran_out: bool = False) -> Job:
    """Return the job after its slice was lost with its worker: send it again, or give it up.

    Args:
        job: The job.
        now: The time.
        counts: False if the connection was lost, so that the run cannot be the cause.
        ran_out: True if memory ran out for this run, and nothing else was under way: it would run
            out again, and everybody else would wait meanwhile.
    """
    if job.goal.over:
        return ended(job, job.goal)
    if ran_out:
        return failed(job, RAN_OUT)
    losses = job.losses + counts
    if losses >= MAX_LOSSES:
        return failed(
            job,
            f"The worker stopped {MAX_LOSSES} times during this run, so the run was ended. "
            "Try fewer units or a smaller batch.",
        )
    step = job.step or job.current_step
    due = now + LOSS_DELAY * max(1, losses)
    return replace(job, losses=losses, step=step, due=due, in_flight=False, state=job.goal)


def failed(job: Job, note: str) -> Job:
    """Return the job as failed, with a sentence that says why."""
    return replace(ended(job, State.FAILED), note=note)


def ended(job: Job, state: State) -> Job:
    """Return the job in a final state."""
    return replace(job, state=state, goal=state, step=None, in_flight=False)
