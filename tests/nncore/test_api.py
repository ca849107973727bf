"""The three lines that train a network, against Keras and against the lab's own runner."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest

from nncore import (
    Checkpoint,
    DataConfig,
    Experiment,
    FitConfig,
    ModelConfig,
    Runner,
    TrainedModel,
    TrainingProgress,
    load,
    train,
)
from nncore.checkpoint import CheckpointError
from nncore.training.in_process import OnProgress
from nncore.validation import SettingError

DIGITS = Experiment(DataConfig(samples=500), ModelConfig((16,)), FitConfig(epochs=3))


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    return train(DIGITS)


def equal(one: TrainedModel, other: TrainedModel) -> bool:
    """Return True if weights and history are the same, bit for bit."""
    weights = zip(one.weights, other.weights, strict=True)
    return all(np.array_equal(a, b) for a, b in weights) and one.history == other.history


def collect(updates: list[TrainingProgress], stop_after: int = 1000) -> OnProgress:
    def on_progress(progress: TrainingProgress) -> bool:
        updates.append(progress)
        return len(updates) < stop_after

    return on_progress


def test_the_weights_are_those_of_the_labs_runner(trained: TrainedModel) -> None:
    with ThreadPoolExecutor(1) as executor:
        runner = Runner(executor, slots=1)
        run = runner.submit("anyone", Checkpoint(DIGITS, load(DIGITS.data).fingerprint))
        while not run.peek().state.over:
            run.wait_for_first(0.1)
        runner.close()
    assert equal(trained, TrainedModel(run.peek().checkpoint))


def test_the_weights_do_not_depend_on_who_watches(trained: TrainedModel) -> None:
    assert equal(trained, train(DIGITS, on_progress=collect([]), show_progress=True))


def test_history_is_what_keras_has(trained: TrainedModel) -> None:
    assert set(trained.history) == {"loss", "accuracy"}
    assert [len(column) for column in trained.history.values()] == [3, 3]
    assert trained.is_finished
    assert not trained.is_branch
    assert not trained.failure


def test_keras_predicts_and_evaluates_the_same(trained: TrainedModel) -> None:
    model, data = trained.to_keras(), trained.dataset
    inputs = data.x_test.reshape(-1, 784).astype("float32") / 255
    outputs = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(trained.predict(data.x_test), outputs, atol=1e-6)
    assert np.array_equal(trained.predict_classes(data.x_test), outputs.argmax(axis=1))
    scores = model.evaluate(inputs, np.eye(10)[data.y_test], verbose=0, return_dict=True)
    assert trained.evaluate() == pytest.approx(scores, abs=1e-5)


def test_own_samples_can_be_evaluated(trained: TrainedModel) -> None:
    x, y = trained.dataset.x_test[:50], trained.dataset.y_test[:50]
    right = (trained.predict_classes(x) == y).mean()
    assert trained.evaluate(x, y)["accuracy"] == pytest.approx(right)
    with pytest.raises(ValueError, match="both x and y"):
        trained.evaluate(x)


def test_the_weights_cannot_be_changed_by_accident(trained: TrainedModel) -> None:
    with pytest.raises(ValueError, match="read-only"):
        trained.weights[0][0, 0] = 1.0


def test_a_keras_file_can_be_opened_by_keras(trained: TrainedModel, tmp_path: Path) -> None:
    model = keras.models.load_model(trained.save(tmp_path / "digits.keras"))
    for mine, theirs in zip(trained.weights, model.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)


def test_an_npz_file_keeps_everything_needed_to_continue(
    trained: TrainedModel, tmp_path: Path
) -> None:
    loaded = TrainedModel.load(trained.save(str(tmp_path / "digits.npz")))
    assert equal(loaded, trained)
    assert equal(loaded.continue_training(1), trained.continue_training(1))


def test_a_file_name_with_another_ending_is_refused(trained: TrainedModel, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.keras or \.npz"):
        trained.save(tmp_path / "digits.h5")


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.npz").write_bytes(b"no zip")
    with pytest.raises(CheckpointError):
        TrainedModel.load(tmp_path / "other.npz")


def test_progress_reports_each_epochs_end_with_its_history() -> None:
    updates: list[TrainingProgress] = []
    experiment = DIGITS.updated({"fit.validation": "last", "fit.metric": "mean_squared_error"})
    history = train(experiment, on_progress=collect(updates)).history
    ends = [update for update in updates if update.is_epoch_end]
    assert [update.epoch for update in ends] == [1, 2, 3]
    for number, update in enumerate(ends):
        assert update.logs == {name: column[number] for name, column in history.items()}
    assert {update.batches for update in updates} == {4}  # 450 samples in batches of 128
    assert {update.epochs for update in updates} == {3}


def test_an_epoch_ends_once_however_its_validation_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore.training.in_process.INTERVAL", 0.0)
    ten_of_fifty = 10 * DIGITS.parameters
    monkeypatch.setattr("nncore.nn.evaluation.PRODUCTS_PER_PART", ten_of_fifty)
    updates: list[TrainingProgress] = []
    train(DIGITS.updated({"fit.validation": "last"}), on_progress=collect(updates))
    ends = [update for update in updates if update.is_epoch_end]
    assert [(update.epoch, "val_loss" in update.logs) for update in ends] == [
        (1, True),
        (2, True),
        (3, True),
    ]


def test_progress_within_an_epoch_has_the_running_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore.training.in_process.INTERVAL", 0.0)
    experiment = DIGITS.updated({"data.samples": 0, "fit.batch_size": 1, "fit.epochs": 1})
    updates: list[TrainingProgress] = []
    train(experiment, on_progress=collect(updates, stop_after=2))
    first, second = updates
    assert (first.epoch, second.epoch) == (1, 1)
    assert 0 < first.batch < second.batch < second.batches
    samples, loss, _ = second.checkpoint.totals
    assert second.logs["loss"] == pytest.approx(loss / samples)


def test_training_stops_where_the_callback_returns_false_and_can_go_on(
    trained: TrainedModel,
) -> None:
    stopped = train(DIGITS, on_progress=lambda progress: progress.epoch < 2)
    assert not stopped.is_finished
    assert len(stopped.history["loss"]) == 2
    assert equal(stopped.continue_training(), trained)


def test_a_callback_that_returns_nothing_does_not_stop_training() -> None:
    assert train(DIGITS, on_progress=lambda progress: None).is_finished


def test_an_exception_in_the_callback_is_passed_on() -> None:
    def fail(progress: TrainingProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(DIGITS, on_progress=fail)


def test_no_progress_is_printed_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    train(DIGITS)
    assert capsys.readouterr().out == ""


def test_the_progress_bar_is_that_of_keras(capsys: pytest.CaptureFixture[str]) -> None:
    train(DIGITS.updated({"fit.validation": "last"}), show_progress=True)
    text = capsys.readouterr().out
    assert text.count("Epoch 3/3\n") == 1
    assert "4/4" in text
    assert "val_accuracy: " in text


def test_more_epochs_are_the_same_as_more_at_once(trained: TrainedModel) -> None:
    longer = train(DIGITS.updated({"fit.epochs": 5}))
    assert equal(trained.continue_training(epochs=2), longer)
    assert len(trained.history["loss"]) == 3  # the first model is as it was


def test_another_learning_rate_makes_a_branch(trained: TrainedModel) -> None:
    slower = trained.continue_training(epochs=1, learning_rate=1e-5)
    assert slower.is_branch
    usual = trained.continue_training(epochs=1)
    moved = [np.abs(model.weights[0] - trained.weights[0]).max() for model in (slower, usual)]
    assert moved[0] < moved[1] / 10


@pytest.mark.parametrize("epochs", [0, -1, 1.5, True])
def test_a_number_of_epochs_that_is_none_is_refused(trained: TrainedModel, epochs: int) -> None:
    with pytest.raises(ValueError, match="epochs must be 1 or more"):
        trained.continue_training(epochs=epochs)


def test_a_learning_rate_out_of_bounds_is_refused(trained: TrainedModel) -> None:
    with pytest.raises(SettingError, match=r"fit\.learning_rate"):
        trained.continue_training(1, learning_rate=-1.0)


def test_a_finished_run_asks_how_many_more_epochs(trained: TrainedModel) -> None:
    with pytest.raises(ValueError, match=r"All 3 epochs are done\. Say how many more"):
        trained.continue_training()


def test_a_run_that_early_stopping_ended_says_so() -> None:
    settings = {"fit.patience": 1, "fit.epochs": 50, "fit.validation": "last"}
    stopped = train(DIGITS.updated({**settings, "fit.learning_rate": 0.03}))
    assert stopped.checkpoint.stopped_early
    with pytest.raises(ValueError, match="Early stopping ended this run"):
        stopped.continue_training(5)


def test_a_loss_that_is_no_number_gives_a_warning_and_the_last_good_weights() -> None:
    experiment = Experiment(
        DataConfig("rounding", 100),
        ModelConfig((), output_activation="linear"),
        FitConfig("sgd", learning_rate=100.0, loss="mean_squared_error", epochs=50),
    )
    with pytest.warns(RuntimeWarning, match="no longer finite"):
        failed = train(experiment)
    assert failed.failure
    assert all(np.isfinite(array).all() for array in failed.weights)
    with pytest.raises(ValueError, match="Train again from the start"):
        failed.continue_training(1)


def test_early_stopping_without_validation_gives_a_warning() -> None:
    with pytest.warns(UserWarning, match="Early stopping needs validation"):
        train(DIGITS.updated({"fit.patience": 2, "fit.epochs": 1}))


def test_training_goes_on_from_changed_weights(trained: TrainedModel) -> None:
    halved = trained.with_weights([array / 2 for array in trained.weights])
    assert halved.is_branch
    assert np.array_equal(halved.weights[0], trained.weights[0] / 2)
    further = halved.continue_training(epochs=1)
    assert len(further.history["loss"]) == 4
    with pytest.raises(ValueError, match="shapes"):
        trained.with_weights(trained.weights[:2])


def test_a_network_learns_own_digits_and_can_go_on(trained: TrainedModel) -> None:
    data = trained.dataset
    images, labels = data.x_test[:8], (data.y_test[:8] + 1) % 10  # somebody writes them so
    tuned = trained.fine_tune(images, labels)
    assert tuned.is_branch
    assert (tuned.predict_classes(images) == labels).sum() > (
        trained.predict_classes(images) == labels
    ).sum()
    assert equal(tuned, trained.fine_tune(images, labels))
    further = tuned.continue_training(epochs=1)
    assert len(further.history["loss"]) == 4


def test_own_digits_must_fit(trained: TrainedModel) -> None:
    images, labels = trained.dataset.x_test[:8], trained.dataset.y_test[:8]
    with pytest.raises(ValueError, match="same length"):
        trained.fine_tune(images, labels[:7])
    with pytest.raises(ValueError, match="5 digits or more"):
        trained.fine_tune(images[:4], labels[:4])
    with pytest.raises(ValueError, match="image must be uint8"):
        trained.fine_tune(images.astype(np.uint16), labels)
