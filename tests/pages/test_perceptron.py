"""Lesson 2 as its learner uses it: broken, understood, mended."""

from __future__ import annotations

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
from ui.perceptron import single_output as parts
from ui.perceptron.single_output import Outputs, Score

MENDED = {
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
    """What the run's network says to the test images, computed beside the page."""
    checkpoint = run_of(app, "perceptron").peek().checkpoint
    dataset = datasets.load(checkpoint.experiment.data)
    network = Network.of(checkpoint.experiment, checkpoint.weights)
    return network.predict(dataset.x_test)[:, 0], dataset


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.error])


def test_it_opens_broken_as_in_the_tutorial(open_page: OpenPage) -> None:
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
    assert "Of the 1,000 test images 100 are fives" in texts(app)
    assert "**0.9000** of all cases" in texts(app)
    assert "Recall of fives" in texts(app)
    assert "Train first: then its answers stand here." in [info.value for info in app.info]


def test_each_switch_changes_one_setting_and_its_explanation(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    before = app.session_state["perceptron.experiment"]
    named(app.selectbox, "perceptron.model.output_activation").select("sigmoid").run()
    app.selectbox(key="perceptron.fit.loss").select("binary_crossentropy").run()
    app.segmented_control(key="perceptron.data.scaled").set_value(True).run()
    assert not app.exception
    assert app.session_state["perceptron.experiment"] == before.updated(MENDED)
    for text in ("1 / (1 + e⁻ᶻ)", "The negative logarithm of the probability", "divided by 255"):
        assert text in texts(app)


def test_the_broken_network_is_worse_than_not_looking(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    outputs, dataset = shown_outputs(app)
    assert outputs.min() < -1
    assert outputs.max() > 2
    accuracy = accuracy_score(dataset.y_test, outputs > 0.5)
    assert accuracy < baseline_accuracy(dataset.y_test)
    assert f"**{accuracy:.4f}** of the test images" in texts(app)
    assert "worse than not looking at all" in texts(app)


def test_outputs_are_printed_beside_their_labels(open_page: OpenPage) -> None:
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
        assert shown["Accuracy"] == f"{accuracy_score(dataset.y_test, answers):.4f}"
        assert shown["Recall of fives"] == f"{recall_score(dataset.y_test, answers):.2f}"
    assert app.session_state["perceptron.experiment"] == before


def test_the_activation_is_explained_with_this_networks_sums(open_page: OpenPage) -> None:
    app = trained(opened(open_page, model__output_activation="sigmoid"))
    assert "large negative ones end at 0, large positive ones at 1" in texts(app)


def test_a_run_that_diverges_is_explained_and_the_page_stands(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    app.button(key="perceptron.preset.Off the rails").click().run()
    trained(app)
    assert "went off the rails" in texts(app)
    assert any("no longer finite" in warning.value for warning in app.warning)
    assert "e2" in texts(app)


def test_results_of_other_settings_are_marked(open_page: OpenPage) -> None:
    app = trained(opened(open_page))
    app.segmented_control(key="perceptron.data.scaled").set_value(True).run()
    assert "All below belongs to the run shown above" in texts(app)


def test_a_preset_sets_the_page_and_waits_for_the_learner(open_page: OpenPage) -> None:
    app = open_page("perceptron")
    app.button(key="perceptron.preset.Too slow").click().run()
    assert not app.exception
    experiment = app.session_state["perceptron.experiment"]
    assert MENDED.items() <= experiment.settings().items()
    assert experiment.fit.learning_rate == 0.00001
    assert named(app.selectbox, "perceptron.model.output_activation").value == "sigmoid"
    assert "perceptron.run" not in app.session_state


# The numbers and pictures.


def blank(labels: list[int]) -> Dataset:
    """A data set of blank images with these labels."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    y = np.array(labels, np.int64)
    return Dataset("five", images, images, y, y, ("not five", "five"), "blank", "0" * 32)


def test_score_counts_what_a_threshold_makes_of_outputs() -> None:
    outputs, labels = np.array([-3.0, 0.2, 0.7, 5.0, 0.5]), np.array([0, 1, 0, 1, 1])
    score = Score.of(outputs, labels, 0.5)
    assert (score.found, score.fives, score.alarms, score.others) == (1, 3, 1, 2)
    assert (score.accuracy, score.recall) == (pytest.approx(2 / 5), pytest.approx(1 / 3))
    assert (score.low, score.high) == (-3.0, 5.0)


def test_score_of_a_diverged_network_is_no_number_but_no_error() -> None:
    score = Score.of(np.array([np.nan, np.inf]), np.array([1, 0]))
    assert parts.facts(score, 0.5).endswith("**no number to no number**")
    assert parts.slider_range(score) == (0.0, 1.0, 0.01)


def test_best_threshold_is_the_best_of_all_that_can_be_chosen() -> None:
    rng = np.random.default_rng(0)
    outputs, labels = rng.normal(size=60).round(1), rng.integers(0, 2, 60)
    threshold, accuracy = parts.best_threshold(outputs, labels)
    tried = [((outputs > t) == labels).mean() for t in [-np.inf, *outputs]]
    assert accuracy == pytest.approx(max(tried))
    assert ((outputs > threshold) == labels).mean() == pytest.approx(accuracy)


def test_the_slider_takes_in_all_outputs_and_both_thresholds() -> None:
    score = Score.of(np.array([-28.6, 12.1]), np.array([0, 1]))
    assert parts.slider_range(score) == (-29.0, 13.0, 0.1)


def test_saturated_sums_are_counted_as_flat() -> None:
    numbers = parts.curve_numbers("sigmoid", np.array([-50.0, -0.1, 0.0, 60.0]))
    assert numbers["flat"] == 0.5
    assert (numbers["at_lowest"], numbers["at_highest"]) == ("0.0000", "1.0000")


def test_zeros_of_a_saturated_sigmoid_are_not_read_as_fives_at_threshold_0() -> None:
    chart = parts.histogram(Outputs(np.zeros(1), np.array([0.0]), np.array([0])), 0.0)
    (verdict,) = [row["verdict"] for row in chart.data.to_pylist() if row["part"] == "bar"]
    assert verdict == "right"


def test_worst_mistakes_come_first_with_label_and_output() -> None:
    outputs = np.array([9.0, -4.0, 0.6, 0.9])
    wrong = parts.most_wrong(blank([0, 1, 1, 0]), outputs, 0.5, dark=False)
    captions = [mistake.caption for mistake in wrong]
    assert captions == ["not five  \n**9**", "five  \n**-4**", "not five  \n**0.9**"]


def test_mended_network_is_as_good_as_logistic_regression(open_page: OpenPage) -> None:
    """A sigmoid unit with cross-entropy is logistic regression: both find the same fives."""
    settings = {k.replace(".", "__"): v for k, v in MENDED.items()} | {"fit__epochs": 60}
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
