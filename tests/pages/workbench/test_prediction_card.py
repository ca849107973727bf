"""Predict, then run: a learner commits, the run decides, the score is kept."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nncore.runtime.lab import Lab
from tests.pages.conftest import ROOT, OpenPage, settle, until, written
from ui.content import lesson
from ui.content.lesson import load
from ui.content.questions import Number, PossibleAnswer, Question

SMALL = {"data.samples": 64, "fit.epochs": 2}
FEWER = Question(
    name="Twice the batch",
    text="How many updates are left?",
    answers=(
        PossibleAnswer(
            "As many", why="Each number counts.", conditions={"updates ratio": (0.9, 1.1)}
        ),
        PossibleAnswer(
            "Half", why="Batches are full sooner.", conditions={"updates ratio": (0.4, 0.6)}
        ),
        PossibleAnswer(
            "Twice", why="No.", settings={"fit.batch_size": 16}, tried="Look at the updates."
        ),
    ),
    settings={"fit.batch_size": 64},
    why="An epoch has as many updates as batches.",
)
COUNT = Question(
    name="Count them",
    text="How many parameters has it?",
    number=Number("parameters", 0.0, 0.0, 0, 100, 1, "Parameters"),
    settings={"model.units": (3,)},
    why="Each unit has a bias, too.",
)
LONG = Question(
    name="For minutes",
    text="How many updates has an epoch of 57 numbers?",
    answers=(PossibleAnswer("One", right=True), PossibleAnswer("Fifty-seven")),
    settings={"fit.batch_size": 64, "fit.epochs": 600},
    why="They fit into one batch.",
)
NOWHERE = Question(
    name="Not to be told",
    text="How wrong is it on numbers that are held out?",
    number=Number("val_loss", 0.0, 0.1, 0, 1, 0.1, "Loss"),
    settings={"fit.validation": "none"},
    why="Nothing is held out.",
)


@pytest.fixture
def asked() -> tuple[Question, ...]:
    return (FEWER, COUNT, NOWHERE)


@pytest.fixture
def asking(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, asked: tuple[Question, ...]
) -> AppTest:
    """Lesson 1 with small runs and questions of its own, the card open."""
    mine = load("rounding")
    small = replace(mine, default=mine.default.updated(SMALL), questions=asked)
    monkeypatch.setattr(
        "ui.workbench.lesson_page.load", lambda name: small if name == mine.name else load(name)
    )
    app = open_page("rounding")
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.session_state["rounding.asking"] = True
    return app.run()


def label(app: AppTest) -> str:
    return next(box.label for box in app.expander if box.icon == ":material/psychology_alt:")


def text(app: AppTest) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def answered(app: AppTest, name: str, answer: Any) -> AppTest:
    """The page when the run is over that the answer was given before."""
    widgets = app.number_input if isinstance(answer, float | int) else app.radio
    widgets(key=f"rounding.answer.{name}").set_value(answer).run()
    app.button(key="rounding.run_it").click().run()
    settle(app, "rounding")
    return app


def judged(app: AppTest) -> AppTest:
    """The page when the run to compare with is over, too."""

    def over() -> bool:
        bet = app.run().session_state["tab"].values["rounding.bet"]
        return bet.verdict is not None

    until(over)
    return app.run()


def test_a_lesson_without_questions_asks_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = replace(load("rounding"), questions=())
    monkeypatch.setattr(
        "ui.workbench.lesson_page.load", lambda name: quiet if name == quiet.name else load(name)
    )
    assert not any("Predict" in box.label for box in open_page("rounding").expander)


def test_the_card_is_closed_at_first_and_names_the_question(open_page: OpenPage) -> None:
    app = open_page("rounding")
    asked = load("rounding").questions
    assert label(app) == f"**Predict 1 of {len(asked)}** · {asked[0].name}"
    assert "rounding.run_it" not in [button.key for button in app.button]


def test_nothing_runs_before_an_answer(asking: AppTest) -> None:
    assert "How many updates are left?" in text(asking)
    assert asking.button(key="rounding.run_it").disabled
    assert "The run: Batch size 32 → 64" in text(asking)


def test_the_run_decides_who_is_right_and_says_why(asking: AppTest) -> None:
    app = judged(answered(asking, FEWER.name, "Half"))
    assert app.session_state["rounding.experiment"].fit.batch_size == 64
    assert "✓ **Right**" in text(app)
    assert "Updates: **2** instead of 4" in text(app)  # 57 numbers, 2 epochs
    assert "Batches are full sooner." in text(app)
    assert FEWER.why in text(app)
    assert "1 of 1 right" in label(app)
    assert written(app) == {"answers.rounding": '{"Twice the batch":true}'}


def test_a_wrong_idea_can_be_run(asking: AppTest) -> None:
    app = judged(answered(asking, FEWER.name, "Twice"))
    assert "✗ **Not so**" in text(app)
    assert "It is: **Half**" in text(app)
    assert "0 of 1 right" in label(app)
    app.button(key="rounding.run_idea").click().run()
    settle(app, "rounding")
    assert "**Your idea, run**  \nUpdates: **8**" in text(app)
    assert "Look at the updates." in text(app)
    assert "0 of 1 right" in label(app)


def test_the_next_question_asks_for_a_number(asking: AppTest) -> None:
    app = judged(answered(asking, FEWER.name, "Half"))
    app.button(key="rounding.next").click().run()
    assert f"**Predict 2 of 3** · {COUNT.name} · 1 of 1 right" == label(app)
    app = answered(app, COUNT.name, 13)
    assert "You predicted: 13. It is: **14**" in text(app)  # 3 x 2 + 2 x 4
    assert "1 of 2 right" in label(app)


def test_a_question_can_be_skipped_and_asked_again(asking: AppTest) -> None:
    app = asking.button(key="rounding.skip").click().run()
    assert COUNT.name in label(app)
    for _ in range(2):
        app.button(key="rounding.skip").click().run()
    assert "**Predicted** · 0 of 3 right" in label(app)
    assert f"– {FEWER.name}" in text(app)
    app.button(key="rounding.unskip").click().run()
    assert FEWER.name in label(app)


def test_what_a_run_does_not_tell_is_neither_right_nor_wrong(asking: AppTest) -> None:
    for _ in range(2):
        asking.button(key="rounding.skip").click().run()
    app = answered(asking, NOWHERE.name, 0.5)
    assert "This run does not decide it" in text(app)
    assert written(app) == {}
    app.button(key="rounding.next").click().run()
    assert "**Predicted**" in label(app)


@pytest.mark.parametrize("asked", [(LONG,)], ids=["for minutes"])
def test_a_run_that_was_stopped_can_be_run_again(asking: AppTest) -> None:
    app = asking.radio(key=f"rounding.answer.{LONG.name}").set_value("One").run()
    app.selectbox(key="rounding.speed").select("1 batch a second").run()
    app.button(key="rounding.run_it").click().run()
    assert label(app) == "**Your prediction:** One"
    app.session_state["rounding.asking"] = True
    assert "appears here when the run is over" in text(app.run())
    assert app.radio(key=f"rounding.answer.{LONG.name}").disabled
    app.button(key="rounding.stop").click().run()
    settle(app, "rounding")
    assert "did not finish" in text(app)
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.run_it").click().run()
    settle(app, "rounding")
    assert "✓ **Right**" in text(app)


def test_answers_that_the_browser_kept_are_not_asked_again(asking: AppTest) -> None:
    kept = {FEWER.name: True, "gone from the file": True}
    asking.session_state["keep.held"] = {"answers.rounding": kept}
    app = asking.run()
    assert COUNT.name in label(app)
    assert "1 of 1 right" in label(app)
    assert "Only this browser keeps your answers" in text(app)
    app.button(key="rounding.forget").click().run()
    assert FEWER.name in label(app)
    assert written(app) == {"answers.rounding": None}


def test_it_says_so_where_nothing_is_kept(asking: AppTest) -> None:
    asking.session_state["keep.works"] = False
    assert "A reload forgets your answers" in text(asking.run())


@pytest.mark.usefixtures("embedded_only")
@pytest.mark.parametrize("page", ["perceptron", "mnist", "draw"])
def test_every_lesson_asks(open_page: OpenPage, page: str) -> None:
    app = open_page(page)
    app.session_state[f"{page}.asking"] = True
    app.run()
    assert not app.exception
    first = load(page).questions[0]
    assert app.button(key=f"{page}.run_it").disabled
    assert any(first.name in box.label for box in app.expander)


def test_a_broken_file_is_one_sentence_on_its_page(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "lessons"
    shutil.copytree(lesson.FOLDER, folder)
    (folder / "home.toml").write_text('title = "Mine"\naim = 3\n[default]\n')
    monkeypatch.setattr(lesson, "FOLDER", folder)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "lessons/home.toml, line 2: 'aim' must be a text in quotation marks. Received: 3"
    ]
    assert load("rounding").title  # the others go on


def test_a_stored_result_waits_behind_a_button_while_a_question_asks_for_it(
    asking: AppTest,
) -> None:
    app = judged(answered(asking, FEWER.name, "Half"))
    app.button(key="rounding.next").click().run()
    app.session_state["rounding.asking"] = True
    app.run().button(key="rounding.forget").click().run()
    app.session_state["tab"].values["rounding.run"] = None  # as in another learner's session
    app.run()
    assert app.button(key="rounding.train").label == "Train"
    app.button(key="rounding.reveal").click().run()
    assert app.button(key="rounding.train").label == "Watch it train"
    assert "rounding.reveal" not in [button.key for button in app.button]


def test_a_number_typed_just_before_the_click_counts(asking: AppTest) -> None:
    app = judged(answered(asking, FEWER.name, "Half"))
    app.button(key="rounding.next").click().run()
    app.session_state["rounding.asking"] = True
    app.run().button(key="rounding.run_it").click().run()
    assert any("Type your prediction first" in toast.value for toast in app.toast)
    app.number_input(key=f"rounding.answer.{COUNT.name}").set_value(14)
    app.button(key="rounding.run_it").click().run()  # both in one message
    settle(app, "rounding")
    assert "✓ **Right**" in text(app)
