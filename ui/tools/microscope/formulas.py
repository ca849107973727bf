"""Activations, losses and their slopes as formulas, filled with the numbers of one sample."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.activations import LEAKY_SLOPE, activate
from nncore.nn.losses import EPSILON, loss
from ui.tools.microscope.batch_trace import BatchTrace, Focus, loss_activation
from ui.tools.microscope.formula_terms import (
    TERMS,
    strongest_places,
    worked_line,
    write_digits,
    write_dot_product,
    write_term,
)

Array: TypeAlias = NDArray[Any]

#: Logits beyond this size: exp() is too large to write down, and sigmoid is nearly 0 or 1.
STEEP = 12.0
#: Probabilities above this are written with more digits.
SURE = 0.99


def write_loss(trace: BatchTrace, sample: int) -> str:
    """Return the formula of a sample's loss, with its numbers."""
    p, y = trace.numbers.activations[-1][sample], trace.numbers.targets[sample]
    z = trace.numbers.sums[-1][sample]
    if trace.experiment.fit.loss == "mean_squared_error":
        return _write_squares(p, y)
    if trace.experiment.fit.loss == "binary_crossentropy":
        return _write_binary_loss(trace, z if trace.is_fused else p, y)
    return _write_categorical_loss(trace, z, p, int(np.argmax(y)))


def _write_squares(p: Array, y: Array) -> str:
    if len(p) > TERMS:
        rows = strongest_places(p - y, int(np.argmax(y)), TERMS)
        rest = float(np.square(np.delete(p - y, rows)).sum())
    else:
        rows, rest = list(range(len(p))), None
    parts = [f"({write_digits(float(p[i]))} − {write_digits(float(y[i]))})²" for i in rows]
    if rest is not None:
        parts.append(f"{write_digits(rest)} [the {len(p) - len(rows)} others]")
    return parts[0] if len(p) == 1 else f"({' + '.join(parts)}) / {len(p)}"


def _write_binary_loss(trace: BatchTrace, values: Array, y: Array) -> str:
    """Return the binary cross-entropy of one sample, from its logits if Keras uses them."""
    form = _loss_of_logit if trace.is_fused else _loss_of_output
    parts = [form(float(v), float(target)) for v, target in zip(values, y, strict=True)]
    if len(parts) == 1:
        return parts[0]
    column = values[:, np.newaxis]
    losses = loss(
        "binary_crossentropy", y[:, np.newaxis], column, column if trace.is_fused else None
    )
    rows = strongest_places(losses, int(np.argmax(y)), TERMS)
    shown = [f"({parts[i]})" for i in rows]
    if len(rows) < len(parts):
        rest = float(np.delete(losses, rows).sum())
        shown.append(f"{write_digits(rest)} [the {len(parts) - len(rows)} others]")
    return f"({' + '.join(shown)}) / {len(parts)}"


def _loss_of_logit(z: float, target: float) -> str:
    """Return -ln of the right class's probability; ln(1 + exp) if that is nearly 0 or 1."""
    away = -z if target else z  # how far the logit is on the wrong side
    if abs(away) > STEEP:
        return f"ln(1 + exp({write_digits(away)}))"
    return _loss_of_probability(float(activate("sigmoid", np.array(z))), target)


def _loss_of_output(p: float, target: float) -> str:
    kept = float(np.clip(p, EPSILON, 1 - EPSILON))
    cut = "" if kept == p else f" [{write_digits(p)} is cut off]"
    return _loss_of_probability(kept, target) + cut


def _loss_of_probability(p: float, target: float) -> str:
    if target:
        return f"−ln({_write_probability(p)})"
    return f"−ln(1 − {write_term(p)})" if p < SURE else f"−ln({_write_probability(1 - p)})"


def _write_probability(p: float) -> str:
    """Write a probability; close to 1 with more digits, because its distance from 1 counts."""
    return write_digits(p, 7 if p > SURE else 4)


def _write_categorical_loss(trace: BatchTrace, z: Array, p: Array, label: int) -> str:
    if trace.is_fused and trace.activation(trace.last) == "softmax" and p[label] > 1e-30:
        return f"−ln({_write_probability(float(p[label]))})"
    if trace.is_fused:
        return f"ln({_write_powers(z)}) − {write_term(float(z[label]))}"
    if trace.experiment.fit.loss == "sparse_categorical_crossentropy":
        kept = np.clip(p, EPSILON, 1 - EPSILON)
        cut = "" if kept[label] == p[label] else f" [{write_digits(float(p[label]))} is cut off]"
        return f"−ln({write_term(float(kept[label]))} / {write_term(float(kept.sum()))}){cut}"
    shares = f"{write_term(float(p[label]))} / {write_term(float(p.sum()))}"
    share = float(p[label] / p.sum())
    cut_off = float(np.clip(share, EPSILON, 1 - EPSILON))
    return (
        f"−ln({shares})"
        if cut_off == share
        else f"−ln({write_digits(cut_off, 7)}) [{shares} is cut off]"
    )


def _write_powers(z: Array) -> str:
    if len(z) > 3:
        return f"the sum of all {len(z)} exp"
    return " + ".join(f"exp({write_digits(float(value))})" for value in z)


