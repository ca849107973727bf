"""What each step of one batch shows: tables, and lines that can be worked again by hand.

All of them are pure functions of a `Case`. Why a step is taken is not said here: those texts are in
`lessons/microscope.toml`. Gradients of a sample are written dL/dz, those of a weight are their mean
over the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.nn import optimizers
from ui.tools.microscope.case import Case, Choice, Step
from ui.tools.microscope.formulas import activated, lost, output_delta, steepness
from ui.tools.microscope.numbers import (
    dot,
    equals,
    plain,
    raised,
    strongest,
    weight,
    within,
    written,
)

Array: TypeAlias = NDArray[Any]


class Table(NamedTuple):
    """A small table: its title, and its columns of texts by name."""

    title: str
    columns: dict[str, list[str]]


class Shown(NamedTuple):
    """What a step shows: tables, and the worked line with what it stands on."""

    tables: list[Table]
    lines: list[str]


def explain(step: Step, case: Case, choice: Choice) -> Shown:
    """The tables of a step, and its worked lines for what is chosen."""
    with np.errstate(all="ignore"):  # of a run that went off the rails it shows just that
        return _EXPLAINED[step.kind](step.layer, case, choice)


# Tables


def _of(rows: Sequence[int], total: int) -> str:
    return f" · {len(rows)} of {total:,}, the strongest" if len(rows) < total else ""


def _bold(texts: list[str], place: int) -> list[str]:
    return [f"**{text}**" if i == place else text for i, text in enumerate(texts)]


def _samples(case: Case) -> list[str]:
    return [f"#{i + 1}" for i in range(case.count)]


def _labels(case: Case) -> list[str]:
    """Class numbers with the classes' names, where those say something else."""
    names = case.names
    return [names[y] if names[y] == str(y) else f"{y}, {names[y]}" for y in case.labels]


def _by_unit(
    title: str,
    values: Array,
    layer: int,
    case: Case,
    choice: Choice,
    before: Callable[[list[int]], dict[str, list[str]]] = lambda rows: {},
) -> Table:
    """A row for each unit, a column for each sample; first what is needed of the chosen sample."""
    rows = strongest(values[choice.sample], choice.unit)
    columns = {"of": _bold([case.name(layer, unit) for unit in rows], rows.index(choice.unit))}
    columns |= before(rows)
    for i, sample in enumerate(_samples(case)):
        texts = written(values[i, rows])
        columns[sample] = _bold(texts, rows.index(choice.unit)) if i == choice.sample else texts
    return Table(title + _of(rows, values.shape[1]), columns)


# Forwards


def _inputs(_: int, case: Case, choice: Choice) -> Shown:
    columns = {"sample": _bold(_samples(case), choice.sample)}
    labels = _labels(case)
    if not case.experiment.data.is_image:
        columns |= {"x": written(case.passed.inputs[:, 0]), "label": labels}
        return Shown([Table("The batch", columns)], [])
    values = case.passed.inputs[:, choice.source]
    scaled = case.network.scaled
    raw = values * 255 if scaled else values
    inked = (case.passed.inputs > 0).sum(axis=1)
    name = case.name(0, choice.source)
    columns |= {"label": labels, "inked pixels": [str(n) for n in inked], name: written(values)}
    at, value = plain(float(raw[choice.sample])), float(values[choice.sample])
    line = equals(name, f"{at} / 255", value) if scaled else f"{name} = **{at}**, as it is"
    return Shown([Table("The batch", columns)], [line])


def _sums(layer: int, case: Case, choice: Choice) -> Shown:
    came, weights = case.into(layer)[choice.sample], case.weights(layer, choice.unit)
    products = came * weights[:-1]
    rows = strongest(products, int(np.abs(products).argmax()))
    sample = f"#{choice.sample + 1}"
    columns = {
        "from": [*(case.name(layer - 1, i) for i in rows), "bias"],
        f"in {sample}": [*written(came[rows]), ""],
        "weight": written([*weights[rows], weights[-1]]),
        "in × weight": written([*products[rows], weights[-1]]),
    }
    into = Table(f"Into {case.name(layer, choice.unit)}" + _of(rows, len(came)), columns)
    total = float(case.passed.sums[layer - 1][choice.sample, choice.unit])
    formula = f"{dot(came, weights[:-1])} + {within(float(weights[-1]))}"
    out = _by_unit(
        "Weighted sums z of each sample", case.passed.sums[layer - 1], layer, case, choice
    )
    return Shown([into, out], [equals("z", formula, total)])


def _activation(layer: int, case: Case, choice: Choice) -> Shown:
    sums, values = case.passed.sums[layer - 1], case.passed.activations[layer - 1]
    z, sample = sums[choice.sample], f"#{choice.sample + 1}"
    name = case.activation(layer)
    value = float(values[choice.sample, choice.unit])
    table = _by_unit(
        f"After {name}, of each sample",
        values,
        layer,
        case,
        choice,
        lambda rows: {f"z {sample}": written(z[rows])},
    )
    formula = activated(name, z, choice.unit)
    return Shown([table], [equals(f"{name}({plain(float(z[choice.unit]))})", formula, value)])


