"""*Is it real?*: the chosen experiments with other seeds, to tell an effect from noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from nncore.analysis.significance import Spread, but_for_seed, difference, other_seeds
from nncore.checkpoint import Checkpoint
from ui.charts.run_comparison import SIGNS, Dots, seed_dots
from ui.content.lesson import Lesson
from ui.core.keys import Key
from ui.core.run_rows import Row, find_seeds
from ui.runs.measures import MEASURES, Measure, signed
from ui.runs.selection import escape_markdown
from ui.runs.titles import short_titles
from ui.workbench import run_history, run_names, side_runs
from ui.workbench.plotly_figure import show_figure

#: The runs with other seeds.
SEEDS = Key("runs.seeds", ())
SEED_COUNT = Key("runs.seed_count", 4)
MEASURE = Key("runs.measure", next(iter(MEASURES)))
RUN_BUTTON = Key("runs.seeds_run", False)
CHART = Key("runs.dots", None)

FEWEST_SEEDS, MOST_SEEDS = 2, 9

#: The runs of an experiment, one for each seed.
Group = Sequence[Row]


def draw_seed_test(
    lesson: Lesson, all_rows: Sequence[Row], chosen: Sequence[Row], *, dark: bool
) -> None:
    """Draw the button that trains one or two experiments with other seeds, and the verdict.

    Args:
        lesson: The page's texts.
        all_rows: All runs; those with other seeds are among them.
        chosen: The chosen runs; the first two count.
        dark: Whether the page is dark.
    """
    st.markdown(lesson.text("real"))
    if len(chosen) > 2:
        st.caption(lesson.text("only_two"))
    pair = list(chosen[:2])
    if len(pair) == 2 and _differ_in_seed_only(*pair):
        st.info(lesson.text("only_seed"), icon=":material/casino:")
        pair = pair[:1]
    if not _can_repeat(lesson, pair):
        return
    groups = [find_seeds(all_rows, row) for row in pair]
    left, right = st.columns([1, 1.5], gap="medium")
    with left:
        count = st.slider(
            "Other seeds",
            FEWEST_SEEDS,
            MOST_SEEDS,
            SEED_COUNT.default,
            key=SEED_COUNT.name,
            persist_state="session",
        )
        measure = st.selectbox("Compare", MEASURES, key=MEASURE.name, persist_state="session")
        _draw_button(pair, groups, count)
    with right:
        _draw_verdict(lesson, pair, groups, str(measure), dark)


def _differ_in_seed_only(one: Row, other: Row) -> bool:
    """Return True if two runs repeat one experiment, so that every difference is noise."""
    if one.edits or other.edits or one.fingerprint != other.fingerprint:
        return False
    return but_for_seed(one.experiment) == but_for_seed(other.experiment)


def _can_repeat(lesson: Lesson, rows: Sequence[Row]) -> bool:
    """Return True if all runs can be repeated with other seeds; say why if one cannot."""
    reasons = [(row, _obstacle(row)) for row in rows]
    for row, reason in reasons:
        if reason:
            name = escape_markdown(run_names.title(row))
            st.info(lesson.text(reason, run=name), icon=":material/block:")
    return not any(reason for _, reason in reasons)


def _obstacle(row: Row) -> str:
    """Return the name of the text that says why a run cannot be repeated; empty if it can."""
    if row.edits:
        return "no_branch"
    return "no_data" if run_history.data_of(row) is None else ""


def _draw_button(pair: Sequence[Row], groups: Sequence[Group], count: int) -> None:
    """Draw the button that trains the missing seeds, or the progress of those under way."""
    if side_runs.under_way(SEEDS.name):
        side_runs.follow(SEEDS.name)
        return
    starts: list[Checkpoint] = []
    seconds = 0.0
    for row, group in zip(pair, groups, strict=True):
        missing = _missing_starts(row, group, count)
        starts += missing
        share = row.epochs / row.experiment.fit.epochs
        seconds += len(missing) * row.seconds / share if share else 0.0
    if not starts:
        st.caption("These seeds are trained.")
        return
    st.button(
        f"Train {len(starts)} run{'s' * (len(starts) > 1)} with other seeds",
        key=RUN_BUTTON.name,
        icon=":material/casino:",
        on_click=_start_runs,
        args=(pair[0].page, starts),
        help="Seeds that are trained already are not trained again.",
    )
    if seconds:
        st.caption(f"About {max(1.0, seconds):.0f} s of training; longer while others train too.")


def _missing_starts(row: Row, group: Group, count: int) -> list[Checkpoint]:
    """Return the starts of the runs whose seeds are not trained yet."""
    known = [one.experiment.fit.seed for one in group]
    experiments = other_seeds(row.experiment, known, count)
    return [Checkpoint(experiment, row.fingerprint) for experiment in experiments]


def _start_runs(page: str, starts: Sequence[Checkpoint]) -> None:
    side_runs.begin_at(SEEDS.name, starts, keep=True, page=page, label="other seed")


def _draw_verdict(
    lesson: Lesson, pair: Sequence[Row], groups: Sequence[Group], measure_name: str, dark: bool
) -> None:
    measure = MEASURES[measure_name]
    titles = short_titles(pair)
    found = [
        _dots(row, titles[row.key], place, group, measure)
        for place, (row, group) in enumerate(zip(pair, groups, strict=True))
    ]
    rows = [dots for dots in found if dots is not None]
    if not rows:
        st.info("No seed has this number yet.", icon=":material/hourglass_empty:")
        return
    if len({value for dots in rows for value in dots.values.values()}) > 1:
        figure = seed_dots(rows, measure_name, dark=dark)
        show_figure(
            figure,
            key=CHART.name,
            saved_as="seeds",
            theme=None,
            alt=f"{measure_name} of each run, a dot for each seed; the sentences below sum it up",
        )
    for dots in rows:
        st.markdown(_describe_spread(lesson, dots, measure))
    for group in groups:
        _draw_failures(lesson, group)
    verdict = judge(lesson, rows[0].spread, rows[1].spread, measure) if len(rows) == 2 else ""
    if verdict:
        st.markdown(verdict)
        st.caption(lesson.text("test", one=len(rows[0].values), other=len(rows[1].values)))


def _dots(row: Row, title: str, place: int, group: Group, measure: Measure) -> Dots | None:
    """Return the numbers of an experiment's seeds for the chart; None if there are none."""
    values = _values(measure, group)
    if not values:
        return None
    spread = Spread.of([*values.values()])
    return Dots(title, place, values, row.experiment.fit.seed, spread)


