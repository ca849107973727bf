"""Compare two runs: do they start alike, and do their results differ by more than chance?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from nncore.data.splits import training_rows
from nncore.experiment import Experiment

#: Student's t for 1, 2, 3, ... degrees of freedom: 95% lie between -t and t.
#: Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


# The start of two runs


def same_start(one: Experiment, other: Experiment) -> tuple[bool, ...]:
    """Return for each layer of the deeper network whether both start with the same weights.

    Starting weights depend on the seed, the layer's number, and its inputs and units, on nothing
    else. Biases start at 0.

    Args:
        one: An experiment.
        other: Another one.
    """
    shapes = [list(pairwise(experiment.layer_sizes)) for experiment in (one, other)]
    count = max(map(len, shapes))
    padded = [[*layers, *[None] * (count - len(layers))] for layers in shapes]
    same_seed = one.fit.seed == other.fit.seed
    return tuple(same_seed and a == b for a, b in zip(*padded, strict=True))


def same_shape(one: Experiment, other: Experiment) -> bool:
    """Return True if both networks have the same layer sizes: then one seed starts both alike."""
    return one.layer_sizes == other.layer_sizes


def same_order(one: Experiment, other: Experiment, samples: int) -> bool:
    """Return True if both train on their samples in the same order, given the same data.

    Args:
        one: An experiment.
        other: Another one.
        samples: Number of training samples, held-out ones included.
    """
    rows = [training_rows(samples, experiment.fit) for experiment in (one, other)]
    return one.fit.seed == other.fit.seed and rows[0] == rows[1]


# Results of several seeds


def but_for_seed(experiment: Experiment) -> Experiment:
    """Return the experiment with seed 0: the same for all that differ in `fit.seed` alone."""
    return experiment.updated({"fit.seed": 0})


def other_seeds(experiment: Experiment, known: Sequence[int], count: int) -> list[Experiment]:
    """Return the experiment with the next seeds that have not been run yet.

    Args:
        experiment: The experiment to run again.
        known: Seeds with which it has been run.
        count: Number of other seeds to reach, known ones included.
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
    """The results of several seeds.

    Attributes:
        values: One finite number for each seed.
        mean: Their mean.
        deviation: Their sample standard deviation (divisor n - 1); NaN for a single value.
    """

    values: tuple[float, ...]
    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return mean and deviation of values.

        Raises:
            ValueError: If there is no value.
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
    """The difference of two means, with its 95% confidence interval.

    Args:
        mean: The second mean minus the first.
        low: The interval's lower end.
        high: The interval's upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Return True if it is larger than the seeds' noise: the interval does not contain 0."""
        return self.low > 0 or self.high < 0


def difference(one: Spread, other: Spread) -> Difference | None:
    """Return Welch's t interval (95%) for the second mean minus the first.

    The variances may differ. The degrees of freedom are those of Welch and Satterthwaite, rounded
    down, so the interval is rather too wide than too narrow.

    Args:
        one: Results of at least two seeds of an experiment.
        other: Results of at least two seeds of another one.

    Returns:
        The interval; None if one of them has a single seed.

    Source: B. L. Welch, The generalization of "Student's" problem when several different
    population variances are involved, Biometrika 34, 1947.
    """
    counts = [len(one.values), len(other.values)]
    if min(counts) < 2:
        return None
    parts = [spread.deviation**2 / n for spread, n in zip((one, other), counts, strict=True)]
    mean, variance = other.mean - one.mean, sum(parts)
    if variance == 0:  # all seeds give the same result
        return Difference(mean, mean, mean)
    freedom = variance**2 / sum(part**2 / (n - 1) for part, n in zip(parts, counts, strict=True))
    # A whole number of degrees must not be lost to rounding errors.
    reach = _t(math.floor(freedom + 1e-9)) * math.sqrt(variance)
    return Difference(mean, mean - reach, mean + reach)


def _t(freedom: int) -> float:
    return _T[min(max(freedom, 1), len(_T)) - 1]
