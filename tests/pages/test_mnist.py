"""Lesson 3 as its learner uses it, on the embedded images unless a test says otherwise."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.checkpoint import Checkpoint
from nncore.data import datasets, splits
from nncore.experiment import DataConfig, Experiment
from nncore.nn.network import Layer, Network
from nncore.training.model import MISTAKES
from tests.pages.conftest import OpenPage, named, run_of, settle
from ui.charts.digit_pictures import number_grid_svg
from ui.content import lesson
from ui.mnist import reproducibility, shape_errors, tutorial_comparison
from ui.mnist.shape_errors import ERRORS
from ui.mnist.training_loop import take_training_step
from ui.workbench import workbench

pytestmark = pytest.mark.usefixtures("embedded_only")

QUICK = {"model.units": "4", "fit.epochs": "1", "fit.batch_size": "500"}
TUTORIAL = "As the tutorial begins"


def test_200_wrong_settings_of_a_link_are_said_in_one_box(open_page: OpenPage) -> None:
    wrong = {f"fit.wrong{number}": "1" for number in range(198)}
    app = open_page("mnist", {"v": "2", **wrong, "epochs": "0", "batch": "many"})
    (box,) = (warning.value for warning in app.warning if "link" in warning.value)
    assert box.startswith("**200 parts of the link cannot be used.**")
    assert "The link's epochs = '0' cannot be used; '5' is used instead" in box
    assert "The link's batch size = 'many'" in box


def trained(open_page: OpenPage, **settings: str) -> AppTest:
    """The page after a short run."""
    query = QUICK | {name.replace("__", "."): value for name, value in settings.items()}
    app = open_page("mnist", query)
    app.button(key="mnist.train").click().run()
    return settle(app, "mnist")


def opened(app: AppTest, aside: str) -> AppTest:
    """The page with an expander open."""
    app.session_state[f"mnist.{aside}"] = True
    app.run()
    assert not app.exception, app.exception
    return app


def said(app: AppTest) -> str:
    """All that stands on the page as text."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.success, app.error, app.code)
    return "\n".join(element.value for kind in kinds for element in kind)


def wait_for(app: AppTest, key: str) -> AppTest:
    """Runs the page until the small runs under `key` are over."""
    runs, end = app.session_state["tab"].values[key], time.monotonic() + 60
    while not all(run.peek().state.over for run in runs):
        assert time.monotonic() < end, [run.peek() for run in runs]
        time.sleep(0.05)
    app.run()
    assert not app.exception, app.exception
    return app


def facts_of(app: AppTest) -> list[str]:
    """Return what the page prints about the arrays, each line with single blanks."""
    text = next(code.value for code in app.code if code.value.startswith("x_train "))
    return [" ".join(line.split()) for line in text.splitlines()]


# Look


def test_look_says_shapes_source_and_the_label_of_an_image(open_page: OpenPage) -> None:
    app = opened(open_page("mnist"), "look")
    assert facts_of(app) == [
        *("x_train (4000, 28, 28) ndim 3", "uint8, 0 to 255", "x_train[0] (28, 28) ndim 2"),
        *("y_train (4000,) ndim 1", "uint8, 0 to 9", "y_train[0] () ndim 0"),
        *("x_test (1000, 28, 28) ndim 3", "uint8, 0 to 255", "x_test[0] (28, 28) ndim 2"),
        *("y_test (1000,) ndim 1", "uint8, 0 to 9", "y_test[0] () ndim 0"),
    ]
    assert "dtype=uint8" in said(app)  # np.unique(y_train)
    assert "class_name[y_train[0]]" in said(app)
    dataset = datasets.load(DataConfig())
    assert dataset.source in said(app)
    app.number_input(key="mnist.image").set_value(17).run()
    assert f"Image 17. Its [label](#term-label) is **{dataset.y_train[17]}**" in said(app)


def test_shuffle_shows_nine_other_images(open_page: OpenPage) -> None:
    app = opened(open_page("mnist"), "look")
    app.button(key="mnist.shuffle").click().run()
    nine = app.session_state["mnist.nine"]
    assert len(set(nine)) == 9
    assert max(nine) < 4000


