"""What the bench says of a run."""

from __future__ import annotations

import pytest

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment, FitConfig
from ui.workbench.run_line import describe_edits, describe_end

RATE = (10, "fit.learning_rate", 0.01)


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ((RATE,), "learning rate 0.01 from update 10 on"),
        ((RATE, (10, "fit.learning_rate", 0.1)), "learning rate 0.1 from update 10 on"),
        (((0, "weights[1][3]", 2.0),), "1 weight set by hand before the first update"),
        (
            (RATE, (2820, "weights[0][0, 1]", 2.0), (2820, "weights[1][0]", 1.0)),
            "learning rate 0.01 from update 10 on, 2 weights set by hand after update 2,820",
        ),
        (((60, "fit.epochs", 20.0),), "20 epochs in all from update 60 on"),
        (
            ((5, "weights[1][3]", 2.0), (5, "weights[1][3]", 4.0)),
            "1 weight set by hand after update 5",
        ),
    ],
)
def test_a_branch_says_what_was_changed_by_hand(
    edits: tuple[tuple[int, str, float], ...], sentence: str
) -> None:
    assert describe_edits(edits) == sentence


@pytest.mark.parametrize(
    ("patience", "epoch", "best", "words"),
    [
        (3, 7, 4, ["stopped early after epoch 7 of 40", "the weights of epoch 4 are kept"]),
        (3, 40, 39, ["40 epochs", "the weights of epoch 39 are kept"]),
        (3, 40, 40, ["40 epochs"]),
        (0, 40, 0, ["40 epochs"]),
    ],
)
def test_the_bench_says_how_a_run_ended(
    patience: int, epoch: int, best: int, words: list[str]
) -> None:
    experiment = Experiment(fit=FitConfig(epochs=40, patience=patience))
    assert list(describe_end(Checkpoint(experiment, "data", epoch=epoch, best_epoch=best))) == words