def _values(measure: Measure, group: Group) -> Mapping[int, float]:
    """Return the number of each seed whose run went through all its epochs."""
    found = {row.experiment.fit.seed: measure.of(row) for row in group if row.is_plain}
    return {seed: value for seed, value in found.items() if value is not None}


def _describe_spread(lesson: Lesson, dots: Dots, measure: Measure) -> str:
    spread, count = dots.spread, len(dots.values)
    run = f"{SIGNS[dots.place]} {escape_markdown(dots.name)}"
    mean = measure.format(spread.mean)
    if count == 1:
        return lesson.text("one_seed", run=run, mean=mean)
    # Two draws differ by more than 2 √2 standard deviations one time in twenty.
    return lesson.text(
        "one",
        run=run,
        mean=mean,
        count=count,
        deviation=measure.format_gap(spread.deviation),
        twice=measure.format_gap(2 * 2**0.5 * spread.deviation),
    )


def _draw_failures(lesson: Lesson, group: Group) -> None:
    failed = [row for row in group if not row.is_plain]
    if failed:
        reason = escape_markdown(failed[0].failure)
        text = lesson.text("failed", failure=reason, count=len(failed), all=len(group))
        st.warning(text, icon=":material/warning:")


def judge(lesson: Lesson, one: Spread, other: Spread, measure: Measure) -> str:
    """Return whether the second experiment is better or worse beyond noise, as a text.

    Args:
        lesson: The page's texts.
        one: The spread of the first experiment's seeds.
        other: The spread of the second one's.
        measure: What was measured.
    """
    found = difference(one, other)
    if found is None:
        return ""
    if found.low == found.high == 0:
        return lesson.text("no_difference")
    return lesson.text(
        "is_real" if found.is_real else "not_real",
        better="better" if (found.mean > 0) is measure.more_is_better else "worse",
        gap=measure.format_gap(found.mean),
        low=signed(measure, found.low),
        high=signed(measure, found.high),
    )
