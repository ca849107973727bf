"""What follows from a changed setting."""

from __future__ import annotations

import pytest

from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.validation import SettingError
from ui.workbench.widgets import changed


def test_another_optimizer_brings_its_learning_rate_along() -> None:
    sgd = changed(Experiment(), {"fit.optimizer": "sgd"})
    assert sgd.fit.learning_rate == 0.01  # Keras's default for SGD
    assert changed(sgd, {"fit.optimizer": "adam"}).fit.learning_rate == 0.001


def test_momentum_goes_when_sgd_goes() -> None:
    sgd = Experiment(fit=FitConfig("sgd", 0.01, momentum=0.9))
    assert changed(sgd, {"fit.optimizer": "rmsprop"}).fit.momentum == 0


def test_what_is_asked_for_wins_over_what_would_follow() -> None:
    both = {"fit.optimizer": "sgd", "fit.learning_rate": 0.3}
    assert changed(Experiment(), both).fit.learning_rate == 0.3


def test_integer_labels_leave_accuracy_as_the_only_metric() -> None:
    watched = Experiment(fit=FitConfig(metric="mean_squared_error"))
    loss = {"fit.loss": "sparse_categorical_crossentropy"}
    assert changed(watched, loss).fit.metric == "accuracy"


def test_what_cannot_go_together_is_refused() -> None:
    five = Experiment(
        DataConfig("five"), ModelConfig((), output_activation="sigmoid"),
        FitConfig(loss="binary_crossentropy"),
    )  # fmt: skip
    with pytest.raises(SettingError, match="single output is always 1"):
        changed(five, {"model.output_activation": "softmax"})
