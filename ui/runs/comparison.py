"""What the ledger shows of chosen runs: their curves, what changed, and whether it is real."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from nncore.analysis.significance import (
    Spread,
    but_for_seed,
    difference,
    other_seeds,
    same_order,
    same_shape,
    same_start,
)
from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from ui.charts.run_comparison import SIGNS, Dots, Line, run_curves, seed_dots
from ui.content.lesson import Lesson
from ui.core.run_ledger import Row, alike
from ui.core.run_view import changes
from ui.runs.table import choose, plain
from ui.workbench import downloads, run_history, side_runs, tables

#: Where the session keeps the small runs of this page.
SEEDS, TWIN = "runs.seeds", "runs.twin"
FEWEST_SEEDS, MOST_SEEDS, SEEDS_AT_FIRST = 2, 9, 4
ALONG = {"epochs": "epoch", "updates": "gradient updates"}
#: Runs of at most so many epochs are also drawn within those.
SHORT = 2


class Measure(NamedTuple):
    """A number that seeds are compared by.

    Attributes:
        of: Takes it of a run.
        is_share: Whether it is a share, to be written in percent.
        more_is_better: Whether a larger number is a better one.
    """

    of: Callable[[Row], float | None]
    is_share: bool
    more_is_better: bool

    def said(self, value: float) -> str:
        """The number in words."""
        return f"{value:.2%}" if self.is_share else f"{value:.4g}"

    def gap(self, value: float) -> str:
        """A difference of two of them in words."""
        return f"{100 * value:.2f} points" if self.is_share else f"{value:.3g}"


def _test(row: Row) -> float | None:
    try:
        return run_history.accuracy(row)
    except LookupError:
        return None


MEASURES = {
    "test accuracy": Measure(_test, True, True),
    "training accuracy": Measure(lambda row: row.last.get("accuracy"), True, True),
    "validation accuracy": Measure(lambda row: row.last.get("val_accuracy"), True, True),
    "training loss": Measure(lambda row: row.last.get("loss"), False, False),
    "seconds": Measure(lambda row: row.seconds, False, False),
}


# Curves.


def curves(lesson: Lesson, rows: Sequence[Row], *, dark: bool) -> None:
    """The chosen runs' loss or accuracy in one plot.

    Args:
        lesson: The page's texts.
        rows: The runs.
        dark: Whether the page is dark.
    """
    with st.container(horizontal=True, gap="small", horizontal_alignment="distribute"):
        quantity = st.segmented_control(
            "Quantity",
            ("accuracy", "loss"),
            default="accuracy",
            key="runs.quantity",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        along = st.segmented_control(
            "Along",
            list(ALONG),
            default="epochs",
            key="runs.along",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
    lines = [_line(row, place, str(quantity), along) for place, row in enumerate(rows)]
    if not any(line.training or line.within for line in lines):
        st.info("Nothing to draw yet: no epoch is done.", icon=":material/hourglass_top:")
        return
    figure = run_curves(lines, str(quantity), ALONG[along or "epochs"], dark=dark)
    st.plotly_chart(figure, key="runs.curves", config=downloads.plotly_config("curves"), theme=None)
    st.caption(lesson.text("curves"))


def _line(row: Row, place: int, quantity: str, along: str | None) -> Line:
    history = run_history.history(row)
    found = run_history.checkpoint(row) if row.epochs <= SHORT else None
    column = 2 if quantity == "accuracy" else 1
    within = [(step[0], step[column]) for step in found.trace] if found is not None else []
    worth = row.updates / row.epochs if along == "updates" and row.updates and row.epochs else 1.0
    return Line(
        f"{SIGNS[place]} {run_history.title(row)}",
        place,
        history.get(quantity, ()),
        history.get(f"val_{quantity}", ()),
        worth,
        within,
    )


# What changed.


def what_changed(lesson: Lesson, rows: Sequence[Row]) -> None:
    """What differs between the first of the runs and each other, and what came of it.

    Args:
        lesson: The page's texts.
        rows: One run or more.
    """
    first = rows[0]
    for place, row in enumerate(rows[1:], 1):
        found = [f"{n} {old} → **{new}**" for n, old, new in _plain_changes(first, row)]
        if first.fingerprint != row.fingerprint and not _other_data(first, row):
            found.append("the data behind them")
        words = "; ".join(found) or "no setting"
        st.markdown(f"**What changed** from {SIGNS[0]} to {SIGNS[place]}: {words}.")
    tables.show_table(results(rows), key="runs.results")
    if len(rows) == 2:
        start(lesson, first, rows[1])


def _plain_changes(one: Row, other: Row) -> list[tuple[str, str, str]]:
    found = [*changes(one.experiment, other.experiment)]
    if one.edits != other.edits:
        edited = ["by hand" if row.edits else "as set" for row in (one, other)]
        found.append(("training", edited[0], edited[1]))
    return [(plain(name), plain(old), plain(new)) for name, old, new in found]


def _other_data(one: Row, other: Row) -> bool:
    return one.experiment.data != other.experiment.data


def results(rows: Sequence[Row]) -> dict[str, list[str]]:
    """What came of some runs: a column each; of two, also how far the second lies above."""
    lines: dict[str, list[float | None]] = {
        name: [measure.of(row) for row in rows] for name, measure in MEASURES.items()
    }
    lines |= {
        "updates": [row.updates for row in rows],
        "parameters": [row.experiment.parameters for row in rows],
    }
    known = {name: v for name, v in lines.items() if any(value is not None for value in v)}
    columns = {"": list(known)}
    for place in range(len(rows)):
        columns[SIGNS[place]] = [_said(name, v[place]) for name, v in known.items()]
    if len(rows) == 2:
        columns["difference"] = [_gap(name, v[0], v[1]) for name, v in known.items()]
    return columns


def _said(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return MEASURES[name].said(value) if name in MEASURES else f"{value:,.0f}"


def _gap(name: str, one: float | None, other: float | None) -> str:
    if one is None or other is None:
        return "–"
    gap = other - one
    words = MEASURES[name].gap(abs(gap)) if name in MEASURES else f"{abs(gap):,.0f}"
    return f"{'−' if gap < 0 else '+'}{words}" if gap else "0"


# The same start.


def start(lesson: Lesson, one: Row, other: Row) -> None:
    """Whether two runs began with the same weights; where one may, offers to make it so.

    Args:
        lesson: The page's texts.
        one: A run.
        other: Another.
    """
    experiments = one.experiment, other.experiment
    seeds = [experiment.fit.seed for experiment in experiments]
    equal = same_start(*experiments)
    if any(name.startswith("weights") and at == 0 for at, name, _ in (*one.edits, *other.edits)):
        st.markdown(":material/edit: " + lesson.text("by_hand"))
    elif all(equal):
        same_data = one.fingerprint == other.fingerprint
        dataset = run_history.data_of(one) if same_data else None
        order = dataset is not None and same_order(*experiments, len(dataset.x_train))
        more = " " + lesson.text("same_order") if order else ""
        st.markdown(":material/check: " + lesson.text("same", seed=seeds[0]) + more)
    elif same_shape(*experiments):
        st.markdown(":material/casino: " + lesson.text("other_seed", one=seeds[0], other=seeds[1]))
        _twin(lesson, one, other)
    elif any(equal):
        text = lesson.text("part", seed=seeds[0], same=sum(equal), count=len(equal))
        st.markdown(":material/splitscreen: " + text)
    else:
        st.markdown(":material/block: " + lesson.text("other_layers"))


def _twin(lesson: Lesson, one: Row, other: Row) -> None:
    """Runs the second again with the first's seed, and then chooses that instead."""
    wanted = other.experiment.updated({"fit.seed": one.experiment.fit.seed})
    known = next((r for r in alike(run_history.rows(), other) if r.experiment == wanted), None)
    if other.edits or run_history.data_of(other) is None:
        return
    mine = any(run.experiment == wanted for run in side_runs.runs(TWIN))
    if mine and side_runs.under_way(TWIN):
        side_runs.follow(TWIN)
    elif known is not None:
        st.caption(lesson.text("twin_known"))
        label, icon = "Compare with that one", "compare_arrows"
        _button(label, icon, "twin_known", lambda: choose([one.key, known.key]))
    else:
        label = f"Run {SIGNS[1]} again with seed {wanted.fit.seed}"
        _button(label, "play_arrow", "twin_run", lambda: _begin_twin(one, other, wanted))


