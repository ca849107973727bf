"""A `Sweep` is a value: an experiment, the settings to vary, and the experiments that follow.

Like an `Experiment` it is validated when it is made, compares by contents, and has a query string.
This file does not know how, where or in which order its runs are trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

import numpy as np

from nncore.experiment import (
    ACTIVATIONS,
    LEARNING_RATES,
    MAX_LAYERS,
    OPTIMIZERS,
    Experiment,
)
from nncore.query import describe_unusable, parse_query, quote, read_whole, write_value
from nncore.validation import Problem, SettingError, Whole, raise_first

Value: TypeAlias = int | float | str

MAX_RUNS = 200
#: Values of one setting. It bounds the combinations that a random sample is drawn from, too.
MAX_VALUES = 12
#: The settings that can be varied, with usual values; numbers may have others within their bounds.
AXES: Mapping[str, tuple[Value, ...]] = {
    "units": (2, 4, 8, 16, 32, 64, 128, 256, 512),
    "layers": tuple(range(MAX_LAYERS + 1)),
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "learning_rate": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "batch_size": (8, 16, 32, 64, 128, 256, 512, 1024),
    "epochs": (1, 2, 3, 5, 10, 20, 50),
}
#: Units of a hidden layer if the experiment has no layer to take them from.
FIRST_UNITS = 32
#: The type of each axis's values.
_TYPES: Mapping[str, type] = {name: type(values[0]) for name, values in AXES.items()}
_LAYERS, _SAMPLE, _SEED = Whole(0, MAX_LAYERS), Whole(0, MAX_RUNS), Whole(0, 2**32 - 1)


class Axis(NamedTuple):
    """A setting to vary.

    Attributes:
        name: One of `AXES`.
        values: Its values, all different.
    """

    name: str
    values: tuple[Value, ...]


class Trial(NamedTuple):
    """One run of a sweep.

    Attributes:
        experiment: The experiment to train.
        points: The combinations of values, in the order of the axes, that give this experiment.
            There are several if a value makes no difference, such as the units of no hidden layer.
    """

    experiment: Experiment
    points: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Sweep:
    """Experiments that differ in a few settings: every combination of values, or a random sample.

    Args:
        base: The experiment to vary. If the optimizer is varied and the learning rate is not, each
            other optimizer has its own default rate.
        axes: The settings to vary. `"units"` sets every hidden layer's; `"layers"` their number.
        sample: Number of combinations to draw at random, 1 to 200; 0 means every combination, of
            which there may be 200.
        seed: Seed of the random sample.

    Raises:
        SettingError: If a value is out of bounds, or there are too many runs.
    """

    base: Experiment
    axes: tuple[Axis, ...]
    sample: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        raise_first(self.problems())
        axes = sorted(self.axes, key=lambda axis: list(AXES).index(axis.name))
        object.__setattr__(self, "axes", tuple(Axis(a.name, _sort_values(a)) for a in axes))

    def problems(self) -> Iterator[Problem]:
        """Yield a `Problem` for each thing that cannot be accepted."""
        if not self.axes:
            yield Problem("sweep.axes", "A sweep needs at least one setting to vary.")
        names = [axis.name for axis in self.axes]
        for axis in self.axes:
            if axis.name not in AXES or names.count(axis.name) > 1:
                yield Problem(
                    f"sweep.{axis.name}",
                    f"A sweep varies some of {', '.join(AXES)}, each once. "
                    f"Received: {', '.join(names)}",
                )
            else:
                yield from self._axis_problems(axis)
        yield from _SAMPLE.problems("sweep.sample", self.sample)
        yield from _SEED.problems("sweep.seed", self.seed)
        yield from self._count_problems()

    def _axis_problems(self, axis: Axis) -> Iterator[Problem]:
        name, values = f"sweep.{axis.name}", axis.values
        if not 1 <= len(values) <= MAX_VALUES or len(set(values)) < len(values):
            yield Problem(
                name,
                f"{name} must have 1 to {MAX_VALUES} values, all different. "
                f"Received: {name}={list(values)!r}",
            )
        for value in values:
            problem = next(self._value_problems(axis.name, value), None)
            if problem is not None:
                yield Problem(name, problem.sentence)

    def _value_problems(self, axis: str, value: Value) -> Iterator[Problem]:
        """Yield the problems of one value: those of the experiment that it leads to."""
        if axis == "layers":
            yield from _LAYERS.problems("sweep.layers", value)
            return
        try:
            self.base.updated(settings_at(self.base, {axis: value}))
        except SettingError as error:
            yield Problem(error.name, str(error))

    def _count_problems(self) -> Iterator[Problem]:
        if self.sample == 0 and self._has_too_many_runs():
            yield Problem(
                "sweep.axes",
                f"These are {self.combinations:,} combinations, and a sweep has at most {MAX_RUNS} "
                "runs. Take fewer values, or a random sample.",
            )

    def _has_too_many_runs(self) -> bool:
        """Return True if more than `MAX_RUNS` of the combinations differ."""
        if self.combinations > 100 * MAX_RUNS:
            return True
        points = product(*(axis.values for axis in self.axes))
        return len({self._key(point) for point in points}) > MAX_RUNS

    @property
    def combinations(self) -> int:
        """The number of combinations of values."""
        return math.prod(len(axis.values) for axis in self.axes)

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The runs: all different, and always the same for the same sweep."""
        points_by_key: dict[Any, list[tuple[Value, ...]]] = {}
        for point in self._points():
            key = self._key(point)
            is_full = self.sample and len(points_by_key) == self.sample
            if is_full and key not in points_by_key:
                break
            points_by_key.setdefault(key, []).append(point)
        return tuple(
            Trial(self.base.updated(self._settings(points[0])), tuple(points))
            for points in points_by_key.values()
        )

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments of the runs."""
        return tuple(trial.experiment for trial in self.trials)

    def _points(self) -> Iterator[tuple[Value, ...]]:
        """Yield the combinations of values: in order, or in random order for a sample."""
        values = [axis.values for axis in self.axes]
        if not self.sample:
            yield from product(*values)
            return
        sizes = [len(options) for options in values]
        order = np.random.default_rng(self.seed).permutation(self.combinations)
        for number in order:
            places = np.unravel_index(int(number), sizes)
            yield tuple(options[int(i)] for options, i in zip(values, places, strict=True))

    def _settings(self, point: Iterable[Value]) -> dict[str, Any]:
        names = (axis.name for axis in self.axes)
        return settings_at(self.base, dict(zip(names, point, strict=True)))

    def _key(self, point: Iterable[Value]) -> tuple[Any, ...]:
        return tuple(self._settings(point).items())

    def to_query(self) -> str:
        """Return the sweep as a query string: its base's, and a list of values for each axis."""
        own = {f"sweep.{axis.name}": ",".join(map(write_value, axis.values)) for axis in self.axes}
        if self.sample:
            own |= {"sweep.sample": str(self.sample), "sweep.seed": str(self.seed)}
        return f"{self.base.to_query()}&{urlencode(own, safe=',')}"

    @classmethod
    def from_query(cls, query: str | Mapping[str, str], default: Sweep) -> tuple[Sweep, list[str]]:
        """Read a query string; describe in a sentence each part that cannot be used.

        Args:
            query: A query string, or the mapping that it was parsed into.
            default: Its base provides missing settings. All of it is used if the link names no
                axis, or its axes do not make a sweep.

        Returns:
            The sweep, and the sentences.
        """
        pairs = parse_query(query)
        own = {name: pairs.pop(name) for name in list(pairs) if name.startswith("sweep.")}
        base, complaints = Experiment.from_query(pairs, default.base)
        sample = _read_count(own.pop("sweep.sample", "0"), "sweep.sample", complaints)
        seed = _read_count(own.pop("sweep.seed", "0"), "sweep.seed", complaints)
        axes = [
            axis for name, text in own.items() for axis in _read_axis(name, text, base, complaints)
        ]
        try:
            return cls(base, tuple(axes) or default.axes, sample, seed), complaints
        except SettingError as error:
            complaints.append(f"The link's sweep cannot be used: {error}")
            return cls(base, default.axes, default.sample, default.seed), complaints


