"""What single units contribute, and which are dead: numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.analysis.units import contributions, dead_units, deciding_units, hinges, where_on
from nncore.nn.network import Layer, Network
from tests.nncore.analysis.networks import network_of


def test_contributions_without_a_hidden_layer_are_input_times_weight() -> None:
    network = network_of(([[2, 0], [-1, 0], [4, 0]], [0.5, 0], "softmax"))
    x = np.array([1, 3, 0.25], np.float32)
    assert contributions(network, x, 0).tolist() == [2, -3, 1]


def test_the_last_hidden_units_decide_the_difference_of_two_sums() -> None:
    generator = np.random.default_rng(2)
    network = network_of(
        (generator.normal(size=(4, 5)), generator.normal(size=5), "relu"),
        (generator.normal(size=(5, 3)), generator.normal(size=3), "softmax"),
    )
    x = np.array([[0.3, 1, -2, 0.5]], np.float32)
    sums = network.forward(x)[-1][0][0]
    bias = network.layers[-1].bias
    shares = deciding_units(network, x, 2, 0)
    assert shares.shape == (5,)
    assert shares.sum() + bias[2] - bias[0] == pytest.approx(sums[2] - sums[0], rel=1e-5)


def test_contributions_add_up_to_the_weighted_sum_where_relus_have_no_biases() -> None:
    generator = np.random.default_rng(0)
    network = network_of(
        (generator.normal(size=(784, 20)), np.zeros(20), "relu"),
        (generator.normal(size=(20, 10)), np.zeros(10), "softmax"),
    )
    image = generator.uniform(size=(28, 28)).astype("float32")
    parts = contributions(network, image, 3)
    sums = network.forward(image)[-1][0]
    assert parts.shape == (28, 28)
    assert parts.sum() == pytest.approx(sums[0, 3], rel=1e-4)


def test_a_blank_pixel_contributes_nothing() -> None:
    network = Network((Layer(np.ones((784, 1), "float32"), np.ones(1, "float32"), "linear"),), True)
    image = np.zeros((28, 28), np.uint8)
    image[4, 5] = 51
    parts = contributions(network, image, 0)
    assert parts[4, 5] == pytest.approx(0.2)
    assert np.count_nonzero(parts) == 1


def test_hinges_lie_where_the_weighted_sum_is_0() -> None:
    network = network_of(
        ([[2, -4, 0, 1]], [-1, 1, 3, 0], "relu"), (np.ones((4, 2)), [0, 0], "softmax")
    )
    np.testing.assert_array_equal(hinges(network), np.array([0.5, 0.25, np.nan, 0], np.float32))


def test_hinges_need_one_input() -> None:
    with pytest.raises(ValueError, match="Received: 784 inputs"):
        hinges(network_of((np.zeros((784, 2)), [0, 0], "relu")))


def test_a_relu_that_is_off_for_every_sample_is_dead() -> None:
    network = network_of(
        ([[1, -1, 1]], [0, 0.5, -2], "relu"),
        (-np.ones((3, 2)), [0.25, 0], "relu"),
        ([[1], [1]], [0], "linear"),
    )
    first, second = dead_units(network, np.linspace(0, 1, 9000, dtype="float32"))
    assert first.tolist() == [False, False, True]
    assert second.tolist() == [True, True]


def test_no_other_activation_dies() -> None:
    layers = ([[0.0]], [0.0], "tanh"), ([[1]], [0], "linear")
    assert [layer.tolist() for layer in dead_units(network_of(*layers), np.array([0.0, 1.0]))] == [
        [False]
    ]


def test_a_unit_is_on_where_its_sum_is_above_0() -> None:
    network = network_of(
        # 2x - 1; -4x + 1; x; -x; 0x + 1; 0x; x + 0.5; x - 1; 1 - x
        ([[2, -4, 1, -1, 0, 0, 1, 1, -1]], [-1, 1, 0, 0, 1, 0, 0.5, -1, 1], "relu"),
        (np.ones((9, 2)), [0, 0], "softmax"),
    )
    part, always, never = "in part", "always", "never"
    expected = (part, part, always, never, always, never, always, never, part)
    assert where_on(network) == expected


def test_a_unit_that_is_off_on_the_data_may_be_on_elsewhere() -> None:
    network = network_of(([[-1]], [0], "relu"), ([[1, 1]], [0, 0], "softmax"))
    assert where_on(network) == ("never",)
    assert where_on(network, -10, 0) == ("in part",)  # -x is 0 at x = 0
    assert where_on(network, -10, -1) == ("always",)
