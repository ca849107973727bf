"""What a sweep has shown so far: the best run, a map, lines, and a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nncore.data.splits import held_out
from nncore.experiment import Experiment
from nncore.runtime.scores import RunScore, score_name
from nncore.sweep import Axis, Trial
from ui.charts import sweep
from ui.charts.sweep import Result
from ui.components import clock
from ui.core import resources, state
from ui.sweep import draft as parts
from ui.sweep.draft import HOMES, LABELS, PAGE, Texts
from ui.sweep.progress import RESULTS_POLL, Case, standing
from ui.workbench import controls, tables

#: Names of axes where there is little room.
SHORT: Mapping[str, str] = {**LABELS, "units": "Units", "layers": "Layers"}
#: Rows of the table that are seen without scrolling.
ROWS = 8


def show(texts: Texts, case: Case, dark: bool) -> None:
    """Draws the results, anew from time to time while runs are trained."""
    st.header("2 Compare", anchor=False)
    _explain_score(texts, case)
    busy = standing().under_way

    @clock.every(RESULTS_POLL if busy else None, key="sweep.results.clock")
    def frame() -> None:
        scores, _ = case.scores()
        if scores:
            _results(texts, case, scores, dark, busy)
        else:
            st.info(texts.text("empty"), icon=":material/arrow_upward:")

    frame()


def best_of(scores: Mapping[Experiment, RunScore]) -> Experiment | None:
    """The run with the highest score; of equal ones the smallest network, then the shortest."""
    ranked = ranking(scores)
    return ranked[0] if ranked and scores[ranked[0]].value is not None else None


def ranking(scores: Mapping[Experiment, RunScore]) -> list[Experiment]:
    """The runs from the best to the worst; those that diverged are last."""

    def rank(one: Experiment) -> tuple[float, int, int]:
        value = scores[one].value
        return (math.inf if value is None else -value, one.parameters, scores[one].updates)

    return sorted(scores, key=rank)


def chance(value: float, count: int) -> float:
    """How far two equally good runs' scores may well be apart that are counted on `count` samples.

    Twice the standard deviation of the difference of two shares, each with a variance of
    p (1 - p) / count. A sample more of either kind keeps p from being 1 where all are right.
    """
    p = (value * count + 1) / (count + 2)
    return 2.0 * math.sqrt(2.0 * p * (1.0 - p) / count)


def counted_on(case: Case) -> int:
    """How many samples the score is counted on."""
    rows = held_out(len(case.dataset.x_train), case.sweep.base.fit)
    held: int = rows.stop - rows.start
    return held or len(case.dataset.x_test)


def _explain_score(texts: Texts, case: Case) -> None:
    numbers = {"count": counted_on(case), "runs": len(case.experiments)}
    if parts.held_out(case.sweep.base):
        st.caption(texts.text("held_out", **numbers))
    else:
        st.warning(texts.text("not_held_out", **numbers), icon=":material/error:")


def _results(
    texts: Texts, case: Case, scores: Mapping[Experiment, RunScore], dark: bool, busy: bool
) -> None:
    best = best_of(scores)
    if best is not None:
        _best(texts, case, scores, best, busy)
    axes = tuple(axis for axis in case.sweep.axes if len(axis.values) > 1) or case.sweep.axes[:1]
    found = results(case.sweep.trials, case.sweep.axes, axes, scores, best)
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        _heat_map(texts, case, axes, found, dark)
    with right:
        _lines(texts, case, axes, found, dark)
    lost = sum(score.value is None for score in scores.values())
    if lost:
        st.caption(texts.text("diverged", count=lost))
    _table(case, axes, scores, busy)


def results(
    trials: Sequence[Trial],
    all_axes: Sequence[Axis],
    axes: Sequence[Axis],
    scores: Mapping[Experiment, RunScore],
    best: Experiment | None,
) -> list[Result]:
    """The runs as figures take them.

    Args:
        trials: The sweep's.
        all_axes: What its points are made of.
        axes: Those of them that are shown.
        scores: What is known.
        best: The best run.
    """
    places = [list(all_axes).index(axis) for axis in axes]
    found = []
    for trial in trials:
        score = scores.get(trial.experiment)
        points = tuple(tuple(point[i] for i in places) for point in trial.points)
        value = score.value if score else None
        lost = score is not None and value is None
        found.append(Result(points, value, lost, trial.experiment == best))
    return found


def _best(
    texts: Texts,
    case: Case,
    scores: Mapping[Experiment, RunScore],
    best: Experiment,
    busy: bool,
) -> None:
    """The best run in a sentence, how sure that is, and the way to it."""
    value, count = scores[best].value or 0.0, counted_on(case)
    near = chance(value, count)
    close = sum(s.value is not None and value - s.value <= near for s in scores.values()) - 1
    with st.container(border=True, gap="small"):
        left, right = st.columns([3.2, 1], gap="small", vertical_alignment="center")
        with left:
            so_far = " so far" if busy else ""
            st.markdown(
                f":material/star: **The best{so_far}: {value:.1%}** {score_name(best)} · "
                f"{values_of(case, best)}"
            )
            numbers = {"points": near * 100, "count": count, "close": close, "done": len(scores)}
            once = "" if busy else _tested(texts, case, best)
            st.caption(texts.text("chance" if close else "chance_alone", **numbers) + once)
        with right:
            if st.button(
                "Open it in its lesson",
                key=f"{PAGE}.open_best",
                icon=":material/open_in_new:",
                width="stretch",
            ):
                _open(case, best)


def _tested(texts: Texts, case: Case, best: Experiment) -> str:
    """What the best one makes of the test set, where that was not chosen by."""
    if not parts.held_out(case.sweep.base):
        return ""
    checkpoint = resources.stored(best, case.dataset.fingerprint)
    if checkpoint is None:
        return ""
    accuracy = resources.outcome(checkpoint, case.dataset).accuracy
    count = len(case.dataset.x_test)
    return " " + texts.text("test_once", count=count, accuracy=accuracy)


def values_of(case: Case, experiment: Experiment) -> str:
    """What a run has of what is varied, in words."""
    return " · ".join(
        f"{SHORT[axis.name].lower()} {value_of(axis.name, experiment)}" for axis in case.sweep.axes
    )


def value_of(name: str, experiment: Experiment) -> str:
    """What an experiment has on an axis, in words."""
    model, fit = experiment.model, experiment.fit
    if name == "units":
        return "-".join(map(str, model.units)) or "none"
    if name == "layers":
        return str(len(model.units))
    if name == "activation":
        return controls.shown(model.activation) if model.units else "none"
    value = getattr(fit, name)
    return controls.shown(value) if isinstance(value, str) else parts.written(value)


def _open(case: Case, experiment: Experiment) -> None:
    """Opens a run where it is at home."""
    lesson = case.draft.lesson
    page = lesson if lesson in HOMES[experiment.data.name] else HOMES[experiment.data.name][0]
    state.set_experiment(page, experiment)
    st.switch_page(f"pages/{page}.py")


def _heat_map(
    texts: Texts, case: Case, axes: Sequence[Axis], found: Sequence[Result], dark: bool
) -> None:
    across, down = _chosen(axes)
    figure = sweep.heat_map(axes, found, across, down, _score(case), SHORT, dark=dark)
    st.plotly_chart(figure, key=f"{PAGE}.heat_map", config={"displayModeBar": False})
    shared = len(axes) > 2
    st.caption(texts.text("heat", others=texts.text("heat_mean") if shared else ""))


def _chosen(axes: Sequence[Axis]) -> tuple[str, str | None]:
    """Which two settings the map is of; with more than two the learner chooses."""
    names = [axis.name for axis in axes]
    if len(names) == 1:
        return names[0], None
    if len(names) == 2:
        wide, tall = sorted(axes, key=lambda axis: -len(axis.values))
        return wide.name, tall.name
    left, right = st.columns(2, gap="small")
    across = _axis_box(left, "across", "Across", names, names[-1])
    others = [name for name in names if name != across]
    return across, _axis_box(right, "down", "Down", others, others[0])


def _axis_box(place: Any, key: str, label: str, names: list[str], start: str) -> str:
    if state.get(f"{PAGE}.{key}", start) not in names:
        state.put(f"{PAGE}.{key}", start)
    chosen: str = place.selectbox(
        label,
        names,
        index=names.index(start),
        format_func=SHORT.__getitem__,
        key=f"{PAGE}.{key}",
    )
    return chosen


def _lines(
    texts: Texts, case: Case, axes: Sequence[Axis], found: Sequence[Result], dark: bool
) -> None:
    figure = sweep.parallel(axes, found, _score(case), SHORT, dark=dark)
    st.plotly_chart(figure, key=f"{PAGE}.lines", config={"displayModeBar": False})
    st.caption(texts.text("lines"))


def _score(case: Case) -> str:
    return score_name(case.sweep.base)


def _table(
    case: Case, axes: Sequence[Axis], scores: Mapping[Experiment, RunScore], busy: bool
) -> None:
    """The runs from the best to the worst; one that is chosen can be opened."""
    ranked = ranking(scores)
    columns = table_columns(axes, ranked, scores, _score(case))
    height = 37 + 35 * min(ROWS, len(case.experiments))
    key = f"{PAGE}.table"
    if busy:  # the rows still move
        tables.show_table(columns, key=key, height=height, column_config=_formats(_score(case)))
        return
    rows = {"on_select": "rerun", "selection_mode": "single-row"}
    chosen = tables.show_table(
        columns, key=f"{key}.done", height=height, column_config=_formats(_score(case)), **rows
    )
    places = [place for place in chosen.selection.rows if place < len(ranked)]
    label = f"Open run {places[0] + 1} in its lesson" if places else "Choose a run in the table"
    if (
        st.button(label, key=f"{PAGE}.open_run", icon=":material/open_in_new:", disabled=not places)
        and places
    ):
        _open(case, ranked[places[0]])


def table_columns(
    axes: Sequence[Axis],
    ranked: Sequence[Experiment],
    scores: Mapping[Experiment, RunScore],
    name: str,
) -> dict[str, list[Any]]:
    """The table, a column each setting that is varied and each number."""
    found = [scores[one] for one in ranked]
    return {
        "place": list(range(1, len(ranked) + 1)),
        **{SHORT[axis.name]: [_cell(axis.name, one) for one in ranked] for axis in axes},
        name: [_percent(score.value) for score in found],
        "in training": [_percent(score.accuracy) for score in found],
        "parameters": [one.parameters for one in ranked],
        "updates": [score.updates for score in found],
        "seconds": [round(score.seconds, 2) for score in found],
        "note": [_note(score) for score in found],
    }


def _cell(name: str, experiment: Experiment) -> Any:
    """Numbers as numbers, so that a click on the column sorts them."""
    if name == "units":
        return experiment.model.units[0] if experiment.model.units else None
    if name == "layers":
        return len(experiment.model.units)
    value = getattr(experiment.fit, name, None)
    return value if isinstance(value, int | float) else value_of(name, experiment)


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)


def _note(score: RunScore) -> str:
    if not score.failure:
        return ""
    return "diverged: " + score.failure[0].lower() + score.failure[1:].split(":")[0]


def _formats(name: str) -> dict[str, Any]:
    column = st.column_config.NumberColumn
    return {
        "place": column("", width=40),
        "Learning rate": column(format="%g"),
        name: column(format="%.2f %%"),
        "in training": column(format="%.2f %%"),
        "seconds": column(format="%.2f"),
    }
