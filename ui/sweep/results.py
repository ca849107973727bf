"""The results of a sweep so far: the best run, a map, lines, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nncore.experiment import Experiment
from nncore.runtime.scores import RunScore
from nncore.sweep import Axis
from ui.charts import sweep_lines, sweep_map
from ui.charts.sweep_scale import Result
from ui.components import clock
from ui.core import address, cached_results, page_settings, resources, state
from ui.core.keys import Key
from ui.sweep import loaded_sweep
from ui.sweep.draft import PAGE, holds_out, homes
from ui.sweep.loaded_sweep import LoadedSweep
from ui.sweep.presets import SweepPreset, SweepTexts
from ui.sweep.ranking import (
    SHORT_LABELS,
    best_of,
    chance_margin,
    chart_results,
    count_close,
    describe_values,
    rank,
    table_columns,
)
from ui.workbench import tables
from ui.workbench.plotly_figure import show_figure

OPEN_BEST = Key(f"{PAGE}.open_best", False)
OPEN_RUN = Key(f"{PAGE}.open_run", False)
ACROSS = Key(f"{PAGE}.across", "")
DOWN = Key(f"{PAGE}.down", "")
MAP_CHART = Key(f"{PAGE}.heat_map", None)
LINES_CHART = Key(f"{PAGE}.lines", None)
#: The table while runs are trained, and the one in which a run can be chosen.
LIVE_TABLE = Key(f"{PAGE}.table", None)
DONE_TABLE = LIVE_TABLE.of("done")

#: Seconds between two updates of the results while runs are trained.
POLL_SECONDS = 2.5
#: Rows of the table that are seen without scrolling.
ROWS = 8

Scores = Mapping[Experiment, RunScore]


def draw_results(
    texts: SweepTexts, loaded: LoadedSweep, preset: SweepPreset | None, *, dark: bool
) -> None:
    """Draw the results, and update them while runs are trained.

    Args:
        texts: The page's texts.
        loaded: The sweep on the page.
        preset: The preset that it comes from, if any.
        dark: Whether the page is dark.
    """
    st.header("2 Compare", anchor=False)
    _explain_score(texts, loaded)
    is_running = loaded_sweep.sweep_progress().under_way

    @clock.every(POLL_SECONDS if is_running else None, key="sweep.results.clock")
    def frame() -> None:
        scores, _ = loaded.scores()
        if not scores:
            st.info(texts.text("empty"), icon=":material/arrow_upward:")
            return
        _draw_best(texts, loaded, scores, is_running)
        if preset is not None and preset.expect and len(scores) == len(loaded.experiments):
            st.markdown(f":material/lightbulb: {preset.expect}")
        _draw_charts(texts, loaded, scores, dark)
        _draw_table(loaded, scores, is_running)

    frame()


def _explain_score(texts: SweepTexts, loaded: LoadedSweep) -> None:
    numbers = {"count": loaded.scored_samples, "runs": len(loaded.experiments)}
    if holds_out(loaded.sweep.base):
        st.caption(texts.text("held_out", **numbers))
    else:
        st.warning(texts.text("not_held_out", **numbers), icon=":material/error:")


def _draw_best(texts: SweepTexts, loaded: LoadedSweep, scores: Scores, is_running: bool) -> None:
    """Draw the best run in a sentence, how sure that is, and a button that opens it."""
    best = best_of(scores)
    if best is None:
        return
    value = scores[best].value or 0.0
    margin = chance_margin(value, loaded.scored_samples)
    close = count_close(scores, best, margin)
    numbers = {"points": margin * 100, "count": loaded.scored_samples, "close": close}
    with st.container(border=True, gap="small"):
        left, right = st.columns([3.2, 1], gap="small", vertical_alignment="center")
        with left:
            so_far = " so far" if is_running else ""
            st.markdown(
                f":material/star: **Best{so_far}: {value:.1%}** {loaded.score_name} · "
                f"{describe_values(loaded.sweep.axes, best)}"
            )
            sure = texts.text("chance" if close else "chance_alone", done=len(scores), **numbers)
            st.caption(sure + ("" if is_running else _describe_test(texts, loaded, best)))
        with right:
            if st.button(
                "Open it in its lesson",
                key=OPEN_BEST.name,
                icon=":material/open_in_new:",
                width="stretch",
            ):
                _open_run(loaded, best)


def _describe_test(texts: SweepTexts, loaded: LoadedSweep, best: Experiment) -> str:
    """Return the best run's test accuracy, if the runs were not compared by it."""
    if not holds_out(loaded.sweep.base):
        return ""
    checkpoint = resources.stored(best, loaded.dataset.fingerprint)
    if checkpoint is None:
        return ""
    accuracy = cached_results.outcome(checkpoint, loaded.dataset).accuracy
    count = len(loaded.dataset.x_test)
    return " " + texts.text("test_once", count=count, accuracy=accuracy)


def _open_run(loaded: LoadedSweep, experiment: Experiment) -> None:
    """Open a run on the page of its lesson."""
    possible = homes(experiment.data.name)
    page = loaded.draft.lesson if loaded.draft.lesson in possible else possible[0]
    page_settings.set_experiment(page, experiment)
    st.switch_page(f"pages/{page}.py")


