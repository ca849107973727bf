"""Experiments as values: validation, digest, query string."""

from __future__ import annotations

import pickle
import re
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.experiment import (
    ACTIVATIONS,
    AUGMENTATIONS,
    CONSTRAINTS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    SCHEDULES,
    VALIDATIONS,
    DataConfig,
    Experiment,
    FitConfig,
    ModelConfig,
)
from nncore.meaning import VERSIONS, raised_versions
from nncore.query import write_value
from nncore.validation import SettingError

seeds = st.integers(0, 2**32 - 1)


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


rounding = st.builds(
    DataConfig,
    st.just("rounding"),
    st.integers(2, 100_000),
    st.just(True),
    floats(0, 1),
    floats(0, 0.5),
    seeds,
)
images = st.builds(
    DataConfig,
    st.sampled_from(["digits", "fashion", "five"]),
    st.just(0) | st.integers(2, 100_000),
    st.booleans(),
)
models = st.builds(
    ModelConfig,
    st.lists(st.integers(1, 1024), max_size=3).map(tuple),
    st.sampled_from(ACTIVATIONS),
    st.sampled_from(OUTPUT_ACTIVATIONS),
    floats(0, 0.9),
    floats(0, 1),
    floats(0, 1),
)
fits = st.builds(
    FitConfig,
    st.sampled_from(OPTIMIZERS),
    floats(1e-6, 100),
    st.just(0.0),
    st.sampled_from(LOSSES),
    st.sampled_from(METRICS),
    st.integers(1, 1000),
    st.integers(1, 8192),
    st.sampled_from(VALIDATIONS),
    floats(0.01, 0.5),
    st.sampled_from(AUGMENTATIONS),
    seeds,
    st.just(0) | st.integers(0, 1000),
    st.sampled_from(SCHEDULES),
)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    parts = draw(rounding | images), draw(models), draw(fits)
    try:
        return Experiment(*parts)
    except SettingError:
        return Experiment(parts[0], ModelConfig(output_activation="sigmoid"), plain(parts[2]))


def plain(fit: FitConfig) -> FitConfig:
    return FitConfig(fit.optimizer, fit.learning_rate, loss="mean_squared_error", seed=fit.seed)


@given(experiments())
def test_query_string_carries_every_setting(experiment: Experiment) -> None:
    assert Experiment.from_query(experiment.to_query()) == (experiment, [])


@given(experiments())
def test_settings_make_the_same_experiment(experiment: Experiment) -> None:
    assert Experiment.from_settings(experiment.settings()) == experiment


@given(experiments(), experiments())
def test_digests_are_equal_for_equal_experiments_only(one: Experiment, other: Experiment) -> None:
    assert (one.digest == other.digest) == (one == other)


@given(st.dictionaries(st.sampled_from(list(Experiment().settings())) | st.text(), st.text()))
def test_any_link_gives_an_experiment_and_a_sentence_for_each_refusal(
    query: dict[str, str],
) -> None:
    experiment, complaints = Experiment.from_query(query)
    taken = sum(experiment.settings()[n] != v for n, v in Experiment().settings().items())
    assert taken + len(complaints) <= len(query) or not query
    assert all(sentence.endswith(".") and len(sentence) < 200 for sentence in complaints)
    assert not any(mark in "".join(complaints) for mark in "<>[]()`*$\\")


@given(st.text(max_size=200))
def test_any_text_is_read_as_a_query_string(text: str) -> None:
    Experiment.from_query(text)


def test_digest_does_not_depend_on_how_a_number_is_written() -> None:
    one = Experiment(fit=FitConfig("sgd", learning_rate=1, momentum=0))
    other = Experiment(fit=FitConfig("sgd", learning_rate=1.0, momentum=-0.0))
    assert one.digest == other.digest


def test_digest_is_the_same_until_a_meaning_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore.meaning.VERSIONS", {})
    assert Experiment().digest == "75ff0d94939e6889c97c0faaeeaf31e5"


