"""The numbers that runs are compared by, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ui.charts.run_comparison import SIGNS
from ui.core.run_rows import Row
from ui.workbench import run_history

#: Shown in place of a number that is not known.
UNKNOWN = "–"


class Measure(NamedTuple):
    """A number of a run.

    Attributes:
        of: Takes it from a run; None if the run does not have it.
        is_share: Whether it is a share from 0 to 1, written in percent.
        more_is_better: Whether a larger number is a better one.
    """

    of: Callable[[Row], float | None]
    is_share: bool
    more_is_better: bool

    def format(self, value: float) -> str:
        """Return the number as text."""
        return f"{value:.2%}" if self.is_share else f"{value:.4g}"

    def format_gap(self, gap: float) -> str:
        """Return the size of a difference as text, without its sign."""
        return f"{100 * abs(gap):.2f} points" if self.is_share else f"{abs(gap):.3g}"


def _test_accuracy(row: Row) -> float | None:
    try:
        return run_history.accuracy(row)
    except LookupError:
        return None


#: Measures by the name that learners read.
MEASURES: Mapping[str, Measure] = {
    "test accuracy": Measure(_test_accuracy, True, True),
    "training accuracy": Measure(lambda row: row.last.get("accuracy"), True, True),
    "validation accuracy": Measure(lambda row: row.last.get("val_accuracy"), True, True),
    "training loss": Measure(lambda row: row.last.get("loss"), False, False),
    "seconds": Measure(lambda row: row.seconds, False, False),
}
#: Whole numbers that the table of results lists too.
COUNTS: Mapping[str, Callable[[Row], int | None]] = {
    "updates": lambda row: row.updates,
    "parameters": lambda row: row.experiment.parameters,
}


def result_columns(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return the results of some runs as a table: a column for each run.

    Two runs also get a column with their difference. Numbers that no run has are left out.
    """
    measured: dict[str, list[float | None]] = {
        name: [measure.of(row) for row in rows] for name, measure in MEASURES.items()
    }
    counted = {name: [count_of(row) for row in rows] for name, count_of in COUNTS.items()}
    numbers = {name: v for name, v in (measured | counted).items() if any(x is not None for x in v)}
    columns = {"": list(numbers)}
    for place in range(len(rows)):
        columns[SIGNS[place]] = [_format(name, v[place]) for name, v in numbers.items()]
    if len(rows) == 2:
        columns["difference"] = [_format_difference(name, *v) for name, v in numbers.items()]
    return columns


def _format(name: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return MEASURES[name].format(value) if name in MEASURES else f"{value:,.0f}"


def _format_difference(name: str, one: float | None, other: float | None) -> str:
    if one is None or other is None:
        return UNKNOWN
    if one == other:
        return "0"
    return signed(MEASURES.get(name), other - one)


def signed(measure: Measure | None, difference: float) -> str:
    """Return a difference with its sign; without a measure as a whole number."""
    sign = "−" if difference < 0 else "+"
    return sign + (measure.format_gap(difference) if measure else f"{abs(difference):,.0f}")
