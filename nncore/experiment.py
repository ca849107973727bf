"""What to do, as a value: an `Experiment` is data, model and fit settings, and nothing else.

This file knows the settings, their bounds, and how they are written down (digest, query string).
It does not know how data are made, how a network is built or how it is trained.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, urlencode

DATASETS = ("rounding", "five", "digits", "fashion")
ACTIVATIONS = ("linear", "relu", "leaky_relu", "elu", "tanh", "sigmoid")
OUTPUT_ACTIVATIONS = ("linear", "sigmoid", "softmax", "tanh", "relu")
LOSSES = (
    "mean_squared_error",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
)
OPTIMIZERS = ("sgd", "rmsprop", "adam")
#: Keras's default learning rates.
LEARNING_RATES = {"sgd": 0.01, "rmsprop": 0.001, "adam": 0.001}
METRICS = ("accuracy", "mean_squared_error", "mean_absolute_error")
VALIDATIONS = ("none", "last", "first", "test")
AUGMENTATIONS = ("none", "affine", "affine_thickness", "elastic", "styles")
SCHEDULES = ("none", "cosine", "exponential")

MAX_LAYERS = 3
MAX_UNITS = 1024
#: How many outputs each data set asks for, and how many numbers make up one input.
OUTPUTS = {"rounding": 2, "five": 1, "digits": 10, "fashion": 10}
INPUTS = {"rounding": 1, "five": 784, "digits": 784, "fashion": 784}
#: Losses that compare a list of class probabilities with a class: they need two outputs or more.
_CATEGORICAL = ("categorical_crossentropy", "sparse_categorical_crossentropy")
#: What a digest was made from; a change in what a setting *means* raises it.
_FORMAT = 1
#: Settings that came later. At their default they are written neither into a digest nor into a
#: link, so that each experiment of before there were any keeps both.
_LATER = ("fit.patience", "fit.schedule")

#: A number as a link writes it: Python itself would also take other scripts' digits, and spaces.
_FRACTION = re.compile(r"-?([0-9]{1,24}(\.[0-9]{0,24})?|\.[0-9]{1,24})(e[+-]?[0-9]{1,3})?", re.I)
#: What Markdown would take up even between quotes: emphasis, and an address that becomes a link.
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])|(?<=www)\.", re.IGNORECASE)


class Problem(NamedTuple):
    """One setting that cannot be accepted: its dotted name and a whole sentence."""

    name: str
    sentence: str


class SettingError(ValueError):
    """A setting that is out of bounds, or does not go with the others.

    Attributes:
        name: The setting's dotted name, such as `"fit.epochs"`.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name

    def __reduce__(self) -> tuple[type[SettingError], tuple[str, str]]:
        return type(self), (self.name, str(self))  # it travels between processes


def _choice(name: str, value: Any, options: tuple[str, ...]) -> Iterator[Problem]:
    if value not in options:
        listed = ", ".join(options)
        yield Problem(name, f"{name} must be one of {listed}. Received: {name}={value!r}")


def _whole(name: str, value: Any, low: int, high: int) -> Iterator[Problem]:
    if type(value) is not int or not low <= value <= high:
        yield Problem(
            name,
            f"{name} must be a whole number from {low:,} to {high:,}. Received: {name}={value!r}",
        )


def _number(name: str, value: Any, low: float, high: float) -> Iterator[Problem]:
    is_number = type(value) in (int, float) and math.isfinite(value)
    if not is_number or not low <= value <= high:
        yield Problem(
            name, f"{name} must be a number from {low:g} to {high:g}. Received: {name}={value!r}"
        )


class _Config:
    """A frozen group of settings that refuses values outside their bounds when it is made."""

    def problems(self) -> Iterator[Problem]:
        """Yields a `Problem` for each setting that is out of bounds."""
        raise NotImplementedError

    def __post_init__(self) -> None:
        for problem in self.problems():
            raise SettingError(*problem)
        for setting in fields(cast(Any, self)):
            if isinstance(setting.default, float):  # 1 and 1.0, 0.0 and -0.0 must be written alike
                object.__setattr__(self, setting.name, float(getattr(self, setting.name)) + 0.0)


