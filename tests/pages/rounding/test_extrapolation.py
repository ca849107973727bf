"""Lesson 1's tool *Outside the data*."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.data.datasets import load
from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
from nncore.nn.network import Layer, Network
from tests.pages.conftest import OpenPage, run_of, settle, until
from ui.core import server, wording
from ui.rounding.extrapolation.curve import choose_inputs
from ui.rounding.extrapolation.other_seeds import (
    COUNT,
    SeedFacts,
    list_other_seeds,
    measure_seed,
    summarize_seeds,
)
from ui.rounding.extrapolation.unit_table import describe_range

EXPERIMENT = Experiment(
    DataConfig("rounding", 100),
    ModelConfig((2,)),
    FitConfig(loss="sparse_categorical_crossentropy"),
)


def open_tool(open_page: OpenPage, **query: str) -> AppTest:
    app = open_page("rounding", {"fit.epochs": "2"} | query)
    app.selectbox(key="rounding.speed").select("full speed").run()
    return app.segmented_control(key="rounding.tool").set_value("Outside the data").run()


def train(app: AppTest) -> AppTest:
    app.button(key="rounding.train").click().run()
    return settle(app, "rounding")


def markdown_of(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def test_untrained_it_asks_to_train_first(open_page: OpenPage) -> None:
    app = open_tool(open_page)
    assert any("Train first. Then you can see here" in info.value for info in app.info)


def test_the_outputs_far_outside_are_the_networks(open_page: OpenPage) -> None:
    app = train(open_tool(open_page))
    run = run_of(app, "rounding").peek().checkpoint
    for at in (-10.0, 10.0):
        outputs = Network.of(run.experiment, run.weights).predict(np.array([at], np.float32))[0]
        values = " and ".join(wording.number(value) for value in outputs.tolist())
        assert f"At **x = {at:.0f}** the outputs are {values}".replace("= -", "= −") in markdown_of(
            app
        )


def test_five_other_seeds_are_trained_and_found_in_the_store(open_page: OpenPage) -> None:
    app = train(open_tool(open_page))
    app.button(key="rounding.seeds.train").click().run()
    until(
        lambda: all(
            run.peek().state.over for run in app.session_state["tab"].values["rounding.seeds"]
        )
    )
    app.run()
    assert not app.exception
    assert f"**{COUNT + 1} seeds:** " in markdown_of(app)
    assert all(f"**Seed {seed}**" in markdown_of(app) for seed in range(COUNT + 1))
    until(lambda: len(server.lab().store.entries()) == COUNT + 1)
    another = open_tool(open_page)
    assert f"**{COUNT + 1} seeds:** " in markdown_of(another)


def test_other_settings_ask_for_their_own_seeds(open_page: OpenPage) -> None:
    app = train(open_tool(open_page))
    app.button(key="rounding.seeds.train").click().run()
    until(
        lambda: all(
            run.peek().state.over for run in app.session_state["tab"].values["rounding.seeds"]
        )
    )
    app.slider(key="rounding.units.0").set_value(3).run()
    train(app)
    assert app.button(key="rounding.seeds.train").label == "Train 5 other seeds"
    assert "seeds:**" not in markdown_of(app)


@pytest.mark.parametrize(
    "query", [{"model.units": "none"}, {"model.units": "4-3"}, {"model.activation": "linear"}]
)
def test_other_networks_are_shown(open_page: OpenPage, query: dict[str, str]) -> None:
    app = train(open_tool(open_page, **query))
    assert "At **x = 10**" in markdown_of(app)


def network(weights: list[float], biases: list[float]) -> Network:
    """Two relus; the second output is above the first where relu 0 less relu 1 is above 0.3."""
    first = Layer(np.array([weights], np.float32), np.array(biases, np.float32), "relu")
    last = Layer(np.array([[0, 1], [0, -1]], np.float32), np.array([0.3, 0], np.float32), "softmax")
    return Network((first, last))


def test_facts_of_a_network_worked_by_hand() -> None:
    """relu(x) is above 0.3 from there on; relu(-x) is dead on the data."""
    dataset = load(EXPERIMENT.data)
    found = measure_seed(EXPERIMENT, network([1, -1], [0, 0]), dataset)
    side = np.where(dataset.y_train == 1, 1, -1) * (dataset.x_train[:, 0] - 0.3)
    assert found.borders == pytest.approx((0.3,), abs=1e-6)
    assert found.loss == pytest.approx(np.log1p(np.exp(-side)).mean(), rel=1e-5)
    assert (found.dead, found.units, found.far) == (1, 2, (True, True))
    assert found.describe() == f"border 0.300 · loss {found.loss:.3f} · 1 of 2 dead"


def test_a_unit_that_wakes_up_outside_may_give_the_wrong_answer_there() -> None:
    """With the signs turned, -10 gives relu(10) = 10: as sure as it is wrong."""
    found = measure_seed(EXPERIMENT, network([-1, 0], [0.9, 0]), load(EXPERIMENT.data))
    assert found.far == (False, False)


@pytest.mark.parametrize(
    ("weight", "bias", "words"),
    [
        (2.0, -1.0, "x > 0.500"),
        (-4.0, -1.0, "x < −0.250"),
        (2.0, 0.0, "x > 0.000"),
        (0.0, 1.0, "everywhere"),
        (0.0, 0.0, "nowhere"),
    ],
)
def test_a_unit_is_above_0_on_one_side_of_its_bend(weight: float, bias: float, words: str) -> None:
    assert describe_range(weight, bias) == words


def test_only_relus_can_be_dead() -> None:
    elu = EXPERIMENT.updated({"model.activation": "elu"})
    assert measure_seed(elu, network([1, -1], [0, 0]), load(EXPERIMENT.data)).dead is None


def test_the_spread_of_seeds_in_a_sentence() -> None:
    found = [
        SeedFacts(0, (0.49,), 0.1, 4, 8, (True, True)),
        SeedFacts(1, (0.52,), 0.3, 2, 8, (False, True)),
        SeedFacts(2, (), 0.693, 8, 8, (True, False)),
    ]
    assert summarize_seeds(found) == (
        "**3 seeds:** borders from 0.490 to 0.520; 1 without a single border; "
        "losses from 0.100 to 0.693; 2 to 8 of 8 units dead; "
        "right at x = −10: 2 of 3, at x = 10: 2 of 3."
    )


def test_the_other_seeds_are_the_next_five() -> None:
    last = EXPERIMENT.updated({"fit.seed": 2**32 - 2})
    assert [e.fit.seed for e in list_other_seeds(last)] == [2**32 - 1, 0, 1, 2, 3]
    assert list_other_seeds(last)[0] == last.updated({"fit.seed": 2**32 - 1})


def test_a_curve_has_points_on_both_sides_of_a_border() -> None:
    x = choose_inputs(network([1, -1], [0, 0]), -10, 10)
    assert (np.diff(x) > 0).all()
    assert (x[0], x[-1]) == (-10, 10)
    assert np.abs(x - 0.2999).min() < 1e-5
    assert np.abs(x - 0.3001).min() < 1e-5
