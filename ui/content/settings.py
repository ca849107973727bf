"""Every setting as learners read it: its label, its glossary term and its values in words.

The one place where a setting gets its name: controls, assignments, sweeps, the notebook of runs and
what a page says of an older run take it from here. Light to import: it reads no file.

    word_value("fit.optimizer", "sgd")              # "SGD"
    word_changes(lesson.default, experiment)        # ("Batch size 128 → 1,280", "Pixels ...")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nncore.experiment import Experiment
from ui.core import wording


def _word(value: Any) -> str:
    """Return the words of a value that the table does not list."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return wording.number(value, 6)
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("_", " ")


def _layers(units: tuple[int, ...]) -> str:
    return "-".join(map(str, units)) or "none"


@dataclass(frozen=True)
class Setting:
    """The words for one setting.

    Args:
        label: Its name above a control, capitalised.
        term: The glossary's word for it; empty where its label says enough.
        values: Its values in words, those that do not read well as they are.
        write: Return the words of any other value.
    """

    label: str
    term: str = ""
    values: Mapping[Any, str] = field(default_factory=dict)
    write: Callable[[Any], str] = _word

    def word(self, value: Any) -> str:
        """Return a value in words."""
        known = self.values.get(value)
        return self.write(value) if known is None else known


def _own_drawings(fingerprint: str) -> str:
    """Return the words for a learner's own drawings: "your own (3 classes, 0f3a)"."""
    classes, _, digest = fingerprint.partition("-")
    return f"your own ({classes} classes, {digest[:4]})" if digest else "none"


#: The starter sets in words.
_STARTERS = {
    "faces": "smiley and frown",
    "shapes": "circle, square, triangle",
    "alike": "u and v",
    "sizes": "large smiley, small frown",
    "uneven": "30 smileys, 6 frowns",
}
_LOSSES = {
    "binary_crossentropy": "binary cross-entropy",
    "categorical_crossentropy": "categorical cross-entropy",
    "sparse_categorical_crossentropy": "sparse categorical cross-entropy",
}
#: By the setting's dotted name, in the order in which forms list them.
SETTINGS: Mapping[str, Setting] = {
    "data.name": Setting(
        "Data",
        values={
            "rounding": "numbers to round",
            "five": "five or not five",
            "digits": "handwritten digits",
            "fashion": "Fashion-MNIST",
            "own": "your own classes",
        },
    ),
    "data.drawings": Setting("Drawings", values=_STARTERS, write=_own_drawings),
    "data.scaled": Setting("Pixels", "scaling", {False: "0 to 255", True: "0 to 1"}),
    "data.samples": Setting("Training samples", "sample", {0: "all"}),
    "data.threshold": Setting("Threshold", "threshold"),
    "data.seed": Setting("Data seed", "seed", write=str),
    "data.label_noise": Setting("Wrong labels", "label noise", write=wording.percent),
    "model.units": Setting("Hidden units", "unit", write=_layers),
    "model.activation": Setting("Activation", "activation", {"leaky_relu": "leaky relu"}),
    "model.output_activation": Setting("Output", "output activation"),
    "model.dropout": Setting("Dropout", "dropout"),
    "model.l1": Setting("L1 penalty", "L1"),
    "model.l2": Setting("L2 penalty", "L2"),
    "fit.optimizer": Setting(
        "Optimizer", "optimizer", {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam"}
    ),
    "fit.learning_rate": Setting("Learning rate", "learning rate"),
    "fit.momentum": Setting("Momentum", "momentum"),
    "fit.loss": Setting("Loss", "loss", _LOSSES),
    "fit.metric": Setting("Metric", "metric"),
    "fit.epochs": Setting("Epochs", "epoch"),
    "fit.batch_size": Setting("Batch size", "batch"),
    "fit.validation": Setting(
        "Validation",
        "validation",
        {"last": "split (last part)", "first": "split (first part)", "test": "test set"},
    ),
    "fit.validation_split": Setting("Share held out", "validation", write=wording.percent),
    "fit.augment": Setting(
        "Augmentation",
        "augmentation",
        {
            "affine": "rotate, shift, scale",
            "affine_thickness": "rotate, shift, scale, thicken",
            "elastic": "rotate, shift, scale, thicken, bend",
            "styles": "rotate, shift, scale, thicken, other styles",
        },
    ),
    "fit.patience": Setting("Early stopping patience", "early stopping", {0: "off"}),
    "fit.schedule": Setting(
        "Learning-rate schedule",
        "learning-rate schedule",
        {"cosine": "cosine, to 0 at the end", "exponential": "10% less each epoch"},
    ),
    "fit.seed": Setting("Seed", "seed", write=str),
}
#: The number of hidden layers, which follows from `model.units` and has a control like a setting.
HIDDEN_LAYERS = Setting("Hidden layers", "hidden layer", {0: "none"})
#: What a sweep can vary, by its own names.
SWEEP_AXES: Mapping[str, Setting] = {
    "units": Setting("Units in each hidden layer", "unit"),
    "layers": HIDDEN_LAYERS,
    "activation": SETTINGS["model.activation"],
    "optimizer": SETTINGS["fit.optimizer"],
    "learning_rate": SETTINGS["fit.learning_rate"],
    "batch_size": SETTINGS["fit.batch_size"],
    "epochs": SETTINGS["fit.epochs"],
}


class Change(NamedTuple):
    """A setting in which two experiments differ, in words.

    Attributes:
        label: The setting's name.
        old: Its value in one experiment.
        new: Its value in the other.
        is_wordy: Return True where the values are words, so that a colon must part them from the
            label.
    """

    label: str
    old: str
    new: str
    is_wordy: bool

    @property
    def name(self) -> str:
        """The label, with a colon where the sentence needs one."""
        return f"{self.label}{':' if self.is_wordy else ''}"


def word_value(name: str, value: Any) -> str:
    """Return a setting's value in words.

    Args:
        name: The setting's dotted name.
        value: Its value.
    """
    return SETTINGS[name].word(value)


def find_changes(one: Experiment, other: Experiment) -> list[Change]:
    """Return the settings in which two experiments differ, in words."""
    theirs = other.settings()
    return [
        Change(
            SETTINGS[name].label,
            word_value(name, value),
            word_value(name, theirs[name]),
            isinstance(value, str),
        )
        for name, value in one.settings().items()
        if value != theirs[name]
    ]


def word_changes(one: Experiment, other: Experiment) -> tuple[str, ...]:
    """Return what another experiment changes: `"Batch size 128 → 1,280"`, `"Loss: a → b"`."""
    return tuple(f"{c.name} {c.old} → {c.new}" for c in find_changes(one, other))
