"""One update of the weights as Keras's optimizers make it, with every number in it, in NumPy.

    sgd       velocity = momentum * velocity - rate * g            w = w + velocity
    rmsprop   mean_square = 0.9 * mean_square + 0.1 * g ** 2       w = w - rate * g / root
    adam      moment_1, moment_2: means of g, of g ** 2        w = w - corrected * moment_1 / root

Formulas, order of operations and constants are those of Keras 3: `update_step` in
`keras/src/optimizers/sgd.py`, `rmsprop.py` and `adam.py`; tests compare the two. Slots have the
order of `Optimizer.variables`: updates made, learning rate, then the moments, weight by weight.

This file does not know where gradients come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.experiment import FitConfig

Array: TypeAlias = NDArray[Any]
Terms: TypeAlias = Mapping[str, Array]

#: Keras's defaults. Epsilon keeps a step finite if a weight never had a gradient.
EPSILON = 1e-7
RHO = 0.9
BETA_1, BETA_2 = 0.9, 0.999
#: The moments of each optimizer, in the order of each weight's slots.
_MOMENTS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("velocity",),
    "rmsprop": ("mean_square",),
    "adam": ("moment_1", "moment_2"),
}


@dataclass(frozen=True, eq=False)
class Update:
    """One update, from the old weights to the new ones.

    Args:
        weights: The new weights, `(kernel, bias, kernel, bias, ...)` float32.
        slots: The optimizer's variables after the update, in Keras's order.
        terms: For each weight array its intermediate results by name, each of the weight's shape.
            A moment before the update is named with `_before`: `velocity_before`, `velocity`.
        number: The update's number in the run, from 1.
        learning_rate: The learning rate of this update.
        corrected: Adam's step size: the learning rate times a factor that compensates for moments
            that start at 0. None for other optimizers.
    """

    weights: tuple[Array, ...]
    slots: tuple[Array, ...]
    terms: tuple[Terms, ...]
    number: int
    learning_rate: float
    corrected: float | None = None


def moments(fit: FitConfig) -> tuple[str, ...]:
    """Return the names of what the optimizer keeps for each weight: `()`, `("velocity",)`, ..."""
    return _MOMENTS["momentum" if fit.momentum else fit.optimizer]


def first_slots(fit: FitConfig, weights: Sequence[Array]) -> tuple[Array, ...]:
    """Return the optimizer's variables before the first update: all moments are 0.

    Args:
        fit: Its optimizer, momentum and learning rate.
        weights: `(kernel, bias, ...)`.
    """
    zeros = [np.zeros_like(w) for w in weights for _ in moments(fit)]
    return (np.array(0), np.asarray(fit.learning_rate, np.float32), *zeros)


def update(
    fit: FitConfig, weights: Sequence[Array], gradients: Sequence[Array], slots: Sequence[Array]
) -> Update:
    """Return the weights and slots after one update.

    Source: `keras/src/optimizers/base_optimizer.py` (`apply`), and `update_step` in `sgd.py`,
    `rmsprop.py` and `adam.py` of that folder. Adam after Kingma and Ba, 2014; its epsilon is their
    "epsilon hat", just before Section 2.1. RMSprop after Hinton, 2012.

    Args:
        fit: Its optimizer and momentum; the learning rate is taken from `slots`.
        weights: `(kernel, bias, ...)`, float32.
        gradients: One for each weight array, of its shape.
        slots: `Checkpoint.slots`, or `first_slots`.

    Returns:
        The new weights and slots, and every intermediate result.

    Raises:
        ValueError: If the number of gradients or slots does not fit the weights.
    """
    names = moments(fit)
    _check(weights, gradients, slots, len(names))
    number, rate = int(slots[0]) + 1, np.float32(slots[1])
    corrected = _correct_rate(rate, number) if fit.optimizer == "adam" else None
    formula = _FORMULAS["momentum" if fit.momentum else fit.optimizer]
    terms: list[dict[str, Array]] = []
    for place, (w, g) in enumerate(zip(weights, gradients, strict=True)):
        first = 2 + place * len(names)
        before = dict(zip(names, slots[first : first + len(names)], strict=True))
        after = formula(g, before, rate if corrected is None else corrected, fit.momentum)
        old = {f"{name}_before": moment for name, moment in before.items()}
        terms.append(old | after | {"new": w - after["step"]})
    return Update(
        tuple(term["new"] for term in terms),
        (np.array(number), slots[1], *(term[name] for term in terms for name in names)),
        tuple(terms),
        number,
        float(rate),
        None if corrected is None else float(corrected),
    )


def _check(
    weights: Sequence[Array], gradients: Sequence[Array], slots: Sequence[Array], each: int
) -> None:
    expected = 2 + each * len(weights)
    if len(gradients) != len(weights) or len(slots) != expected:
        raise ValueError(
            f"{len(weights)} weight arrays need as many gradients and {expected} slots. "
            f"Received: {len(gradients)} gradients, {len(slots)} slots"
        )


def _correct_rate(rate: np.float32, number: int) -> np.float32:
    """Return Adam's learning rate at an update, corrected for moments that start at 0."""
    power_1 = np.float32(BETA_1) ** np.float32(number)
    power_2 = np.float32(BETA_2) ** np.float32(number)
    return np.float32(rate * np.sqrt(1 - power_2) / (1 - power_1))


# Each takes the gradient, the moments before, the step size and the momentum. It returns the new
# moments and intermediate results; "step" is subtracted from the weight.


def _sgd(g: Array, _: Terms, rate: np.float32, __: float) -> dict[str, Array]:
    return {"step": g * rate}


def _momentum(g: Array, before: Terms, rate: np.float32, momentum: float) -> dict[str, Array]:
    velocity = before["velocity"] * momentum - g * rate
    return {"velocity": velocity, "step": -velocity}


def _rmsprop(g: Array, before: Terms, rate: np.float32, _: float) -> dict[str, Array]:
    mean_square = RHO * before["mean_square"] + (1 - RHO) * np.square(g)
    root = np.sqrt(mean_square + EPSILON)
    return {"mean_square": mean_square, "root": root, "step": rate * g / root}


def _adam(g: Array, before: Terms, corrected: np.float32, _: float) -> dict[str, Array]:
    m, v = before["moment_1"], before["moment_2"]
    m = m + (g - m) * (1 - BETA_1)
    v = v + (np.square(g) - v) * (1 - BETA_2)
    root = np.sqrt(v) + EPSILON
    return {"moment_1": m, "moment_2": v, "root": root, "step": m * corrected / root}


_FORMULAS: dict[str, Callable[[Array, Terms, np.float32, float], dict[str, Array]]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "rmsprop": _rmsprop,
    "adam": _adam,
}
