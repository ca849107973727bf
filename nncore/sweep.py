"""A sweep as a value: an experiment, the settings to vary, and the experiments that follow.

A sweep is validated when it is made, equals another with the same contents, and has a query string,
as an `Experiment` has. This file does not know how, where or in which order its runs are trained.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlencode

import numpy as np

from nncore.experiment import (
    ACTIVATIONS,
    LEARNING_RATES,
    MAX_LAYERS,
    OPTIMIZERS,
    Experiment,
    Problem,
    SettingError,
)

Value: TypeAlias = int | float | str

MAX_RUNS = 200
#: Values of one setting, and so combinations that a random sample is drawn from: 12**4 * 4 * 3 * 6.
MAX_VALUES = 12
#: What can be varied, and the values that are usual. Numbers may be others within their bounds.
AXES: Mapping[str, tuple[Value, ...]] = {
    "units": (2, 4, 8, 16, 32, 64, 128, 256, 512),
    "layers": tuple(range(MAX_LAYERS + 1)),
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "learning_rate": (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "batch_size": (8, 16, 32, 64, 128, 256, 512, 1024),
    "epochs": (1, 2, 3, 5, 10, 20, 50),
}
#: Units of a hidden layer where the experiment has no layer to take them from.
FIRST_UNITS = 32
_KINDS: Mapping[str, type] = {name: type(values[0]) for name, values in AXES.items()}


class Axis(NamedTuple):
    """A setting to vary.

    Attributes:
        name: One of `AXES`.
        values: Its values, no two alike.
    """

    name: str
    values: tuple[Value, ...]


class Trial(NamedTuple):
    """One run of a sweep.

    Attributes:
        experiment: What is done.
        points: The combinations of values, in the order of the axes, that come to this experiment:
            more than one where a value does not matter, such as the units of no hidden layer.
    """

    experiment: Experiment
    points: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Sweep:
    """Which experiments to do, all of them or some.

    Args:
        base: The experiment that is varied. Where the optimizer is varied and the learning rate is
            not, each other optimizer has its own default rate.
        axes: What is varied. `"units"` sets each hidden layer's; `"layers"` how many there are.
        sample: How many combinations to draw at random, 1 to 200; 0 stands for all there are, of
            which there may be 200.
        seed: Which random ones.

    Raises:
        SettingError: If a value is out of bounds, or there are too many runs.
    """

    base: Experiment
    axes: tuple[Axis, ...]
    sample: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for problem in self.problems():
            raise SettingError(*problem)
        axes = sorted(self.axes, key=lambda axis: list(AXES).index(axis.name))
        object.__setattr__(self, "axes", tuple(Axis(a.name, _ordered(a)) for a in axes))

    def problems(self) -> Iterator[Problem]:
        """Yields a `Problem` for each thing that cannot be accepted."""
        if not self.axes:
            yield Problem("sweep.axes", "A sweep needs at least one setting to vary.")
        names = [axis.name for axis in self.axes]
        for axis in self.axes:
            if axis.name not in AXES or names.count(axis.name) > 1:
                listed = ", ".join(AXES)
                yield Problem(
                    f"sweep.{axis.name}",
                    f"A sweep varies some of {listed}, each once. Received: {', '.join(names)}",
                )
            else:
                yield from self._axis_problems(axis)
        yield from self._count_problems()

    def _axis_problems(self, axis: Axis) -> Iterator[Problem]:
        name, values = f"sweep.{axis.name}", axis.values
        if not 1 <= len(values) <= MAX_VALUES or len(set(values)) < len(values):
            yield Problem(
                name,
                f"{name} must have 1 to {MAX_VALUES} values, no two of them alike. "
                f"Received: {name}={list(values)!r}",
            )
        for value in values:
            if axis.name == "layers" and not (type(value) is int and 0 <= value <= MAX_LAYERS):
                yield Problem(
                    name,
                    f"{name} must be whole numbers from 0 to {MAX_LAYERS}. Received: {value!r}",
                )
                continue
            try:
                self.base.updated(settings_at(self.base, {axis.name: value}))
            except SettingError as error:
                yield Problem(name, str(error))

    def _count_problems(self) -> Iterator[Problem]:
        if type(self.sample) is not int or not 0 <= self.sample <= MAX_RUNS:
            yield Problem(
                "sweep.sample",
                f"sweep.sample must be 0 for all combinations, or a whole number up to {MAX_RUNS}. "
                f"Received: sweep.sample={self.sample!r}",
            )
        if type(self.seed) is not int or not 0 <= self.seed < 2**32:
            yield Problem(
                "sweep.seed",
                f"sweep.seed must be a whole number from 0 to {2**32 - 1:,}. "
                f"Received: sweep.seed={self.seed!r}",
            )
        if self.sample == 0 and self._too_many():
            yield Problem(
                "sweep.axes",
                f"These are {self.combinations:,} combinations, and a sweep has at most {MAX_RUNS} "
                "runs. Take fewer values, or a random sample.",
            )

    def _too_many(self) -> bool:
        """Whether more than `MAX_RUNS` of the combinations differ."""
        if self.combinations > 100 * MAX_RUNS:
            return True
        points = product(*(axis.values for axis in self.axes))
        return len({self._key(point) for point in points}) > MAX_RUNS

    @property
    def combinations(self) -> int:
        """How many combinations the values have."""
        return math.prod(len(axis.values) for axis in self.axes)

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The runs: no two alike, and always the same for the same sweep."""
        found: dict[Any, list[tuple[Value, ...]]] = {}
        for point in self._points():
            key = self._key(point)
            if self.sample and len(found) == self.sample and key not in found:
                break
            found.setdefault(key, []).append(point)
        return tuple(
            Trial(self.base.updated(self._settings(points[0])), tuple(points))
            for points in found.values()
        )

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """What the runs do."""
        return tuple(trial.experiment for trial in self.trials)

    def _points(self) -> Iterator[tuple[Value, ...]]:
        """The combinations, in order or drawn one after the other."""
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
        """The sweep as a query string: that of its base, and a list of values for each axis."""
        own = {f"sweep.{axis.name}": ",".join(map(_to_text, axis.values)) for axis in self.axes}
        if self.sample:
            own |= {"sweep.sample": str(self.sample), "sweep.seed": str(self.seed)}
        return f"{self.base.to_query()}&{urlencode(own, safe=',')}"

    @classmethod
    def from_query(cls, query: str | Mapping[str, str], default: Sweep) -> tuple[Sweep, list[str]]:
        """Reads a query string, and names in a sentence each thing that it could not use.

        Args:
            query: A query string, or the mapping that it was parsed into.
            default: Its base stands in for what is missing; the whole of it where no axis is
                named, or those that are named do not make a sweep.

        Returns:
            The sweep, and the sentences.
        """
        pairs = dict(parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query)
        own = {name: pairs.pop(name) for name in list(pairs) if name.startswith("sweep.")}
        base, complaints = Experiment.from_query(pairs, default.base)
        sample = _whole(own.pop("sweep.sample", "0"), "sweep.sample", complaints)
        seed = _whole(own.pop("sweep.seed", "0"), "sweep.seed", complaints)
        axes = [axis for name, text in own.items() for axis in _axis(name, text, base, complaints)]
        try:
            return cls(base, tuple(axes) or default.axes, sample, seed), complaints
        except SettingError as error:
            complaints.append(f"The link's sweep cannot be used: {error}")
            return cls(base, default.axes, default.sample, default.seed), complaints


