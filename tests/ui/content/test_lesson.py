"""Lessons and glossary as files that a teacher edits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ui.content import lesson
from ui.content.lesson import load, term
from ui.content.settings import SETTINGS, SWEEP_AXES
from ui.content.toml_file import LessonError
from ui.core import catalog

ROOT = Path(__file__).resolve().parents[3]
LESSONS = tuple(lesson.name for lesson in catalog.LESSONS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lesson, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "mine.toml").write_text(text, encoding="utf-8")


GOOD = """
title = "Mine"
aim = "To see."
[default]
"fit.epochs" = 3
"model.units" = [8, 4]
[text]
look = "There are {count} numbers."
[[preset]]
name = "More"
settings = { "fit.epochs" = 9 }
sample_settings = { "fit.epochs" = 90 }
"""


def test_a_lesson_is_what_its_file_says(folder: Path) -> None:
    write(folder, GOOD)
    mine = load("mine")
    assert (mine.title, mine.default.fit.epochs, mine.default.model.units) == ("Mine", 3, (8, 4))
    assert mine.text("look", count=5) == "There are 5 numbers."


def test_a_preset_may_say_something_else_for_the_sample(folder: Path) -> None:
    write(folder, GOOD)
    preset = load("mine").presets[0]
    assert preset.of(embedded=False) == {"fit.epochs": 9}
    assert preset.of(embedded=True) == {"fit.epochs": 90}


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    write(folder, GOOD)
    load("mine")
    write(folder, GOOD.replace("Mine", "Another"))
    assert load("mine").title == "Another"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (GOOD.replace("[text]", "[text"), r"lessons/mine\.toml, line 7: this is not TOML"),
        (
            GOOD.replace('"fit.epochs" = 3', '"fit.epochs" = 0'),
            r"line 5: fit\.epochs must be",
        ),
        (GOOD.replace('title = "Mine"', ""), r"lessons/mine\.toml, line 1: 'title' is missing"),
        (GOOD.replace("name =", "nmae ="), r"line 10: 'nmae' is not known here\. Is 'name' meant"),
        (GOOD.replace("[[preset]]", "[[preste]]"), r"line 9: 'preste' is not known here\. Is 'pre"),
        (GOOD + '[[preset]]\nname = "More"\n', r"line 14: There are two presets named 'More'"),
    ],
    ids=["syntax", "setting", "title", "preset", "presets", "twice"],
)
def test_a_broken_file_is_named_in_one_sentence(folder: Path, broken: str, said: str) -> None:
    write(folder, broken)
    with pytest.raises(LessonError, match=said):
        load("mine")


def test_a_missing_text_is_named(folder: Path) -> None:
    write(folder, GOOD)
    with pytest.raises(LessonError, match=r"lessons/mine\.toml, line 7: the text 'lok' is missing"):
        load("mine").text("lok")


def test_what_a_text_cannot_be_filled_in_with_is_named(folder: Path) -> None:
    write(folder, GOOD.replace("{count}", "{cuont}"))
    with pytest.raises(LessonError, match=r"line 8: in the text 'look' can stand \{count\}\. Rec"):
        load("mine").text("look", count=5)


def test_an_unknown_word_is_named() -> None:
    with pytest.raises(LessonError, match=r"lessons/glossary\.toml, line 1: 'epoc' is missing"):
        term("epoc")


@pytest.mark.parametrize("name", LESSONS)
def test_every_preset_of_the_lab_makes_an_experiment(name: str) -> None:
    mine = load(name)
    for preset in mine.presets:
        for embedded in (False, True):
            mine.default.updated(preset.of(embedded))


def test_every_word_that_the_pages_look_up_is_in_the_glossary() -> None:
    sources = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    words = {w for path in sources for w in re.findall(r'\bterm\("([^"]+)"\)', path.read_text())}
    words |= {s.term for s in (*SETTINGS.values(), *SWEEP_AXES.values()) if s.term}
    assert len(words) > 10
    for word in words:
        term(word)
