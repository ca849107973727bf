"""Numbers that tell networks of different seeds apart, and their range in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.units import where_on
from nncore.data.datasets import Dataset
from nncore.experiment import Experiment
from nncore.nn.evaluation import evaluate
from nncore.nn.network import Network
from ui.core import wording

#: Two inputs far outside the data; the rule gives class 0 and class 1.
FAR = (-10.0, 10.0)


class SeedFacts(NamedTuple):
    """Numbers about one seed's network.

    Attributes:
        seed: The seed.
        borders: Inputs at which the prediction changes.
        loss: Loss on all training numbers; NaN where the run diverged.
        dead: Number of dead units in the first layer; None where units cannot be dead.
        units: Number of units in the first layer.
        far: For each of `FAR`, whether the prediction there is right.
    """

    seed: int
    borders: tuple[float, ...]
    loss: float
    dead: int | None
    units: int
    far: tuple[bool, bool]

    def describe(self) -> str:
        """Return the facts as one line."""
        return " · ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if len(self.borders) == 1:
            yield f"border {self.borders[0]:.3f}"
        else:
            yield f"{len(self.borders) or 'no'} borders"
        yield f"loss {wording.NOT_A_NUMBER if np.isnan(self.loss) else f'{self.loss:.3f}'}"
        if self.dead is not None:
            yield f"{self.dead} of {self.units} dead"


def measure_seed(experiment: Experiment, network: Network, dataset: Dataset) -> SeedFacts:
    """Measure one seed's network.

    Args:
        experiment: Its settings.
        network: The network.
        dataset: The numbers it was trained on.
    """
    can_die = experiment.model.activation == "relu" and bool(experiment.model.units)
    scores = evaluate(network, experiment, dataset.x_train, dataset.y_train)
    is_right = network.predict(np.array(FAR)).argmax(axis=1) == (0, 1)
    return SeedFacts(
        experiment.fit.seed,
        boundaries(network),
        scores["loss"],
        where_on(network).count("never") if can_die else None,
        len(network.layers[0].bias),
        (bool(is_right[0]), bool(is_right[1])),
    )


def summarize_seeds(facts: Sequence[SeedFacts]) -> str:
    """Return how far the seeds differ, in one sentence of Markdown."""
    parts = list(_range_of_borders(facts))
    losses = [each.loss for each in facts if not np.isnan(each.loss)]
    if losses:
        parts.append(f"losses from {min(losses):.3f} to {max(losses):.3f}")
    if diverged := len(facts) - len(losses):
        parts.append(f"{diverged} diverged")
    dead = [each.dead for each in facts if each.dead is not None]
    if dead:
        parts.append(f"{min(dead)} to {max(dead)} of {facts[0].units} units dead")
    low, high = (sum(each.far[end] for each in facts) for end in (0, 1))
    parts.append(f"right at x = −10: {low} of {len(facts)}, at x = 10: {high} of {len(facts)}")
    return f"**{len(facts)} seeds:** {'; '.join(parts)}."


def _range_of_borders(facts: Sequence[SeedFacts]) -> Iterator[str]:
    borders = [each.borders[0] for each in facts if len(each.borders) == 1]
    if borders:
        yield f"borders from {min(borders):.3f} to {max(borders):.3f}"
    if len(borders) < len(facts):
        yield f"{len(facts) - len(borders)} without a single border"
