"""An `Experiment` is a value: which data to learn from, which network to build, how to train it.

This file knows every setting, its default and its bounds, and how an experiment is written down as
a digest and as a query string. It does not know how data are loaded, how a network is built or how
it is trained.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlencode

from nncore.meaning import raised_versions
from nncore.query import describe_unusable, parse_query, quote, read_value, write_value
from nncore.validation import (
    Choice,
    Constraint,
    Drawings,
    Flag,
    LayerSizes,
    Number,
    Problem,
    SettingError,
    Whole,
    raise_first,
)

if TYPE_CHECKING:
    from nncore.own_drawings import OwnDrawings

DATASETS = ("rounding", "five", "digits", "fashion", "own")
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
#: Outputs of the network for each data set, and numbers that make up one input. With own drawings
#: there are as many outputs as classes: see `Experiment.outputs`.
OUTPUTS = {"rounding": 2, "five": 1, "digits": 10, "fashion": 10}
INPUTS = {"rounding": 1, "five": 784, "digits": 784, "fashion": 784, "own": 784}
#: The classes of each starter set, by its name (`nncore.digits.starters`).
STARTERS = {"faces": 2, "shapes": 3, "alike": 2, "sizes": 2, "uneven": 2}

#: What each setting's value may be, by dotted name. Which settings go together is checked by the
#: configs below.
CONSTRAINTS: Mapping[str, Constraint] = {
    "data.name": Choice(DATASETS),
    "data.samples": Whole(0, 100_000),
    "data.scaled": Flag(),
    "data.threshold": Number(0.0, 1.0),
    "data.label_noise": Number(0.0, 0.5),
    "data.seed": Whole(0, 2**32 - 1),
    "data.drawings": Drawings(tuple(STARTERS)),
    "model.units": LayerSizes(MAX_LAYERS, Whole(1, MAX_UNITS)),
    "model.activation": Choice(ACTIVATIONS),
    "model.output_activation": Choice(OUTPUT_ACTIVATIONS),
    "model.dropout": Number(0.0, 0.9),
    "model.l1": Number(0.0, 1.0),
    "model.l2": Number(0.0, 1.0),
    "fit.optimizer": Choice(OPTIMIZERS),
    "fit.learning_rate": Number(1e-6, 100.0),
    "fit.momentum": Number(0.0, 0.99),
    "fit.loss": Choice(LOSSES),
    "fit.metric": Choice(METRICS),
    "fit.epochs": Whole(1, 1_000),
    "fit.batch_size": Whole(1, 8_192),
    "fit.validation": Choice(VALIDATIONS),
    "fit.validation_split": Number(0.01, 0.5),
    "fit.augment": Choice(AUGMENTATIONS),
    "fit.seed": Whole(0, 2**32 - 1),
    "fit.patience": Whole(0, 1_000),
    "fit.schedule": Choice(SCHEDULES),
}
#: Rounding has no natural number of samples.
_ROUNDING_SAMPLES = Whole(2, 100_000)
#: Losses that compare class probabilities with a class: they need two outputs or more.
_CATEGORICAL = ("categorical_crossentropy", "sparse_categorical_crossentropy")

#: The digest's format. Raising it makes every stored run a stranger; for a change in what one
#: setting means, raise that meaning's version in `nncore.meaning`.
_FORMAT = 1
#: Settings that were added later. At their default neither digests nor links contain them, so
#: that experiments from before keep both.
_LATER = ("fit.patience", "fit.schedule", "data.drawings")


def setting_fields(group: Any) -> tuple[Field[Any], ...]:
    """Return the fields of a group that are settings: all but those that are never compared."""
    return _list_setting_fields(group if isinstance(group, type) else type(group))


@lru_cache(maxsize=8)  # a link is read by making many experiments, each with all its settings
def _list_setting_fields(group: Any) -> tuple[Field[Any], ...]:
    return tuple(one for one in fields(group) if one.compare)


class _Config:
    """A frozen group of settings that refuses values outside their bounds when it is made."""

    #: The first half of its settings' dotted names; empty for a group of groups.
    _group: ClassVar[str] = ""

    def problems(self) -> Iterator[Problem]:
        """Yield a `Problem` for each setting that is out of bounds or does not go with others."""
        if self._group:
            for setting in setting_fields(self):
                name = f"{self._group}.{setting.name}"
                yield from CONSTRAINTS[name].problems(name, getattr(self, setting.name))
        yield from self._conflicts()

    def _conflicts(self) -> Iterator[Problem]:
        """Yield a `Problem` for each setting that does not go with the others."""
        yield from ()

    def __post_init__(self) -> None:
        raise_first(self.problems())
        for setting in fields(cast(Any, self)):
            if isinstance(setting.default, float):  # 1 and 1.0, 0.0 and -0.0 must be written alike
                object.__setattr__(self, setting.name, float(getattr(self, setting.name)) + 0.0)


@dataclass(frozen=True)
class DataConfig(_Config):
    """The data to learn from.

    Args:
        name: `"rounding"` (is a number >= `threshold`?), `"five"` (is the digit a five?),
            `"digits"` (MNIST), `"fashion"` (Fashion-MNIST) or `"own"` (a learner's own classes).
        samples: Number of training samples; 0 means all images there are. Rounding: 2 to
            100,000. Own: the classes take turns, so 10 of 2 classes are 5 of each.
        scaled: Divide pixels, 0 to 255, by 255. Images only.
        threshold: Numbers from here on are class 1, 0 to 1. Rounding only.
        label_noise: Share of training labels that are flipped, 0 to 0.5. Rounding only.
        seed: Seed of the random numbers (rounding), or of the choice of drawings that are held out
            (own). Rounding and own only.
        drawings: Which drawings: the name of a starter set, or the fingerprint of a learner's own.
            Own only.
        own: The drawings with that fingerprint, where they are at hand. They go with the
            experiment from the session to the worker and nowhere else: they are no setting, so
            that neither address nor digest, file or store contains them. Drawings with another
            fingerprint are let go.

    Raises:
        SettingError: If a setting is out of bounds.
    """

    name: str = "digits"
    samples: int = 0
    scaled: bool = True
    threshold: float = 0.5
    label_noise: float = 0.0
    seed: int = 0
    drawings: str = ""
    own: OwnDrawings | None = field(default=None, compare=False, repr=False)

    _group: ClassVar[str] = "data"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.own is not None and self.own.fingerprint != self.drawings:
            object.__setattr__(self, "own", None)

    def _conflicts(self) -> Iterator[Problem]:
        if self.name == "own" and not self.drawings:
            yield Problem(
                "data.drawings",
                "data.drawings must name the drawings to learn from. Received: "
                f"data.drawings={self.drawings!r}",
            )
        if not self.is_image:
            yield from _ROUNDING_SAMPLES.problems("data.samples", self.samples)
        elif self.samples == 1:
            yield Problem(
                "data.samples",
                "data.samples must be 0 for all images, or at least 2. Received: data.samples=1",
            )
        for name in self._foreign_settings:
            default, value = getattr(type(self), name), getattr(self, name)
            if value != default:
                yield Problem(
                    f"data.{name}",
                    f"data.{name} does not apply to the data {self.name!r} and must stay "
                    f"{default!r}. Received: data.{name}={value!r}",
                )

    @property
    def is_image(self) -> bool:
        """Return True if a sample is an image of 28 x 28 pixels."""
        return self.name != "rounding"

    @property
    def is_private(self) -> bool:
        """Return True for a learner's own drawings: no run on them is stored or shared."""
        return self.name == "own" and self.drawings not in STARTERS

    @property
    def outputs(self) -> int:
        """The units of the output layer that these data need."""
        if self.name != "own":
            return OUTPUTS[self.name]
        return STARTERS.get(self.drawings) or int(self.drawings.partition("-")[0])

    @property
    def _foreign_settings(self) -> tuple[str, ...]:
        """The settings that do not apply to these data."""
        if self.name == "rounding":
            return ("scaled", "drawings")
        own = () if self.name == "own" else ("seed", "drawings")
        return ("threshold", "label_noise", *own)


@dataclass(frozen=True)
class ModelConfig(_Config):
    """The network to build: dense layers one after another.

    Args:
        units: Units of each hidden layer: none to three layers, 1 to 1,024 units each.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output layer.
        dropout: Share of each hidden layer's outputs that training sets to 0, 0 to 0.9.
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

    _group: ClassVar[str] = "model"


@dataclass(frozen=True)
class FitConfig(_Config):
    """The training: the arguments of `compile()` and `fit()` in Keras.

    Args:
        optimizer: `"sgd"`, `"rmsprop"` or `"adam"`.
        learning_rate: Step size, 1e-6 to 100.
        momentum: Momentum of SGD, 0 to 0.99. SGD only.
        loss: The quantity that training makes small. It also decides the labels' form: see
            `Experiment.labels`.
        metric: A quantity to watch in addition to loss and accuracy; it does not change training.
        epochs: Passes over all training samples, 1 to 1,000.
        batch_size: Samples per gradient update, 1 to 8,192.
        validation: Samples that are held out to watch for overfitting: `"none"`, the `"last"` part
            of the training samples (as Keras's `validation_split`), the `"first"` part, or the
            `"test"` set (after which the test set is no fair test any more).
        validation_split: The share that `"last"` and `"first"` hold out, 0.01 to 0.5.
        augment: Random distortion of each image, anew in each epoch: `"none"`, `"affine"`,
            `"affine_thickness"` (also thicker or thinner strokes) or `"elastic"` (also bent).
            Images only. `"styles"` (elastic with a smaller shift, and one image in five replaced by
            a digit in a handwriting that is rare in MNIST) goes with the data `"digits"` only.
        seed: Seed of everything random in a run: starting weights, order, dropout, distortion.
        patience: Early stopping: the run ends after this many epochs without a new lowest loss,
            and the best epoch's weights are kept, as with Keras's
            `EarlyStopping(patience=..., restore_best_weights=True)`. 1 to 1,000; 0 switches it
            off. It watches the validation loss; without validation the training loss, which
            seldom stops falling (see `Experiment.warnings`).
        schedule: How the learning rate falls during a run: `"none"`, `"cosine"` (along half a
            cosine wave, to 0 at the last update) or `"exponential"` (smoothly, by a tenth each
            epoch).

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

    _group: ClassVar[str] = "fit"

    def _conflicts(self) -> Iterator[Problem]:
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

    def _conflicts(self) -> Iterator[Problem]:
        yield from self._single_output_conflicts()
        if self.fit.metric != "accuracy" and self.labels == "integer":
            yield Problem(
                "fit.metric",
                f"fit.metric={self.fit.metric!r} compares outputs with one-hot labels, but the "
                "loss sparse_categorical_crossentropy takes integers. Expected: accuracy",
            )
        yield from self._augment_conflicts()

    def _single_output_conflicts(self) -> Iterator[Problem]:
        if self.outputs > 1:
            return
        if self.fit.loss in _CATEGORICAL:
            yield Problem(
                "fit.loss",
                f"fit.loss={self.fit.loss!r} compares several outputs, but the data "
                f"{self.data.name!r} need a single one. Expected: mean_squared_error or "
                "binary_crossentropy",
            )
        if self.model.output_activation == "softmax":
            yield Problem(
                "model.output_activation",
                "model.output_activation='softmax' of a single output is always 1. "
                "Expected for one output: linear, sigmoid, tanh or relu",
            )

    def _augment_conflicts(self) -> Iterator[Problem]:
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
    def warnings(self) -> tuple[Problem, ...]:
        """Settings that are accepted but probably not meant, each with a sentence."""
        if not self.fit.patience or self.fit.validation != "none":
            return ()
        sentence = (
            "Early stopping needs validation: with no samples held out it watches the training "
            "loss, which seldom stops falling. Set validation too."
        )
        return (Problem("fit.patience", sentence),)

    @property
    def inputs(self) -> int:
        """The numbers that make up one input."""
        return INPUTS[self.data.name]

    @property
    def outputs(self) -> int:
        """The units of the output layer."""
        return self.data.outputs

    @property
    def labels(self) -> str:
        """The labels' form that the loss needs: `"integer"`, `"one_hot"` or `"binary"`."""
        if self.outputs == 1:
            return "binary"
        return "integer" if self.fit.loss == "sparse_categorical_crossentropy" else "one_hot"

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units from the input to the output: `(784, 32, 10)`."""
        return (self.inputs, *self.model.units, self.outputs)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum(units * (inputs + 1) for inputs, units in pairwise(self.layer_sizes))

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits, the same for equal experiments only.

        It changes when the meaning of one of the settings changes: see `nncore.meaning`.
        """
        parts: list[Any] = [_FORMAT, self._written_settings()]
        versions = raised_versions(self.settings(), _DEFAULTS)
        if versions:  # without any, the digest is as it was before there were versions
            parts.append(versions)
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def with_drawings(self, own: OwnDrawings) -> Experiment:
        """Return this experiment on a learner's own drawings, which go with it.

        Args:
            own: The drawings; `data.drawings` becomes their fingerprint.
        """
        data = replace(self.data, name="own", drawings=own.fingerprint, own=own)
        return replace(self, data=data)

    def without_drawings(self) -> Experiment:
        """Return this experiment without the drawings that go with it; it is equal to it."""
        return self if self.data.own is None else replace(self, data=replace(self.data, own=None))

    def settings(self) -> dict[str, Any]:
        """Return every setting by its dotted name: `{"data.name": "digits", ...}`.

        Returns:
            A new dictionary; `Experiment.from_settings` takes it back.
        """
        return {
            f"{group.name}.{setting.name}": getattr(getattr(self, group.name), setting.name)
            for group in fields(self)
            for setting in setting_fields(getattr(self, group.name))
        }

    def _written_settings(self) -> dict[str, Any]:
        """Return the settings that digest and link contain: all but later ones at their default."""
        return {
            name: value
            for name, value in self.settings().items()
            if name not in _LATER or value != _DEFAULTS[name]
        }

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Experiment:
        """Return the experiment with these settings, and the default for every other.

        Args:
            settings: Values by dotted name, as `settings()` gives them.

        Raises:
            ValueError: If a name is unknown or a value out of bounds.
        """
        return Experiment().updated(settings)

    def updated(self, settings: Mapping[str, Any]) -> Experiment:
        """Return this experiment with some settings changed.

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
            group.name: replace(
                getattr(self, group.name),
                **{
                    setting.name: merged[f"{group.name}.{setting.name}"]
                    for setting in setting_fields(getattr(self, group.name))
                },
            )
            for group in fields(self)
        }
        return replace(self, **groups)

    def to_query(self) -> str:
        """Return the experiment as a query string that names every setting.

        Settings at their default are written too, so that a link keeps its meaning when a default
        changes. Those of `_LATER` are left out at their default, and `from_query` reads them as
        their default from a link that names all others.
        """
        written = self._written_settings()
        return urlencode({name: write_value(value) for name, value in written.items()})

    @classmethod
    def from_query(
        cls, query: str | Mapping[str, str], base: Experiment | None = None
    ) -> tuple[Experiment, list[str]]:
        """Read a query string; describe in a sentence each part that cannot be used.

        Args:
            query: A query string, or the mapping that it was parsed into.
            base: The experiment that provides missing and unusable settings.

        Returns:
            The experiment, and a sentence for each setting that was unknown or out of bounds.
        """
        base = base or cls()
        pairs, known = parse_query(query), base.settings()
        settings: dict[str, Any] = {}
        if {*known} - {*_LATER} <= {*pairs}:  # a whole link, maybe from before there were these
            settings = {name: _DEFAULTS[name] for name in _LATER}
        complaints, unknown = [], []
        for name, text in pairs.items():
            if name not in known:
                unknown.append(f"The link names {quote(name)}, which is not a setting.")
                continue
            try:
                settings[name] = read_value(text, known[name])
            except ValueError:
                complaints.append(describe_unusable(name, text, known[name]))
        experiment = _repair(base, settings, complaints)
        return experiment, complaints + unknown  # what is wrong with a setting comes first


#: Every setting's default by dotted name.
_DEFAULTS: Mapping[str, Any] = Experiment().settings()


def _repair(base: Experiment, settings: dict[str, Any], complaints: list[str]) -> Experiment:
    """Return `base` with as many of a link's settings as go together.

    Each setting that has to be left out is removed from `settings`, with a sentence added to
    `complaints`.
    """
    while True:
        try:
            return base.updated(settings)
        except SettingError as error:
            name = error.name if error.name in settings else _choose_partner(settings)
        value, own = settings.pop(name), base.settings()[name]
        if value != own:  # otherwise the link still gets what it asks for
            complaints.append(describe_unusable(name, write_value(value), own))


def _choose_partner(settings: dict[str, Any]) -> str:
    """Return the link's setting to give up if the one at fault is not the link's but the base's."""
    return "data.name" if "data.name" in settings else next(iter(settings))