@dataclass(frozen=True)
class DataConfig(_Config):
    """Which data to learn from.

    Args:
        name: `"rounding"` (is a number >= `threshold`?), `"five"` (is the digit a five?),
            `"digits"` (MNIST) or `"fashion"` (Fashion-MNIST).
        samples: How many training samples to use; `0` stands for all images there are.
            Rounding has no natural size: there it is 2 to 100,000.
        scaled: Whether pixels 0..255 are divided by 255. Images only.
        threshold: Where rounding draws the line, 0 to 1. Rounding only.
        label_noise: Share of training labels that are turned round, 0 to 0.5. Rounding only.
        seed: Which random numbers. Rounding only.

    Raises:
        SettingError: If a setting is out of bounds.
    """

    name: str = "digits"
    samples: int = 0
    scaled: bool = True
    threshold: float = 0.5
    label_noise: float = 0.0
    seed: int = 0

    def problems(self) -> Iterator[Problem]:
        yield from _choice("data.name", self.name, DATASETS)
        rounding = self.name == "rounding"
        yield from _whole("data.samples", self.samples, 2 if rounding else 0, 100_000)
        if self.samples == 1 and not rounding:
            yield Problem(
                "data.samples",
                "data.samples must be 0 for all images, or at least 2. Received: data.samples=1",
            )
        yield from _number("data.threshold", self.threshold, 0.0, 1.0)
        yield from _number("data.label_noise", self.label_noise, 0.0, 0.5)
        yield from _whole("data.seed", self.seed, 0, 2**32 - 1)
        if type(self.scaled) is not bool:
            yield Problem(
                "data.scaled",
                f"data.scaled must be true or false. Received: data.scaled={self.scaled!r}",
            )
        yield from self._out_of_place(rounding)

    def _out_of_place(self, rounding: bool) -> Iterator[Problem]:
        """Settings that this data set does not have must stay as they are by default."""
        elsewhere = ("scaled",) if rounding else ("threshold", "label_noise", "seed")
        for name in elsewhere:
            default, value = getattr(type(self), name), getattr(self, name)
            if value != default:
                yield Problem(
                    f"data.{name}",
                    f"data.{name} does not apply to the data {self.name!r} and must stay "
                    f"{default!r}. Received: data.{name}={value!r}",
                )

    @property
    def is_image(self) -> bool:
        """Whether a sample is a picture of 28 x 28 pixels."""
        return self.name != "rounding"


@dataclass(frozen=True)
class ModelConfig(_Config):
    """Which network to build: dense layers one after another.

    Args:
        units: Units of each hidden layer, none to three of them, 1 to 1,024 units each.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output layer.
        dropout: Share of each hidden layer's outputs that is dropped while training, 0 to 0.9.
        l1: Factor of the L1 penalty on the kernels, 0 to 1.
        l2: Factor of the L2 penalty on the kernels, 0 to 1.

    Raises:
        SettingError: If a setting is out of bounds.
    """

    units: tuple[int, ...] = (32,)
    activation: str = "relu"
    output_activation: str = "softmax"
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0

    def problems(self) -> Iterator[Problem]:
        if type(self.units) is not tuple or len(self.units) > MAX_LAYERS:
            yield Problem(
                "model.units",
                f"model.units must be a tuple of at most {MAX_LAYERS} hidden layers' units. "
                f"Received: model.units={self.units!r}",
            )
        else:
            for units in self.units:
                yield from _whole("model.units", units, 1, MAX_UNITS)
        yield from _choice("model.activation", self.activation, ACTIVATIONS)
        yield from _choice("model.output_activation", self.output_activation, OUTPUT_ACTIVATIONS)
        yield from _number("model.dropout", self.dropout, 0.0, 0.9)
        yield from _number("model.l1", self.l1, 0.0, 1.0)
        yield from _number("model.l2", self.l2, 0.0, 1.0)


