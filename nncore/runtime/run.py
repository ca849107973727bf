"""The handle of one run: pages look at it and control it; the runner does the work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nncore.checkpoint import Budget
from nncore.experiment import Experiment
from nncore.runtime import scheduling
from nncore.runtime.jobs import Job, Progress, State

if TYPE_CHECKING:
    from nncore.runtime.runner import Runner


class Run:
    """A handle for one run of one session, returned by `Runner.submit`.

    Its methods may be called from any thread.
    """

    def __init__(self, runner: Runner, job: Job) -> None:
        self._runner = runner
        #: The newest record of the run. Only the runner replaces it.
        self.job = job

    @property
    def session(self) -> str:
        """The session that owns the run."""
        return self.job.session

    @property
    def experiment(self) -> Experiment:
        """The experiment that the run trains."""
        return self.job.experiment

    @property
    def pace(self) -> float | None:
        """Seconds per update without the first slice, which compiles; None if unknown."""
        return self.job.pace

    def progress(self) -> Progress:
        """Return a snapshot, and mark the run as watched: its slices stay short."""
        return self._runner.look(self, watched=True)

    def peek(self) -> Progress:
        """Return a snapshot without marking the run as watched."""
        return self._runner.look(self)

    def wait_for_first(self, seconds: float) -> None:
        """Block until the first slice has returned, the run is not active, or time is up.

        Args:
            seconds: The longest time to wait.
        """
        self._runner.wait(lambda: self.job.first_slice or not self.job.state.active, seconds)

    def pause(self) -> None:
        """Hold the run after the slice under way."""
        self._runner.change(self, partial(scheduling.requested, state=State.PAUSED))

    def resume(self) -> None:
        """Continue a paused run."""
        self._runner.change(self, partial(scheduling.requested, state=State.QUEUED))

    def stop(self) -> None:
        """End the run after the slice under way; everything learned until then is kept."""
        self._runner.change(self, partial(scheduling.requested, state=State.STOPPED))

    def step(self, *, batches: int | None = None, epochs: int | None = None) -> None:
        """Train one piece and pause again.

        Args:
            batches: The number of gradient updates to make.
            epochs: The number of epoch ends to reach.
        """
        step = Budget(batches=batches, epochs=epochs)
        self._runner.change(self, partial(scheduling.step_requested, step=step))

    def set_rate(self, batches_per_second: float | None) -> None:
        """Limit the speed.

        Args:
            batches_per_second: The most gradient updates per second; None means no limit.
        """
        self._runner.change(self, partial(scheduling.with_rate, rate=batches_per_second))

    def set_learning_rate(self, rate: float) -> None:
        """Continue with another learning rate: the run becomes a branch, which is not stored.

        Args:
            rate: The new step size.

        Raises:
            ValueError: If `rate` is out of bounds.
        """
        change = partial(scheduling.with_learning_rate, learning_rate=rate)
        self._runner.change(self, change)