def settings_at(base: Experiment, point: Mapping[str, Value]) -> dict[str, Any]:
    """Return the settings that change at some values of axes, the same for equal experiments.

    Args:
        base: The experiment to vary.
        point: Values by axis.

    Returns:
        Values by dotted name, for `Experiment.updated`.
    """
    model, fit = base.model, base.fit
    units = _units_at(model.units, point)
    activation = point.get("activation", model.activation) if units else model.activation
    optimizer = str(point.get("optimizer", fit.optimizer))
    is_own = optimizer == fit.optimizer
    rate = fit.learning_rate if is_own else LEARNING_RATES.get(optimizer, fit.learning_rate)
    return {
        "model.units": units,
        "model.activation": activation,
        "fit.optimizer": optimizer,
        "fit.learning_rate": point.get("learning_rate", rate),
        "fit.momentum": fit.momentum if is_own else 0.0,
        "fit.batch_size": point.get("batch_size", fit.batch_size),
        "fit.epochs": point.get("epochs", fit.epochs),
    }


def _units_at(units: tuple[int, ...], point: Mapping[str, Value]) -> tuple[Any, ...]:
    """Return the hidden layers' units at some values of `"layers"` and `"units"`."""
    if "layers" in point:
        count = int(point["layers"])
        units = (units + (units[-1:] or (FIRST_UNITS,)) * count)[:count]
    if "units" in point:
        width: Any = point["units"]
        units = (width,) * (len(units) or ("layers" not in point))
    return units


