"""The compiled loop against `train_on_batch`, and that a run's result does not depend on its cut.

The oracle is Keras's own step on the same batches; "the same" between two of our own runs means
bit for bit.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import keras
import numpy as np
import psutil
import pytest

from nncore.checkpoint import Budget, Checkpoint
from nncore.data import datasets, splits
from nncore.digits.starters import starter
from nncore.experiment import LOSSES, OPTIMIZERS, DataConfig, Experiment, FitConfig, ModelConfig
from nncore.nn.losses import encode_labels
from nncore.nn.network import Network
from nncore.training import device_data, engine, model, model_pool
from nncore.training.shape import shape_of
from nncore.validation import SettingError

ROUNDING = Experiment(
    DataConfig("rounding", 300),
    ModelConfig((8,)),
    FitConfig("adam", loss="sparse_categorical_crossentropy", epochs=3, batch_size=32),
)
DIGITS = Experiment(DataConfig("digits", 500), ModelConfig((16,)), FitConfig(epochs=2))
OWN = Experiment(
    DataConfig("own", drawings="shapes"), ModelConfig((16,)), FitConfig(epochs=2, batch_size=16)
)


def train(experiment: Experiment, budget: Budget | None = None) -> Checkpoint:
    dataset = datasets.load(experiment.data)
    checkpoint = Checkpoint(experiment, dataset.fingerprint)
    while not checkpoint.finished:
        checkpoint = engine.advance(experiment, checkpoint, budget or Budget())
    return checkpoint


def same(one: Checkpoint, other: Checkpoint) -> bool:
    groups = ("weights", "slots", "counters", "aside")
    arrays = [
        np.array_equal(a, b, equal_nan=True)
        for group in groups
        for a, b in zip(getattr(one, group), getattr(other, group), strict=True)
    ]
    return all(arrays) and one.history == other.history and one.trace == other.trace


def by_keras(
    experiment: Experiment, by_hand: Mapping[int, Sequence[np.ndarray]] | None = None
) -> tuple[list[np.ndarray], list[float]]:
    """The run as `train_on_batch` makes it, batch by batch in the engine's order.

    Before the epochs in `by_hand` the weights are set to those given there.
    """
    dataset = datasets.load(experiment.data)
    rows = splits.training_rows(len(dataset.x_train), experiment.fit)
    keras_model = model.build(experiment)
    x = Network.of(experiment, model.initial_weights(experiment)).prepare(dataset.x_train)
    y = encode_labels(experiment, dataset.y_train)
    losses = []
    for epoch in range(experiment.fit.epochs):
        if by_hand and epoch in by_hand:
            keras_model.set_weights(by_hand[epoch])
        order = splits.epoch_order(experiment.fit.seed, epoch, rows.start, rows.stop)
        sums = 0.0
        for start in range(0, len(order), experiment.fit.batch_size):
            batch = order[start : start + experiment.fit.batch_size]
            keras_model.reset_metrics()
            logs = keras_model.train_on_batch(x[batch], y[batch], return_dict=True)
            sums += float(logs["loss"]) * len(batch)
        losses.append(sums / len(order))
    return keras_model.get_weights(), losses


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_are_those_of_train_on_batch(optimizer: str, loss: str) -> None:
    momentum = 0.9 if optimizer == "sgd" else 0.0
    output = "sigmoid" if loss == "binary_crossentropy" else "softmax"
    experiment = Experiment(
        DataConfig("digits", 150),
        ModelConfig((12,), "tanh", output),
        FitConfig(optimizer, 0.01, momentum, loss, epochs=2, batch_size=64),  # 64, 64, 22
    )
    ours = train(experiment)
    weights, losses = by_keras(experiment)
    for mine, theirs in zip(ours.weights, weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(ours.history["loss"], losses, rtol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"model.units": ()},
        {"model.units": (9, 8, 7), "model.activation": "elu"},
        {"model.l1": 0.001, "model.l2": 0.01},
        {"data.scaled": False, "model.activation": "leaky_relu"},
        {"fit.validation": "first", "fit.validation_split": 0.3},
        {"fit.batch_size": 1, "data.samples": 40},
        {"fit.batch_size": 8192},
        {"data.name": "five", "model.output_activation": "linear", "fit.loss": LOSSES[0]},
        {"data.name": "own", "data.drawings": "shapes", "data.samples": 0, "fit.batch_size": 16},
        {"data.name": "own", "data.drawings": "uneven", "fit.loss": LOSSES[3]},
    ],
    ids=str,
)
def test_every_setting_trains_as_in_keras(settings: dict[str, object]) -> None:
    experiment = Experiment.from_settings(
        {"data.samples": 150, "model.units": (8,), "fit.epochs": 2, "fit.batch_size": 64} | settings
    )
    ours = train(experiment)
    weights, losses = by_keras(experiment)
    for mine, theirs in zip(ours.weights, weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=5e-4, atol=5e-5)
    np.testing.assert_allclose(ours.history["loss"], losses, rtol=1e-4)


@pytest.mark.parametrize("validation", ["last", "test"])
def test_a_validation_that_is_cut_gives_the_same_history(
    validation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"fit.validation": validation, "fit.validation_split": 0.2, "fit.patience": 1}
    experiment = DIGITS.updated(settings)
    part = 30 if validation == "last" else 400  # rows at once
    monkeypatch.setattr("nncore.nn.evaluation.PRODUCTS_PER_PART", part * experiment.parameters)
    cut = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    rows = []
    while not cut.finished:
        after = engine.advance(experiment, cut, Budget(seconds=0))
        assert (after.updates, after.validation_totals, after.epoch) != (
            cut.updates,
            cut.validation_totals,
            cut.epoch,
        )
        cut = Checkpoint.from_bytes(after.to_bytes())  # as between processes and on disk
        rows.append(cut.validation_totals[0] if cut.validation_totals else 0)
    samples = 100 if validation == "last" else len(datasets.load(experiment.data).y_test)
    assert {*range(part, samples, part)} | {0} == {*rows}
    assert same(cut, train(experiment))


def test_validation_is_what_keras_evaluates() -> None:
    experiment = DIGITS.updated({"fit.validation": "last", "fit.validation_split": 0.2})
    ours = train(experiment)
    dataset = datasets.load(experiment.data)
    keras_model = model.build(experiment)
    keras_model.set_weights(ours.weights)
    x = dataset.x_train[-100:].reshape(-1, 784).astype(np.float32) / 255
    y = np.eye(10, dtype=np.float32)[dataset.y_train[-100:]]
    logs = keras_model.evaluate(x, y, verbose=0, return_dict=True)
    assert ours.history["val_loss"][-1] == pytest.approx(logs["loss"], rel=1e-5)
    assert ours.history["val_accuracy"][-1] == pytest.approx(logs["accuracy"])


CUTS = {
    "one batch": Budget(batches=1),
    "seven batches": Budget(batches=7),
    "one epoch": Budget(epochs=1),
    "a moment": Budget(seconds=0.0),
}
CUT_EXPERIMENTS = {
    "rounding": ROUNDING.updated({"fit.validation": "last", "fit.metric": "accuracy"}),
    "dropout": DIGITS.updated({"model.dropout": 0.5, "fit.optimizer": "adam"}),
    "distortion": DIGITS.updated({"fit.augment": "elastic"}),
    "own drawings": DIGITS.updated(
        {
            "data.name": "own",
            "data.samples": 0,
            "data.drawings": "shapes",
            "fit.augment": "affine",
            "fit.batch_size": 16,
            "fit.validation": "test",
        }
    ),
    "ways of writing": DIGITS.updated({"fit.augment": "styles"}),
    "momentum": DIGITS.updated({"fit.optimizer": "sgd", "fit.momentum": 0.9}),
    "cosine": ROUNDING.updated({"fit.schedule": "cosine", "fit.patience": 1}),
    "stopped early": ROUNDING.updated(
        {"fit.schedule": "exponential", "fit.patience": 1, "fit.learning_rate": 1.0}
    ),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", CUT_EXPERIMENTS)
def test_the_result_does_not_depend_on_the_cut(name: str, cut: str) -> None:
    experiment = CUT_EXPERIMENTS[name]
    assert same(train(experiment), train(experiment, CUTS[cut]))


def test_checkpoints_go_through_bytes_without_a_trace() -> None:
    checkpoint = Checkpoint(DIGITS, datasets.load(DIGITS.data).fingerprint)
    while not checkpoint.finished:
        checkpoint = Checkpoint.from_bytes(checkpoint.to_bytes())
        checkpoint = engine.advance(DIGITS, checkpoint, Budget(batches=3))
    assert same(checkpoint, train(DIGITS))


def test_more_epochs_are_as_good_as_asked_for_at_once() -> None:
    longer = ROUNDING.updated({"fit.epochs": 5})
    assert same(engine.advance(longer, train(ROUNDING), Budget()), train(longer))


def test_runs_in_threads_side_by_side_do_not_disturb_each_other() -> None:
    experiments = [ROUNDING.updated({"fit.seed": seed}) for seed in range(4)]
    alone = [train(experiment) for experiment in experiments]
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(lambda e: train(e, Budget(batches=5)), experiments))
    assert all(same(one, other) for one, other in zip(alone, beside, strict=True))
    assert not any(np.array_equal(a.weights[0], b.weights[0]) for a, b in pairwise(alone))


def test_another_process_gives_the_same_bits() -> None:
    program = (
        "import sys\n"
        "from nncore.training import engine\n"
        "from nncore.checkpoint import Budget, Checkpoint\n"
        "given = Checkpoint.from_bytes(sys.stdin.buffer.read())\n"
        "done = engine.advance(given.experiment, given, Budget())\n"
        "sys.stdout.buffer.write(done.to_bytes())\n"
    )
    half = engine.advance(
        DIGITS, Checkpoint(DIGITS, datasets.load(DIGITS.data).fingerprint), Budget(epochs=1)
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], input=half.to_bytes(), capture_output=True, check=True
    )
    assert same(Checkpoint.from_bytes(ended.stdout), train(DIGITS))


@pytest.mark.usefixtures("embedded_only")
def test_the_sample_is_learnt_as_well_as_by_a_hand_written_keras_loop() -> None:
    """The loop of tests/nncore/test_script.py reached .908 to .915 over five seeds."""
    experiment = Experiment(fit=FitConfig(epochs=5, batch_size=32))
    dataset = datasets.load(experiment.data)
    network = Network.of(experiment, train(experiment).weights)
    answers = network.predict(dataset.x_test).argmax(axis=1)
    assert 0.89 < (answers == dataset.y_test).mean() < 0.93


def test_own_drawings_train_from_the_value_that_comes_with_the_experiment() -> None:
    named, brought = OWN, OWN.with_drawings(starter("shapes"))
    assert brought.data.is_private
    assert all(map(np.array_equal, train(named).weights, train(brought).weights))
    with pytest.raises(datasets.DrawingsMissing, match="not in this browser"):
        train(brought.without_drawings())


def test_classes_of_another_number_have_a_network_of_their_own() -> None:
    two, three = OWN.updated({"data.drawings": "faces"}), OWN
    assert shape_of(two) != shape_of(three)
    assert shape_of(three) == shape_of(three.with_drawings(starter("shapes").remove(0)))
    assert [train(one).weights[-1].shape for one in (two, three)] == [(2,), (3,)]


def test_other_seeds_give_other_weights() -> None:
    assert not same(train(DIGITS), train(DIGITS.updated({"fit.seed": 1})))


def test_no_batch_gives_the_starting_weights() -> None:
    begun = engine.advance(
        ROUNDING, Checkpoint(ROUNDING, datasets.load(ROUNDING.data).fingerprint), Budget(batches=0)
    )
    assert begun.updates == 0
    starting = model.initial_weights(ROUNDING)
    assert all(np.array_equal(a, b) for a, b in zip(begun.weights, starting, strict=True))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("epoch", [0, 2])
def test_weights_set_by_hand_are_trained_on_as_after_set_weights_in_keras(
    optimizer: str, epoch: int
) -> None:
    momentum = 0.9 if optimizer == "sgd" else 0.0
    experiment = ROUNDING.updated(
        {"fit.optimizer": optimizer, "fit.momentum": momentum, "fit.epochs": epoch + 2}
    )
    start = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    if epoch:
        start = engine.advance(experiment, start, Budget(epochs=epoch))
    hand = [np.float32(2) * array - 1 for array in model.initial_weights(experiment)]
    ours = engine.advance(experiment, start.with_weights(hand), Budget())
    weights, losses = by_keras(experiment, {epoch: hand})
    for mine, theirs in zip(ours.weights, weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(ours.history["loss"], losses, rtol=1e-5)


def test_a_budget_of_batches_is_kept() -> None:
    start = Checkpoint(ROUNDING, datasets.load(ROUNDING.data).fingerprint)
    after = engine.advance(ROUNDING, start, Budget(batches=13))
    assert (after.epoch, after.step, after.updates) == (1, 3, 13)  # 10 batches an epoch


def test_a_loss_that_runs_away_ends_the_run_and_keeps_what_was_learnt() -> None:
    experiment = Experiment(
        DataConfig("five", 500, scaled=False),
        ModelConfig((), output_activation="linear"),
        FitConfig("sgd", 10.0, loss="mean_squared_error", batch_size=32, epochs=3),
    )
    ended = train(experiment)
    assert ended.finished
    assert ended.failure.startswith("The loss was no longer finite in epoch 1, batch ")
    assert f"batch {ended.updates + 1}:" in ended.failure
    assert all(np.isfinite(weights).all() for weights in ended.weights)
    assert same(ended, train(experiment, Budget(batches=1)))


def test_a_run_on_other_data_is_refused() -> None:
    with pytest.raises(datasets.DataMismatch):
        engine.advance(DIGITS, Checkpoint(DIGITS, "0" * 32), Budget())


def test_the_history_has_a_column_for_each_metric() -> None:
    experiment = DIGITS.updated({"fit.metric": "mean_absolute_error", "fit.validation": "test"})
    names = {"loss", "accuracy", "mean_absolute_error"}
    assert set(train(experiment).history) == names | {f"val_{name}" for name in names}


def test_the_trace_has_sixteen_points_an_epoch_or_one_a_batch() -> None:
    assert len(train(ROUNDING).trace) == 3 * 10
    many = ROUNDING.updated({"data.samples": 3200, "fit.batch_size": 10})
    assert len(train(many).trace) == 3 * 16


def test_runs_of_one_shape_share_a_compiled_network() -> None:
    one = DIGITS.updated({"fit.seed": 3, "fit.learning_rate": 0.01, "fit.epochs": 9})
    assert shape_of(one) == shape_of(DIGITS)
    assert shape_of(DIGITS.updated({"model.units": (17,)})) != shape_of(DIGITS)


def test_fifty_runs_of_five_shapes_compile_five_times() -> None:
    """Each compiled shape costs TensorFlow some MB for good; runs of a known one cost nothing."""
    model_pool.shared_pool.cache_clear()
    for number in range(5):
        go_once(number)
    before = psutil.Process().memory_info().rss
    for number in range(5, 50):
        go_once(number)
    assert [idle.compilations for idle in model_pool.shared_pool().idle] == [1] * 5
    assert psutil.Process().memory_info().rss - before < 60 * 2**20


def test_memory_is_handed_back_after_a_network_was_compiled_and_not_after_each_slice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed_back = []
    monkeypatch.setattr(model_pool, "hand_memory_back", lambda: handed_back.append(1))
    pool = model_pool.ModelPool(2)
    for _ in range(3):
        with pool.borrow(ROUNDING):
            assert handed_back in ([], [1])
    assert handed_back == [1]
    with pool.borrow(ROUNDING) as model:
        model.compilations += 1  # as it does for data of another size
    assert handed_back == [1, 1]


def test_compiled_networks_are_bounded_in_number() -> None:
    pool = model_pool.ModelPool(2)
    for units in (3, 4, 5):
        with pool.borrow(ROUNDING.updated({"model.units": (units,)})):
            pass
    assert len(pool.idle) == 2


def test_compiled_networks_are_bounded_in_bytes() -> None:
    """Two of 784-256-256 with Adam hold 3.2 MB each, and 5 MB for what was compiled."""
    pool = model_pool.ModelPool(12, max_bytes=20 * 2**20)
    wide = Experiment(DataConfig("digits"), ModelConfig((256, 256)), FitConfig("adam"))
    for dropout in (0.1, 0.2, 0.3):
        with pool.borrow(wide.updated({"model.dropout": dropout})) as model:
            assert model.nbytes >= wide.parameters * 4 * 3
    assert [one.shape.model.dropout for one in pool.idle] == [0.2, 0.3]
    tiny = model_pool.ModelPool(12, max_bytes=1)
    with tiny.borrow(wide):
        pass
    assert len(tiny.idle) == 1  # the last one stays, or each slice would compile


def test_tensors_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_data, "MAX_BYTES", 8192)
    device_data.shared_tensors.cache_clear()
    tensors = device_data.shared_tensors()
    for samples in range(64, 264, 8):  # 24 kB in all
        config = DataConfig("rounding", samples)
        device_data.device_data(datasets.load(config), Experiment(config, ModelConfig((2,))))
        assert 0 < tensors.nbytes <= 8192
    assert len(tensors) > 1
    device_data.shared_tensors.cache_clear()


def test_five_and_digits_share_the_tensor_of_their_images() -> None:
    digits = Experiment(DataConfig("digits", 300))
    five = Experiment.from_settings(
        {
            "data.name": "five",
            "data.samples": 300,
            "model.output_activation": "sigmoid",
            "fit.loss": "binary_crossentropy",
        }
    )
    unscaled = digits.updated({"data.scaled": False})
    fewer = digits.updated({"data.samples": 200})
    tensors = [
        device_data.device_data(datasets.load(one.data), one)[0]
        for one in (digits, five, unscaled, fewer)
    ]
    assert tensors[0] is tensors[1] is tensors[2]
    assert tensors[3].shape == (256, 784)


def test_a_starter_set_that_is_made_anew_finds_its_tensor_again() -> None:
    starter = Experiment.from_settings({"data.name": "own", "data.drawings": "faces"})
    first = device_data.device_data(datasets.load(starter.data), starter)
    datasets.forget_drawings()
    again = device_data.device_data(datasets.load(starter.data), starter)
    assert first[0] is again[0]
    assert first[1] is again[1]


def go_once(number: int) -> None:
    train(
        ROUNDING.updated(
            {"model.units": (40 + number % 5,), "fit.seed": number, "fit.epochs": 1 + number % 3}
        )
    )


def test_numbers_cannot_be_distorted() -> None:
    with pytest.raises(SettingError, match=r"fit\.augment distorts images"):
        ROUNDING.updated({"fit.augment": "affine"})
    with pytest.raises(SettingError, match="mixes in digits, and the data 'fashion' have other"):
        DIGITS.updated({"fit.augment": "styles", "data.name": "fashion"})


# Early stopping and schedules, against Keras's own


#: 200 numbers with many wrong labels: wide layers memorise them within some epochs.
NOISY = Experiment(
    DataConfig("rounding", 200, label_noise=0.3),
    ModelConfig((64, 64)),
    FitConfig(
        "adam",
        0.03,
        loss="sparse_categorical_crossentropy",
        epochs=12,
        batch_size=32,
        validation="last",
        validation_split=0.3,
        seed=1,
        patience=3,
    ),
)


class Watched:
    """A run by `train_on_batch` with Keras's own callback asked after each epoch."""

    def __init__(self, experiment: Experiment) -> None:
        dataset, fit = datasets.load(experiment.data), experiment.fit
        network = model.build(experiment)
        watched = "loss" if fit.validation == "none" else "val_loss"
        stopper = keras.callbacks.EarlyStopping(
            watched, patience=fit.patience, restore_best_weights=True
        )
        stopper.set_model(network)
        stopper.on_train_begin()
        network.stop_training = False
        self.losses: list[float] = []
        rows = splits.training_rows(len(dataset.x_train), fit)
        held = splits.held_out(len(dataset.x_train), fit)
        while len(self.losses) < fit.epochs and not network.stop_training:
            order = splits.epoch_order(fit.seed, len(self.losses), rows.start, rows.stop)
            loss = 0.0
            for start in range(0, len(order), fit.batch_size):
                batch = order[start : start + fit.batch_size]
                network.reset_metrics()
                logs = network.train_on_batch(
                    dataset.x_train[batch], dataset.y_train[batch], return_dict=True
                )
                loss += float(logs["loss"]) * len(batch) / len(order)
            if watched == "val_loss":
                x, y = dataset.x_train[held], dataset.y_train[held]
                loss = network.evaluate(x, y, batch_size=512, verbose=0, return_dict=True)["loss"]
            self.losses.append(loss)
            stopper.on_epoch_end(len(self.losses) - 1, {watched: loss})
        stopper.on_train_end()
        self.stopped = bool(network.stop_training)
        self.best_epoch = stopper.best_epoch + 1
        self.weights = network.get_weights()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"fit.patience": 1, "fit.seed": 2},
        {"fit.validation": "none", "fit.optimizer": "sgd", "fit.learning_rate": 3.0},
        {
            "fit.epochs": 4,
            "fit.patience": 9,
        },  # the best is kept all the same
    ],
    ids=str,
)
def test_early_stopping_ends_and_goes_back_as_keras_does(settings: dict[str, object]) -> None:
    experiment = NOISY.updated(settings)
    ours, keras_ = train(experiment), Watched(experiment)
    name = "loss" if experiment.fit.validation == "none" else "val_loss"
    np.testing.assert_allclose(ours.history[name], keras_.losses, rtol=1e-3)
    stopped = keras_.stopped and len(keras_.losses) < experiment.fit.epochs
    assert (ours.epoch, ours.best_epoch) == (len(keras_.losses), keras_.best_epoch)
    assert (ours.stopped_early, ours.kept_epoch) == (stopped, keras_.best_epoch)
    for mine, theirs in zip(ours.weights, keras_.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-2, atol=1e-3)


