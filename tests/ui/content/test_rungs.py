"""The rungs of lesson 2's ladder as data."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from ui.content import lesson
from ui.content.rungs import Rung, read_rungs
from ui.content.toml_file import LessonError

pytestmark = pytest.mark.usefixtures("embedded_only")

GLOSSARY = lesson.FOLDER / "glossary.toml"


def rungs(*, embedded: bool = True) -> tuple[Rung, ...]:
    perceptron = lesson.load("perceptron")
    return read_rungs(perceptron.on_data() if embedded else perceptron, embedded=embedded)


@pytest.mark.parametrize("embedded", [False, True])
def test_each_rung_differs_from_the_next_in_what_its_remedy_says(embedded: bool) -> None:
    switches = {
        "Sigmoid": {"model.output_activation"},
        "Cross-entropy": {"fit.loss"},
        "Pixels": {"data.scaled"},
        "Learning rate": {"fit.learning_rate"},
        "Softmax": {"model.output_activation"},
        "Cross-entropy again": {"fit.loss"},
        "Pixels again": {"data.scaled"},
        "Hidden layer": {"model.units"},
    }
    found = rungs(embedded=embedded)
    for below, above in pairwise(found):
        old, new = below.experiment.settings(), above.experiment.settings()
        changed = {name for name in old if old[name] != new[name]}
        assert changed - {"fit.epochs"} == switches.get(above.name, changed - {"fit.epochs"})
    assert found[0].experiment.updated({"fit.epochs": 3}) == lesson.load("perceptron").default


@pytest.mark.parametrize("rung", range(10))
def test_every_rung_has_a_question_with_a_why_for_each_answer(rung: int) -> None:
    asked = rungs()[rung]
    assert asked.question.endswith("?")
    assert len(asked.choices) >= 3
    assert all(choice.why for choice in asked.choices)


@pytest.mark.parametrize(
    ("before", "after", "at", "said"),
    [
        ("right = true", "right = false", "[[rung]]", r"One \[\[rung.option"),
        ('name = "Sigmoid"', 'name = "Output"', 'name = "Sigmoid"', "There are two rungs named"),
        ('"fit.epochs" = 10 }', '"fit.epochs" = 0 }', '"fit.epochs" = 10 }', "fit.epochs must be"),
    ],
    ids=["no right answer", "one name twice", "what only the sample has"],
)
def test_a_broken_rung_is_named_with_its_line(
    before: str, after: str, at: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (lesson.FOLDER / "perceptron.toml").read_text(encoding="utf-8")
    line = text[: text.index(at)].count("\n") + 1
    monkeypatch.setattr(lesson, "FOLDER", tmp_path)
    shutil.copy(GLOSSARY, tmp_path)
    (tmp_path / "perceptron.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(LessonError, match=rf"perceptron\.toml, line {line}: {said}"):
        read_rungs(lesson.load("perceptron"), embedded=False)