@dataclass(frozen=True)
class FitConfig(_Config):
    """How to train: what `compile()` and `fit()` are told in Keras.

    Args:
        optimizer: `"sgd"`, `"rmsprop"` or `"adam"`.
        learning_rate: Step size, 1e-6 to 100.
        momentum: Momentum of SGD, 0 to 0.99. SGD only.
        loss: What is made small. It also decides the labels' form: see `Experiment.labels`.
        metric: What is watched beside the loss; it does not change the training.
        epochs: How often all training samples are gone through, 1 to 1,000.
        batch_size: Samples a gradient update, 1 to 8,192.
        validation: What is held out to watch for overfitting: `"none"`, the `"last"` part of the
            training samples (as Keras's `validation_split`), the `"first"` part, or the `"test"`
            set (which then is no test any more).
        validation_split: The share held out by `"last"` and `"first"`, 0.01 to 0.5.
        augment: Distortion of each image anew in each epoch: `"none"`, `"affine"`,
            `"affine_thickness"` (also the stroke's thickness) or `"elastic"` (that, and bent).
            Images only. `"styles"` (that, shifted less, and one image in ten replaced by a digit in
            a way of writing that MNIST hardly has) goes with the data `"digits"` only.
        patience: Early stopping: after how many epochs in which the loss did not fall below its
            lowest the run ends, 1 to 1,000; 0 for never. It watches the loss on what is held out,
            or the training loss where nothing is, and keeps the best epoch's weights, as Keras's
            `EarlyStopping(patience=..., restore_best_weights=True)`.
        schedule: How `learning_rate` goes down on the way: `"none"`, `"cosine"` (half a cosine
            wave, to 0 at the last update) or `"exponential"` (smoothly, by a tenth each epoch).
        seed: All that is random in a run: starting weights, order, dropout, distortion.

    Raises:
        SettingError: If a setting is out of bounds.
    """

    optimizer: str = "rmsprop"
    learning_rate: float = 0.001
    momentum: float = 0.0
    loss: str = "categorical_crossentropy"
    metric: str = "accuracy"
    epochs: int = 5
    batch_size: int = 128
    validation: str = "none"
    validation_split: float = 0.1
    augment: str = "none"
    seed: int = 0
    patience: int = 0
    schedule: str = "none"

    def problems(self) -> Iterator[Problem]:
        yield from _choice("fit.optimizer", self.optimizer, OPTIMIZERS)
        yield from _number("fit.learning_rate", self.learning_rate, 1e-6, 100.0)
        yield from _number("fit.momentum", self.momentum, 0.0, 0.99)
        yield from _choice("fit.loss", self.loss, LOSSES)
        yield from _choice("fit.metric", self.metric, METRICS)
        yield from _whole("fit.epochs", self.epochs, 1, 1_000)
        yield from _whole("fit.batch_size", self.batch_size, 1, 8_192)
        yield from _choice("fit.validation", self.validation, VALIDATIONS)
        yield from _number("fit.validation_split", self.validation_split, 0.01, 0.5)
        yield from _choice("fit.augment", self.augment, AUGMENTATIONS)
        yield from _whole("fit.seed", self.seed, 0, 2**32 - 1)
        yield from _whole("fit.patience", self.patience, 0, 1_000)
        yield from _choice("fit.schedule", self.schedule, SCHEDULES)
        if self.momentum and self.optimizer != "sgd":
            yield Problem(
                "fit.momentum",
                f"fit.momentum applies to the optimizer 'sgd' and must stay 0 for "
                f"{self.optimizer!r}. Received: fit.momentum={self.momentum!r}",
            )


