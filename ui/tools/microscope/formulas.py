"""Activations and losses, and how steep they are, with the numbers of one sample in them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn.activations import LEAKY_SLOPE, activate
from nncore.nn.losses import EPSILON, loss
from ui.tools.microscope.case import Case, Choice, natural_activation
from ui.tools.microscope.numbers import TERMS, dot, equals, plain, strongest, within

Array: TypeAlias = NDArray[Any]

#: Logits beyond this size: exp() is no number to write down, sigmoid is as good as 0 or 1.
STEEP = 12.0
#: From here on a probability is written in more digits.
SURE = 0.99


def lost(case: Case, sample: int) -> str:
    """A sample's loss with its numbers in it."""
    p, y = case.passed.activations[-1][sample], case.passed.targets[sample]
    z = case.passed.sums[-1][sample]
    if case.experiment.fit.loss == "mean_squared_error":
        return _squares(p, y)
    if case.experiment.fit.loss == "binary_crossentropy":
        return _binary_lost(case, z if case.fused else p, y)
    return _categorical_lost(case, z, p, int(np.argmax(y)))


def _squares(p: Array, y: Array) -> str:
    if len(p) > TERMS:
        rows = strongest(p - y, int(np.argmax(y)), TERMS)
        rest = float(np.square(np.delete(p - y, rows)).sum())
    else:
        rows, rest = list(range(len(p))), None
    parts = [f"({plain(float(p[i]))} − {plain(float(y[i]))})²" for i in rows]
    if rest is not None:
        parts.append(f"{plain(rest)} [the {len(p) - len(rows)} others]")
    return parts[0] if len(p) == 1 else f"({' + '.join(parts)}) / {len(p)}"


def _binary_lost(case: Case, values: Array, y: Array) -> str:
    """Binary cross-entropy of one sample: of logits where they are at hand, else of outputs."""
    form = _of_logit if case.fused else _of_output
    parts = [form(float(v), float(wanted)) for v, wanted in zip(values, y, strict=True)]
    if len(parts) == 1:
        return parts[0]
    column = values[:, np.newaxis]
    losses = loss("binary_crossentropy", y[:, np.newaxis], column, column if case.fused else None)
    rows = strongest(losses, int(np.argmax(y)), TERMS)
    shown = [f"({parts[i]})" for i in rows]
    if len(rows) < len(parts):
        rest = float(np.delete(losses, rows).sum())
        shown.append(f"{plain(rest)} [the {len(parts) - len(rows)} others]")
    return f"({' + '.join(shown)}) / {len(parts)}"


def _of_logit(z: float, wanted: float) -> str:
    """-ln of the probability of the right answer; ln(1 + exp) where that is as good as 0 or 1."""
    away = -z if wanted else z  # how far the logit lies on the wrong side
    if abs(away) > STEEP:
        return f"ln(1 + exp({plain(away)}))"
    return _of_probability(float(activate("sigmoid", np.array(z))), wanted)


def _of_output(p: float, wanted: float) -> str:
    kept = float(np.clip(p, EPSILON, 1 - EPSILON))
    cut = "" if kept == p else f" [{plain(p)} is cut off]"
    return _of_probability(kept, wanted) + cut


def _of_probability(p: float, wanted: float) -> str:
    if wanted:
        return f"−ln({_probability(p)})"
    return f"−ln(1 − {within(p)})" if p < SURE else f"−ln({_probability(1 - p)})"


def _probability(p: float) -> str:
    """A probability; one close to 1 in more digits, for its distance from 1 is what counts."""
    return plain(p, 7 if p > SURE else 4)


def _categorical_lost(case: Case, z: Array, p: Array, label: int) -> str:
    if case.fused and case.activation(case.last) == "softmax" and p[label] > 1e-30:
        return f"−ln({_probability(float(p[label]))})"
    if case.fused:
        return f"ln({_powers(z)}) − {within(float(z[label]))}"
    if case.experiment.fit.loss == "sparse_categorical_crossentropy":
        kept = np.clip(p, EPSILON, 1 - EPSILON)
        cut = "" if kept[label] == p[label] else f" [{plain(float(p[label]))} is cut off]"
        return f"−ln({within(float(kept[label]))} / {within(float(kept.sum()))}){cut}"
    shares = f"{within(float(p[label]))} / {within(float(p.sum()))}"
    share = float(p[label] / p.sum())
    cut_off = float(np.clip(share, EPSILON, 1 - EPSILON))
    return (
        f"−ln({shares})" if cut_off == share else f"−ln({plain(cut_off, 7)}) [{shares} is cut off]"
    )


def _powers(z: Array) -> str:
    if len(z) > 3:
        return f"the sum of all {len(z)} exp"
    return " + ".join(f"exp({plain(float(value))})" for value in z)


