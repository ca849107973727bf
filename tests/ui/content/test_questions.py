"""Questions as data: what a file says, what is wrong in it, and who is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets
from nncore.experiment import Experiment
from ui.content import lesson, questions, run_metrics
from ui.content.lesson import load
from ui.content.questions import PossibleAnswer, Question, find_right_answer, judge
from ui.content.run_metrics import FinishedRun
from ui.content.toml_file import LessonError, read
from ui.core import catalog

LESSONS = tuple(lesson.name for lesson in catalog.LESSONS)
#: Questions that a lesson asks at least.
LEAST_QUESTIONS = 2
CHOICE = """
title = "Mine"
aim = "To see."
[default]
[[question]]
name = "Ten times"
text = "Ten times the batch?"
settings = { "fit.batch_size" = 1280 }
why = "Fewer updates."
shows = ["seconds"]
[[question.option]]
answer = "As good"
why = "Each step is as long as before."
if = { "accuracy difference" = [-0.01, 1] }
settings = { "fit.batch_size" = 8000 }
[[question.option]]
answer = "Worse"
"""
NUMBER = """
title = "Mine"
aim = "To see."
[default]
[[question]]
name = "Where"
kind = "number"
text = "Where will it be?"
measure = "accuracy"
tolerance = 0.05
low = 0
high = 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lesson, "FOLDER", tmp_path)
    return tmp_path


def loaded(folder: Path, text: str) -> Question:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    (found,) = load("mine").questions
    return found


def run(accuracy: float, updates: int = 100) -> FinishedRun:
    experiment = Experiment.from_settings({"data.name": "rounding", "data.samples": 10})
    checkpoint = Checkpoint(experiment, "f", history={"accuracy": (accuracy,)}, seconds=2.0)
    return FinishedRun(
        replace(checkpoint, slots=(np.array(updates),)), datasets.load(experiment.data)
    )


def test_a_question_is_what_its_file_says(folder: Path) -> None:
    found = loaded(folder, CHOICE)
    assert (found.name, found.text, found.why) == (
        "Ten times", "Ten times the batch?", "Fewer updates."
    )  # fmt: skip
    first, second = found.answers
    assert first.conditions == {"accuracy difference": (-0.01, 1.0)}
    assert first.settings == {"fit.batch_size": 8000}
    assert (second.text, second.conditions, second.settings) == ("Worse", None, None)
    assert found.measured == ("accuracy difference", "seconds")


def test_the_runs_of_a_question_are_the_lessons_own_with_its_settings(folder: Path) -> None:
    found, default = loaded(folder, CHOICE), Experiment()
    present = default.updated({"fit.epochs": 9})
    assert found.experiment(default, present, False) == default.updated({"fit.batch_size": 1280})
    assert found.comparison(default, embedded=False) == default
    bare = replace(found, settings=None)
    assert bare.experiment(default, present, False) == present


def test_the_sample_may_need_other_settings(folder: Path) -> None:
    more = '\nsample_settings = { "fit.epochs" = 40 }\n[[question.option]]\nanswer = "As'
    found = loaded(folder, CHOICE.replace('\n[[question.option]]\nanswer = "As', more))
    default = Experiment()
    assert found.experiment(default, default, embedded=True).fit.epochs == 40
    assert found.experiment(default, default, embedded=False).fit.epochs == 5


def test_what_is_compared_decides(folder: Path) -> None:
    found = loaded(folder, CHOICE)
    as_good, worse = judge(found, 0, run(0.895), run(0.9)), judge(found, 0, run(0.8), run(0.9))
    assert (as_good.right, as_good.correct) == (True, "As good")
    assert (worse.right, worse.correct) == (False, "Worse")
    assert worse.numbers == (
        "Training accuracy: **80.0%** instead of 90.0%  \n"
        "Training time in seconds: **2.0** instead of 2.0"
    )


def test_a_number_may_be_a_little_off(folder: Path) -> None:
    found = loaded(folder, NUMBER)
    assert judge(found, 0.85, run(0.9)).right
    assert not judge(found, 0.84, run(0.9)).right
    assert judge(found, 0.84, run(0.9)).correct == "90.0%"
    assert judge(found, 0.84, run(float("nan"))).right is None


def test_a_right_number_may_be_fixed(folder: Path) -> None:
    found = loaded(folder, NUMBER.replace('measure = "accuracy"', "right = 34"))
    assert judge(found, 34, run(0.1)).right
    assert judge(found, 33, run(0.1)).correct == "34"


def test_a_find_right_answer_may_be_fixed() -> None:
    options = (PossibleAnswer("a"), PossibleAnswer("b", right=True))
    assert find_right_answer(options, {}) == 1


