"""What each step of the microscope shows: tables, and lines that can be worked out by hand.

All are pure functions of a `BatchTrace`. The texts on why a step is taken are in
`lessons/microscope.toml`. A sample's gradient is written dL/dz; a weight's gradient is the mean
over the batch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ui.tools.microscope.backward_steps import explain_delta, explain_gradient
from ui.tools.microscope.batch_trace import BatchTrace, Focus, TraceStep
from ui.tools.microscope.explanation_tables import Explanation
from ui.tools.microscope.forward_steps import (
    explain_activation,
    explain_inputs,
    explain_loss,
    explain_sums,
)
from ui.tools.microscope.update_step import explain_update

_EXPLAIN: dict[str, Callable[[int, BatchTrace, Focus], Explanation]] = {
    "inputs": explain_inputs,
    "sums": explain_sums,
    "activation": explain_activation,
    "loss": explain_loss,
    "delta": explain_delta,
    "gradient": explain_gradient,
    "update": explain_update,
}


def explain_step(step: TraceStep, trace: BatchTrace, focus: Focus) -> Explanation:
    """Return the tables of a step, and the worked lines for the learner's choice."""
    with np.errstate(all="ignore"):  # a diverged network shows its NaN and infinity
        return _EXPLAIN[step.kind](step.layer, trace, focus)
