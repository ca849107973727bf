"""The weights that a learner sets by hand in lesson 1, and every earlier version of them.

The session keeps all versions in order, so that each change can be undone. This file draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from nncore.checkpoint import Arrays, Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.core import resources, state
from ui.core.keys import Key
from ui.workbench.run_view import View

#: More parameters than this are too many to set one by one.
MAX_PARAMETERS = 200
#: So many changes can be undone.
MAX_CHANGES = 200


@dataclass(frozen=True, eq=False)
class Position:
    """Weights as the learner has set them.

    Args:
        start: The run that training would continue with these weights; maybe not begun.
        weights: `(kernel, bias, kernel, bias, ...)`, float32.
        name: Where the learner began, such as `"zeros"`.
    """

    start: Checkpoint
    weights: Arrays
    name: str

    @property
    def experiment(self) -> Experiment:
        """The settings of the network."""
        return self.start.experiment

    @property
    def dataset(self) -> Dataset:
        """The numbers that the network is measured on."""
        return resources.dataset(self.experiment.data)

    @property
    def network(self) -> Network:
        """The network with these weights."""
        return Network.of(self.experiment, self.weights)

    @cached_property
    def scores(self) -> Mapping[str, float]:
        """Loss and accuracy on all numbers."""
        return evaluate(self.network, self.experiment, self.dataset.x_train, self.dataset.y_train)

    @property
    def task(self) -> tuple[str, str]:
        """The data and the loss: two losses can be compared where both are the same."""
        return self.dataset.fingerprint, self.experiment.fit.loss


#: Every version of the weights since the learner began, oldest first.
HISTORY: Key[tuple[Position, ...]] = Key("rounding.hand", ())
#: The lowest loss reached from each start.
LOWEST: Key[Mapping[object, float]] = Key("rounding.hand.best", {})


def find_starts(shown: View, experiment: Experiment, fingerprint: str) -> dict[str, Position]:
    """Return the weights that the learner can begin with, by the names of their buttons.

    Args:
        shown: The page's run, if there is one.
        experiment: The page's settings.
        fingerprint: The fingerprint of their data.
    """
    found = dict(_starts_of_run(shown.checkpoint)) if shown.checkpoint is not None else {}
    single = experiment.updated({"model.units": (1,)})
    for name, wanted in (("zeros", experiment), ("one", single)):
        found[name] = Position(Checkpoint(wanted, fingerprint), zero_weights(wanted), name)
    return found


def _starts_of_run(run: Checkpoint) -> Mapping[str, Position]:
    """Return a run's weights as they are now, and as they were at its start."""
    if not run.weights or run.experiment.parameters > MAX_PARAMETERS:
        return {}
    found = {"run": Position(run, run.weights, "run")}
    if run.film and run.film[0].updates == 0:
        first = run.film[0].arrays(run.experiment.layer_sizes)
        fresh = Checkpoint(run.experiment, run.fingerprint, weights=first)
        found["first"] = Position(fresh, first, "first")
    return found


def zero_weights(experiment: Experiment) -> Arrays:
    """Return weights and biases that are all 0."""
    pairs = pairwise(experiment.layer_sizes)
    return tuple(np.zeros(shape, np.float32) for a, b in pairs for shape in ((a, b), (b,)))


def current_position(starts: Mapping[str, Position]) -> Position:
    """Return the learner's weights; the page's run where nothing has been changed yet."""
    history = state.get(HISTORY)
    return history[-1] if history else starts.get("run", starts["one"])


def has_changes() -> bool:
    """Return True if there is something to undo."""
    return bool(state.get(HISTORY))


def move(before: Position, after: Position) -> None:
    """Take a new version of the weights.

    Args:
        before: The version that was changed: the first to be kept.
        after: The new one.
    """
    state.put(HISTORY, (*(state.get(HISTORY) or (before,)), after)[-MAX_CHANGES:])


def undo() -> None:
    """Go back to the version before the last change."""
    earlier = state.get(HISTORY)[:-1]
    state.put(HISTORY, earlier if len(earlier) > 1 else ())


def find_lowest_loss(at: Position) -> float | None:
    """Return the lowest loss so far from this start; None before the first change."""
    key = (at.name, at.experiment.layer_sizes, *at.task)
    lowest = state.get(LOWEST)
    if has_changes():
        lowest = {**lowest, key: min(at.scores["loss"], lowest.get(key, math.inf))}
        state.put(LOWEST, lowest)
    return lowest.get(key)