def read_value(name: str, text: str) -> Value:
    """Return the value of an axis that somebody typed.

    Args:
        name: The axis.
        text: Such as `"64"`, `"0.03"` or `"relu"`.

    Raises:
        ValueError: If it is none. Bounds are checked by the sweep.
    """
    text, kind = text.strip(), _TYPES[name]
    try:
        value: Value = read_whole(text) if kind is int else kind(text)
    except ValueError as error:
        what = "whole numbers, such as 64" if kind is int else "numbers, such as 0.01"
        title = f"Values of {name.replace('_', ' ')}"
        raise ValueError(f"{title} are {what}. Received: {text[:40]!r}") from error
    return value


def _sort_values(axis: Axis) -> tuple[Value, ...]:
    """Return numbers by size, words in the order of `AXES`; 1 becomes 1.0 for a fraction."""
    kind: Any = _TYPES[axis.name]
    if kind is str:
        return tuple(sorted(axis.values, key=AXES[axis.name].index))
    return tuple(sorted(kind(value) for value in axis.values))


def _read_axis(name: str, text: str, base: Experiment, complaints: list[str]) -> Iterator[Axis]:
    """Yield an axis of a link with the values that can be used, if there are any."""
    axis = name.removeprefix("sweep.")
    if axis not in AXES:
        complaints.append(f"The link varies {quote(axis)}, which a sweep cannot vary.")
        return
    values: list[Value] = []
    for part in text.split(",")[:MAX_VALUES]:
        try:
            value = read_value(axis, part)
            Sweep(base, (Axis(axis, (value,)),))
            values.append(value)
        except ValueError:
            complaints.append(describe_unusable(name, part))
    if values:
        yield Axis(axis, tuple(dict.fromkeys(values)))


def _read_count(text: str, name: str, complaints: list[str]) -> int:
    """Return a whole number of a link, or 0 with a complaint."""
    try:
        return read_whole(text)
    except ValueError:
        complaints.append(describe_unusable(name, text))
        return 0
