"""The sweep that the page shows, valid or not: the one place where its settings are held.

Widgets and links are views of it. `ui/sweep/settings_form.py` draws the widgets, `draft_state.py`
reads and writes links.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from nncore.experiment import Experiment
from nncore.sweep import Axis, Sweep, Value
from nncore.validation import SettingError
from ui.core import catalog
from ui.core.catalog import LessonInfo

PAGE = "sweep"
#: Lessons whose settings a sweep may start from, and on whose pages its runs open.
LESSONS = tuple(lesson.name for lesson in catalog.LESSONS if lesson.can_sweep)
#: Runs of a random sample before the learner chooses another number.
RANDOM_RUNS = 20


@dataclass(frozen=True)
class Draft:
    """A sweep as the page's widgets show it. It need not be a valid one.

    Args:
        lesson: Name of the lesson that the base experiment comes from.
        base: The experiment that is varied.
        axes: The settings to vary; any other setting keeps the base's value.
        random: Whether combinations are drawn at random instead of all being tried.
        runs: How many to draw.
        seed: Seed of the draw.
    """

    lesson: str
    base: Experiment
    axes: tuple[Axis, ...]
    random: bool = False
    runs: int = RANDOM_RUNS
    seed: int = 0

    @cached_property
    def sweep(self) -> Sweep | None:
        """The sweep; None if the draft is not a valid one."""
        return self._outcome if isinstance(self._outcome, Sweep) else None

    @property
    def problem(self) -> str:
        """The reason why this is no valid sweep, as a sentence; empty if it is one."""
        return str(self._outcome) if isinstance(self._outcome, SettingError) else ""

    @cached_property
    def _outcome(self) -> Sweep | SettingError:
        sample, seed = (self.runs, self.seed) if self.random else (0, 0)
        try:
            return Sweep(self.base, self.axes, sample, seed)
        except SettingError as error:
            return error

    def values(self, axis_name: str) -> tuple[Value, ...]:
        """Return the values to try for a setting; none if it is not varied."""
        return next((axis.values for axis in self.axes if axis.name == axis_name), ())

    def with_values(self, axis_name: str, values: tuple[Value, ...]) -> Draft:
        """Return a copy that varies a setting over other values; over none, it is not varied."""
        others = tuple(axis for axis in self.axes if axis.name != axis_name)
        return replace(self, axes=(*others, Axis(axis_name, values)) if values else others)


def homes(data_name: str) -> tuple[str, ...]:
    """Return the lessons on whose pages a run on these data can be opened.

    The lesson that is mainly about these data comes first.
    """

    def is_secondary(lesson: LessonInfo) -> bool:
        return lesson.data[0] != data_name

    found = [one for one in catalog.LESSONS if one.can_sweep and data_name in one.data]
    return tuple(lesson.name for lesson in sorted(found, key=is_secondary))


def holds_out(experiment: Experiment) -> bool:
    """Return True if training samples are held out, so that runs can be compared on them."""
    return experiment.fit.validation in ("last", "first")


def format_value(value: Value) -> str:
    """Return a value as it is shown and typed: floats without an exponent or trailing zeros."""
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else str(value)
