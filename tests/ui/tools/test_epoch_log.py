"""Keras's log of a run: what each value of verbose prints."""

from __future__ import annotations

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from ui.tools.epoch_log import write_epoch_log

RUN = Checkpoint(
    Experiment().updated({"fit.epochs": 3}),
    "data",
    epoch=1,
    step=40,
    history={"loss": (4.8206,), "accuracy": (0.6875,), "val_loss": (0.00012,)},
    trace=((1.0, 4.8206, 0.6875), (1.25, 3.5, 0.75)),
)


def test_verbose_0_prints_nothing() -> None:
    assert write_epoch_log(RUN, 160, verbose=0) == ""


def test_verbose_2_prints_a_line_for_each_epoch_that_is_over() -> None:
    metrics = "accuracy: 0.6875 - loss: 4.8206 - val_loss: 1.2000e-04"
    assert write_epoch_log(RUN, 160, verbose=2) == f"Epoch 1/3\n160/160 - {metrics}"


def test_verbose_1_also_shows_the_epoch_under_way() -> None:
    *_, epoch, bar = write_epoch_log(RUN, 160, verbose=1).split("\n")
    assert epoch == "Epoch 2/3"
    assert bar == f" 40/160 {'━' * 2}{'─' * 8} - accuracy: 0.7500 - loss: 3.5000"