def _draw_charts(texts: SweepTexts, loaded: LoadedSweep, scores: Scores, dark: bool) -> None:
    axes = _shown_axes(loaded)
    sweep = loaded.sweep
    results = chart_results(sweep.trials, sweep.axes, axes, scores, best_of(scores))
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        _draw_map(texts, loaded, axes, results, dark)
    with right:
        _draw_lines(texts, loaded, axes, results, dark)
    diverged = sum(score.value is None for score in scores.values())
    if diverged:
        st.caption(texts.text("diverged", count=diverged, runs="run" if diverged == 1 else "runs"))


def _shown_axes(loaded: LoadedSweep) -> tuple[Axis, ...]:
    """Return the axes with more than one value; the first one if there is no such axis."""
    axes = loaded.sweep.axes
    return tuple(axis for axis in axes if len(axis.values) > 1) or axes[:1]


def _draw_map(
    texts: SweepTexts,
    loaded: LoadedSweep,
    axes: Sequence[Axis],
    results: Sequence[Result],
    dark: bool,
) -> None:
    across, down = _choose_axes(axes)
    figure = sweep_map.heat_map(
        axes, results, across, down, loaded.score_name, SHORT_LABELS, dark=dark
    )
    show_figure(
        figure,
        key=MAP_CHART.name,
        saved_as="sweep-map",
        alt=f"{loaded.score_name} of each combination of two settings; the table has the numbers",
    )
    shared = len(axes) > 2
    st.caption(texts.text("heat", others=texts.text("heat_mean") if shared else ""))


def _choose_axes(axes: Sequence[Axis]) -> tuple[str, str | None]:
    """Return the two axes of the map; with more than two the learner chooses them."""
    names = [axis.name for axis in axes]
    if len(names) == 1:
        return names[0], None
    if len(names) == 2:
        wide, tall = sorted(axes, key=lambda axis: -len(axis.values))
        return wide.name, tall.name
    across, down = _read_axes(names)
    left, right = st.columns(2, gap="small")
    boxes = (state.bind_widget(ACROSS, across), state.bind_widget(DOWN, down))
    others = [name for name in names if name != across]
    for place, label, options, box in (
        (left, "Across", names, boxes[0]),
        (right, "Down", others, boxes[1]),
    ):
        place.selectbox(
            label,
            options,
            format_func=SHORT_LABELS.__getitem__,
            key=box,
            on_change=_write_axes,
            args=boxes,
        )
    return across, down


def _read_axes(names: Sequence[str]) -> tuple[str, str]:
    """Return the axes that the address names, else the last and the first one."""
    across, _, down = address.read_view(PAGE, "map").partition(",")
    across = across if across in names else names[-1]
    others = [name for name in names if name != across]
    return across, down if down in others else others[0]


def _write_axes(*boxes: str) -> None:
    across, down = map(state.read_bound, boxes)
    if across is not None and down is not None:
        address.write_view(PAGE, "map", f"{across},{down}")


def _draw_lines(
    texts: SweepTexts,
    loaded: LoadedSweep,
    axes: Sequence[Axis],
    results: Sequence[Result],
    dark: bool,
) -> None:
    figure = sweep_lines.parallel_lines(axes, results, loaded.score_name, SHORT_LABELS, dark=dark)
    show_figure(
        figure,
        key=LINES_CHART.name,
        saved_as="sweep-lines",
        alt=f"A line for each run, from its settings to its {loaded.score_name}",
    )
    st.caption(texts.text("lines"))


def _draw_table(loaded: LoadedSweep, scores: Scores, is_running: bool) -> None:
    """Draw the runs from best to worst; once all are done, one can be chosen and opened."""
    ranked = rank(scores)
    columns = table_columns(_shown_axes(loaded), ranked, scores, loaded.score_name)
    height = 37 + 35 * min(ROWS, len(loaded.experiments))
    formats = _column_formats(loaded.score_name)
    if is_running:  # the rows still move
        tables.show_table(columns, key=LIVE_TABLE.name, height=height, column_config=formats)
        return
    table = tables.show_table(
        columns,
        key=DONE_TABLE.name,
        height=height,
        column_config=formats,
        on_select="rerun",
        selection_mode="single-row",
    )
    places = [place for place in table.selection.rows if place < len(ranked)]
    label = f"Open run {places[0] + 1} in its lesson" if places else "Choose a run in the table"
    pressed = st.button(
        label, key=OPEN_RUN.name, icon=":material/open_in_new:", disabled=not places
    )
    if pressed and places:
        _open_run(loaded, ranked[places[0]])


def _column_formats(score_name: str) -> dict[str, Any]:
    column = st.column_config.NumberColumn
    return {
        "place": column("", width=40),
        "Learning rate": column(format="%g"),
        score_name: column(format="%.2f%%"),
        "training accuracy": column(format="%.2f%%"),
        "seconds": column(format="%.2f"),
    }
