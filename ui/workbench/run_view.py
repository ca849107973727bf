"""The run that a page shows: its own, a stored one, or an older one that is marked stale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.data.splits import updates_per_epoch
from nncore.experiment import Experiment
from nncore.nn.network import Network
from nncore.runtime.jobs import Progress, State
from nncore.runtime.run import Run
from ui.content.settings import word_changes
from ui.core import resources


@dataclass(frozen=True)
class View:
    """The source of a page's pictures: an experiment and the state of its run.

    Args:
        experiment: The experiment that is shown; the run's, not the settings', where they differ.
        dataset: The data that the page is on.
        checkpoint: The run's; None before there is one.
        state: What the run is doing; None where the result comes from the store.
        stale: What the settings say by now, as sentences; empty where they are the run's.
        note: Empty, or a sentence on how the run ended.
    """

    experiment: Experiment
    dataset: Dataset
    checkpoint: Checkpoint | None = None
    state: State | None = None
    stale: tuple[str, ...] = ()
    note: str = ""

    @cached_property
    def network(self) -> Network | None:
        """The network as arrays; None before it has weights."""
        if self.checkpoint is None or not self.checkpoint.weights:
            return None
        return Network.of(self.checkpoint.experiment, self.checkpoint.weights)

    @property
    def trained(self) -> bool:
        """Return True for a result that does not change now: finished, stopped or paused."""
        return self.network is not None and not self.is_moving

    @property
    def is_moving(self) -> bool:
        """Return True while the run trains or waits for its turn."""
        return self.state is not None and self.state.active

    @property
    def done(self) -> bool:
        """Return True if the run went through all its epochs, or can go no further."""
        return self.checkpoint is not None and self.checkpoint.finished

    @property
    def stored(self) -> bool:
        """Return True if the result comes from the store."""
        return self.checkpoint is not None and self.state is None


def view_of(run: Run | None, experiment: Experiment, dataset: Dataset) -> View:
    """Return what a page shows: its run, else a stored one, else an older run marked as stale.

    Args:
        run: The page's run, if there is one.
        experiment: The page's settings.
        dataset: The data that they name.
    """
    progress = run.progress() if run is not None else None
    mine = run is not None and run.experiment == experiment and _on(run, dataset)
    if progress is not None and (mine or not progress.state.over):
        return _view_of(progress, experiment, dataset)
    stored = resources.stored(experiment, dataset.fingerprint)
    if stored is not None:
        return View(experiment, dataset, stored)
    if progress is not None and progress.checkpoint.weights:
        return _view_of(progress, experiment, dataset)
    return View(experiment, dataset)


def steps(checkpoint: Checkpoint) -> int:
    """Return the batches in an epoch of a run."""
    experiment = checkpoint.experiment
    return updates_per_epoch(len(resources.dataset(experiment.data).x_train), experiment.fit)


def _on(run: Run, dataset: Dataset) -> bool:
    return run.peek().checkpoint.fingerprint == dataset.fingerprint


def _view_of(progress: Progress, experiment: Experiment, dataset: Dataset) -> View:
    checkpoint = progress.checkpoint
    stale = word_changes(checkpoint.experiment, experiment)
    if checkpoint.experiment.data.name == "own":  # its classes may differ from the page's
        dataset = resources.dataset(checkpoint.experiment.data)
    if checkpoint.fingerprint != dataset.fingerprint:
        stale = (*stale, "other data")
    return View(checkpoint.experiment, dataset, checkpoint, progress.state, stale, progress.note)
