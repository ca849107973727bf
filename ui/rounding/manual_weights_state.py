"""Where a learner stands who sets lesson 1's weights by hand.

That is a `Position`: weights, and the run that training takes them up from. The session keeps the
positions one after another, so that each change can be taken back. How they are set is drawn in
`hands.py`.
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
from nncore.nn.network import Network, evaluate
from ui.core import resources, state
from ui.workbench.run_view import View

KEY = "rounding.hand"
#: Numbers that a person can set one by one, and how many changes can be taken back.
MOST, KEPT = 200, 200


@dataclass(frozen=True, eq=False)
class Position:
    """Weights as the learner has set them.

    Args:
        start: The run that training would take up, with these weights; maybe not begun.
        weights: `(kernel, bias, kernel, bias, ...)`, float32.
        name: Where it began, such as `"zeros"`.
    """

    start: Checkpoint
    weights: Arrays
    name: str

    @property
    def experiment(self) -> Experiment:
        """Whose network it is."""
        return self.start.experiment

    @property
    def dataset(self) -> Dataset:
        """The numbers that it is measured on."""
        return resources.dataset(self.experiment.data)

    @property
    def network(self) -> Network:
        """It as a network."""
        return Network.of(self.experiment, self.weights)

    @cached_property
    def scores(self) -> Mapping[str, float]:
        """Its loss and accuracy on all numbers."""
        return evaluate(self.network, self.experiment, self.dataset.x_train, self.dataset.y_train)


def starts(shown: View, experiment: Experiment, fingerprint: str) -> dict[str, Position]:
    """Where one can begin, by the names of the buttons in `hands.py`.

    Args:
        shown: The page's run, if there is one.
        experiment: The page's settings.
        fingerprint: Their data.
    """
    found = dict(_of_run(shown.checkpoint)) if shown.checkpoint is not None else {}
    single = experiment.updated({"model.units": (1,)})
    for name, wanted in (("zeros", experiment), ("one", single)):
        found[name] = Position(Checkpoint(wanted, fingerprint), zeros(wanted), name)
    return found


def _of_run(run: Checkpoint) -> Mapping[str, Position]:
    """A run's weights as they are, and as they were when it began."""
    if not run.weights or run.experiment.parameters > MOST:
        return {}
    found = {"run": Position(run, run.weights, "run")}
    if run.film and run.film[0].updates == 0:
        first = run.film[0].arrays(run.experiment.layer_sizes)
        fresh = Checkpoint(run.experiment, run.fingerprint, weights=first)
        found["first"] = Position(fresh, first, "first")
    return found


def zeros(experiment: Experiment) -> Arrays:
    """The weights of a network that knows nothing."""
    pairs = pairwise(experiment.layer_sizes)
    return tuple(np.zeros(shape, np.float32) for a, b in pairs for shape in ((a, b), (b,)))


def now(found: Mapping[str, Position]) -> Position:
    """Where the learner stands; a learner who has changed nothing stands on the page's run."""
    return past()[-1] if past() else found.get("run", found["one"])


def past() -> tuple[Position, ...]:
    """All positions so far; none before the first change."""
    return state.get(KEY, ())


def move(at: Position, to: Position) -> None:
    """Goes on to another position."""
    state.put(KEY, (*(past() or (at,)), to)[-KEPT:])


def undo() -> None:
    """Goes back to the position before."""
    before = past()[:-1]
    state.put(KEY, before if len(before) > 1 else ())


def task(at: Position) -> tuple[str, str]:
    """What makes two losses comparable: the numbers, and the loss."""
    return at.dataset.fingerprint, at.experiment.fit.loss


def best(at: Position) -> float | None:
    """The lowest loss so far from this start, in this session; None before the first change."""
    key = (at.name, at.experiment.layer_sizes, *task(at))
    lowest: Mapping[object, float] = state.get(f"{KEY}.best", {})
    if past():
        lowest = {**lowest, key: min(at.scores["loss"], lowest.get(key, math.inf))}
        state.put(f"{KEY}.best", lowest)
    return lowest.get(key)
