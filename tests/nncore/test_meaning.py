"""A change in what a setting means needs a new version of that meaning: recorded weights tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from nncore.experiment import CONSTRAINTS, STARTERS, Experiment
from nncore.meaning import VERSIONS
from nncore.runtime.store import Store
from nncore.validation import Choice
from tests.nncore import golden

CHOICES = [
    (name, value)
    for name, constraint in CONSTRAINTS.items()
    if isinstance(constraint, Choice)
    for value in constraint.options
    if value != "fashion"
]
#: It has no images of its own in the package, so it is in no recorded run.
FASHION = "data.name=fashion"
#: They decide how long or on how much a run trains, not how.
AMOUNTS = {"fit.learning_rate"}


@pytest.mark.usefixtures("embedded_only")
@pytest.mark.parametrize("name", golden.RUNS)
def test_a_result_changes_only_with_the_version_of_its_meaning(name: str) -> None:
    recorded = golden.load_recorded()
    expected, found = recorded["runs"][name], golden.describe(golden.train_run(name))
    is_same_machine = recorded["machine"] == golden.describe_machine()
    is_equal = found["sha256"] == expected["sha256"]
    if not (is_equal if is_same_machine else golden.is_close(expected, found)):
        pytest.fail(
            f"The code now gives another result for {dict(golden.RUNS[name])}. Stored runs would "
            "be wrong: raise the version of what changed in nncore/meaning.py, then record with "
            "`python -m tests.nncore.golden`."
        )


@pytest.mark.parametrize("name", golden.RUNS)
def test_the_recorded_runs_have_the_present_versions(name: str) -> None:
    versions = golden.meanings_of(golden.experiment_of(name))
    assert golden.load_recorded()["runs"][name]["versions"] == versions


@pytest.mark.parametrize(("setting", "value"), CHOICES)
def test_every_choice_has_a_recorded_run(setting: str, value: str) -> None:
    runs = [golden.experiment_of(name).settings() for name in golden.RUNS]
    assert any(settings[setting] == value for settings in runs)


def test_every_number_has_a_recorded_run_away_from_its_default() -> None:
    defaults = Experiment().settings()
    runs = [golden.experiment_of(name).settings() for name in golden.RUNS]
    unchanged = {
        name
        for name, value in defaults.items()
        if all(settings[name] == value for settings in runs)
    }
    assert unchanged == AMOUNTS


def test_versions_name_settings_and_are_above_1() -> None:
    numbers = {"", *Experiment().settings()}
    for meaning, version in VERSIONS.items():
        starters = {f"data.drawings={name}" for name in STARTERS}
        is_choice = tuple(meaning.split("=")) in CHOICES or meaning in starters | {FASHION}
        assert meaning in numbers or is_choice
        assert version > 1


def test_a_stored_run_from_before_a_version_was_raised_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = golden.train_run("rounding")
    store = Store(tmp_path)
    store.put(finished, None, "numbers")
    monkeypatch.setattr("nncore.meaning.VERSIONS", {"data.name=rounding": 2})
    now = golden.experiment_of("rounding")
    assert store.get(now, finished.fingerprint) is None
    assert store.entries() == []
