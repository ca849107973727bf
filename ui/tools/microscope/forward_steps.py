"""The forward steps in numbers: inputs, weighted sums, activations, loss."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ui.tools.microscope.batch_trace import BatchTrace, Focus
from ui.tools.microscope.explanation_tables import (
    Explanation,
    Table,
    bold_at,
    label_names,
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
from ui.tools.microscope.formulas import write_activation, write_loss

Array: TypeAlias = NDArray[Any]


def explain_inputs(_: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show the samples and their labels; for images also one pixel, before and after scaling."""
    columns = {"sample": bold_at(sample_names(trace), focus.sample)}
    labels = label_names(trace)
    if not trace.experiment.data.is_image:
        columns |= {"x": write_all(trace.numbers.inputs[:, 0]), "label": labels}
        return Explanation([Table("The batch", columns)], [])
    values = trace.numbers.inputs[:, focus.source]
    scaled = trace.network.scaled
    raw = values * 255 if scaled else values
    inked = (trace.numbers.inputs > 0).sum(axis=1)
    name = trace.neuron_name(0, focus.source)
    columns |= {"label": labels, "inked pixels": [str(n) for n in inked], name: write_all(values)}
    at, value = write_digits(float(raw[focus.sample])), float(values[focus.sample])
    line = worked_line(name, f"{at} / 255", value) if scaled else f"{name} = **{at}**, unscaled"
    return Explanation([Table("The batch", columns)], [line])


def explain_sums(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show how one unit's weighted sum is added up."""
    inputs, weights = trace.inputs_of(layer)[focus.sample], trace.weights(layer, focus.unit)
    products = inputs * weights[:-1]
    rows = strongest_places(products, int(np.abs(products).argmax()))
    sample = f"#{focus.sample + 1}"
    columns = {
        "from": [*(trace.neuron_name(layer - 1, i) for i in rows), "bias"],
        f"in {sample}": [*write_all(inputs[rows]), ""],
        "weight": write_all([*weights[rows], weights[-1]]),
        "in × weight": write_all([*products[rows], weights[-1]]),
    }
    into = Table(
        f"Into {trace.neuron_name(layer, focus.unit)}" + note_shown_rows(rows, len(inputs)), columns
    )
    total = float(trace.numbers.sums[layer - 1][focus.sample, focus.unit])
    formula = f"{write_dot_product(inputs, weights[:-1])} + {write_term(float(weights[-1]))}"
    out = table_by_unit(
        "Weighted sums z of each sample", trace.numbers.sums[layer - 1], layer, trace, focus
    )
    return Explanation([into, out], [worked_line("z", formula, total)])


def explain_activation(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show how the activation turns one unit's sum into its output."""
    sums, values = trace.numbers.sums[layer - 1], trace.numbers.activations[layer - 1]
    z, sample = sums[focus.sample], f"#{focus.sample + 1}"
    name = trace.activation(layer)
    value = float(values[focus.sample, focus.unit])
    table = table_by_unit(
        f"After {name}, of each sample",
        values,
        layer,
        trace,
        focus,
        lambda rows: {f"z {sample}": write_all(z[rows])},
    )
    formula = write_activation(name, z, focus.unit)
    return Explanation(
        [table], [worked_line(f"{name}({write_digits(float(z[focus.unit]))})", formula, value)]
    )


def explain_loss(layer: int, trace: BatchTrace, focus: Focus) -> Explanation:
    """Show the loss of each sample, and their mean."""
    outputs, targets = trace.numbers.activations[-1], trace.numbers.targets
    columns = {
        "sample": bold_at(sample_names(trace), focus.sample),
        "label": label_names(trace),
    }
    if outputs.shape[1] <= 3:
        for unit in range(outputs.shape[1]):
            columns[trace.neuron_name(layer, unit)] = write_all(outputs[:, unit])
    else:
        columns["output for the label"] = write_all((outputs * targets).sum(axis=1))
    columns["loss"] = bold_at(write_all(trace.numbers.losses), focus.sample)
    value = float(trace.numbers.losses[focus.sample])
    line = worked_line(f"loss of #{focus.sample + 1}", write_loss(trace, focus.sample), value)
    return Explanation([Table("Loss of each", columns)], [line, _mean_loss(trace)])


def _mean_loss(trace: BatchTrace) -> str:
    terms = " + ".join(write_term(float(value)) for value in trace.numbers.losses)
    formula = f"({terms}) / {trace.count}" if trace.count > 1 else terms
    extra = f" + {write_digits(trace.numbers.penalty)} [L1 and L2]" if trace.numbers.penalty else ""
    if trace.count == 1 and not extra:
        formula = ""
    return worked_line("loss of the batch", formula + extra, trace.numbers.loss)