def test_the_first_option_that_holds_is_right_else_the_one_for_all_other_cases() -> None:
    options = (
        PossibleAnswer("other"),
        PossibleAnswer("low", conditions={"accuracy": (0.0, 0.5)}),
        PossibleAnswer("also low", conditions={"accuracy": (0.0, 0.6)}),
        PossibleAnswer("five", conditions={"hardest_class": "5"}),
    )
    values: dict[str, float | str] = {"accuracy": 0.5, "hardest_class": "8"}
    assert find_right_answer(options, values) == 1
    assert find_right_answer(options, values | {"accuracy": 0.9}) == 0
    assert find_right_answer(options, values | {"accuracy": float("nan")}) == 0
    assert find_right_answer(options, {"accuracy": 0.9, "hardest_class": "5"}) == 3
    assert find_right_answer(options[1:], values | {"accuracy": 0.9}) is None


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ('text = "Ten', 'txet = "Ten', 7, r"'txet' is not known here\. Is 'text' meant\?"),
        ("1280 }", '"many" }', 8, r"fit\.batch_size must be a whole number"),
        ("fit.batch_size", "fit.batch", 8, r"'fit\.batch' is not a setting"),
        ("accuracy difference", "acuracy difference", 14, r"'acuracy difference' is not a measure"),
        ("[-0.01, 1]", "[1, -0.01]", 14, r"must be \[from, to\] or a word"),
        ('["seconds"]', '["minutes"]', 10, r"'minutes' is not a measure"),
        ("8000", "0", 15, r"fit\.batch_size must be"),
        ("if = {", "# {", 5, r"'Ten times' has no answer, or two: give one option right = true"),
        ('name = "Ten times"', "name = 10", 6, r"'name' must be a text in quotation marks"),
        ("text = ", 'kind = "guess"\ntext = ', 7, "'kind' must be"),
        ("shows =", "against = 3\nshows =", 10, "'against' must be a table"),
    ],
)
def test_what_is_wrong_with_a_question_is_named_with_its_line(
    folder: Path, before: str, after: str, line: int, said: str
) -> None:
    assert before in CHOICE
    with pytest.raises(LessonError, match=rf"lessons/mine\.toml, line {line}: .*{said}"):
        loaded(folder, CHOICE.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ('measure = "accuracy"', "", 5, "'Where' has no answer, or two: give it either measure"),
        ('measure = "accuracy"', 'measure = "acc"', 9, "'acc' is not a measure"),
        ("low = 0", "low = 2", 11, "'low' must be below 'high'"),
        ("high = 1", "", 5, "'high' is missing: a number"),
    ],
)
def test_what_is_wrong_with_a_number_is_named_with_its_line(
    folder: Path, before: str, after: str, line: int, said: str
) -> None:
    with pytest.raises(LessonError, match=rf"lessons/mine\.toml, line {line}: .*{said}"):
        loaded(folder, NUMBER.replace(before, after, 1))


def test_two_questions_of_one_name_are_refused(folder: Path) -> None:
    twice = NUMBER + NUMBER[NUMBER.index("[[question]]") :]
    with pytest.raises(LessonError, match=r"line 1[34]: There are two questions named 'Where'"):
        loaded(folder, twice.replace("[[question]]", "\n[[question]]", 1).replace("\n\n", "\n"))


def test_what_measures_cannot_be_written_is_named(tmp_path: Path, monkeypatch: object) -> None:
    (tmp_path / "measures.toml").write_text('[loss]\nname = "Loss"\nshown = "{:d}"\n')
    table = read(tmp_path / "measures.toml").table("loss")
    monkeypatch.setattr(questions, "_words", lambda name: table)  # type: ignore[attr-defined]
    with pytest.raises(LessonError, match=r"measures\.toml, line 3: 'shown' cannot write"):
        questions.word_measure("loss", 0.5)


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_asks_and_gives_reasons(name: str) -> None:
    asked = load(name).questions
    assert len(asked) >= LEAST_QUESTIONS
    for question in asked:
        assert question.why
        assert all(option.why for option in question.answers)
        assert all(run_metrics.known(measure) for measure in question.measured)


@pytest.mark.parametrize("name", LESSONS)
def test_every_question_runs_with_the_lessons_data(name: str) -> None:
    mine = load(name)
    for embedded, default in ((False, mine.default), (True, mine.sample_default or mine.default)):
        for question in mine.questions:
            found = question.experiment(default, default, embedded)
            assert found.data.name == default.data.name
            assert question.comparison(default, embedded) != found
