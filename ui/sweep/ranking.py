"""Which runs of a sweep are best, how sure that is, and their rows for figures and tables.

Pure functions over scores; nothing here draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nncore.experiment import Experiment
from nncore.runtime.scores import RunScore
from nncore.sweep import Axis, Trial
from ui.charts.sweep_scale import Result
from ui.content.settings import SWEEP_AXES

#: Labels of axes where there is little room.
SHORT_LABELS: Mapping[str, str] = {
    **{name: axis.label for name, axis in SWEEP_AXES.items()},
    "units": "Units",
    "layers": "Layers",
}


def rank(scores: Mapping[Experiment, RunScore]) -> list[Experiment]:
    """Return the runs from best to worst; of equal ones the smallest, then the shortest is first.

    Runs that diverged come last.
    """

    def badness(experiment: Experiment) -> tuple[float, int, int]:
        value = scores[experiment].value
        order = math.inf if value is None else -value
        return order, experiment.parameters, scores[experiment].updates

    return sorted(scores, key=badness)


def best_of(scores: Mapping[Experiment, RunScore]) -> Experiment | None:
    """Return the best run; None if all of them diverged or there are none."""
    ranked = rank(scores)
    return ranked[0] if ranked and scores[ranked[0]].value is not None else None


def chance_margin(value: float, count: int) -> float:
    """Return how far apart the scores of two equally good runs may be by chance.

    Twice the standard deviation of the difference of two shares, each with the variance
    p (1 - p) / count. One sample more of each kind keeps p below 1 if all samples are right.

    Args:
        value: A score, 0 to 1.
        count: Number of samples that it is counted on.
    """
    p = (value * count + 1) / (count + 2)
    return 2.0 * math.sqrt(2.0 * p * (1.0 - p) / count)


def count_close(scores: Mapping[Experiment, RunScore], best: Experiment, margin: float) -> int:
    """Return how many other runs are within a margin of the best one."""
    value = scores[best].value or 0.0
    return sum(s.value is not None and value - s.value <= margin for s in scores.values()) - 1


def chart_results(
    trials: Sequence[Trial],
    all_axes: Sequence[Axis],
    shown_axes: Sequence[Axis],
    scores: Mapping[Experiment, RunScore],
    best: Experiment | None,
) -> list[Result]:
    """Return the runs as the charts take them.

    Args:
        trials: The sweep's runs.
        all_axes: The axes that a trial's points are made of.
        shown_axes: The axes that the charts show.
        scores: The known scores.
        best: The best run.
    """
    places = [list(all_axes).index(axis) for axis in shown_axes]
    results = []
    for trial in trials:
        score = scores.get(trial.experiment)
        points = tuple(tuple(point[i] for i in places) for point in trial.points)
        value = score.value if score else None
        diverged = score is not None and value is None
        results.append(Result(points, value, diverged, trial.experiment == best))
    return results


def describe_values(axes: Sequence[Axis], experiment: Experiment) -> str:
    """Return a run's values of the varied settings, such as `"units 32 · learning rate 0.01"`."""
    return " · ".join(
        f"{SHORT_LABELS[axis.name].lower()} {value_text(axis.name, experiment)}" for axis in axes
    )


def value_text(axis_name: str, experiment: Experiment) -> str:
    """Return an experiment's value of a varied setting as text."""
    model, fit = experiment.model, experiment.fit
    if axis_name == "units":
        return "-".join(map(str, model.units)) or "none"
    if axis_name == "layers":
        return str(len(model.units))
    if axis_name == "activation":
        return SWEEP_AXES[axis_name].word(model.activation) if model.units else "none"
    return SWEEP_AXES[axis_name].word(getattr(fit, axis_name))


def table_columns(
    axes: Sequence[Axis],
    ranked: Sequence[Experiment],
    scores: Mapping[Experiment, RunScore],
    score_name: str,
) -> dict[str, list[Any]]:
    """Return the table of runs: a column for each varied setting and for each number.

    Args:
        axes: The varied settings.
        ranked: The runs, best first.
        scores: Their scores.
        score_name: Title of the score's column.
    """
    found = [scores[experiment] for experiment in ranked]
    return {
        "place": list(range(1, len(ranked) + 1)),
        **{SHORT_LABELS[axis.name]: [_cell(axis.name, one) for one in ranked] for axis in axes},
        score_name: [_percent(score.value) for score in found],
        "training accuracy": [_percent(score.accuracy) for score in found],
        "parameters": [experiment.parameters for experiment in ranked],
        "updates": [score.updates for score in found],
        "seconds": [round(score.seconds, 2) for score in found],
        "note": [_note(score) for score in found],
    }


def _cell(axis_name: str, experiment: Experiment) -> Any:
    """Return numbers as numbers, so that a click on the column's title sorts them."""
    if axis_name == "units":
        return experiment.model.units[0] if experiment.model.units else None
    if axis_name == "layers":
        return len(experiment.model.units)
    value = getattr(experiment.fit, axis_name, None)
    return value if isinstance(value, int | float) else value_text(axis_name, experiment)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _note(score: RunScore) -> str:
    if not score.failure:
        return ""
    return "diverged: " + score.failure[0].lower() + score.failure[1:].split(":")[0]