def test_the_weights_kept_are_those_of_a_run_that_ended_with_the_best_epoch() -> None:
    ours = train(NOISY)
    assert ours.finished
    assert 0 < ours.kept_epoch == ours.epoch - 3 < 12 - 3  # else this shows nothing
    until_then = train(NOISY.updated({"fit.epochs": ours.kept_epoch, "fit.patience": 0}))
    assert all(map(np.array_equal, ours.weights, until_then.weights))


def test_more_epochs_do_not_wake_a_run_that_was_stopped() -> None:
    stopped = train(NOISY)
    longer = NOISY.updated({"fit.epochs": 30})
    assert same(engine.advance(longer, stopped, Budget()), train(longer))


def test_more_epochs_go_on_from_the_last_one_not_from_the_best() -> None:
    patient = NOISY.updated({"fit.patience": 9, "fit.epochs": 7})
    longer = patient.updated({"fit.epochs": 10})
    done = train(patient)
    assert done.kept_epoch < done.epoch == 7
    assert same(engine.advance(longer, done, Budget()), train(longer))


def by_schedule(experiment: Experiment, rates: Mapping[int, float]) -> list[np.ndarray]:
    """The weights after `train_on_batch` at the rates of Keras's own schedule.

    Args:
        experiment: What to do.
        rates: What the schedule starts from, by the update from which on that holds.
    """
    dataset, fit = datasets.load(experiment.data), experiment.fit
    network = model.build(experiment.updated({"fit.schedule": "none"}))
    steps, made = splits.updates_per_epoch(len(dataset.x_train), fit), 0
    kinds = keras.optimizers.schedules
    for epoch in range(fit.epochs):
        order = splits.epoch_order(fit.seed, epoch, 0, len(dataset.x_train))
        for start in range(0, len(order), fit.batch_size):
            rate = rates[max(first for first in rates if first <= made)]
            schedule = (
                kinds.CosineDecay(rate, steps * fit.epochs)
                if fit.schedule == "cosine"
                else kinds.ExponentialDecay(rate, steps, 0.9)
            )
            network.optimizer.learning_rate = schedule(made)
            batch = order[start : start + fit.batch_size]
            network.train_on_batch(dataset.x_train[batch], dataset.y_train[batch])
            made += 1
    weights: list[np.ndarray] = network.get_weights()
    return weights


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_the_learning_rate_follows_keras_schedule(schedule: str) -> None:
    experiment = ROUNDING.updated({"fit.schedule": schedule, "fit.learning_rate": 0.1})
    ours = train(experiment, Budget(batches=7))
    plain = train(experiment.updated({"fit.schedule": "none"}))
    assert not np.allclose(ours.weights[0], plain.weights[0], atol=0.01)
    for mine, theirs in zip(ours.weights, by_schedule(experiment, {0: 0.1}), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)