def activated(name: str, sums: Array, unit: int) -> str:
    """An activation with its numbers in it; empty where there is nothing to work out."""
    z = float(sums[unit])
    number = plain(z)
    match name:
        case "softmax":
            return _softmaxed(sums, unit)
        case "sigmoid":
            return f"1 / (1 + exp({plain(-z)}))"
        case "relu":
            return f"max(0, {number})"
        case "leaky_relu":
            return "" if z > 0 else f"{LEAKY_SLOPE} × {within(z)}"
        case "elu":
            return "" if z > 0 else f"exp({number}) − 1"
        case "tanh" if abs(z) < STEEP:
            power = f"exp({plain(2 * z)})"
            return f"({power} − 1) / ({power} + 1)"
    return ""


def _softmaxed(sums: Array, unit: int) -> str:
    """Softmax; from the largest logit down where their powers would be no numbers to write."""
    top = float(sums.max()) if np.abs(sums).max() > STEEP else 0.0
    shifted = sums - top
    less = f" [all logits less {plain(top)}]" if top else ""
    powers = np.exp(shifted)
    part = f"exp({plain(float(shifted[unit]))})"
    whole = f"({_powers(shifted)})"
    share = f"{plain(float(powers[unit]))} / {plain(float(powers.sum()))}"
    return f"{part} / {whole}{less} = {share}"


def steepness(activation: str, z: float, a: float) -> str:
    """How steep an activation is, with its numbers in it."""
    above = f"[z = {plain(z)}]"
    match activation:
        case "relu":
            return f"{int(z > 0)} {above}"
        case "leaky_relu":
            return f"{1 if z > 0 else LEAKY_SLOPE} {above}"
        case "elu":
            return f"1 {above}" if z > 0 else f"({plain(a)} + 1)"
        case "tanh":
            return f"(1 − {within(a)}²)"
        case "sigmoid":
            return f"{plain(a)} × (1 − {plain(a)})"
    return "1"


def output_delta(case: Case, choice: Choice) -> list[str]:
    """An output's dL/dz for a sample, a line for each thing to work out."""
    place = choice.sample, choice.unit
    total = float(case.passed.by_sums[-1][place])
    name = case.activation(case.last)
    slopes = case.passed.by_activations[-1]
    if slopes is None:
        return _fused_lines(case, choice, total)
    slope = float(slopes[place])
    first = equals("dL/da", _output_slope(case, choice), slope)
    if name == "softmax":
        a = case.passed.activations[-1][choice.sample]
        mean = float((slopes[choice.sample] * a).sum())
        second = f"{within(float(a[choice.unit]))} × ({plain(slope)} − {within(mean)})"
        middle = equals("mean of dL/da, by output", dot(slopes[choice.sample], a), mean)
        return [first, middle, equals("dL/dz", second, total)]
    z, a_here = (float(v[place]) for v in (case.passed.sums[-1], case.passed.activations[-1]))
    return [first, equals("dL/dz", f"{within(slope)} × {steepness(name, z, a_here)}", total)]


def _fused_lines(case: Case, choice: Choice, total: float) -> list[str]:
    """What came out minus what was wanted."""
    place = choice.sample, choice.unit
    z, wanted = case.passed.sums[-1][choice.sample], plain(float(case.passed.targets[place]))
    binary = case.experiment.fit.loss == "binary_crossentropy"
    natural = natural_activation(case)
    p = float(activate(natural, z)[choice.unit])
    difference = f"{_probability(p)} − {wanted}"
    formula = f"({difference}) / {len(z)}" if binary and len(z) > 1 else difference
    lines = [equals("dL/dz", formula, total)]
    if case.activation(case.last) != natural:
        lines.insert(0, equals(f"{natural} of the logit", activated(natural, z, choice.unit), p))
    return lines


def _output_slope(case: Case, choice: Choice) -> str:
    """How the loss answers to an output."""
    p, y = case.passed.activations[-1][choice.sample], case.passed.targets[choice.sample]
    here, wanted, size = float(p[choice.unit]), float(y[choice.unit]), len(p)
    if case.experiment.fit.loss == "mean_squared_error":
        share = f" / {size}" if size > 1 else ""
        return f"2 × ({plain(here)} − {plain(wanted)}){share}"
    if case.experiment.fit.loss == "binary_crossentropy":
        if not EPSILON <= here <= 1 - EPSILON:
            return f"0 [{plain(here)} is cut off]"
        share = f" / {size}" if size > 1 else ""
        return f"({plain(here)} − {plain(wanted)}) / ({plain(here)} × (1 − {plain(here)})){share}"
    if case.experiment.fit.loss == "sparse_categorical_crossentropy":
        p = np.clip(p, EPSILON, 1 - EPSILON)
    slopes = case.passed.by_activations[-1]
    if slopes is not None and slopes[choice.sample, choice.unit] == 0:
        return "0 [cut off]"
    whole = f"1 / {within(float(p.sum()))}"
    return f"{whole} − 1 / {within(float(p[choice.unit]))}" if wanted else whole
