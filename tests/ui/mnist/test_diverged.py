"""What lesson 3's tables say of a run whose numbers are no numbers any more."""

from __future__ import annotations

import math

from ui.mnist.printed_epochs import PrintedEpoch, compare_epochs
from ui.mnist.training_loop import TrainingStep, describe_training_step


def test_a_validation_loss_that_is_nan_is_called_so() -> None:
    printed = [PrintedEpoch(1, 0.5, 0.9, 0.4, 0.91), PrintedEpoch(2, 0.4, 0.92, 0.3, 0.93)]
    history = {"loss": (0.5, 0.4), "val_loss": (math.nan, math.inf)}
    columns = compare_epochs(printed, history)
    assert columns["val_loss, your run"] == ["NaN", "infinity"]
    assert columns["loss, your run"] == ["0.5000", "0.4000"]


def test_a_training_step_that_diverges_is_told_in_the_same_words() -> None:
    nan = math.nan
    text = describe_training_step(
        TrainingStep(2, ("a layer",), math.inf, nan, (1, 2, 3), 0.5, nan, nan, nan)
    )
    assert "loss = infinity" in text
    assert "in layer 1: NaN, from" in text
    assert "this weight: +0.500000 → NaN" in text
    assert "nan" not in text
    assert "inf " not in text