def write_activation(name: str, sums: Array, unit: int) -> str:
    """Return an activation's formula with its numbers; empty if there is nothing to work out."""
    z = float(sums[unit])
    number = write_digits(z)
    match name:
        case "softmax":
            return _write_softmax(sums, unit)
        case "sigmoid":
            return f"1 / (1 + exp({write_digits(-z)}))"
        case "relu":
            return f"max(0, {number})"
        case "leaky_relu":
            return "" if z > 0 else f"{LEAKY_SLOPE} × {write_term(z)}"
        case "elu":
            return "" if z > 0 else f"exp({number}) − 1"
        case "tanh" if abs(z) < STEEP:
            power = f"exp({write_digits(2 * z)})"
            return f"({power} − 1) / ({power} + 1)"
    return ""


def _write_softmax(sums: Array, unit: int) -> str:
    """Return softmax's formula; large logits are taken relative to the largest one."""
    top = float(sums.max()) if np.abs(sums).max() > STEEP else 0.0
    shifted = sums - top
    less = f" [all logits less {write_digits(top)}]" if top else ""
    powers = np.exp(shifted)
    part = f"exp({write_digits(float(shifted[unit]))})"
    whole = f"({_write_powers(shifted)})"
    share = f"{write_digits(float(powers[unit]))} / {write_digits(float(powers.sum()))}"
    return f"{part} / {whole}{less} = {share}"


def write_slope(activation: str, z: float, a: float) -> str:
    """Return the formula of an activation's slope, with its numbers."""
    above = f"[z = {write_digits(z)}]"
    match activation:
        case "relu":
            return f"{int(z > 0)} {above}"
        case "leaky_relu":
            return f"{1 if z > 0 else LEAKY_SLOPE} {above}"
        case "elu":
            return f"1 {above}" if z > 0 else f"({write_digits(a)} + 1)"
        case "tanh":
            return f"(1 − {write_term(a)}²)"
        case "sigmoid":
            return f"{write_digits(a)} × (1 − {write_digits(a)})"
    return "1"


def write_output_delta(trace: BatchTrace, focus: Focus) -> list[str]:
    """Return how an output's dL/dz is worked out for a sample, one line for each step."""
    place = focus.sample, focus.unit
    total = float(trace.numbers.by_sums[-1][place])
    name = trace.activation(trace.last)
    slopes = trace.numbers.by_activations[-1]
    if slopes is None:
        return _write_fused_delta(trace, focus, total)
    slope = float(slopes[place])
    first = worked_line("dL/da", _write_output_slope(trace, focus), slope)
    if name == "softmax":
        a = trace.numbers.activations[-1][focus.sample]
        mean = float((slopes[focus.sample] * a).sum())
        second = (
            f"{write_term(float(a[focus.unit]))} × ({write_digits(slope)} − {write_term(mean)})"
        )
        middle = worked_line(
            "mean of dL/da, by output", write_dot_product(slopes[focus.sample], a), mean
        )
        return [first, middle, worked_line("dL/dz", second, total)]
    z, a_here = (float(v[place]) for v in (trace.numbers.sums[-1], trace.numbers.activations[-1]))
    return [
        first,
        worked_line("dL/dz", f"{write_term(slope)} × {write_slope(name, z, a_here)}", total),
    ]


def _write_fused_delta(trace: BatchTrace, focus: Focus, total: float) -> list[str]:
    """Return output minus target, which is dL/dz if loss and activation belong together."""
    place = focus.sample, focus.unit
    z, target = (
        trace.numbers.sums[-1][focus.sample],
        write_digits(float(trace.numbers.targets[place])),
    )
    binary = trace.experiment.fit.loss == "binary_crossentropy"
    natural = loss_activation(trace)
    p = float(activate(natural, z)[focus.unit])
    difference = f"{_write_probability(p)} − {target}"
    formula = f"({difference}) / {len(z)}" if binary and len(z) > 1 else difference
    lines = [worked_line("dL/dz", formula, total)]
    if trace.activation(trace.last) != natural:
        lines.insert(
            0, worked_line(f"{natural} of the logit", write_activation(natural, z, focus.unit), p)
        )
    return lines


def _write_output_slope(trace: BatchTrace, focus: Focus) -> str:
    """Return the formula of the loss's slope at an output."""
    p, y = trace.numbers.activations[-1][focus.sample], trace.numbers.targets[focus.sample]
    here, target, size = float(p[focus.unit]), float(y[focus.unit]), len(p)
    if trace.experiment.fit.loss == "mean_squared_error":
        share = f" / {size}" if size > 1 else ""
        return f"2 × ({write_digits(here)} − {write_digits(target)}){share}"
    if trace.experiment.fit.loss == "binary_crossentropy":
        if not EPSILON <= here <= 1 - EPSILON:
            return f"0 [{write_digits(here)} is cut off]"
        share = f" / {size}" if size > 1 else ""
        p_here = write_digits(here)
        return f"({p_here} − {write_digits(target)}) / ({p_here} × (1 − {p_here})){share}"
    if trace.experiment.fit.loss == "sparse_categorical_crossentropy":
        p = np.clip(p, EPSILON, 1 - EPSILON)
    slopes = trace.numbers.by_activations[-1]
    if slopes is not None and slopes[focus.sample, focus.unit] == 0:
        return "0 [cut off]"
    whole = f"1 / {write_term(float(p.sum()))}"
    return f"{whole} − 1 / {write_term(float(p[focus.unit]))}" if target else whole
