"""Lesson 2's ladder as its learner climbs it, and the page with ten outputs."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, recall_score
from streamlit.testing.v1 import AppTest

from nncore.data import datasets
from nncore.experiment import Experiment
from nncore.nn.network import Network
from tests.pages.conftest import OpenPage, run_of, settle
from ui.charts import outputs as outputs_module
from ui.content import lesson
from ui.content.toml_file import LessonError
from ui.perceptron import ladder
from ui.perceptron import ten_outputs as ten
from ui.perceptron.single_output import Said

pytestmark = pytest.mark.usefixtures("embedded_only")

GLOSSARY = lesson.FOLDER / "glossary.toml"
QUICK = {"data.samples": 400, "fit.epochs": 1}


def rungs(*, embedded: bool = True) -> tuple[ladder.Rung, ...]:
    perceptron = lesson.load("perceptron")
    return ladder.read(perceptron.on_data() if embedded else perceptron, embedded)


def opened(open_page: OpenPage, experiment: Experiment) -> AppTest:
    """The page with these settings, but few images and one epoch."""
    query = experiment.updated(QUICK).to_query()
    return open_page("perceptron", dict(pair.split("=") for pair in query.split("&")))


def trained(app: AppTest) -> AppTest:
    """The page after a quick run of what it is set to."""
    app.session_state["perceptron.experiment"] = here(app).updated(QUICK)
    app.run()
    app.button(key="perceptron.train").click().run()
    return settle(app, "perceptron")


def here(app: AppTest) -> Experiment:
    found: Experiment = app.session_state["perceptron.experiment"]
    return found


def questions(app: AppTest) -> list[str]:
    return [radio.label for radio in app.radio]


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def answer(app: AppTest, rung: int, *, right: bool) -> AppTest:
    options = rungs()[rung].options
    place = next(i for i, option in enumerate(options) if option.right == right)
    app.radio(key=f"perceptron.rung.{rung}").set_value(place).run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.success, app.warning, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


# Climbing


def test_the_page_opens_on_the_lowest_rung_and_asks_nothing_yet(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    assert app.segmented_control(key="perceptron.ladder").value == 0
    assert rungs()[0].look in texts(app)
    assert questions(app) == []
    assert "perceptron.climb" not in keys(app)


def test_the_question_comes_before_the_remedy(open_page: OpenPage) -> None:
    app = trained(opened(open_page, rungs()[0].experiment))
    assert questions(app) == [rungs()[0].question]
    assert not [key for key in keys(app) if "climb" in key or "remedy" in key]
    assert "What went wrong" not in texts(app)
    assert "**what is wrong**" in texts(app)
    answer(app, 0, right=True)
    assert "The way up is below" in texts(app)
    assert {"perceptron.climb", "perceptron.remedy.below_baseline"} <= keys(app)
    assert "What went wrong" in texts(app)


def test_a_wrong_answer_gets_its_why_and_another_try(open_page: OpenPage) -> None:
    app = trained(opened(open_page, rungs()[0].experiment))
    answer(app, 0, right=False)
    assert "What went wrong" not in texts(app)  # it would give the answer away
    wrong = next(option for option in rungs()[0].options if not option.right)
    assert wrong.why in texts(app)
    right = next(option for option in rungs()[0].options if option.right)
    assert right.why not in texts(app)
    assert "perceptron.climb" not in keys(app)
    answer(app, 0, right=True)
    assert right.why in texts(app)


def test_from_the_first_rung_to_the_third(open_page: OpenPage) -> None:
    app = opened(open_page, rungs()[0].experiment)
    for place in (0, 1):
        trained(app)
        answer(app, place, right=True)
        app.button(key="perceptron.climb").click().run()
        assert not app.exception, app.exception
        assert here(app) == rungs()[place + 1].experiment
        assert questions(app) == []  # the run above is that of the rung below
    assert app.segmented_control(key="perceptron.ladder").value == 2
    labels = app.segmented_control(key="perceptron.ladder").options
    assert labels == ["✓1", "✓2", *(str(number) for number in range(3, 11))]


def test_a_learner_may_skip_and_go_back(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    for place in (7, 3):
        app.segmented_control(key="perceptron.ladder").set_value(place).run()
        assert not app.exception, app.exception
        assert here(app) == rungs()[place].experiment


def test_another_seed_stays_on_the_rung_and_another_switch_leaves_it(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    app.number_input(key="perceptron.fit.seed").set_value(7).run()
    assert rungs()[0].look in texts(app)
    app.selectbox(key="perceptron.model.output_activation").select("tanh").run()
    assert rungs()[0].look not in texts(app)
    app.button(key="perceptron.ladder.back").click().run()
    assert here(app) == rungs()[0].experiment


def test_settings_of_another_rung_are_that_rung(open_page: OpenPage) -> None:
    app = opened(open_page, rungs()[8].experiment)
    assert app.segmented_control(key="perceptron.ladder").value == 8


def test_a_link_to_other_images_is_refused_in_a_sentence(open_page: OpenPage) -> None:
    app = open_page("perceptron", {"data.name": "fashion"})
    assert here(app).data.name == "five"
    assert any("data.name" in warning.value for warning in app.warning)


# The file


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
    assert len(asked.options) >= 3
    assert all(option.why for option in asked.options)


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
        ladder.read(lesson.load("perceptron"), False)


# Ten outputs


def test_ten_outputs_are_shown_before_there_are_any(open_page: OpenPage) -> None:
    app = opened(open_page, rungs()[5].experiment)
    assert "0–4, below 5–9" in texts(app)
    assert "Digits it reads" in texts(app)
    assert "Always" not in "\n".join(metric.label for metric in app.metric)
    assert next(info.value for info in app.info).startswith("Train first")


@pytest.mark.parametrize("rung", [5, 6, 9], ids=["linear", "softmax", "hidden"])
def test_ten_outputs_are_scored_as_scikit_learn_scores_them(rung: int, open_page: OpenPage) -> None:
    app = trained(opened(open_page, rungs()[rung].experiment))
    checkpoint = run_of(app, "perceptron").peek().checkpoint
    dataset = datasets.load(checkpoint.experiment.data)
    answers = (
        Network.of(checkpoint.experiment, checkpoint.weights).predict(dataset.x_test).argmax(1)
    )
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Accuracy"] == f"{accuracy_score(dataset.y_test, answers):.4f}"
    read = (recall_score(dataset.y_test, answers, average=None) >= 0.5).sum()
    assert shown["Digits it reads"] == f"{read} of 10"
    assert questions(app) == [rungs()[rung].question]


def test_a_run_with_one_output_stays_readable_when_the_settings_have_ten(
    open_page: OpenPage,
) -> None:
    app = trained(opened(open_page, rungs()[4].experiment))
    app.segmented_control(key="perceptron.ladder").set_value(5).run()
    assert not app.exception, app.exception
    assert "All below belongs to the run shown above" in texts(app)
    assert "of the ten digits" not in texts(app)


def test_margins_are_the_right_output_less_the_largest_other() -> None:
    outputs = np.array([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4], [3.0, 3.0, -9.0]])
    assert ten.margins(outputs, np.array([1, 2, 0])) == pytest.approx([0.5, -0.1, 0.0])


def test_a_score_names_the_commonest_answer_and_counts_the_digits_it_reads() -> None:
    outputs = np.eye(3)[[0, 0, 0, 1]]
    score = ten.Score.of(Said(outputs, outputs, np.array([0, 1, 2, 1])))
    assert (score.accuracy, score.commonest, score.share) == (0.5, 0, 0.75)
    assert score.recalls.tolist() == [1.0, 0.5, 0.0]
    assert (score.read, score.low, score.high) == (2, 0.0, 1.0)


def test_a_clear_win_a_narrow_defeat_and_no_number_at_all_are_drawn_apart() -> None:
    chart = outputs_module.margin_histogram([0.9, -0.1, 0.0, np.nan])
    bars = [row for row in chart.data.to_pylist() if row["part"] == "bar"]
    assert sum(row["count"] for row in bars if row["verdict"] == "right") == 1
    assert sum(row["count"] for row in bars if row["verdict"] == "wrong") == 2
    assert all(row["low"] >= 0 for row in bars if row["verdict"] == "right")