def _loss(layer: int, case: Case, choice: Choice) -> Shown:
    outputs, targets = case.passed.activations[-1], case.passed.targets
    columns = {
        "sample": _bold(_samples(case), choice.sample),
        "label": _labels(case),
    }
    if outputs.shape[1] <= 3:
        for unit in range(outputs.shape[1]):
            columns[case.name(layer, unit)] = written(outputs[:, unit])
    else:
        columns["output for the label"] = written((outputs * targets).sum(axis=1))
    columns["loss"] = _bold(written(case.passed.losses), choice.sample)
    value = float(case.passed.losses[choice.sample])
    line = equals(f"loss of #{choice.sample + 1}", lost(case, choice.sample), value)
    return Shown([Table("Loss of each", columns)], [line, _mean_loss(case)])


def _mean_loss(case: Case) -> str:
    terms = " + ".join(within(float(value)) for value in case.passed.losses)
    formula = f"({terms}) / {case.count}" if case.count > 1 else terms
    extra = f" + {plain(case.passed.penalty)} [L1 and L2]" if case.passed.penalty else ""
    if case.count == 1 and not extra:
        formula = ""
    return equals("loss of the batch", formula + extra, case.passed.loss)


# Backwards


def _delta(layer: int, case: Case, choice: Choice) -> Shown:
    if layer == case.last:
        return _output_delta(layer, case, choice)
    slopes = case.passed.by_sums[layer][choice.sample]
    weights = case.network.layers[layer].kernel[choice.unit]
    rows = strongest(slopes * weights, int(np.abs(slopes * weights).argmax()))
    sample = f"#{choice.sample + 1}"
    columns = {
        "to": [case.name(layer + 1, unit) for unit in rows],
        f"its dL/dz {sample}": written(slopes[rows]),
        "weight": written(weights[rows]),
        "product": written((slopes * weights)[rows]),
    }
    above = Table(f"What comes back to {case.name(layer, choice.unit)}", columns)
    z = float(case.passed.sums[layer - 1][choice.sample, choice.unit])
    a = float(case.passed.activations[layer - 1][choice.sample, choice.unit])
    came = case.passed.by_activations[layer - 1]
    assert came is not None  # only an output's may be missing
    arrived = float(came[choice.sample, choice.unit])
    back = equals("dL/da", dot(slopes, weights), arrived)
    steep = steepness(case.activation(layer), z, a)
    total = float(case.passed.by_sums[layer - 1][choice.sample, choice.unit])
    table = _by_unit("dL/dz of each sample", case.passed.by_sums[layer - 1], layer, case, choice)
    return Shown([above, table], [back, equals("dL/dz", f"{within(arrived)} × {steep}", total)])


def _output_delta(layer: int, case: Case, choice: Choice) -> Shown:
    a, y = case.passed.activations[-1], case.passed.targets
    sample = f"#{choice.sample + 1}"

    def before(rows: list[int]) -> dict[str, list[str]]:
        of = {f"out {sample}": a, f"wanted {sample}": y}
        return {name: written(values[choice.sample, rows]) for name, values in of.items()}

    table = _by_unit("dL/dz of each sample", case.passed.by_sums[-1], layer, case, choice, before)
    return Shown([table], output_delta(case, choice))


def _gradient(layer: int, case: Case, choice: Choice) -> Shown:
    slopes = case.passed.by_sums[layer - 1][:, choice.unit]
    bias = choice.source == case.size(layer - 1)
    came = np.ones(case.count) if bias else case.into(layer)[:, choice.source]
    each = {
        "sample": _samples(case),
        "in": ["1 (bias)"] * case.count if bias else written(came),
        "dL/dz": written(slopes),
        "in × dL/dz": written(came * slopes),
    }
    names = case.name(layer - 1, choice.source), case.name(layer, choice.unit)
    tables = [Table(f"{names[0]} → {names[1]}", each), _unit_gradients(layer, case, choice)]
    terms = " + ".join(
        within(float(g)) if bias else f"{within(float(x))} × {within(float(g))}"
        for x, g in zip(came, slopes, strict=True)
    )
    formula = f"({terms}) / {case.count}" if case.count > 1 else terms
    value = float(case.gradients(layer, choice.unit)[choice.source])
    return Shown(tables, [equals("gradient", formula + _penalized(layer, case, choice), value)])