def test_later_settings_leave_earlier_experiments_as_they_were() -> None:
    """The link of the default, and its digest above, are those of before there were these."""
    assert Experiment().to_query() == (
        "data.name=digits&data.samples=0&data.scaled=true&data.threshold=0.5&data.label_noise=0.0"
        "&data.seed=0&model.units=32&model.activation=relu&model.output_activation=softmax"
        "&model.dropout=0.0&model.l1=0.0&model.l2=0.0&fit.optimizer=rmsprop"
        "&fit.learning_rate=0.001&fit.momentum=0.0&fit.loss=categorical_crossentropy"
        "&fit.metric=accuracy&fit.epochs=5&fit.batch_size=128&fit.validation=none"
        "&fit.validation_split=0.1&fit.augment=none&fit.seed=0"
    )


def test_a_whole_link_of_before_later_settings_means_their_defaults() -> None:
    page = Experiment(fit=FitConfig(patience=3, schedule="cosine"))
    assert Experiment.from_query(Experiment().to_query(), page) == (Experiment(), [])
    assert Experiment.from_query("fit.epochs=7", page)[0].fit.patience == 3


def test_unknown_and_out_of_range_settings_of_a_link_are_named() -> None:
    experiment, complaints = Experiment.from_query("fit.epochs=0&colour=red&fit.batch_size=64")
    assert experiment == Experiment(fit=FitConfig(batch_size=64))
    assert complaints == [
        "The link's fit.epochs = '0' cannot be used; '5' is used instead.",
        "The link names 'colour', which is not a setting.",
    ]


@given(
    st.dictionaries(
        st.sampled_from(list(Experiment().settings())),
        st.sampled_from([*map(write_value, Experiment().settings().values()), " 5", "five", "0"]),
    )
)
def test_no_value_is_said_to_be_used_instead_of_itself(query: dict[str, str]) -> None:
    for sentence in Experiment.from_query(query)[1]:
        given, _, used = sentence.removesuffix(" is used instead.").partition(" cannot be used; ")
        assert not used or given.split(" = ")[1].replace(" ", "") != used


def test_a_setting_of_a_link_that_changes_nothing_is_given_up_silently() -> None:
    base = Experiment()
    query = {"data.name": "five", "fit.loss": base.fit.loss, "model.units": "32"}
    for sentence in Experiment.from_query(query, base)[1]:
        assert "fit.loss" not in sentence
        assert "model.units" not in sentence


@pytest.mark.parametrize("number", ["\u0663", "nan", "inf", " 1", "1_0", "0x1", "1e9999", "1" * 99])
def test_a_number_that_is_not_written_plainly_is_not_taken(number: str) -> None:
    experiment, complaints = Experiment.from_query({"fit.learning_rate": number})
    assert experiment == Experiment()
    assert len(complaints) == 1


@pytest.mark.parametrize("name", ["www.example.org", "_italic_", "x _i_ WWW.example.org", "__b__"])
def test_a_name_in_a_link_becomes_no_markup_between_its_quotes(name: str) -> None:
    (complaint,) = Experiment.from_query({name: "1"})[1]
    assert not re.search(r"www\.|\b_|_\b|'_|_'", complaint, re.IGNORECASE)


def test_a_link_that_leaves_settings_out_takes_them_from_the_page() -> None:
    page = Experiment(DataConfig("rounding", 100), ModelConfig((8,)))
    experiment, _ = Experiment.from_query("fit.epochs=7", page)
    assert experiment == page.updated({"fit.epochs": 7})


def test_no_hidden_layer_survives_the_query_string() -> None:
    experiment = Experiment(model=ModelConfig(()))
    assert "model.units=none" in experiment.to_query()
    assert Experiment.from_query(experiment.to_query()) == (experiment, [])


def test_parameters_of_the_first_lesson_are_34() -> None:
    experiment = Experiment(DataConfig("rounding", 10_000), ModelConfig((8,)))
    assert experiment.parameters == 8 * (1 + 1) + 2 * (8 + 1) == 34


