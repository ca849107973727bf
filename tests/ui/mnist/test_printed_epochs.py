"""The tutorials' printed epochs beside those of a run."""

from __future__ import annotations

from ui.content import lesson
from ui.mnist.printed_epochs import PRINTED_EPOCHS, compare_epochs


def test_each_printed_run_belongs_to_a_preset() -> None:
    presets = {preset.name: preset for preset in lesson.load("mnist").presets}
    for name, epochs in PRINTED_EPOCHS.items():
        experiment = lesson.load("mnist").default.updated(presets[name].settings)
        assert epochs[-1].epoch == experiment.fit.epochs


def test_epochs_are_compared_number_by_number() -> None:
    printed = PRINTED_EPOCHS["As the tutorial begins"]
    columns = compare_epochs(printed, {"loss": [5.0], "accuracy": [0.6]})
    assert columns == {
        "epoch": ["1", "2"],
        "loss, tutorial": ["6.7732", "6.0214"],
        "loss, your run": ["5.0000", ""],
        "accuracy, tutorial": ["0.5740", "0.6238"],
        "accuracy, your run": ["0.6000", ""],
    }
