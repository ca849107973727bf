"""The runs of a class as a sweep."""

from nncore.experiment import Experiment
from ui.class_store.values import RunResult, RunRow
from ui.classroom.class_sweep import find_axes, find_best, list_results


def make_row(number: int, units: int, accuracy: float | None, epochs: int = 5) -> RunRow:
    experiment = Experiment().updated({"model.units": (units,), "fit.epochs": epochs})
    return RunRow(
        number, "Blue Heron", 0.0, RunResult(experiment, "mnist", accuracy, 1.0, epochs), False
    )


ROWS = [make_row(1, 8, 0.8), make_row(2, 16, 0.9), make_row(3, 32, None), make_row(4, 32, 0.9)]


def test_axes_are_the_settings_that_differ() -> None:
    assert [(axis.name, axis.values) for axis in find_axes(ROWS)] == [("units", (8, 16, 32))]
    assert find_axes(ROWS[:1]) == ()


def test_the_first_of_the_best_runs_is_the_best() -> None:
    assert find_best(ROWS) is ROWS[1]
    assert find_best([ROWS[2]]) is None


def test_a_diverged_run_is_marked_and_the_best_too() -> None:
    results = list_results(ROWS, find_axes(ROWS))
    assert [result.diverged for result in results] == [False, False, True, False]
    assert [result.best for result in results] == [False, True, False, False]
