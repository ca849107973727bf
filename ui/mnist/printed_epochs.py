"""What the tutorials printed for the epochs of their runs, to compare the lab's own run with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ui.core.wording import fixed


class PrintedEpoch(NamedTuple):
    """One epoch as a tutorial printed it.

    Attributes:
        epoch: The epoch, counted from 1.
        loss: Training loss.
        accuracy: Training accuracy, from 0 to 1.
        val_loss: Validation loss; None if the tutorial printed none.
        val_accuracy: Validation accuracy; None if the tutorial printed none.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None = None
    val_accuracy: float | None = None


#: By the name of the preset with the same settings. The first two are from mnist_learn.py, the
#: third from "Build your first Neural Network with Keras", which printed four of thirty epochs.
PRINTED_EPOCHS: Mapping[str, Sequence[PrintedEpoch]] = {
    "As the tutorial begins": (
        PrintedEpoch(1, 6.7732, 0.5740),
        PrintedEpoch(2, 6.0214, 0.6238),
    ),
    "Larger batches, more epochs": (
        PrintedEpoch(1, 4.8206, 0.6875),
        PrintedEpoch(2, 3.0667, 0.8027),
        PrintedEpoch(3, 2.8681, 0.8169),
        PrintedEpoch(4, 2.7772, 0.8232),
        PrintedEpoch(5, 2.6606, 0.8309),
    ),
    "300-100": (
        PrintedEpoch(1, 0.6084, 0.8431, 0.3050, 0.9138),
        PrintedEpoch(10, 0.1037, 0.9715, 0.1090, 0.9720),
        PrintedEpoch(20, 0.0508, 0.9867, 0.0742, 0.9790),
        PrintedEpoch(30, 0.0277, 0.9936, 0.0663, 0.9794),
    ),
}
#: Loss and accuracy that a tutorial printed for its test set, by the preset's name.
PRINTED_TESTS: Mapping[str, tuple[float, float]] = {"300-100": (0.0727, 0.9793)}


def compare_epochs(
    printed: Sequence[PrintedEpoch], history: Mapping[str, Sequence[float]]
) -> dict[str, list[str]]:
    """Return the columns of a table: the tutorial's epochs, and the same epochs of a run.

    Args:
        printed: What the tutorial printed.
        history: The run's history; epochs that it does not have are left empty.
    """
    columns: dict[str, list[str]] = {"epoch": [str(row.epoch) for row in printed]}
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        values = [getattr(row, name) for row in printed]
        if None in values:
            continue
        column = history.get(name, ())
        columns[f"{name}, tutorial"] = [f"{value:.4f}" for value in values]
        columns[f"{name}, your run"] = [
            fixed(column[row.epoch - 1], 4) if row.epoch <= len(column) else "" for row in printed
        ]
    return columns
