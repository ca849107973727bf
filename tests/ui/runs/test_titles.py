"""Short titles: what differs between the runs of a list, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.runs.test_measures import ROW
from ui.core.run_ledger import Mark
from ui.runs.titles import short_titles
from ui.workbench import run_names

FAST = ROW.experiment.updated({"fit.epochs": 2, "fit.batch_size": 7})
LONG = ROW.experiment.updated({"fit.epochs": 3, "fit.batch_size": 7})
ROWS = [replace(ROW, key="a", experiment=FAST), replace(ROW, key="b", experiment=LONG)]


def test_settings_that_all_share_are_left_out() -> None:
    assert short_titles(ROWS) == {"a": "epochs 2", "b": "epochs 3"}


def test_a_single_run_has_its_whole_title() -> None:
    assert short_titles(ROWS[:1])["a"] == ", ".join(run_names.changed_settings(ROWS[0]))


def test_a_name_and_a_number_are_kept_and_lessons_told_apart() -> None:
    named = replace(ROWS[0], key="c", mark=Mark("best"), number=4)
    other = replace(ROWS[0], key="d", page="draw")
    titles = short_titles([*ROWS, named, other])
    assert titles["c"] == "#4 best"
    assert titles["a"] == "Lesson 3: epochs 2"
    assert titles["d"].startswith("Lesson 4: ")
