"""The backward steps in numbers: the gradients at the sums, and those of the weights."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.tools.microscope.batch_trace import BatchTrace, Focus
from ui.tools.microscope.explanation_tables import (
    Explanation,
    Table,
    bold_at,
    choose_source_rows,
    note_shown_rows,
    sample_names,
    table_by_unit,
)
from ui.tools.microscope.formula_terms import (
    strongest_places,
    worked_line,
    write_all,
    write_digits,
    write_dot_product,
    write_term,
)
from ui.tools.microscope.formulas import write_output_delta, write_slope

Array: TypeAlias = NDArray[Any]


def explain_delta(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show how the gradient at one unit's sum comes back from the layer above."""
    if layer == trace.last:
        return _output_delta(layer, trace, focus)
    slopes = trace.numbers.by_sums[layer][focus.sample]
    weights = trace.network.layers[layer].kernel[focus.unit]
    rows = strongest_places(slopes * weights, int(np.abs(slopes * weights).argmax()))
    sample = f"#{focus.sample + 1}"
    columns = {
        "to": [trace.neuron_name(layer + 1, unit) for unit in rows],
        f"its dL/dz {sample}": write_all(slopes[rows]),
        "weight": write_all(weights[rows]),
        "product": write_all((slopes * weights)[rows]),
    }
    above = Table(f"What flows back to {trace.neuron_name(layer, focus.unit)}", columns)
    z = float(trace.numbers.sums[layer - 1][focus.sample, focus.unit])
    a = float(trace.numbers.activations[layer - 1][focus.sample, focus.unit])
    by_activations = trace.numbers.by_activations[layer - 1]
    assert by_activations is not None  # only an output's may be missing
    arrived = float(by_activations[focus.sample, focus.unit])
    back = worked_line("dL/da", write_dot_product(slopes, weights), arrived)
    steep = write_slope(trace.activation(layer), z, a)
    total = float(trace.numbers.by_sums[layer - 1][focus.sample, focus.unit])
    table = table_by_unit(
        "dL/dz of each sample", trace.numbers.by_sums[layer - 1], layer, trace, focus
    )
    return Explanation(
        [above, table],
        [back, worked_line("dL/dz", f"{write_term(arrived)} × {steep}", total)],
    )


def _output_delta(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    a, y = trace.numbers.activations[-1], trace.numbers.targets
    sample = f"#{focus.sample + 1}"

    def outputs_and_targets(rows: list[int]) -> dict[str, list[str]]:
        of = {f"output {sample}": a, f"target {sample}": y}
        return {name: write_all(values[focus.sample, rows]) for name, values in of.items()}

    table = table_by_unit(
        "dL/dz of each sample", trace.numbers.by_sums[-1], layer, trace, focus, outputs_and_targets
    )
    return Explanation([table], write_output_delta(trace, focus))


def explain_gradient(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show one weight's gradient: the mean over the batch of input times dL/dz."""
    slopes = trace.numbers.by_sums[layer - 1][:, focus.unit]
    is_bias = focus.source == trace.layer_size(layer - 1)
    inputs = np.ones(trace.count) if is_bias else trace.inputs_of(layer)[:, focus.source]
    each = {
        "sample": sample_names(trace),
        "in": ["1 (bias)"] * trace.count if is_bias else write_all(inputs),
        "dL/dz": write_all(slopes),
        "in × dL/dz": write_all(inputs * slopes),
    }
    names = trace.neuron_name(layer - 1, focus.source), trace.neuron_name(layer, focus.unit)
    tables = [Table(f"{names[0]} → {names[1]}", each), _unit_gradients(layer, trace, focus)]
    terms = " + ".join(
        write_term(float(g)) if is_bias else f"{write_term(float(x))} × {write_term(float(g))}"
        for x, g in zip(inputs, slopes, strict=True)
    )
    formula = f"({terms}) / {trace.count}" if trace.count > 1 else terms
    value = float(trace.gradients(layer, focus.unit)[focus.source])
    return Explanation(
        tables, [worked_line("gradient", formula + _write_penalties(layer, trace, focus), value)]
    )


def _write_penalties(layer: int, trace: BatchTrace, focus: Focus) -> str:
    """Return the terms that L1 and L2 add to a weight's gradient; empty for a bias."""
    if focus.source == trace.layer_size(layer - 1):
        return ""
    l1, l2 = trace.experiment.model.l1, trace.experiment.model.l2
    w = float(trace.weights(layer, focus.unit)[focus.source])
    first = f" + {write_term(float(l1 * np.sign(w)))} [L1]" if l1 else ""
    return first + (f" + 2 × {write_digits(l2)} × {write_term(w)} [L2]" if l2 else "")


def _unit_gradients(layer: int, trace: BatchTrace, focus: Focus) -> Table:
    gradients, weights = trace.gradients(layer, focus.unit), trace.weights(layer, focus.unit)
    rows = choose_source_rows(gradients, focus.source)
    columns = {
        "from": bold_at([trace.neuron_name(layer - 1, i) for i in rows], rows.index(focus.source)),
        "weight": write_all(weights[rows]),
        "gradient": bold_at(write_all(gradients[rows]), rows.index(focus.source)),
    }
    title = f"Weights of {trace.neuron_name(layer, focus.unit)}"
    return Table(title + note_shown_rows(rows, len(gradients)), columns)