def test_parameters_of_300_100_are_266610() -> None:
    assert Experiment(model=ModelConfig((300, 100))).parameters == 266_610


@pytest.mark.parametrize(
    ("loss", "labels"),
    [("sparse_categorical_crossentropy", "integer"), ("categorical_crossentropy", "one_hot")],
)
def test_the_loss_decides_the_form_of_the_labels(loss: str, labels: str) -> None:
    assert Experiment(fit=FitConfig(loss=loss)).labels == labels


def test_one_output_takes_binary_labels() -> None:
    experiment = Experiment(
        DataConfig("five"), ModelConfig((), output_activation="sigmoid"), plain(FitConfig())
    )
    assert experiment.labels == "binary"


@pytest.mark.parametrize(
    "settings",
    [
        {"fit.epochs": 0},
        {"fit.epochs": 2.0},
        {"fit.epochs": True},
        {"fit.learning_rate": float("nan")},
        {"fit.learning_rate": float("inf")},
        {"model.units": (0,)},
        {"model.units": (1, 2, 3, 4)},
        {"model.units": [8]},
        {"model.activation": "magic"},
        {"data.name": "rounding"},  # with 0 samples
        {"data.threshold": 0.2},  # of digits
        {"data.samples": 1},
        {"data.scaled": 1},
        {"fit.momentum": 0.9},  # of RMSprop
        {"fit.patience": -1},
        {"fit.patience": 1001},
        {"fit.schedule": "linear"},
        {"data.name": "five"},  # with softmax
    ],
)
def test_a_setting_out_of_bounds_is_refused_by_name(settings: dict[str, object]) -> None:
    name = next(iter(settings))
    with pytest.raises(SettingError, match=r"Received|Expected") as caught:
        Experiment.from_settings(settings)
    assert caught.value.name.split(".")[0] in (name.split(".")[0], "model", "fit", "data")


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'fit\.epoch' is not a setting"):
        Experiment.from_settings({"fit.epoch": 3})


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Experiment().fit = FitConfig()  # type: ignore[misc]


def test_a_refusal_travels_between_processes() -> None:
    error = pickle.loads(pickle.dumps(SettingError("fit.epochs", "No.")))
    assert (error.name, str(error)) == ("fit.epochs", "No.")


def test_every_setting_has_a_constraint() -> None:
    assert list(CONSTRAINTS) == list(Experiment().settings())


def test_early_stopping_without_validation_is_allowed_with_a_warning() -> None:
    """It watches the training loss, as before; old links and stored runs stay as they are."""
    (warning,) = Experiment(fit=FitConfig(patience=3)).warnings
    assert warning.name == "fit.patience"
    assert warning.sentence.startswith("Early stopping needs validation")
    assert Experiment(fit=FitConfig(patience=3, validation="last")).warnings == ()
    assert Experiment().warnings == ()


def test_a_raised_version_changes_the_digest_of_that_meaning_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    adam, dropout = Experiment(fit=FitConfig("adam")), Experiment(model=ModelConfig(dropout=0.2))
    before = [
        Experiment(experiment.data, experiment.model, experiment.fit).digest
        for experiment in (Experiment(), adam, dropout)
    ]
    versions = {**VERSIONS, "fit.optimizer=adam": 2, "model.dropout": 3}
    monkeypatch.setattr("nncore.meaning.VERSIONS", versions)
    after = [replace(experiment).digest for experiment in (Experiment(), adam, dropout)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False]


def test_a_version_names_no_setting_in_a_link() -> None:
    styles = Experiment(fit=FitConfig(augment="styles"))
    name = "fit.augment=styles"
    raised = raised_versions(styles.settings(), Experiment().settings())
    assert raised == {key: VERSIONS[key] for key in (name, "data.name=digits")}
    assert Experiment.from_query(styles.to_query()) == (styles, [])
