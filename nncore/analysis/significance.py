"""What two runs have in common at their start, and whether their results differ beyond chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from nncore.data.splits import training_rows
from nncore.experiment import Experiment

#: Student's t for 1, 2, 3, ... degrees of freedom: 95 % lie between -t and t.
#: Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


# How two runs begin


def same_start(one: Experiment, other: Experiment) -> tuple[bool, ...]:
    """For each layer of the deeper network, whether both begin with the same weights in it.

    Starting weights follow from the seed, which layer it is, and its inputs and units; biases
    begin at 0. Nothing else has a part in them.

    Args:
        one: An experiment.
        other: Another.
    """
    shapes = [list(pairwise(experiment.layer_sizes)) for experiment in (one, other)]
    count = max(map(len, shapes))
    padded = [[*layers, *[None] * (count - len(layers))] for layers in shapes]
    same_seed = one.fit.seed == other.fit.seed
    return tuple(same_seed and a == b for a, b in zip(*padded, strict=True))


def same_shape(one: Experiment, other: Experiment) -> bool:
    """Whether both networks have the same layers, so that one seed gives both the same start."""
    return one.layer_sizes == other.layer_sizes


def same_order(one: Experiment, other: Experiment, samples: int) -> bool:
    """Whether both see their training samples in the same order, on data that both have.

    Args:
        one: An experiment.
        other: Another.
        samples: How many training samples there are, held-out ones included.
    """
    rows = [training_rows(samples, experiment.fit) for experiment in (one, other)]
    return one.fit.seed == other.fit.seed and rows[0] == rows[1]


# What other seeds give


def but_for_seed(experiment: Experiment) -> Experiment:
    """The same for all experiments that differ in `fit.seed` alone."""
    return experiment.updated({"fit.seed": 0})


def other_seeds(experiment: Experiment, known: Sequence[int], count: int) -> list[Experiment]:
    """The experiment with the next seeds that are not known yet.

    Args:
        experiment: What to run again.
        known: Seeds that it has been run with.
        count: How many others there are to be in all, known ones among them.
    """
    own = experiment.fit.seed
    missing = count - len({*known} - {own})
    fresh: list[int] = [] if own in known else [own]
    seed = own
    while missing > 0:
        seed = (seed + 1) % 2**32
        if seed not in known:
            fresh.append(seed)
            missing -= 1
    return [experiment.updated({"fit.seed": each}) for each in fresh]


class Spread(NamedTuple):
    """What several seeds gave.

    Attributes:
        values: A number for each seed, all finite.
        mean: Their mean.
        deviation: Their standard deviation, with one less than their number in the divisor; not a
            number for a single one.
    """

    values: tuple[float, ...]
    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Counts, at least one number.

        Raises:
            ValueError: If there is none.
        """
        if not values:
            raise ValueError("values must hold at least one number. Received: none")
        mean = math.fsum(values) / len(values)
        if len(values) == 1:
            return cls(tuple(values), mean, math.nan)
        squares = math.fsum((value - mean) ** 2 for value in values)
        return cls(tuple(values), mean, math.sqrt(squares / (len(values) - 1)))


@dataclass(frozen=True)
class Difference:
    """The difference of two means, with what the seeds leave open.

    Args:
        mean: The second mean less the first.
        low: Where its 95 % interval begins.
        high: Where that ends.
    """

    mean: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether it is larger than the seeds' noise: the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(one: Spread, other: Spread) -> Difference | None:
    """Welch's t interval, 95 %, for how far the second mean lies above the first.

    The variances may differ. Degrees of freedom are those of Welch and Satterthwaite, rounded
    down, so that the interval is a little too wide rather than too narrow.

    Args:
        one: At least two seeds of an experiment.
        other: At least two of another.

    Returns:
        The interval; None where one of them has a single seed.

    Source: B. L. Welch, The generalization of "Student's" problem when several different
    population variances are involved, Biometrika 34, 1947.
    """
    counts = [len(one.values), len(other.values)]
    if min(counts) < 2:
        return None
    parts = [spread.deviation**2 / n for spread, n in zip((one, other), counts, strict=True)]
    mean, variance = other.mean - one.mean, sum(parts)
    if variance == 0:  # every seed gives the same
        return Difference(mean, mean, mean)
    freedom = variance**2 / sum(part**2 / (n - 1) for part, n in zip(parts, counts, strict=True))
    # Rounding errors must not take a degree away that is there exactly.
    reach = _t(math.floor(freedom + 1e-9)) * math.sqrt(variance)
    return Difference(mean, mean - reach, mean + reach)


def _t(freedom: int) -> float:
    return _T[min(max(freedom, 1), len(_T)) - 1]
