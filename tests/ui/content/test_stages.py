"""The stages of `lessons/check.toml`: what the file may say, and who passes what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nncore.experiment import Experiment
from ui.content import stages
from ui.content.stages import Stage
from ui.content.toml_file import LessonError
from ui.mnist.stage_panel import explain_miss

BROKEN = {"data.scaled": False, "model.units": (), "model.output_activation": "linear"}
GOOD = """
title = "Mine"
[people]
fashion = 0.8
[text]
intro = "Of [[epoch]]s."
[[stage]]
name = "Up"
task = "Go up."
settings = { "model.units" = [] }
hidden_layers = [0, 1]
require = { "data.scaled" = false }
targets = { fashion = 0.5, sample = 0.75 }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "check.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_a_stage_asks_for(tmp_path: Path) -> None:
    found = stages.read(written(tmp_path, GOOD))
    (stage,) = found.stages
    assert (stage.name, stage.hidden_layers) == ("Up", (0, 1))
    assert stage.settings == {"model.units": ()}
    assert stage.targets == {"fashion": 0.5, "sample": 0.75}
    assert (found.people, found.texts["intro"]) == ({"fashion": 0.8}, "Of [epoch](#term-epoch)s.")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("[0, 1]", "[2, 1]", 11, "'hidden_layers' must be two whole numbers from 0 to 3"),
        ("[0, 1]", "3", 11, "'hidden_layers' must be"),
        ("sample = 0.75", "sample = 75", 13, "'sample' must be from 0 to 1. Received: 75"),
        ("sample = 0.75", "smaple = 0.75", 13, "'smaple' is not known here. Is 'sample' meant"),
        ("data.scaled", "data.scale", 12, "'data.scale'"),
        ("hidden_layers", "layers", 11, "'layers' is not known here"),
        ('name = "Up"', f'name = "{"U" * 81}"', 8, "'name' may have 80 letters"),
    ],
)
def test_a_fault_is_named_with_its_line(
    old: str, new: str, line: int, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(LessonError) as caught:
        stages.read(path)
    assert f"lessons/check.toml, line {line}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_stage_is_passed_over_its_target_and_with_what_it_requires() -> None:
    stage = Stage("", "", hidden_layers=(0, 0), require={"data.scaled": False}, targets={"x": 0.8})
    fits = Experiment().updated(BROKEN)
    assert stage.passed(fits, 0.81, "x")
    assert not stage.passed(fits, 0.80, "x")  # over, not at
    assert not stage.passed(fits.updated({"model.units": (4,)}), 0.9, "x")
    assert not stage.passed(fits.updated({"data.scaled": True}), 0.9, "x")
    assert stage.passed(fits, 0.0, "without a target")


def test_why_a_run_does_not_pass_is_said() -> None:
    stage = Stage("", "", hidden_layers=(1, 3), require={"data.scaled": True}, targets={"x": 0.8})
    assert "it has no hidden layers, this stage asks for 1 to 3" in explain_miss(
        stage, Experiment().updated({"model.units": ()}), 0.9, "x"
    )
    said = explain_miss(stage, Experiment().updated({"data.scaled": False}), 0.9, "x")
    assert "its setting Pixels is 0 to 255, this stage asks for 0 to 1" in said
    assert explain_miss(stage, Experiment(), 0.7, "x") == "Your run reached 70.0%, not over 80%."


def test_the_labs_own_stages_lead_from_the_broken_network_up() -> None:
    start, without, hidden = stages.load().stages
    broken = Experiment().updated(start.settings)
    assert broken.updated(BROKEN) == broken
    assert start.passed(broken, 0.15, "fashion")
    for kind in stages.KINDS:
        assert without.targets[kind] < hidden.targets[kind]
        assert not without.passed(broken, without.targets[kind], kind)
    assert (without.targets["fashion"], hidden.targets["fashion"]) == (0.80, 0.87)
    assert hidden.objection(broken)
    assert not hidden.objection(Experiment())
    assert stages.load().people["fashion"] == 0.835


def test_the_best_of_each_stage_is_kept() -> None:
    one: stages.Passed = {"digits": {"a": 0.9, "b": 0.8}}
    other: stages.Passed = {"digits": {"a": 0.85, "c": 0.7}, "fashion": {"a": 0.6}}
    best = {"digits": {"a": 0.9, "b": 0.8, "c": 0.7}, "fashion": {"a": 0.6}}
    assert stages.merged(one, other) == stages.merged(other, one) == best
    assert stages.merge_tabs(None, one, other) == stages.merge_tabs(None, other, one) == best


def test_stages_that_another_tab_has_forgotten_stay_forgotten() -> None:
    base = {"digits": {"a": 0.9}}
    mine = {"digits": {"a": 0.9, "b": 0.8}}
    assert stages.merge_tabs(base, mine, None) == {"digits": {"b": 0.8}}
    assert stages.merge_tabs(base, base, None) is None
    assert stages.merge_tabs(base, None, {"digits": {"a": 0.95}}) == {"digits": {"a": 0.95}}
    found = stages.load().stages
    passed = stages.newly_passed(found, Experiment(), 1.0, "digits")
    assert passed == {"digits": {found[2].name: 1.0}}
    assert stages.newly_passed(found, Experiment(), 0.1, "digits") == {}


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"other": {}},
        {"digits": []},
        {"digits": {"a": "1"}},
        {"digits": {"a": True}},
        {"digits": {"a": 2}},
        {"digits": {"a" * 81: 0.5}},
        {"digits": {str(i): 0.5 for i in range(31)}},
    ],
)
def test_what_a_browser_may_not_have_kept_is_refused(value: Any) -> None:
    assert not stages.SLOT.shape.matches(value)
    assert stages.SLOT.shape.matches({"digits": {"a": 0.5}, "fashion": {}})