def _begin_twin(one: Row, other: Row, wanted: Experiment) -> None:
    starts = [Checkpoint(wanted, other.fingerprint)]
    side_runs.begin_at(TWIN, starts, keep=True, page=other.page, label="same start")


def _button(label: str, icon: str, name: str, action: Callable[[], None], **more: Any) -> None:
    st.button(label, key=f"runs.{name}", icon=f":material/{icon}:", on_click=action, **more)


# Is it real?


def is_it_real(lesson: Lesson, everything: Sequence[Row], rows: Sequence[Row], dark: bool) -> None:
    """Runs one or two experiments again with other seeds, and tells an effect from noise.

    Args:
        lesson: The page's texts.
        everything: All runs: among them are the other seeds.
        rows: Those chosen; the first two count.
        dark: Whether the page is dark.
    """
    st.markdown(lesson.text("real"))
    if len(rows) > 2:
        st.caption(lesson.text("only_two"))
    pair = list(rows[:2])
    if len(pair) > 1 and _only_the_seed_differs(*pair):
        st.info(lesson.text("only_seed"), icon=":material/casino:")
        pair = pair[:1]
    groups = [alike(everything, row) for row in pair]
    runnable = [row for row in pair if _runnable(lesson, row)]
    if len(runnable) < len(pair):
        return
    left, right = st.columns([1, 1.5], gap="medium")
    with left:
        count = st.slider(
            "Other seeds",
            FEWEST_SEEDS,
            MOST_SEEDS,
            SEEDS_AT_FIRST,
            key="runs.seed_count",
            persist_state="session",
        )
        measured = st.selectbox("Compare", MEASURES, key="runs.measure", persist_state="session")
        _run_seeds(pair, groups, count)
    with right:
        _verdict(lesson, pair, groups, str(measured), dark)


