"""A sweep as a value: what its runs are, its bounds, its link."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.experiment import Experiment, FitConfig, ModelConfig
from nncore.sweep import AXES, MAX_RUNS, Axis, Sweep, read_value
from nncore.validation import SettingError

BASE = Experiment(model=ModelConfig((32,)), fit=FitConfig(learning_rate=0.002))
UNITS = Axis("units", (8, 32))
RATES = Axis("learning_rate", (0.01, 0.1, 1.0))


def test_a_grid_has_each_value_with_each_other() -> None:
    found = [
        (one.model.units, one.fit.learning_rate) for one in Sweep(BASE, (UNITS, RATES)).experiments
    ]
    assert found == list(product([(8,), (32,)], [0.01, 0.1, 1.0]))


def test_what_is_not_varied_stays_as_it_is() -> None:
    for one in Sweep(BASE, (UNITS,)).experiments:
        assert one.updated({"model.units": (32,)}) == BASE


def test_the_order_of_axes_and_values_makes_no_other_sweep() -> None:
    mixed = Sweep(BASE, (Axis("learning_rate", (1, 0.1, 0.01)), Axis("units", (32, 8))))
    assert mixed == Sweep(BASE, (UNITS, RATES))
    assert mixed.experiments == Sweep(BASE, (UNITS, RATES)).experiments


def test_units_and_layers_make_networks_together() -> None:
    layers = Axis("layers", (0, 1, 2))
    found = [one.model.units for one in Sweep(BASE, (UNITS, layers)).experiments]
    assert found == [(), (8,), (8, 8), (32,), (32, 32)]


def test_layers_alone_take_their_units_from_the_base() -> None:
    base = BASE.updated({"model.units": (300, 100)})
    found = [one.model.units for one in Sweep(base, (Axis("layers", (0, 1, 3)),)).experiments]
    assert found == [(), (300,), (300, 100, 100)]


def test_without_hidden_layers_there_is_one_run_whatever_their_activation() -> None:
    sweep = Sweep(BASE, (Axis("layers", (0, 1)), Axis("activation", ("relu", "tanh"))))
    assert [len(trial.points) for trial in sweep.trials] == [2, 1, 1]


def test_another_optimizer_has_its_own_rate_unless_that_is_varied() -> None:
    optimizers = Axis("optimizer", ("sgd", "rmsprop", "adam"))
    rates = [one.fit.learning_rate for one in Sweep(BASE, (optimizers,)).experiments]
    assert rates == [0.01, 0.002, 0.001]
    both = Sweep(BASE, (optimizers, Axis("learning_rate", (0.5,))))
    assert {one.fit.learning_rate for one in both.experiments} == {0.5}


def test_momentum_is_left_to_sgd() -> None:
    base = BASE.updated({"fit.optimizer": "sgd", "fit.momentum": 0.9})
    momenta = [
        one.fit.momentum for one in Sweep(base, (Axis("optimizer", ("sgd", "adam")),)).experiments
    ]
    assert momenta == [0.9, 0.0]


def test_a_random_sample_is_part_of_the_grid_and_hangs_on_its_seed_alone() -> None:
    axes = (UNITS, RATES, Axis("batch_size", (8, 16, 32, 64)))
    drawn, other = Sweep(BASE, axes, 9, seed=1), Sweep(BASE, axes, 9, seed=2)
    assert len(set(drawn.experiments)) == 9
    assert set(drawn.experiments) < set(Sweep(BASE, axes).experiments)
    assert drawn.experiments == Sweep(BASE, axes, 9, seed=1).experiments != other.experiments


def test_a_sample_of_more_than_there_are_takes_all() -> None:
    assert len(Sweep(BASE, (UNITS, RATES), 50).experiments) == 6


def test_a_sample_counts_runs_that_differ() -> None:
    axes = (Axis("layers", (0, 1)), Axis("activation", AXES["activation"]))
    assert len(set(Sweep(BASE, axes, 6).experiments)) == 6


def test_two_hundred_runs_are_the_most() -> None:
    axes = (Axis("batch_size", tuple(range(1, 11))), Axis("epochs", tuple(range(1, 11))), UNITS)
    assert len(Sweep(BASE, axes).experiments) == MAX_RUNS
    more = (*axes[:2], Axis("units", (8, 16, 32)))
    with pytest.raises(SettingError, match="300 combinations, and a sweep has at most 200 runs"):
        Sweep(BASE, more)
    assert len(Sweep(BASE, more, 200).experiments) == MAX_RUNS


@pytest.mark.parametrize(
    ("axis", "sentence"),
    [
        (Axis("units", (0,)), "model.units must be a whole number from 1 to 1,024"),
        (Axis("layers", (4,)), "sweep.layers must be a whole number from 0 to 3"),
        (Axis("learning_rate", (1e9,)), "fit.learning_rate must be a number from 1e-06 to 100"),
        (Axis("activation", ("swish",)), "model.activation must be one of linear, relu"),
        (Axis("epochs", ()), "sweep.epochs must have 1 to 12 values"),
        (Axis("epochs", (3, 3)), "all different"),
        (Axis("dropout", (0.5,)), "A sweep varies some of units, layers"),
    ],
)
def test_what_cannot_be_varied_so_is_said_in_a_sentence(axis: Axis, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        Sweep(BASE, (axis,))


def test_nothing_varied_is_no_sweep() -> None:
    with pytest.raises(SettingError, match="needs at least one setting to vary"):
        Sweep(BASE, ())


def test_a_link_brings_the_same_sweep() -> None:
    axes = (UNITS, Axis("learning_rate", (1e-5, 0.3)), Axis("activation", ("leaky_relu", "tanh")))
    for sweep in (Sweep(BASE, axes), Sweep(BASE, axes, 5, seed=7)):
        assert Sweep.from_query(sweep.to_query(), Sweep(Experiment(), (RATES,))) == (sweep, [])


def test_a_link_says_what_it_could_not_set() -> None:
    default = Sweep(BASE, (UNITS,))
    query = "sweep.units=8,x,9999&sweep.dropout=0.1&sweep.sample=many&fit.epochs=0"
    sweep, complaints = Sweep.from_query(query, default)
    assert sweep == Sweep(BASE, (Axis("units", (8,)),))
    assert [text.split(" cannot")[0] for text in complaints] == [
        "The link's fit.epochs = '0'",
        "The link's sweep.sample = 'many'",
        "The link's sweep.units = 'x'",
        "The link's sweep.units = '9999'",
        "The link varies 'dropout', which a sweep",
    ]


def test_a_link_with_too_many_runs_leaves_the_page_its_sweep() -> None:
    numbers = ",".join(map(str, range(1, 13)))
    query = f"sweep.units={numbers}&sweep.epochs={numbers}&sweep.batch_size={numbers}"
    sweep, complaints = Sweep.from_query(query, Sweep(BASE, (UNITS,)))
    assert sweep == Sweep(BASE, (UNITS,))
    assert "at most 200 runs" in complaints[-1]


NAMES = st.sampled_from(
    [*(f"sweep.{name}" for name in AXES), "sweep.sample", "sweep.x", "model.units"]
)


@given(st.dictionaries(NAMES, st.text(max_size=30) | st.sampled_from(["1,2", "1e9", "<b>", "-1"])))
def test_no_link_breaks_a_sweep_or_its_bounds(query: dict[str, str]) -> None:
    sweep, complaints = Sweep.from_query(query, Sweep(BASE, (UNITS,)))
    assert 1 <= len(sweep.experiments) <= MAX_RUNS
    assert not any("<" in text for text in complaints)


@pytest.mark.parametrize(
    ("name", "text", "value"), [("units", " 64 ", 64), ("learning_rate", "3e-4", 0.0003)]
)
def test_a_value_is_read_as_it_is_typed(name: str, text: str, value: Any) -> None:
    assert read_value(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"), [("units", "1.5"), ("units", "-3"), ("learning_rate", "x")]
)
def test_what_is_no_value_is_said(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="numbers, such as"):
        read_value(name, text)
