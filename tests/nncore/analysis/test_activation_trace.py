"""How an answer came about, on a network small enough to be worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nncore.analysis.activation_trace import (
    ActivationTrace,
    Connection,
    explain_unit,
    strongest_paths,
)
from nncore.nn.network import Layer, Network

#: Three inputs, two relu units, two linear outputs.
HIDDEN = Layer(
    np.array([[1.0, -1.0], [2.0, 0.5], [-4.0, 0.0]], np.float32),
    np.array([0.5, 0.25], np.float32),
    "relu",
)
OUTPUT = Layer(
    np.array([[3.0, -1.0], [-2.0, 1.0]], np.float32), np.array([1.0, 0.0], np.float32), "linear"
)


@pytest.fixture
def trace() -> ActivationTrace:
    return ActivationTrace.of(Network((HIDDEN, OUTPUT)), np.array([1.0, 2.0, 0.5]))


def test_every_layers_values_and_sums_are_there(trace: ActivationTrace) -> None:
    # unit 0: 1 + 4 - 2 + 0.5; unit 1: -1 + 1 + 0 + 0.25
    np.testing.assert_allclose(trace.values[1], [3.5, 0.25])
    np.testing.assert_allclose(trace.sums[1], [3 * 3.5 - 0.5 + 1, -3.5 + 0.25])
    np.testing.assert_array_equal(trace.outputs, trace.values[2])


def test_a_units_sum_is_worked_out(trace: ActivationTrace) -> None:
    found = explain_unit(trace, 1, 0)
    np.testing.assert_allclose(found.parts, [1, 4, -2])
    assert (found.positive, found.negative, found.bias) == (5, -2, 0.5)
    assert found.sum == found.activation == 3.5


def test_a_unit_that_is_off_has_a_sum_but_no_activation() -> None:
    trace = ActivationTrace.of(Network((HIDDEN, OUTPUT)), np.array([2.0, 0.0, 0.0]))
    found = explain_unit(trace, 1, 1)
    assert (found.sum, found.activation) == (-1.75, 0)


@pytest.mark.parametrize(("layer", "unit"), [(0, 0), (3, 0), (1, 2), (1, -1)])
def test_what_is_no_unit_is_refused(trace: ActivationTrace, layer: int, unit: int) -> None:
    with pytest.raises(IndexError, match=f"no unit {unit} in layer {layer}"):
        explain_unit(trace, layer, unit)


def test_the_strongest_paths_lead_from_the_output_to_the_inputs(trace: ActivationTrace) -> None:
    assert strongest_paths(trace, 0, first=1, further=2) == (
        Connection(2, 0, 0, 10.5),
        Connection(1, 1, 0, 4.0),
        Connection(1, 2, 0, -2.0),
    )


def test_a_unit_that_is_off_hands_on_nothing() -> None:
    trace = ActivationTrace.of(Network((HIDDEN, OUTPUT)), np.array([2.0, 0.0, 0.0]))
    assert {line.source for line in strongest_paths(trace, 0) if line.layer == 2} == {0}


def test_numbers_that_have_grown_out_of_bounds_are_no_paths() -> None:
    wild = Layer(np.array([[np.inf, np.nan], [1.0, 1.0]], np.float32), np.zeros(2), "linear")
    trace = ActivationTrace.of(Network((wild,)), np.array([1.0, 2.0]))
    assert [line.source for line in strongest_paths(trace, 1)] == [1]


def test_several_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one input\. Received: 2"):
        ActivationTrace.of(Network((HIDDEN, OUTPUT)), np.zeros((2, 3)))
