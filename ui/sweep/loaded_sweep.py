"""A valid sweep together with its data, and the session's runs of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nncore.data.datasets import Dataset
from nncore.data.splits import held_out
from nncore.experiment import Experiment
from nncore.runtime.scores import RunScore, score_name
from nncore.runtime.sweep_runs import SweepProgress, SweepRuns
from nncore.sweep import Sweep
from ui.core import page_runs, server, state
from ui.core.keys import Key
from ui.sweep.draft import PAGE, Draft

#: Seconds that one rerun of the page may spend on reading scores from the store.
READING_SECONDS = 0.4
SWEEP_RUNS = Key[SweepRuns | None](f"{PAGE}.training", None, "tab")


@dataclass(frozen=True)
class LoadedSweep:
    """A sweep with its data.

    Args:
        draft: The draft that the sweep comes from.
        sweep: The sweep.
        dataset: The data of all its runs.
    """

    draft: Draft
    sweep: Sweep
    dataset: Dataset

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiment of each run."""
        return self.sweep.experiments

    @property
    def score_name(self) -> str:
        """The number that runs are compared by: `"validation accuracy"` or `"test accuracy"`."""
        return score_name(self.sweep.base)

    @property
    def scored_samples(self) -> int:
        """Number of samples that a score is counted on."""
        rows = held_out(len(self.dataset.x_train), self.sweep.base.fit)
        return len(range(rows.start, rows.stop)) or len(self.dataset.x_test)

    def scores(self) -> tuple[dict[Experiment, RunScore], int]:
        """Return the known scores, and how many are still to be read from the store."""
        found = server.lab().scores
        return found.find(self.experiments, self.dataset.fingerprint, READING_SECONDS)

    def missing(self, scores: dict[Experiment, RunScore]) -> list[Experiment]:
        """Return the experiments without a score, in the sweep's order."""
        return [experiment for experiment in self.experiments if experiment not in scores]


def sweep_progress() -> SweepProgress:
    """Return the progress of the session's sweep; an empty one before the first sweep."""
    sweep_runs = state.get(SWEEP_RUNS)
    return sweep_runs.progress() if sweep_runs else SweepProgress()


def start(loaded: LoadedSweep, *, again: bool) -> None:
    """Train the runs that have no score yet.

    Args:
        loaded: The sweep.
        again: Whether runs with a score are trained again too.
    """
    sweep_runs = state.get(SWEEP_RUNS)
    if sweep_runs is None:
        sweep_runs = server.lab().sweep_runs(page_runs.get_owner())
        state.put(SWEEP_RUNS, sweep_runs)
    page_runs.note_start(PAGE)
    sweep_runs.begin(loaded.experiments, loaded.dataset, again=again)


def stop() -> None:
    """Stop the session's sweep; runs that have ended keep their scores."""
    sweep_runs = state.get(SWEEP_RUNS)
    if sweep_runs is not None:
        sweep_runs.stop()


def failure_notes(loaded: LoadedSweep) -> list[str]:
    """Return why runs ended without a score, a sentence for each reason."""
    sweep_runs = state.get(SWEEP_RUNS)
    notes = sweep_runs.notes() if sweep_runs else {}
    return sorted({notes[one] for one in loaded.experiments if one in notes})
