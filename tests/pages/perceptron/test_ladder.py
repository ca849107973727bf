"""Lesson 2's ladder as its learner climbs it, and the page with ten outputs."""

from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score, recall_score
from streamlit.testing.v1 import AppTest

from nncore.data import datasets
from nncore.experiment import Experiment
from nncore.nn.network import Network
from tests.pages.conftest import OpenPage, run_of, settle
from ui.content import lesson
from ui.content.rungs import Rung, read_rungs

pytestmark = pytest.mark.usefixtures("embedded_only")

QUICK = {"data.samples": 400, "fit.epochs": 1}


def rungs(*, embedded: bool = True) -> tuple[Rung, ...]:
    perceptron = lesson.load("perceptron")
    return read_rungs(perceptron.on_data() if embedded else perceptron, embedded=embedded)


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
    choices = rungs()[rung].choices
    place = next(i for i, choice in enumerate(choices) if choice.is_right == right)
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
    assert "**what is wrong?**" in texts(app)
    answer(app, 0, right=True)
    assert "Solved. Now climb to rung 2." in texts(app)
    assert {"perceptron.climb", "perceptron.remedy.below_baseline"} <= keys(app)
    assert "What went wrong" in texts(app)


def test_a_wrong_answer_gets_its_why_and_another_try(open_page: OpenPage) -> None:
    app = trained(opened(open_page, rungs()[0].experiment))
    answer(app, 0, right=False)
    assert "What went wrong" not in texts(app)  # it would give the answer away
    wrong = next(choice for choice in rungs()[0].choices if not choice.is_right)
    assert wrong.why in texts(app)
    right = next(choice for choice in rungs()[0].choices if choice.is_right)
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
    assert any("another lesson" in warning.value for warning in app.warning)


# Ten outputs


def test_ten_outputs_are_shown_before_there_are_any(open_page: OpenPage) -> None:
    app = opened(open_page, rungs()[5].experiment)
    assert "0–4, below 5–9" in texts(app)
    assert "Digits recognised" in texts(app)
    assert "Always" not in "\n".join(metric.label for metric in app.metric)
    assert next(info.value for info in app.info).startswith("Train the network first")


@pytest.mark.parametrize("rung", [5, 6, 9], ids=["linear", "softmax", "hidden"])
def test_ten_outputs_are_scored_as_scikit_learn_scores_them(rung: int, open_page: OpenPage) -> None:
    app = trained(opened(open_page, rungs()[rung].experiment))
    checkpoint = run_of(app, "perceptron").peek().checkpoint
    dataset = datasets.load(checkpoint.experiment.data)
    answers = (
        Network.of(checkpoint.experiment, checkpoint.weights).predict(dataset.x_test).argmax(1)
    )
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Accuracy"] == f"{accuracy_score(dataset.y_test, answers):.2%}"
    read = (recall_score(dataset.y_test, answers, average=None) >= 0.5).sum()
    assert shown["Digits recognised"] == f"{read} of 10"
    assert questions(app) == [rungs()[rung].question]


def test_a_run_with_one_output_stays_readable_when_the_settings_have_ten(
    open_page: OpenPage,
) -> None:
    app = trained(opened(open_page, rungs()[4].experiment))
    app.segmented_control(key="perceptron.ladder").set_value(5).run()
    assert not app.exception, app.exception
    assert "The results below belong to the run shown above" in texts(app)
    assert "of the ten digits" not in texts(app)
