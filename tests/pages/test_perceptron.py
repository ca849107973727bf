"""Lesson 2 as its learner uses it: from the first network to one that finds fives."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, recall_score
from streamlit.testing.v1 import AppTest

from nncore.analysis.metrics import baseline_accuracy
from nncore.data import datasets
from nncore.data.datasets import Dataset
from nncore.nn.network import Network
from tests.pages.conftest import OpenPage, named, run_of, settle
from ui.content import lesson

FIXED = {
    "model.output_activation": "sigmoid",
    "fit.loss": "binary_crossentropy",
    "data.scaled": True,
}
pytestmark = pytest.mark.usefixtures("embedded_only")


def opened(open_page: OpenPage, **settings: object) -> AppTest:
    """The page with few images and one epoch, and with these settings changed."""
    quick = {"data.samples": 400, "fit.epochs": 1}
    names = {name.replace("__", "."): value for name, value in settings.items()}
    sent = lesson.load("perceptron").default.updated(quick | names)
    return open_page("perceptron", dict(p.split("=") for p in sent.to_query().split("&")))


def trained(app: AppTest) -> AppTest:
    app.button(key="perceptron.train").click().run()
    return settle(app, "perceptron")


def shown_outputs(app: AppTest) -> tuple[np.ndarray, Dataset]:
    """Return the outputs of the run's network for the test images, computed apart from the page."""
    checkpoint = run_of(app, "perceptron").peek().checkpoint
    dataset = datasets.load(checkpoint.experiment.data)
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return network.predict(dataset.x_test)[:, 0], dataset


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.error])


def test_it_opens_as_the_tutorial_begins(open_page: OpenPage) -> None:
    tutorial = lesson.load("perceptron").default
    assert tutorial.layer_sizes == (784, 1)
    wanted = {
        "data.name": "five",
        "data.scaled": False,
        "model.output_activation": "linear",
        "fit.loss": "mean_squared_error",
        "fit.optimizer": "adam",
        "fit.learning_rate": 0.001,
        "fit.epochs": 3,
        "fit.batch_size": 32,
    }
    assert wanted.items() <= tutorial.settings().items()
    app = open_page("perceptron")
    as_many_updates = tutorial.updated({"fit.epochs": 45})
    assert app.session_state["perceptron.experiment"] == as_many_updates
    assert "5,625 updates" in texts(app)