def settings_at(base: Experiment, point: Mapping[str, Value]) -> dict[str, Any]:
    """The settings that differ from `base` at some values of axes; equal where these come to one.

    Args:
        base: What there is.
        point: Values by axis.
    """
    model, fit = base.model, base.fit
    units = model.units
    if "layers" in point:
        count = int(point["layers"])
        units = (units + (units[-1:] or (FIRST_UNITS,)) * count)[:count]
    if "units" in point:
        width: Any = point["units"]
        units = (width,) * (len(units) or ("layers" not in point))
    optimizer = str(point.get("optimizer", fit.optimizer))
    own = optimizer == fit.optimizer
    rate = fit.learning_rate if own else LEARNING_RATES.get(optimizer, fit.learning_rate)
    return {
        "model.units": units,
        "model.activation": point.get("activation", model.activation)
        if units
        else model.activation,
        "fit.optimizer": optimizer,
        "fit.learning_rate": point.get("learning_rate", rate),
        "fit.momentum": fit.momentum if own else 0.0,
        "fit.batch_size": point.get("batch_size", fit.batch_size),
        "fit.epochs": point.get("epochs", fit.epochs),
    }


def read_value(name: str, text: str) -> Value:
    """A value of an axis as it was typed.

    Args:
        name: The axis.
        text: Such as `"64"`, `"0.03"` or `"relu"`.

    Raises:
        ValueError: If it is none; bounds are looked at by the sweep.
    """
    text = text.strip()
    kind = _KINDS[name]
    if kind is int and not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(f"{_label(name)} are whole numbers, such as 64. Received: {text[:40]!r}")
    try:
        value: Value = kind(text)
    except ValueError as error:
        sentence = f"{_label(name)} are numbers, such as 0.01. Received: {text[:40]!r}"
        raise ValueError(sentence) from error
    return value


def _label(name: str) -> str:
    return f"Values of {name.replace('_', ' ')}"


def _ordered(axis: Axis) -> tuple[Value, ...]:
    """Numbers by size, words in their usual order; 1 and 1.0 alike."""
    kind: Any = _KINDS[axis.name]
    if kind is str:
        return tuple(sorted(axis.values, key=AXES[axis.name].index))
    return tuple(sorted(kind(value) for value in axis.values))


def _to_text(value: Value) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _axis(name: str, text: str, base: Experiment, complaints: list[str]) -> Iterator[Axis]:
    """An axis of a link, without what cannot be used of it."""
    axis = name.removeprefix("sweep.")
    if axis not in AXES:
        complaints.append(f"The link varies {_quoted(axis)}, which a sweep cannot.")
        return
    values: list[Value] = []
    for part in text.split(",")[:MAX_VALUES]:
        try:
            value = read_value(axis, part)
            Sweep(base, (Axis(axis, (value,)),))
            values.append(value)
        except ValueError:
            complaints.append(f"The link's {name} = {_quoted(part)} cannot be used.")
    if values:
        yield Axis(axis, tuple(dict.fromkeys(values)))


def _whole(text: str, name: str, complaints: list[str]) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return int(text)
    complaints.append(f"The link's {name} = {_quoted(text)} cannot be used.")
    return 0


def _quoted(text: str) -> str:
    kept = "".join(c if c.isalnum() or c in "._- " else "?" for c in text[:40])
    return f"'{kept}'"