def test_an_image_as_numbers_has_each_number_that_is_not_0() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[3, 5], image[20, 27] = 7, 255
    address = number_grid_svg(image)
    svg = ElementTree.fromstring(base64.b64decode(address.partition(",")[2]))
    texts = [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["0", "7", "255"]  # the 0 stands in the pattern of the ground


# Settings


@pytest.mark.parametrize(
    ("epochs", "batch", "sentence"),
    [
        (2, 10, "60,000 samples / 10 a batch = 6,000 updates an epoch; × 2 = **12,000 updates**"),
        (5, 128, "60,000 samples / 128 a batch = 469 updates an epoch; × 5 = **2,345 updates**"),
    ],
)
def test_updates_are_counted_aloud(epochs: int, batch: int, sentence: str) -> None:
    class Sixty:
        x_train = np.empty(60_000)

    experiment = Experiment.from_settings({"fit.epochs": epochs, "fit.batch_size": batch})
    assert sentence in workbench.describe_size(experiment, Sixty())  # type: ignore[arg-type]


def test_integers_as_labels_bring_the_sparse_loss(open_page: OpenPage) -> None:
    app = open_page("mnist")
    named(app.segmented_control, "mnist.labels").set_value("integers").run()
    assert app.session_state["mnist.experiment"].fit.loss == "sparse_categorical_crossentropy"
    assert named(app.selectbox, "mnist.fit.loss").options == ["sparse categorical cross-entropy"]
    named(app.segmented_control, "mnist.labels").set_value("one-hot").run()
    assert app.session_state["mnist.experiment"].fit.loss == "categorical_crossentropy"
    named(app.selectbox, "mnist.fit.loss").set_value("mean_squared_error").run()
    assert app.session_state["mnist.experiment"].fit.loss == "mean_squared_error"


def test_three_hidden_layers_each_with_its_units(open_page: OpenPage) -> None:
    app = open_page("mnist")
    app.segmented_control(key="mnist.layers").set_value(3).run()
    app.number_input(key="mnist.units.0").set_value(300).run()
    app.number_input(key="mnist.units.2").set_value(1024).run()
    assert app.session_state["mnist.experiment"].model.units == (300, 32, 1024)


def test_validating_on_the_test_set_is_called_the_wrong_choice(open_page: OpenPage) -> None:
    app = open_page("mnist", {"fit.validation": "test"})
    assert "Not a good choice" in said(app)


def test_sgd_has_momentum_and_every_network_l1(open_page: OpenPage) -> None:
    app = open_page("mnist")
    assert not [s for s in app.slider if (s.key or "").startswith("mnist.fit.momentum")]
    named(app.selectbox, "mnist.fit.optimizer").set_value("sgd").run()
    named(app.slider, "mnist.fit.momentum").set_value(0.9).run()
    named(app.selectbox, "mnist.model.l1").set_value(0.0001).run()
    chosen = app.session_state["mnist.experiment"]
    assert (chosen.fit.momentum, chosen.model.l1) == (0.9, 0.0001)


# Presets

PRESETS = {
    "As the tutorial begins": ((32,), False, 2, 10),
    "Larger batches, more epochs": ((32,), False, 5, 128),
    "Pixels from 0 to 1": ((32,), True, 5, 128),
    "Try it out!": ((32,), True, 2, 10),
    "300-100": ((300, 100), True, 30, 32),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_the_tutorials_settings(open_page: OpenPage, name: str) -> None:
    app = open_page("mnist", {"model.units": "7", "fit.seed": "3"})
    app.button(key=f"mnist.preset.{name}").click().run()
    chosen = app.session_state["mnist.experiment"]
    fit = chosen.fit
    assert (chosen.model.units, chosen.data.scaled, fit.epochs, fit.batch_size) == PRESETS[name]
    rule = ("sgd", 0.01) if name == "300-100" else ("rmsprop", 0.001)
    assert (fit.optimizer, fit.learning_rate, fit.seed) == (*rule, 1337)
    assert (chosen.model.activation, chosen.model.output_activation) == ("relu", "softmax")


def test_300_100_holds_out_the_first_5000_or_the_first_500() -> None:
    page = lesson.load("mnist")
    preset = next(p for p in page.presets if p.name == "300-100")
    for embedded, count, held in ((False, 60_000, 5_000), (True, 4_000, 500)):
        experiment = page.default.updated(preset.of(embedded))
        assert splits.held_out(count, experiment.fit) == slice(0, held)
        assert experiment.parameters == 266_610
        assert experiment.labels == "integer"


def test_each_means_against_overfitting_has_two_presets() -> None:
    grouped = [preset for preset in lesson.load("mnist").presets if "overfitting" in preset.group]
    means = ("model.dropout", "model.l2", "fit.augment", "fit.patience", "fit.schedule")
    for name in means:
        assert sum(name in preset.settings for preset in grouped) == 2
    for preset in grouped:  # one of them each: else nobody can tell which it was
        assert sum(name in preset.settings for name in means) == 1


def test_a_folded_preset_has_its_settings_too(open_page: OpenPage) -> None:
    app = open_page("mnist")
    (group,) = (e for e in app.expander if e.label.startswith("Against overfitting: where"))
    assert len(group.button) == 10
    next(b for b in group.button if b.label == "Too few images, with dropout").click().run()
    chosen = app.session_state["mnist.experiment"]
    assert (chosen.data.samples, chosen.fit.epochs, chosen.model.dropout) == (1000, 100, 0.4)


def test_after_a_presets_run_the_tutorials_figures_stand_beside_its_own(
    open_page: OpenPage,
) -> None:
    app = open_page("mnist")
    app.button(key=f"mnist.preset.{TUTORIAL}").click().run()
    app.button(key="mnist.train").click().run()
    settle(app, "mnist")
    assert "The tutorial printed 57% and 62%" in said(app)
    history = run_of(app, "mnist").peek().checkpoint.history["accuracy"]
    assert f"Training accuracy: {history[0]:.1%} → {history[1]:.1%}. Test: " in said(app)


def test_a_run_of_no_preset_has_no_tutorial_beside_it() -> None:
    dataset, page = datasets.load(DataConfig()), lesson.load("mnist")
    other = Checkpoint(page.default.updated({"fit.seed": 5}), dataset.fingerprint, epoch=5)
    of_another_data_set = Checkpoint(page.default, "0" * 32, epoch=5)
    unfinished = Checkpoint(page.default, dataset.fingerprint, epoch=4)
    for checkpoint in (other, of_another_data_set, unfinished):
        assert tutorial_comparison.find_preset(page, checkpoint, dataset) is None


# Test


def test_results_are_those_of_the_run_and_say_why_they_differ(open_page: OpenPage) -> None:
    app = trained(open_page, fit__validation="last")
    titles = [metric.label for metric in app.metric]
    assert titles == ["Training, last epoch", "Validation, last epoch", "Test set"]
    text = said(app)
    for part in (
        "Why the numbers differ",
        "Which digits it mixes up",
        "mistakes**, the most confident first",
        "first layer looks",
    ):
        assert part in text


def test_results_of_other_settings_are_marked_stale(open_page: OpenPage) -> None:
    app = trained(open_page)
    app.number_input(key="mnist.fit.epochs").set_value(9).run()
    assert "Epochs 1 → 9" in said(app)
    assert app.metric  # the older run's results stay


def test_without_a_hidden_layer_each_class_has_its_picture(open_page: OpenPage) -> None:
    app = trained(open_page, model__units="none")
    assert "What each output looks for" in said(app)


def test_each_class_can_be_watched(open_page: OpenPage) -> None:
    app = trained(open_page)
    app.segmented_control(key="mnist.live").set_value("Classes").run()
    assert "Predicted correctly, of the first 1,000 training images." in said(app)


# The training loop


def test_one_step_is_the_gradient_against_the_weights() -> None:
    """Hand-worked: one weight counts, the loss is (w - 0)² / 10 and its slope w / 5."""
    dataset = datasets.load(DataConfig())
    experiment = Experiment.from_settings(
        {
            "model.units": (),
            "model.output_activation": "linear",
            "fit.loss": "mean_squared_error",
            "fit.batch_size": 1,
            "fit.learning_rate": 0.5,
        }
    )
    kernel = np.zeros((784, 10), np.float32)
    network = Network((Layer(kernel, np.zeros(10, np.float32), "linear"),), scaled=True)
    step = take_training_step(network, experiment, dataset)
    label, image = dataset.y_train[0], dataset.x_train[0].astype(np.float64) / 255
    assert step.loss == pytest.approx(0.1)  # (0 - 1)² / 10
    assert step.weight_gradient == pytest.approx(-0.2 * image.max(), rel=1e-5)
    assert step.place[2] == label
    assert step.new_weight == pytest.approx(0.5 * 0.2 * image.max(), rel=1e-5)
    moved = 0.5 * 0.2 * (np.square(image).sum() + 1)  # all weights of this output, and its bias
    assert step.new_loss == pytest.approx((moved - 1) ** 2 / 10, rel=1e-4)


def test_the_loop_is_told_in_this_experiments_numbers(open_page: OpenPage) -> None:
    app = opened(trained(open_page), "loop")
    text = said(app)
    assert "500 of the 4,000 training images" in text
    assert "8 batches" in text
    assert "relu((500, 784) · (784, 4) + (4,))" in text


# Asides


def test_softmax_adds_up_to_1_and_its_twin_with_sigmoid_does_not(open_page: OpenPage) -> None:
    app = opened(trained(open_page), "softmax")
    app.button(key="mnist.twins.train").click().run()
    wait_for(app, "mnist.twins")
    sums = [
        float(m.value.rpartition("**")[0].rpartition("**")[2])
        for m in app.markdown
        if "add up to **" in m.value
    ]
    assert sums[0] == 1.0
    assert sums[1] != 1.0
    assert "weights are the same in both" in said(app)  # Keras takes the loss from the sums
    app.button(key="mnist.softmax.unsure").click().run()
    assert app.number_input(key="mnist.softmax.image").value < 1000


def test_with_mean_squared_error_the_twins_differ(open_page: OpenPage) -> None:
    app = opened(trained(open_page, fit__loss="mean_squared_error"), "softmax")
    app.button(key="mnist.twins.train").click().run()
    wait_for(app, "mnist.twins")
    assert "did not learn the same weights" in said(app)


def test_the_same_seed_gives_the_same_run_and_fresh_ones_do_not(open_page: OpenPage) -> None:
    app = opened(open_page("mnist", QUICK), "again")
    app.button(key="mnist.again.run").click().run()
    wait_for(app, "mnist.again_runs")
    runs = [run.peek().checkpoint for run in app.session_state["tab"].values["mnist.again_runs"]]
    digests = [reproducibility.weights_digest(checkpoint) for checkpoint in runs]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert "✓ the same to the last digit" in said(app)
    assert "np.random.seed(1337)" in said(app)
    assert "keras.utils.set_random_seed(1337)" in said(app)


def test_the_four_errors_are_made_for_real_and_fixed(open_page: OpenPage) -> None:
    app = opened(open_page("mnist"), "errors")
    assert [error.name for error in ERRORS] == list(MISTAKES)
    words = {"reshape": "(None, 784)", "to_categorical": "must have the same rank"}
    for error in ERRORS:
        app.button(key=f"mnist.errors.run.{error.name}").click().run()
        assert words[error.fix] in said(app)
        assert error.old_message in said(app)  # as the tutorial printed it
        wrong = next(fix for fix in shape_errors.FIXES if fix != error.fix)
        app.button(key=f"mnist.errors.{wrong}.{error.name}").click().run()
        assert "Keras complains about" in said(app)
        app.button(key=f"mnist.errors.{error.fix}.{error.name}").click().run()
    assert "Now `fit()` runs" in said(app)
    assert facts_of(app) == [
        *("x_train (4000, 784) ndim 2", "uint8, 0 to 255", "x_train[0] (784,) ndim 1"),
        *("y_train (4000, 10) ndim 2", "float64, 0.0 to 1.0", "y_train[0] (10,) ndim 1"),
        *("x_test (1000, 784) ndim 2", "uint8, 0 to 255", "x_test[0] (784,) ndim 1"),
        *("y_test (1000, 10) ndim 2", "float64, 0.0 to 1.0", "y_test[0] (10,) ndim 1"),
    ]
    app.button(key="mnist.errors.scale").click().run()
    assert facts_of(app)[1] == facts_of(app)[7] == "float32, 0.0 to 1.0"


def test_the_tutorials_own_mistake_is_run_and_found(open_page: OpenPage) -> None:
    app = opened(open_page("mnist"), "forgotten")
    app.button(key="mnist.forgotten.run").click().run()
    wait_for(app, "mnist.forgotten_runs")
    log = next(code.value for code in app.code if code.value.startswith("Epoch 1/5"))
    last = log.splitlines()[-1]
    assert float(last.rpartition("val_loss: ")[2]) > 10 * float(
        last.partition(" - loss: ")[2].partition(" - ")[0]
    )
    assert "x_test.astype" not in said(app)  # nothing gives the answer away
    for cause in ("overfitting", "diverged", "labels"):
        app.radio(key="mnist.forgotten.cause").set_value(cause).run()
        assert "x_test.astype" not in said(app)
    app.radio(key="mnist.forgotten.cause").set_value("unscaled").run()
    assert "prepare training, validation and test data in the same way" in said(app)


# What Keras prints


def test_predictions_have_ten_columns_and_argmax_finds_the_digit(open_page: OpenPage) -> None:
    app = opened(trained(open_page), "predictions")
    session = next(code.value for code in app.code if "model.predict" in code.value)
    assert "(1000, 10)" in session
    assert "argmax" in session


def test_the_log_of_keras_can_be_read_beside_the_curves(open_page: OpenPage) -> None:
    app = trained(open_page)
    app.segmented_control(key="mnist.live").set_value("Log").run()
    loss = run_of(app, "mnist").peek().checkpoint.history["loss"][0]
    log = next(code.value for code in app.code if code.value.startswith("Epoch 1/1"))
    assert f"loss: {loss:.4f}" in log
    app.segmented_control(key="mnist.verbose").set_value(0).run()
    assert not any(code.value.startswith("Epoch") for code in app.code)


def test_with_the_test_set_as_validation_both_numbers_are_the_same(open_page: OpenPage) -> None:
    app = trained(open_page, fit__validation="test")
    values = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    assert values["Validation, last epoch"] == values["Test set"]
    assert "Two equal numbers" in said(app)


def test_a_run_has_a_film_of_its_first_layer(open_page: OpenPage) -> None:
    app = trained(open_page)
    assert "How the first layer learns" not in said(app)
    app.query_params["tool"] = "Film"  # as the browser has it once the expander is open
    app.run()
    assert "How the first layer learns" in said(app)


# Fashion-MNIST


def test_without_fashion_the_page_says_how_to_get_it_and_goes_back(open_page: OpenPage) -> None:
    app = open_page("mnist", {"data.name": "fashion"})
    assert "Fashion-MNIST is not on this machine" in said(app)
    assert not [button for button in app.button if button.key == "mnist.train"]
    app.button(key="mnist.back").click().run()
    assert app.button(key="mnist.train")
    assert app.session_state["mnist.experiment"].data.name == "digits"


def test_a_download_that_fails_says_why(open_page: OpenPage) -> None:
    app = open_page("mnist", {"data.name": "fashion"})
    app.button(key="data.download.fashion").click().run()
    for _ in range(50):  # the download's thread may not have failed yet
        if "NNCORE_OFFLINE" not in said(app):
            app.run()
    assert "NNCORE_OFFLINE forbids it" in said(app)
    other = open_page("mnist", {"data.name": "fashion"})
    assert "NNCORE_OFFLINE forbids it" not in said(other)  # nobody asked for it there


def test_fashion_has_its_names(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = datasets.load(DataConfig())
    arrays = {n: getattr(digits, n) for n in ("x_train", "y_train", "x_test", "y_test")}
    np.savez_compressed(tmp_path / "fashion_mnist.npz", **arrays)
    monkeypatch.setenv("NNCORE_DATA_DIR", str(tmp_path))
    app = trained(open_page, data__name="fashion")
    assert "Ankle boot" in str(app.get("plotly_chart")[0].proto.spec)


def test_early_stopping_without_validation_says_why_it_seldom_stops(open_page: OpenPage) -> None:
    query = {"fit.patience": "3", "fit.validation": "none"}
    (warning,) = open_page("mnist", query).warning
    assert "Early stopping needs validation" in warning.value
    query["fit.validation"] = "last"
    assert not open_page("mnist", query).warning