def test_a_schedule_is_part_of_fit_in_keras_too() -> None:
    """One batch an epoch: `fit()` has no order to choose, and takes the schedule itself."""
    experiment = ROUNDING.updated(
        {"fit.batch_size": 300, "fit.epochs": 8, "fit.schedule": "cosine", "fit.optimizer": "sgd"}
    )
    dataset, network = datasets.load(experiment.data), model.build(experiment)
    rate = keras.optimizers.schedules.CosineDecay(experiment.fit.learning_rate, 8)
    network.compile(keras.optimizers.SGD(rate), loss=experiment.fit.loss)
    network.fit(dataset.x_train, dataset.y_train, batch_size=300, epochs=8, verbose=0)
    for mine, theirs in zip(train(experiment).weights, network.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_a_rate_set_by_hand_is_what_the_schedule_starts_from_then(schedule: str) -> None:
    experiment = ROUNDING.updated({"fit.schedule": schedule, "fit.learning_rate": 0.01})
    start = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    half = engine.advance(experiment, start, Budget(batches=12)).with_learning_rate(0.1)
    ours = engine.advance(experiment, half, Budget())
    for mine, theirs in zip(ours.weights, by_schedule(experiment, {0: 0.01, 12: 0.1}), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(("schedule", "rate"), [("cosine", 0.005), ("exponential", 0.009)])
def test_a_checkpoint_says_the_rate_of_the_next_update(schedule: str, rate: float) -> None:
    """0.01 to start with: half of it is left half the way of two epochs, .9 after one."""
    experiment = ROUNDING.updated(
        {"fit.schedule": schedule, "fit.learning_rate": 0.01, "fit.epochs": 2}
    )
    start = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    half = engine.advance(experiment, start, Budget(epochs=1))
    assert half.slots[1] == pytest.approx(rate)
    assert half.with_learning_rate(0.1).slots[1] == pytest.approx(10 * rate)


def test_a_cosine_over_more_epochs_makes_a_branch() -> None:
    cosine = ROUNDING.updated({"fit.schedule": "cosine"})
    longer = cosine.updated({"fit.epochs": 5})
    assert train(cosine).extended(longer).edits == ((30, "fit.epochs", 5.0),)
    assert Checkpoint(cosine, "data").extended(longer).edits == ()


def test_schedules_share_a_compiled_network() -> None:
    scheduled = [DIGITS.updated({"fit.schedule": name}) for name in ("cosine", "exponential")]
    shapes = [shape_of(e.updated({"fit.patience": 2})) for e in scheduled]
    assert shapes[0] == shapes[1] != shape_of(DIGITS)
    assert shape_of(DIGITS.updated({"fit.patience": 2})) == shape_of(DIGITS)


def test_a_slice_is_cut_within_a_chunk_by_the_measured_pace() -> None:
    """A whole chunk of this network takes seconds; a slice may take a tenth of one."""
    experiment = Experiment(
        DataConfig("digits", 2000), ModelConfig((1024, 1024)), FitConfig(batch_size=16, epochs=9)
    )
    checkpoint = Checkpoint(experiment, datasets.load(experiment.data).fingerprint)
    checkpoint = engine.advance(experiment, checkpoint, Budget(batches=3))  # compiles
    lengths = []
    for _ in range(4):
        before = checkpoint
        checkpoint = engine.advance(experiment, before, Budget(seconds=0.1))
        lengths.append(checkpoint.seconds - before.seconds)
        assert checkpoint.updates > before.updates
    assert min(lengths) < 0.5
