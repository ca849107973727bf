"""The sweep on the page as a value, and the lessons that its runs open in."""

from __future__ import annotations

from nncore.experiment import Experiment
from nncore.sweep import Axis
from ui.core import catalog
from ui.sweep.draft import LESSONS, Draft, homes

DRAFT = Draft("mnist", Experiment(), (Axis("units", (8, 32)),))


def test_a_draft_is_a_sweep_or_says_why_not() -> None:
    assert DRAFT.sweep is not None
    assert DRAFT.problem == ""
    nothing_varied = DRAFT.with_values("units", ())
    assert nothing_varied.sweep is None
    assert "at least one setting" in nothing_varied.problem


def test_other_values_replace_those_of_their_axis_alone() -> None:
    both = DRAFT.with_values("epochs", (1, 2)).with_values("units", (4,))
    assert both.values("epochs") == (1, 2)
    assert both.values("units") == (4,)


def test_runs_open_first_in_the_lesson_that_is_about_their_data() -> None:
    assert homes("digits") == ("mnist", "perceptron")
    assert homes("five") == ("perceptron",)


def test_runs_on_all_data_of_a_sweep_have_a_home() -> None:
    names = {name for lesson in catalog.LESSONS if lesson.can_sweep for name in lesson.data}
    assert all(set(homes(name)) <= set(LESSONS) and homes(name) for name in names)
