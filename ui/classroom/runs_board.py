"""The runs of a class on the board: dots, the best so far, and the charts of *Sweep*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.charts import class_runs, sweep_lines, sweep_map
from ui.charts.class_runs import Dot
from ui.class_store.values import RunRow
from ui.classroom import desk
from ui.classroom.class_sweep import (
    LOGARITHMIC,
    MEASURES,
    find_axes,
    find_best,
    list_results,
)
from ui.classroom.desk import Desk
from ui.classroom.hide_button import show_hide_button
from ui.classroom.start_form import read_target
from ui.content.lesson import Lesson, load
from ui.content.settings import word_changes
from ui.content.toml_file import LessonError
from ui.core import page_settings, state
from ui.core.catalog import LESSONS, find_lesson
from ui.core.keys import Key
from ui.core.wording import count, percent
from ui.sweep.ranking import SHORT_LABELS
from ui.workbench.plotly_figure import show_figure

LESSON = Key("classroom.runs.lesson", "")
MEASURE = Key("classroom.runs.measure", "hidden units")
VIEW = Key("classroom.runs.view", "Dots")
CHART: Key[Mapping[str, Any]] = Key("classroom.runs.chart", {})
CHOSEN = Key[int | None]("classroom.runs.chosen", None)
OPEN_BUTTON = Key("classroom.runs.open", False)
HIDE_BUTTON = Key("classroom.runs.hide", False)
VIEWS = ("Dots", "Heat map", "Lines")


def show_runs(texts: Lesson, found: Desk) -> None:
    """Draw the finished runs of one lesson."""
    everything = desk.list_runs(found)
    if not everything:
        st.markdown(texts.text("no_runs"))
        return
    page = _choose_lesson(found, everything)
    runs = [row for row in everything if row.result.page == page]
    _show_best(runs)
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    with left:
        view = st.segmented_control("Chart", VIEWS, key=VIEW.name, required=True, default="Dots")
    if view == "Dots":
        with right:
            measure = st.selectbox("Accuracy over", list(MEASURES), key=MEASURE.name)
        _show_dots(texts, found, runs, measure)
    else:
        _show_sweep_chart(texts, runs, view)


def _choose_lesson(found: Desk, runs: Sequence[RunRow]) -> str:
    """Return the lesson whose runs are shown; draw the choice where there are several."""
    ran = {row.result.page for row in runs}
    pages = [lesson.name for lesson in LESSONS if lesson.name in ran]
    if not pages:
        return ""
    if state.get(LESSON) not in pages:
        state.put(LESSON, found.view.page if found.view.page in pages else pages[0])
    if len(pages) == 1:
        return pages[0]
    chosen: str = st.selectbox(
        "Lesson",
        pages,
        format_func=lambda name: next(one.label for one in LESSONS if one.name == name),
        key=LESSON.name,
    )
    return chosen


def _show_best(runs: Sequence[RunRow]) -> None:
    best = find_best(runs)
    people = len({row.member for row in runs})
    line = f"{count(len(runs), 'run')} by {count(people, 'learner')}"
    if best is not None and best.result.accuracy is not None:
        words = describe_settings(best)
        line = f"**Best so far: {percent(best.result.accuracy, 2)}** · {words} · {line}"
    st.markdown(line)


def describe_settings(row: RunRow) -> str:
    """Return what a run changes in its lesson's own settings, in words."""
    if find_lesson(row.result.page) is None:
        return "-".join(map(str, row.result.experiment.layer_sizes))
    try:
        default = load(row.result.page).on_data().default
    except LessonError:
        return "-".join(map(str, row.result.experiment.layer_sizes))
    return ", ".join(word_changes(default, row.result.experiment)) or "the lesson's own settings"


# Dots


def _show_dots(texts: Lesson, found: Desk, runs: Sequence[RunRow], measure: str) -> None:
    is_log = measure in LOGARITHMIC
    best = find_best(runs)
    dots = [
        Dot(
            row.number,
            MEASURES[measure](row.result),
            row.result.accuracy,
            f"{row.member}: {describe_settings(row)}",
            row is best,
        )
        for row in runs
        if row.result.accuracy is not None
    ]
    target = read_target(found.view.task)
    chart = class_runs.run_dots(dots, measure, target, is_log=is_log)
    st.vega_lite_chart(*chart, key=CHART.name, on_select=_choose)
    diverged = sum(row.result.accuracy is None for row in runs)
    if diverged:
        st.caption(f"{count(diverged, 'run')} diverged.")
    chosen = next((row for row in runs if row.number == state.get(CHOSEN)), None)
    if chosen is None:
        st.caption(texts.text("runs"))
    else:
        _show_chosen(chosen, found)


def _choose() -> None:
    points = state.get(CHART).get("selection", {}).get(class_runs.PICKED, [])
    state.put(CHOSEN, int(points[-1]["number"]) if points else None)


def _show_chosen(row: RunRow, found: Desk) -> None:
    accuracy = row.result.accuracy
    words = "diverged" if accuracy is None else percent(accuracy, 2)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{row.member}** · {words} · {describe_settings(row)}", width="stretch")
        if st.button("Open", icon=":material/open_in_new:", key=OPEN_BUTTON.name):
            page_settings.set_experiment(row.result.page, row.result.experiment)
            st.switch_page(f"pages/{row.result.page}.py")
        show_hide_button(found, "runs", row.number, key=HIDE_BUTTON, chosen=CHOSEN)


# The charts of a sweep


def _show_sweep_chart(texts: Lesson, runs: Sequence[RunRow], view: str) -> None:
    axes = find_axes(runs)
    if not axes:
        st.markdown(texts.text("few_values"))
        return
    dark = st.context.theme.type == "dark"
    if view == "Lines":
        results = list_results(runs, axes)
        figure = sweep_lines.parallel_lines(
            axes, results, "test accuracy", SHORT_LABELS, dark=dark, height=class_runs.HEIGHT
        )
    else:
        results = list_results(runs, axes[:2])
        down = axes[1].name if len(axes) > 1 else None
        figure = sweep_map.heat_map(
            axes[:2], results, axes[0].name, down, "test accuracy", SHORT_LABELS, dark=dark
        )
    show_figure(
        figure,
        key=CHART.of(view).name,
        saved_as="class-runs",
        alt="The test accuracy of the class's runs, by their settings",
    )
