"""Lesson 1's tool *By hand*."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.analysis.decision_boundary import boundaries
from nncore.data.datasets import load
from tests.pages.conftest import OpenPage, named, run_of, settle, until
from ui.components.network import Node
from ui.core import server
from ui.rounding.manual_weights.sliders import list_places

KEY = "rounding.hand"


def open_tool(open_page: OpenPage, **query: str) -> AppTest:
    app = open_page("rounding", query)
    return app.segmented_control(key="rounding.tool").set_value("By hand").run()


def begin(app: AppTest, name: str) -> AppTest:
    return app.button(key=f"{KEY}.start.{name}").click().run()


def put(app: AppTest, name: str, value: float) -> AppTest:
    """Types a number: `2-0-1` is that of weights[2][0, 1]."""
    named(app.number_input, f"{KEY}.type.{name}").set_value(value).run()
    assert not app.exception, app.exception
    return app


def choose(app: AppTest, neuron: Node) -> AppTest:
    return app.selectbox(key=f"{KEY}.choice").select(neuron).run()


def loss(app: AppTest) -> str:
    return next(metric.value for metric in app.metric if "Loss" in metric.label)


def train(app: AppTest) -> AppTest:
    app.selectbox(key="rounding.speed").select("full speed").run()
    app.button(key="rounding.train").click().run()
    return settle(app, "rounding")


def by_numpy(app: AppTest, kernel: float, scale: float, bias: float) -> str:
    """The mean of -log softmax for relu(kernel x) * scale + bias against 0."""
    dataset = load(app.session_state["rounding.experiment"].data)
    logit = np.maximum(dataset.x_train[:, 0].astype(float) * kernel, 0) * scale + bias
    side = np.where(dataset.y_train == 1, logit, -logit)
    return f"{np.log1p(np.exp(-side)).mean():.3f}"


def test_a_network_of_zeros_knows_nothing(open_page: OpenPage) -> None:
    app = begin(open_tool(open_page), "one")
    assert loss(app) == f"{np.log(2):.3f}"
    assert any("**0.693** knowing nothing (ln 2)" in text.value for text in app.markdown)


def test_the_loss_of_weights_set_by_hand_is_that_of_numpy(open_page: OpenPage) -> None:
    app = put(begin(open_tool(open_page), "one"), "0-0-0", 2.0)
    choose(app, Node(2, 1))
    put(put(app, "2-0-1", 6.0), "3-1", -6.0)
    assert loss(app) == by_numpy(app, 2.0, 6.0, -6.0)
    assert any(f"Best so far: **{loss(app)}**" in caption.value for caption in app.caption)


def test_a_slider_and_its_field_set_the_same_number(open_page: OpenPage) -> None:
    app = begin(open_tool(open_page), "one")
    named(app.slider, f"{KEY}.slide.0-0-0").set_value(-1.5).run()
    assert named(app.number_input, f"{KEY}.type.0-0-0").value == -1.5
    put(app, "0-0-0", 12.345)
    assert named(app.slider, f"{KEY}.slide.0-0-0").value == pytest.approx(12.345)
    assert named(app.slider, f"{KEY}.slide.0-0-0").max == 13


def test_changes_are_taken_back_one_by_one(open_page: OpenPage) -> None:
    app = put(put(begin(open_tool(open_page), "one"), "0-0-0", 3.0), "0-0-0", 4.0)
    values = []
    for _ in range(2):
        app.button(key=f"{KEY}.undo").click().run()
        values.append(named(app.number_input, f"{KEY}.type.0-0-0").value)
    assert values == [3.0, 0.0]


def test_what_was_set_outlives_other_tools_and_other_pages(open_page: OpenPage) -> None:
    app = put(begin(open_tool(open_page), "one"), "0-0-0", 3.0)
    app.segmented_control(key="rounding.tool").set_value("Outside the data").run()
    app.switch_page("pages/mnist.py").run()
    app.switch_page("pages/rounding.py").run()
    app.segmented_control(key="rounding.tool").set_value("By hand").run()
    assert named(app.number_input, f"{KEY}.type.0-0-0").value == 3.0


def test_untouched_it_shows_the_pages_run(open_page: OpenPage) -> None:
    app = train(open_tool(open_page))
    run = run_of(app, "rounding").peek().checkpoint
    shown = named(app.number_input, f"{KEY}.type.0-0-0").value
    assert shown == pytest.approx(float(run.weights[0][0, 0]))
    assert app.button(key=f"{KEY}.train").disabled


def test_the_runs_weights_can_be_fetched_back(open_page: OpenPage) -> None:
    app = train(open_tool(open_page))
    before = loss(app)
    put(app, "0-0-0", -9.0)
    begin(app, "zeros")
    assert loss(app) != before
    assert loss(begin(app, "run")) == before


def test_training_goes_on_from_there_as_a_branch_that_is_not_stored(open_page: OpenPage) -> None:
    app = put(train(open_tool(open_page)), "0-0-0", 5.0)
    until(lambda: len(server.lab().store.entries()) == 1)
    app.button(key=f"{KEY}.train").click().run()
    settle(app, "rounding")
    branch = run_of(app, "rounding").peek().checkpoint
    assert branch.edits == ((2820, "weights[0][0, 0]", 5.0),)
    assert (branch.epoch, branch.updates) == (20, 5640)
    assert any("1 weight set by hand after update 2,820" in c.value for c in app.caption)
    assert named(app.number_input, "rounding.fit.epochs").value == 20
    assert len(server.lab().store.entries()) == 1


def test_one_unit_becomes_the_pages_network_when_it_is_trained(open_page: OpenPage) -> None:
    app = open_tool(open_page)
    app.selectbox(key="rounding.speed").select("full speed").run()
    put(begin(app, "one"), "0-0-0", 2.0)
    app.button(key=f"{KEY}.train").click().run()
    settle(app, "rounding")
    branch = run_of(app, "rounding").peek().checkpoint
    assert branch.experiment.model.units == (1,)
    assert len(branch.edits) == 6
    assert named(app.slider, "rounding.units.0").value == 1


def test_changed_settings_are_named_and_cost_nothing(open_page: OpenPage) -> None:
    app = put(begin(open_tool(open_page), "zeros"), "0-0-0", 2.0)
    named(app.slider, "rounding.units.0").set_value(3).run()
    assert any(
        "Begin again to use the new: hidden units." in caption.value for caption in app.caption
    )
    assert named(app.number_input, f"{KEY}.type.0-0-0").value == 2.0


@pytest.mark.parametrize("units", ["none", "3-2", "1"])
def test_other_numbers_of_units_can_be_set(open_page: OpenPage, units: str) -> None:
    app = begin(open_tool(open_page, **{"model.units": units}), "zeros")
    assert loss(app) == "0.693"
    before = app.session_state[KEY][-1].weights
    after = put(app, "0-0-0", 2.0).session_state[KEY][-1].weights
    changed = [(a - b).ravel().tolist() for a, b in zip(after, before, strict=True)]
    assert [sum(array) for array in changed] == [2.0] + [0.0] * (len(before) - 1)


def test_a_network_with_too_many_weights_is_not_set_by_hand(open_page: OpenPage) -> None:
    app = open_tool(open_page, **{"model.units": "64"})
    assert any("258 weights and biases, too many" in info.value for info in app.info)


def test_a_neuron_has_a_weight_for_each_source_and_a_bias() -> None:
    names = ("< 0.5", "≥ 0.5")
    assert list_places((1, 2, 2), Node(1, 1), names) == [
        (0, (0, 1), "weight of x"),
        (1, (1,), "bias"),
    ]
    assert list_places((1, 2, 2), Node(2, 0), names) == [
        (2, (0, 0), "weight of unit 0"),
        (2, (1, 0), "weight of unit 1"),
        (3, (0,), "bias"),
    ]


@pytest.mark.parametrize(
    ("query", "at_threshold", "bias"),
    [
        ({}, "0.5", "−5"),
        ({"model.activation": "tanh"}, "0.462", "−4.62"),
        ({"model.activation": "sigmoid"}, "0.622", "−6.22"),
        ({"data.threshold": "0.8"}, "0.8", "−8"),
    ],
)
def test_the_hint_follows_activation_and_threshold(
    query: dict[str, str], at_threshold: str, bias: str, open_page: OpenPage
) -> None:
    app = begin(open_tool(open_page, **query), "one")
    hint = next(text.value for text in app.markdown if "One way, from" in text.value)
    assert f"unit 0 outputs {at_threshold}." in hint
    assert f"set the bias to {bias}." in hint
    put(app, "0-0-0", 1.0)
    choose(app, Node(2, 1))
    put(put(app, "2-0-1", 10.0), "3-1", float(bias.replace("−", "-")))
    at = app.session_state[KEY][-1]
    assert boundaries(at.network) == pytest.approx((at.experiment.data.threshold,), abs=0.005)


def test_what_is_said_of_all_zeros_holds_for_the_activation(open_page: OpenPage) -> None:
    for activation, is_said in (("relu", True), ("sigmoid", False)):
        app = open_tool(open_page, **{"model.activation": activation})
        found = "only the output biases can learn" in str(app.button(key=f"{KEY}.train").help)
        assert found == is_said