def _penalized(layer: int, case: Case, choice: Choice) -> str:
    """What L1 and L2 add to a weight's gradient."""
    if choice.source == case.size(layer - 1):
        return ""
    l1, l2 = case.experiment.model.l1, case.experiment.model.l2
    w = float(case.weights(layer, choice.unit)[choice.source])
    first = f" + {within(float(l1 * np.sign(w)))} [L1]" if l1 else ""
    return first + (f" + 2 × {plain(l2)} × {within(w)} [L2]" if l2 else "")


def _unit_gradients(layer: int, case: Case, choice: Choice) -> Table:
    gradients, weights = case.gradients(layer, choice.unit), case.weights(layer, choice.unit)
    rows = _sources(gradients, choice.source)
    columns = {
        "from": _bold([case.name(layer - 1, i) for i in rows], rows.index(choice.source)),
        "weight": written(weights[rows]),
        "gradient": _bold(written(gradients[rows]), rows.index(choice.source)),
    }
    title = f"Weights of {case.name(layer, choice.unit)}"
    return Table(title + _of(rows, len(gradients)), columns)


def _sources(gradients: Array, chosen: int) -> list[int]:
    """The rows of a unit's weights: the strongest, the chosen one, and the bias."""
    rows = strongest(gradients[:-1], min(chosen, len(gradients) - 2))
    return [*rows, len(gradients) - 1]


# The update


def _update(layer: int, case: Case, choice: Choice) -> Shown:
    unit, names = choice.unit, optimizers.moments(case.experiment.fit)
    gradients = case.gradients(layer, unit)
    rows = _sources(gradients, choice.source)
    place = rows.index(choice.source)
    columns = {
        "from": _bold([case.name(layer - 1, i) for i in rows], place),
        "gradient": written(gradients[rows]),
        "old": written(case.weights(layer, unit)[rows], weight),
        "new": _bold(written(case.term(layer, unit, "new")[rows], weight), place),
    }
    for name in names:
        columns[name.replace("_", " ")] = written(case.term(layer, unit, name)[rows])
    title = f"Weights of {case.name(layer, unit)}" + _of(rows, len(gradients))
    terms = ["step", "new", *names, *(f"{name}_before" for name in names)]
    found = {name: float(case.term(layer, unit, name)[choice.source]) for name in terms}
    found |= {"w": float(case.weights(layer, unit)[choice.source])}
    found |= {"g": float(gradients[choice.source])}
    return Shown([Table(title, columns)], _updated(case, found))


def _updated(case: Case, found: dict[str, float]) -> list[str]:
    """The update of one weight, a line for each of the optimizer's terms."""
    fit, rate = case.experiment.fit, plain(case.update.learning_rate)
    g, new, old = within(found["g"]), found["new"], weight(found["w"])
    if fit.momentum:
        formula = f"{plain(fit.momentum)} × {within(found['velocity_before'])} − {rate} × {g}"
        line = equals("velocity", formula, found["velocity"])
        return [line, equals("new", f"{old} + {within(found['velocity'])}", new, weight)]
    if fit.optimizer == "sgd":
        return [equals("new", f"{old} − {rate} × {g}", new, weight)]
    if fit.optimizer == "rmsprop":
        return _rmsprop_lines(found, rate, g, old)
    return _adam_lines(case, found, rate, g, old)


def _rmsprop_lines(found: dict[str, float], rate: str, g: str, old: str) -> list[str]:
    square = found["mean_square"]
    formula = f"0.9 × {within(found['mean_square_before'])} + 0.1 × {g}²"
    root = f"√({plain(square)} + {plain(optimizers.EPSILON)})"
    step = equals("step", f"{rate} × {g} / {root}", found["step"])
    new = equals("new", f"{old} − {within(found['step'])}", found["new"], weight)
    return [equals("mean square", formula, square), step, new]


def _adam_lines(case: Case, found: dict[str, float], rate: str, g: str, old: str) -> list[str]:
    m, v = found["moment_1"], found["moment_2"]
    m_before, v_before = within(found["moment_1_before"]), within(found["moment_2_before"])
    t = case.update.number
    corrected = case.update.corrected or 0.0
    factor = f"{rate} × √(1 − 0.999{raised(t)}) / (1 − 0.9{raised(t)})"
    step = f"{plain(corrected)} × {within(m)} / (√{within(v)} + {plain(optimizers.EPSILON)})"
    return [
        equals("moment 1", f"{m_before} + 0.1 × ({g} − {m_before})", m),
        equals("moment 2", f"{v_before} + 0.001 × ({g}² − {v_before})", v),
        equals(f"step size of update {t:,}", factor, corrected),
        equals("step", step, found["step"]),
        equals("new", f"{old} − {within(found['step'])}", found["new"], weight),
    ]


_EXPLAINED: dict[str, Callable[[int, Case, Choice], Shown]] = {
    "inputs": _inputs,
    "sums": _sums,
    "activation": _activation,
    "loss": _loss,
    "delta": _delta,
    "gradient": _gradient,
    "update": _update,
}
