"""The runs of a class as if they were a sweep: what they vary, and how good each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nncore.experiment import Experiment
from nncore.sweep import MAX_VALUES, Axis, Value
from ui.charts.sweep_scale import Result
from ui.class_store.values import RunResult, RunRow


def _read_units(experiment: Experiment) -> Value:
    return experiment.model.units[0] if experiment.model.units else 0


#: What the charts of *Sweep* can show of a run, by the names of its axes.
_VALUES: Mapping[str, Callable[[Experiment], Value]] = {
    "units": _read_units,
    "layers": lambda experiment: len(experiment.model.units),
    "activation": lambda experiment: experiment.model.activation,
    "optimizer": lambda experiment: experiment.fit.optimizer,
    "learning_rate": lambda experiment: experiment.fit.learning_rate,
    "batch_size": lambda experiment: experiment.fit.batch_size,
    "epochs": lambda experiment: experiment.fit.epochs,
}
#: Axes that the parallel lines have at most.
MOST_AXES = 5


def find_axes(runs: Sequence[RunRow]) -> tuple[Axis, ...]:
    """Return the settings in which the runs differ, those with the most values first.

    Args:
        runs: The runs; of a setting with many values the commonest are shown.
    """
    axes = []
    for name, read in _VALUES.items():
        values = [read(row.result.experiment) for row in runs]
        common = sorted(set(values), key=lambda value: -values.count(value))[:MAX_VALUES]
        if len(common) > 1:
            axes.append(Axis(name, tuple(sorted(common))))
    return tuple(sorted(axes, key=lambda axis: -len(axis.values))[:MOST_AXES])


def list_results(runs: Sequence[RunRow], axes: Sequence[Axis]) -> list[Result]:
    """Return the runs as the charts of *Sweep* take them; one with a value off an axis is left out.

    Args:
        runs: The runs.
        axes: The axes that the charts show.
    """
    best = find_best(runs)
    results = []
    for row in runs:
        point = tuple(_VALUES[axis.name](row.result.experiment) for axis in axes)
        if all(value in axis.values for value, axis in zip(point, axes, strict=True)):
            accuracy = row.result.accuracy
            results.append(Result((point,), accuracy, accuracy is None, row is best))
    return results


def find_best(runs: Sequence[RunRow]) -> RunRow | None:
    """Return the run with the best accuracy, of equal ones the first; None if there is none."""
    scored = [row for row in runs if row.result.accuracy is not None]
    return max(scored, key=lambda row: row.result.accuracy or 0.0, default=None)


#: What the dots can be placed by: a number of a run, by its title.
MEASURES: Mapping[str, Callable[[RunResult], float]] = {
    "hidden units": lambda run: sum(run.experiment.model.units),
    "epochs": lambda run: run.epochs,
    "batch size": lambda run: run.experiment.fit.batch_size,
    "learning rate": lambda run: run.experiment.fit.learning_rate,
    "parameters": lambda run: run.experiment.parameters,
    "seconds of training": lambda run: run.seconds,
}
#: Measures whose axis is logarithmic, and those whose axis begins at 0.
LOGARITHMIC = ("batch size", "learning rate", "parameters")
