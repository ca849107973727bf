"""Where a one-input network changes its prediction, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nncore.analysis.decision_boundary import boundaries
from nncore.analysis.units import where_on
from tests.nncore.analysis.networks import network_of


def test_the_boundary_lies_where_the_outputs_cross() -> None:
    network = network_of(([[-1, 1]], [0.25, -0.35], "softmax"))  # 0.25 - x = x - 0.35 at x = 0.3
    assert boundaries(network) == pytest.approx((0.3,), abs=1e-6)
    assert boundaries(network, 0.5, 1.0) == ()


def test_a_tent_has_two_boundaries() -> None:
    """relu(x) - 2 relu(x - 0.5) rises to 0.5 and falls: it is above 0.2 from x = 0.2 to 0.8."""
    network = network_of(([[1, 1]], [0, -0.5], "relu"), ([[0, 1], [0, -2]], [0.2, 0], "softmax"))
    assert boundaries(network) == pytest.approx((0.2, 0.8), abs=1e-6)
    assert boundaries(network, points=5) == pytest.approx((0.2, 0.8), abs=1e-6)


@pytest.mark.parametrize("ask", [where_on, boundaries])
def test_lines_of_inputs_need_one_input(ask: Any) -> None:
    with pytest.raises(ValueError, match="Received: 784 inputs"):
        ask(network_of((np.zeros((784, 2)), [0, 0], "relu")))