def _only_the_seed_differs(one: Row, other: Row) -> bool:
    """Whether two runs are of one experiment, so that all between them is noise."""
    by_hand = bool(one.edits or other.edits)
    same_data = one.fingerprint == other.fingerprint and not by_hand
    return same_data and but_for_seed(one.experiment) == but_for_seed(other.experiment)


def _runnable(lesson: Lesson, row: Row) -> bool:
    """Whether other seeds can be run; says so where they cannot."""
    why = "no_branch" if row.edits else "no_data" if run_history.data_of(row) is None else ""
    if why:
        st.info(lesson.text(why, run=plain(run_history.title(row))), icon=":material/block:")
    return not why


def _run_seeds(pair: Sequence[Row], groups: Sequence[Sequence[Row]], count: int) -> None:
    """The button that runs the seeds which are missing, or how far they are."""
    if side_runs.under_way(SEEDS):
        side_runs.follow(SEEDS)
        return
    starts: list[Checkpoint] = []
    seconds = 0.0
    for row, group in zip(pair, groups, strict=True):
        known = [one.experiment.fit.seed for one in group]
        missing = other_seeds(row.experiment, known, count)
        starts += [Checkpoint(experiment, row.fingerprint) for experiment in missing]
        share = row.epochs / row.experiment.fit.epochs
        seconds += len(missing) * row.seconds / share if share else 0.0
    if not starts:
        st.caption("These seeds have been run.")
        return
    runs = f"{len(starts)} run{'s' * (len(starts) > 1)}"
    _button(
        f"Is it real? {runs}",
        "casino",
        "seeds_run",
        lambda: _begin_seeds(pair[0].page, starts),
        help="Seeds that have been run before are not run again.",
    )
    if seconds:
        st.caption(f"About {max(1.0, seconds):.0f} s of training, shared with whoever trains now.")