def test_the_data_and_the_baseline_are_named_before_training(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    assert "4,000 training images and 1,000 test images" in texts(app)
    assert "100 of the 1,000 test images are fives" in texts(app)
    assert "**90.00%** of them" in texts(app)
    assert "Recall of fives" in texts(app)
    assert "Train the network first. Then you can see its predictions here." in [
        info.value.strip() for info in app.info
    ]


def test_each_switch_changes_one_setting_and_its_explanation(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    before = app.session_state["perceptron.experiment"]
    named(app.selectbox, "perceptron.model.output_activation").select("sigmoid").run()
    app.selectbox(key="perceptron.fit.loss").select("binary_crossentropy").run()
    app.segmented_control(key="perceptron.data.scaled").set_value(True).run()
    assert not app.exception
    assert app.session_state["perceptron.experiment"] == before.updated(FIXED)
    for text in ("1 / (1 + e⁻ᶻ)", "The negative logarithm of the probability", "divided by 255"):
        assert text in texts(app)


def test_the_first_network_is_worse_than_not_looking(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    outputs, dataset = shown_outputs(app)
    assert outputs.min() < -1
    assert outputs.max() > 2
    accuracy = accuracy_score(dataset.y_test, outputs > 0.5)
    assert accuracy < baseline_accuracy(dataset.y_test)
    assert f"classifies **{accuracy:.1%}** of the test images correctly" in texts(app)
    assert "worse than not looking at all" in texts(app)


def test_outputs_are_printed_next_to_their_labels(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    outputs, dataset = shown_outputs(app)
    (table,) = [element.value for element in app.dataframe]
    assert table["output"].tolist() == [f"{value:.4g}" for value in outputs[:10]]
    assert [int(label.split()[0]) for label in table["label"]] == dataset.y_test[:10].tolist()


def test_accuracy_and_recall_follow_the_threshold(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    before = app.session_state["perceptron.experiment"]
    outputs, dataset = shown_outputs(app)
    for threshold in (0.5, 0.0, 2.0):
        if threshold in (0.0, 0.5):
            app.button(key=f"perceptron.threshold.{threshold:g}").click().run()
        else:
            app.slider(key="perceptron.threshold").set_value(threshold).run()
        assert not app.exception
        assert app.slider(key="perceptron.threshold").value == threshold
        shown = {metric.label: metric.value for metric in app.metric}
        answers = outputs > threshold
        assert shown["Accuracy"] == f"{accuracy_score(dataset.y_test, answers):.2%}"
        assert shown["Recall of fives"] == f"{recall_score(dataset.y_test, answers):.1%}"
    assert app.session_state["perceptron.experiment"] == before


def test_the_activation_is_explained_with_this_networks_sums(open_page: OpenPage) -> None:
    app = trained(opened(open_page, model__output_activation="sigmoid"))
    assert "Large negative sums end near 0, large positive sums near 1" in texts(app)


def test_a_run_that_diverges_is_explained_and_the_page_stands(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    app.button(key="perceptron.preset.Off the rails").click().run()
    trained(app)
    assert "Each step overshot" in texts(app)
    assert any("no longer finite" in warning.value for warning in app.warning)
    assert "× 10" in texts(app)
    assert not [slider for slider in app.slider if slider.key == "perceptron.threshold"]
    assert not re.search(r"(?<!#term-)\bnan\b", texts(app))


def test_results_of_other_settings_are_marked(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    app.segmented_control(key="perceptron.data.scaled").set_value(True).run()
    assert "The results below belong to the run shown above" in texts(app)


def test_a_preset_sets_the_page_and_waits_for_the_learner(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    app.button(key="perceptron.preset.Too slow").click().run()
    assert not app.exception
    experiment = app.session_state["perceptron.experiment"]
    assert FIXED.items() <= experiment.settings().items()
    assert experiment.fit.learning_rate == 0.00001
    assert named(app.selectbox, "perceptron.model.output_activation").value == "sigmoid"
    assert "perceptron.run" not in app.session_state


def test_the_fixed_network_is_as_good_as_logistic_regression(open_page: OpenPage) -> None:
    """A sigmoid unit with cross-entropy is logistic regression: both find the same fives."""
    settings = {k.replace(".", "__"): v for k, v in FIXED.items()} | {"fit__epochs": 60}
    outputs, dataset = shown_outputs(trained(opened(open_page, **settings, data__samples=0)))
    x = dataset.x_train.reshape(-1, 784) / 255
    regression = LogisticRegression(C=10, max_iter=300).fit(x, dataset.y_train)
    answers = regression.predict(dataset.x_test.reshape(-1, 784) / 255)
    assert (answers == (outputs > 0.5)).mean() > 0.97


def test_hidden_layers_that_a_link_asks_for_are_left_out_and_named(open_page: OpenPage) -> None:
    app = open_page("perceptron", {"model.units": "8", "fit.epochs": "2"})
    assert app.session_state["perceptron.experiment"].model.units == ()
    assert app.session_state["perceptron.experiment"].fit.epochs == 2
    assert any("they are left out" in warning.value for warning in app.warning)


@pytest.mark.parametrize(
    ("activation", "words"),
    [
        ("linear", "two different rules"),
        ("sigmoid", "At threshold 0, almost every output would count as a five"),
        ("tanh", "a threshold of 0 here"),
    ],
)
def test_what_is_said_of_thresholds_follows_the_activation(
    activation: str, words: str, open_page: OpenPage
) -> None:
    assert words in texts(trained(opened(open_page, model__output_activation=activation)))


def test_no_text_answers_the_open_question_of_the_rung(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    for words in ("The sum can be any number", "far too much", "keeps an output between"):
        assert words not in texts(app)


def test_the_lesson_prints_shapes_kinds_and_labels(open_page: OpenPage) -> None:
    app = open_page("perceptron", {"data.scaled": "true"})
    printed = re.sub(" +", " ", "\n".join(block.value for block in app.code))
    for line in (
        "x_train.shape (4000, 28, 28)",
        "x_train.ndim 3",
        "x_train.dtype uint8",
        "x_train.min(), x_train.max() 0 255",
        "np.unique(y_train) [0 1]",
        "(x_train / 255).dtype float32",
        "(x_train / 255).min(), .max() 0.0 1.0",
    ):
        assert line in printed