@dataclass(frozen=True)
class Experiment(_Config):
    """One thing to try, as a value: two experiments with the same settings are equal.

    Args:
        data: Which data to learn from.
        model: Which network to build.
        fit: How to train it.

    Raises:
        SettingError: If the three do not go together.
    """

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    fit: FitConfig = field(default_factory=FitConfig)

    def problems(self) -> Iterator[Problem]:
        outputs = OUTPUTS[self.data.name]
        if outputs == 1 and self.fit.loss in _CATEGORICAL:
            yield Problem(
                "fit.loss",
                f"fit.loss={self.fit.loss!r} compares several outputs, but the data "
                f"{self.data.name!r} ask for one. Expected: mean_squared_error or "
                "binary_crossentropy",
            )
        if outputs == 1 and self.model.output_activation == "softmax":
            yield Problem(
                "model.output_activation",
                "model.output_activation='softmax' of a single output is always 1. "
                "Expected for one output: linear, sigmoid, tanh or relu",
            )
        if self.fit.metric != "accuracy" and self.labels == "integer":
            yield Problem(
                "fit.metric",
                f"fit.metric={self.fit.metric!r} compares outputs with one-hot labels, but the "
                "loss sparse_categorical_crossentropy takes integers. Expected: accuracy",
            )
        if self.fit.augment != "none" and not self.data.is_image:
            yield Problem(
                "fit.augment",
                f"fit.augment distorts images, and the data {self.data.name!r} are numbers. "
                f"Received: fit.augment={self.fit.augment!r}",
            )
        elif self.fit.augment == "styles" and self.data.name != "digits":
            yield Problem(
                "fit.augment",
                f"fit.augment='styles' mixes in digits, and the data {self.data.name!r} have other "
                "classes. Expected: none, affine, affine_thickness or elastic",
            )

    @property
    def inputs(self) -> int:
        """How many numbers make up one input."""
        return INPUTS[self.data.name]

    @property
    def outputs(self) -> int:
        """How many units the output layer has."""
        return OUTPUTS[self.data.name]

    @property
    def labels(self) -> str:
        """The labels' form that the loss asks for: `"integer"`, `"one_hot"` or `"binary"`."""
        if self.outputs == 1:
            return "binary"
        return "integer" if self.fit.loss == "sparse_categorical_crossentropy" else "one_hot"

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units from the input to the output: `(784, 32, 10)`."""
        return (self.inputs, *self.model.units, self.outputs)

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        sizes = self.layer_sizes
        return sum(b * (a + 1) for a, b in pairwise(sizes))

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that are the same for equal experiments only."""
        text = json.dumps([_FORMAT, self._written()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def settings(self) -> dict[str, Any]:
        """Every setting by its dotted name: `{"data.name": "digits", ...}`.

        Returns:
            A new dictionary; `Experiment.from_settings` takes it back.
        """
        return {
            f"{group.name}.{setting.name}": getattr(getattr(self, group.name), setting.name)
            for group in fields(self)
            for setting in fields(getattr(self, group.name))
        }

    def _written(self) -> dict[str, Any]:
        """The settings that digest and link are made of: all but later ones at their default."""
        usual = Experiment().settings()
        return {
            name: value
            for name, value in self.settings().items()
            if name not in _LATER or value != usual[name]
        }

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Experiment:
        """The experiment with these settings, and the defaults for those not named.

        Args:
            settings: Values by dotted name, as `settings()` gives them.

        Raises:
            ValueError: If a name is unknown or a value out of bounds.
        """
        return Experiment().updated(settings)

    def updated(self, settings: Mapping[str, Any]) -> Experiment:
        """This experiment with some settings changed.

        Args:
            settings: New values by dotted name: `{"fit.epochs": 20}`.

        Raises:
            ValueError: If a name is unknown or a value out of bounds.
        """
        known = self.settings()
        for name in settings:
            if name not in known:
                raise ValueError(f"{name!r} is not a setting. Expected one of: {', '.join(known)}")
        merged = known | dict(settings)
        groups = {
            group.name: type(getattr(self, group.name))(
                **{
                    setting.name: merged[f"{group.name}.{setting.name}"]
                    for setting in fields(getattr(self, group.name))
                }
            )
            for group in fields(self)
        }
        return replace(self, **groups)

    def to_query(self) -> str:
        """The experiment as a query string, every setting named.

        All settings are written, not only those that depart from the defaults, so that a link
        keeps its meaning when a default changes. Those of `_LATER` are left out where they are at
        their default, and `from_query` takes them so from a link that names all others.
        """
        return urlencode({name: _to_text(value) for name, value in self._written().items()})

    @classmethod
    def from_query(
        cls, query: str | Mapping[str, str], base: Experiment | None = None
    ) -> tuple[Experiment, list[str]]:
        """Reads a query string, and names in a sentence each thing that it could not use.

        Args:
            query: A query string, or the mapping that it was parsed into.
            base: The experiment whose settings stand in for those that are missing or unusable.

        Returns:
            The experiment, and a sentence for each setting that was unknown or out of range
            (its value in `base` was used instead).
        """
        base = base or cls()
        pairs = (
            dict(parse_qsl(query, keep_blank_values=True))
            if isinstance(query, str)
            else dict(query)
        )
        known = base.settings()
        settings: dict[str, Any] = {}
        if {*known} - {*_LATER} <= {*pairs}:  # a whole link, maybe of before there were these
            usual = cls().settings()
            settings = {name: usual[name] for name in _LATER}
        complaints = []
        for name, text in pairs.items():
            if name not in known:
                complaints.append(f"The link names {_short(name)}, which is not a setting.")
                continue
            try:
                settings[name] = _from_text(text, known[name])
            except ValueError:
                complaints.append(_unusable(name, text, known[name]))
        return _repaired(base, settings, complaints), complaints


def _repaired(base: Experiment, settings: dict[str, Any], complaints: list[str]) -> Experiment:
    """`base` with as many of `settings` as go together; what does not is added to `complaints`."""
    while True:
        try:
            return base.updated(settings)
        except SettingError as error:
            name = error.name if error.name in settings else _partner(settings)
        complaints.append(_unusable(name, _to_text(settings.pop(name)), base.settings()[name]))


def _partner(settings: dict[str, Any]) -> str:
    """The setting to give up where the one at fault is not the link's own but the page's."""
    return "data.name" if "data.name" in settings else next(iter(settings))


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "-".join(str(item) for item in value) or "none"
    return repr(value) if isinstance(value, float) else str(value)


def _from_text(text: str, like: Any) -> Any:
    """`text` as a value of the same type as `like`; raises ValueError where it is none."""
    if isinstance(like, bool):
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"
    if isinstance(like, tuple):
        return () if text == "none" else tuple(_decimal(part) for part in text.split("-"))
    if isinstance(like, int):
        return _decimal(text)
    if isinstance(like, float):
        if not (text.isascii() and _FRACTION.fullmatch(text)):
            raise ValueError(text)
        return float(text)
    return text


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(text)
    return int(text)


def _unusable(name: str, text: str, default: Any) -> str:
    return (
        f"The link's {name} = {_short(text)} cannot be used; "
        f"{_short(_to_text(default))} is used instead."
    )


def _short(text: str) -> str:
    """`text` as a quoted word of bounded length, without anything that Markdown could take up."""
    kept = "".join(c if c.isalnum() or c in "._- " else "?" for c in text)
    kept = _EMPHASIS.sub("?", kept)
    return f"'{kept[:40]}...'" if len(kept) > 40 else f"'{kept}'"