def _begin_seeds(page: str, starts: Sequence[Checkpoint]) -> None:
    side_runs.begin_at(SEEDS, starts, keep=True, page=page, label="other seed")


def _verdict(
    lesson: Lesson,
    pair: Sequence[Row],
    groups: Sequence[Sequence[Row]],
    measured: str,
    dark: bool,
) -> None:
    measure = MEASURES[measured]
    dots = []
    for place, (row, group) in enumerate(zip(pair, groups, strict=True)):
        values = _values(measure, group)
        if values:
            name, own = run_history.title(row), row.experiment.fit.seed
            dots.append(Dots(name, place, values, own, Spread.of([*values.values()])))
    if not dots:
        st.info("No seed has this number yet.", icon=":material/hourglass_empty:")
        return
    if len({value for each in dots for value in each.values.values()}) > 1:
        figure = seed_dots(dots, measured, dark=dark)
        st.plotly_chart(
            figure, key="runs.dots", config=downloads.plotly_config("seeds"), theme=None
        )
    for each in dots:
        st.markdown(_spread(lesson, each, measure))
    for group in groups:
        _failures(lesson, group)
    verdict = judged(lesson, dots[0].spread, dots[-1].spread, measure) if len(dots) == 2 else ""
    if verdict:
        st.markdown(verdict)
        counts = {"one": len(dots[0].values), "other": len(dots[1].values)}
        st.caption(lesson.text("test", **counts))


def _values(measure: Measure, group: Sequence[Row]) -> Mapping[int, float]:
    """The number of each seed that went through all its epochs."""
    found = {row.experiment.fit.seed: measure.of(row) for row in group if row.is_plain}
    return {seed: value for seed, value in found.items() if value is not None}


def _spread(lesson: Lesson, dots: Dots, measure: Measure) -> str:
    spread, count = dots.spread, len(dots.values)
    said: dict[str, object] = {
        "run": f"{SIGNS[dots.place]} {plain(dots.name)}",
        "mean": measure.said(spread.mean),
    }
    if count == 1:
        return lesson.text("one_seed", **said)
    said |= {"count": count, "deviation": measure.gap(spread.deviation)}
    # Two draws differ by more than 2 √2 standard deviations one time in twenty.
    return lesson.text("one", twice=measure.gap(2 * 2**0.5 * spread.deviation), **said)


def _failures(lesson: Lesson, group: Sequence[Row]) -> None:
    failed = [row for row in group if not row.is_plain]
    if failed:
        counts = {"count": len(failed), "all": len(group)}
        text = lesson.text("failed", failure=plain(failed[0].failure), **counts)
        st.warning(text, icon=":material/warning:")


def judged(lesson: Lesson, one: Spread, other: Spread, measure: Measure) -> str:
    """Whether the second is better or worse beyond the seeds' noise, in words.

    Args:
        lesson: The page's texts.
        one: The first experiment's seeds.
        other: The second's.
        measure: What was measured.
    """
    found = difference(one, other)
    if found is None:
        return ""
    if found.low == found.high == 0:
        return lesson.text("no_difference")
    better = "better" if (found.mean > 0) is measure.more_is_better else "worse"
    low, high = (_signed(measure, value) for value in (found.low, found.high))
    text = "is_real" if found.is_real else "not_real"
    return lesson.text(text, better=better, gap=measure.gap(abs(found.mean)), low=low, high=high)


def _signed(measure: Measure, value: float) -> str:
    return f"{'−' if value < 0 else '+'}{measure.gap(abs(value))}"
