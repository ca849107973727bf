"""One table words every setting: names, values, and what changes between two experiments."""

from __future__ import annotations

import re

import pytest

from nncore.experiment import (
    ACTIVATIONS,
    AUGMENTATIONS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    OUTPUTS,
    SCHEDULES,
    VALIDATIONS,
    Experiment,
)
from nncore.sweep import AXES
from ui.content.lesson import glossary
from ui.content.settings import SETTINGS, SWEEP_AXES, find_changes, word_changes, word_value

CHOICES = {
    "data.name": tuple(OUTPUTS),
    "model.activation": ACTIVATIONS,
    "model.output_activation": OUTPUT_ACTIVATIONS,
    "fit.optimizer": OPTIMIZERS,
    "fit.loss": LOSSES,
    "fit.metric": METRICS,
    "fit.validation": VALIDATIONS,
    "fit.augment": AUGMENTATIONS,
    "fit.schedule": SCHEDULES,
}


def test_every_setting_of_an_experiment_is_in_the_table() -> None:
    assert SETTINGS.keys() == Experiment().settings().keys()
    assert SWEEP_AXES.keys() == AXES.keys()


def test_every_term_is_in_the_glossary() -> None:
    terms = {setting.term for setting in (*SETTINGS.values(), *SWEEP_AXES.values())}
    assert terms - {""} <= glossary().keys()


@pytest.mark.parametrize("name", CHOICES)
def test_each_value_reads_unlike_a_program(name: str) -> None:
    words = [word_value(name, value) for value in CHOICES[name]]
    assert len({*words}) == len(words)
    assert not any(re.search("_|True|False|None", word) for word in words)


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({"fit.batch_size": 1280}, "Batch size 128 → 1,280"),
        ({"data.name": "five", "fit.loss": "mean_squared_error"}, "five or not five"),
        ({"data.scaled": False}, "Pixels 0 to 1 → 0 to 255"),
        ({"fit.learning_rate": 0.00001}, "Learning rate 0.001 → 0.00001"),
        ({"model.units": (300, 100)}, "Hidden units 32 → 300-100"),
        ({"model.units": ()}, "Hidden units 32 → none"),
        ({"fit.seed": 123456}, "Seed 0 → 123456"),
        ({"fit.patience": 3}, "Early stopping patience off → 3"),
        ({"fit.validation": "last", "fit.validation_split": 0.2}, "Share held out 10.0% → 20.0%"),
        ({"fit.optimizer": "sgd"}, "Optimizer: RMSprop → SGD"),
        ({"data.samples": 500}, "Training samples all → 500"),
    ],
)
def test_a_change_is_said_in_words(settings: dict[str, object], change: str) -> None:
    usual = Experiment.from_settings({"model.output_activation": "sigmoid"})
    assert change in "; ".join(word_changes(usual, usual.updated(settings)))


def test_the_same_settings_change_nothing() -> None:
    assert find_changes(Experiment(), Experiment()) == []
