"""The faults that a run can have: for each a rule with its threshold, and the reason for it.

A rule takes the `RunFacts` and returns a `Fault`, or None if the run does not have it. `RULES`
lists them by severity. This file does not know how a fault is worded (`lessons/diagnosis.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis import remedies
from nncore.analysis.metrics import baseline_accuracy, output_range
from nncore.analysis.remedies import Settings
from nncore.analysis.run_facts import Array, RunFacts, relative_slope, running_mean
from nncore.analysis.units import dead_units
from nncore.experiment import LEARNING_RATES

#: A loss that ends at this many times its first epoch's has grown: noise does not double a mean
#: over thousands of samples.
GROWTH = 2.0
#: Accuracies that differ by no more than this, half a point, count as equal: two seeds differ by
#: as much.
ACCURACY_TOLERANCE = 0.005
#: An output this far outside 0 to 1 is no rounded label; this share of such outputs means that
#: nothing keeps them inside.
OUTPUT_MARGIN, OUTSIDE_SHARE = 0.1, 0.05
#: An activation counts as flat where its slope is below this share of its steepest: for a sigmoid
#: from a sum of 4.6 on, where the output is 0.99.
FLAT_SLOPE = 0.04
#: Flat outputs are a fault in wrong predictions only; right ones need not move. Networks whose
#: sums are too large have shares of 0.7 to 1 there, healthy ones 0 to 0.3 (measured). Fewer than
#: `MIN_WRONG` wrong predictions say nothing.
FLAT_SHARE, MIN_WRONG = 0.5, 10
#: Dead units matter if they are this share of a layer in a network with at least this error rate.
DEAD_SHARE, ERROR_RATE = 0.25, 0.1
#: The validation loss has risen to this many times its lowest. Prechelt (Early Stopping - But
#: When?, 1998) stops at a "generalization loss" of 1 to 5%; 10% is beyond doubt.
RISE = 1.1
#: Losses are compared as means over a tenth of the epochs, at least this many: single epochs jump.
WINDOW = 3
#: A loss still falls steadily if its last step is at least this share of the mean step (steps
#: shrink where training settles), and at least this share of the loss that is left.
STEADY_STEP, STEADY_FALL = 0.5, 0.01
#: A loss that fell by less than this share has hardly moved.
MIN_FALL = 0.05
#: A learning rate this many times Keras's default is not too small, whatever the loss does.
LARGE_RATE = 10

#: Activations that are flat at both ends.
_FLAT_ENDED = ("sigmoid", "tanh", "softmax")


@dataclass(frozen=True)
class Fault:
    """A fault that a run has.

    Args:
        name: One word, a key of `RULES` or of `RUNAWAY_RULES`.
        evidence: The numbers that it rests on, by name.
        remedy: Settings for `Experiment.updated`.
    """

    name: str
    evidence: Mapping[str, float]
    remedy: Settings


Rule: TypeAlias = Callable[[RunFacts], Fault | None]


# Weights that ran away.


def find_not_finite(facts: RunFacts) -> Fault | None:
    """Find a loss or a weight that became NaN or infinite.

    Threshold: the engine gave up on the run, or left a weight that is not finite. Reason: float32
    ends at 3.4e38, and a step that overshoots makes the next gradient, and so the next step,
    larger.
    """
    checkpoint = facts.checkpoint
    is_finite = all(np.isfinite(array).all() for array in checkpoint.weights)
    if is_finite and not checkpoint.failure:
        return None
    evidence = {
        "epoch": checkpoint.epoch + 1,
        "batch": checkpoint.step + 1,
        "rate": facts.experiment.fit.learning_rate,
    }
    return Fault("not_finite", evidence, remedies.shorten_steps(facts.experiment))


def find_divergence(facts: RunFacts) -> Fault | None:
    """Find a loss that grew instead of falling.

    Threshold: the last epoch's mean loss is `GROWTH` times the first's or more. Reason: a step
    against the gradient lowers the loss if it is short enough, so a growing loss means that the
    steps were too long.
    """
    losses = facts.curve("loss")
    if len(losses) < 2 or losses[-1] < GROWTH * losses[0] or losses[-1] <= 0:
        return None
    evidence = {
        "first": float(losses[0]),
        "last": float(losses[-1]),
        "rate": facts.experiment.fit.learning_rate,
    }
    return Fault("diverged", evidence, remedies.shorten_steps(facts.experiment))


# What the network is worth.


def find_baseline_accuracy(facts: RunFacts) -> Fault | None:
    """Find a network that does no better than always predicting the commonest class.

    Threshold: its accuracy is at most `ACCURACY_TOLERANCE` above the baseline. Reason: anyone
    reaches the baseline without looking at the samples.
    """
    baseline = baseline_accuracy(facts.y)
    if facts.accuracy > baseline + ACCURACY_TOLERANCE or facts.accuracy == 1.0:
        return None
    counts = np.bincount(facts.predicted, minlength=facts.experiment.outputs)
    evidence = {
        "accuracy": facts.accuracy,
        "baseline": baseline,
        "answers": int(np.count_nonzero(counts)),
        "commonest": float(counts.max() / len(facts.y)),
    }
    return Fault("below_baseline", evidence, remedies.make_usual(facts.experiment))


# What keeps it from learning.


def find_outputs_outside(facts: RunFacts) -> Fault | None:
    """Find outputs outside the labels' range, 0 to 1.

    Threshold: at least `OUTSIDE_SHARE` of them by more than `OUTPUT_MARGIN`. Reason: squared error
    punishes an output of 2 for a clear five as hard as one of 0, so training keeps right outputs
    from growing instead of correcting wrong ones (Bishop, Pattern Recognition, 2006, 4.1.3).
    """
    _, outputs = facts.output_layer
    is_outside = (outputs < -OUTPUT_MARGIN) | (outputs > 1 + OUTPUT_MARGIN)
    if is_outside.mean() < OUTSIDE_SHARE:
        return None
    low, high = output_range(outputs)
    evidence = {"low": low, "high": high, "share": float(is_outside.mean())}
    remedy = {"model.output_activation": remedies.matching_output(facts.experiment)}
    return Fault("outside", evidence, remedy)


def find_saturated_outputs(facts: RunFacts) -> Fault | None:
    """Find output sums so large that the activation is flat where the prediction is wrong.

    Threshold: at least `FLAT_SHARE` of the wrong predictions have outputs whose slope is below
    `FLAT_SLOPE` of the steepest. Reason: the gradient is proportional to that slope. With
    cross-entropy it cancels, but such an output is still a confident mistake.
    """
    sums, outputs = facts.output_layer
    activation, wrong = facts.experiment.model.output_activation, facts.is_wrong
    if activation not in _FLAT_ENDED or wrong.sum() < MIN_WRONG:
        return None
    share = float(is_flat(activation, outputs[wrong]).mean())
    if share < FLAT_SHARE:
        return None
    low, high = output_range(sums)
    evidence = {"share": share, "wrong": int(wrong.sum()), "low": low, "high": high}
    return Fault("saturated", evidence, remedies.shrink_sums(facts.experiment))


def find_saturated_hidden_units(facts: RunFacts) -> Fault | None:
    """Find hidden units whose sums are so large that their sigmoid or tanh is flat.

    Threshold: at least `FLAT_SHARE` of a layer's values have a slope below `FLAT_SLOPE` of the
    steepest. Reason: each layer multiplies the gradient by its slope (Glorot and Bengio, 2010).
    """
    for number, (layer, values) in enumerate(facts.hidden_layers, 1):
        if layer.activation not in _FLAT_ENDED:
            continue
        share = float((relative_slope(layer.activation, values) < FLAT_SLOPE).mean())
        if share >= FLAT_SHARE:
            remedy = remedies.revive_units(facts.experiment, "relu")
            return Fault("saturated_hidden", {"share": share, "layer": number}, remedy)
    return None


def find_dead_units(facts: RunFacts) -> Fault | None:
    """Find hidden relu units that are off for every sample, so that no gradient reaches them.

    Threshold: a whole layer; or `DEAD_SHARE` of one in a network with an error rate of
    `ERROR_RATE` or more. Reason: a few dead units cost nothing while the others do the work. With
    a single input that is never negative about half are dead from the start by chance, which is
    no fault.
    """
    is_dead = dead_units(facts.network, facts.x)
    shares = [float(units.mean()) for units in is_dead]
    worst = int(np.argmax(shares)) if shares else 0
    errs = 1 - facts.accuracy >= ERROR_RATE and facts.network.inputs > 1
    if not shares or shares[worst] < (DEAD_SHARE if errs else 1.0):
        return None
    count, size = int(is_dead[worst].sum()), len(is_dead[worst])
    evidence = {"dead": count, "units": size, "layer": worst + 1}
    return Fault("dead", evidence, remedies.revive_units(facts.experiment, "leaky_relu"))


# What would make it better.


def find_overfitting(facts: RunFacts) -> Fault | None:
    """Find a validation loss that rises while the training loss goes on falling.

    Threshold: the validation loss has risen to `RISE` times its lowest, each of the last epochs is
    above both that lowest and the training loss, and the training loss has fallen meanwhile.
    Reason: whatever lowers the one loss and raises the other has been memorised.
    """
    width = max(WINDOW, len(facts.curve("loss")) // 10)
    if len(facts.curve("val_loss")) < 2 * width:
        return None
    end = facts.curve("val_loss")[-width:].min()
    training, validation = (running_mean(facts.curve(k), width) for k in ("loss", "val_loss"))
    best = int(np.argmin(validation))
    has_risen = validation[-1] >= RISE * validation[best]
    is_above = end > max(validation[best], training[-1])
    if not (has_risen and is_above and training[-1] < training[best]):
        return None
    epoch = best + (width + 1) // 2  # the middle of the window, counted from 1
    lowest, last, ours = map(float, (validation[best], validation[-1], training[-1]))
    evidence = {"epoch": epoch, "best": lowest, "last": last, "training": ours}
    return Fault("overfitting", evidence, {"fit.epochs": epoch})


def find_slow_training(facts: RunFacts) -> Fault | None:
    """Find a loss that still falls steadily at the end, or has hardly moved at all.

    Threshold: each of the last steps went down, the last one by at least `STEADY_STEP` of the mean
    step and `STEADY_FALL` of the loss; or the loss has fallen by less than `MIN_FALL` in all, the
    error rate is `ERROR_RATE` or more, and nothing else explains it. Reason: steps shrink where
    training settles, so a straight curve has been cut off.
    """
    losses, fit = facts.curve("loss"), facts.experiment.fit
    is_large = fit.learning_rate > LARGE_RATE * LEARNING_RATES[fit.optimizer]
    ran_to_end = facts.checkpoint.finished and not facts.checkpoint.stopped_early
    if len(losses) < WINDOW or is_large or not ran_to_end:
        return None
    has_hardly_moved = _has_hardly_moved(losses, facts) and not _is_stuck(facts)
    if not (_falls_steadily(losses) or has_hardly_moved):
        return None
    evidence = {
        "first": float(losses[0]),
        "last": float(losses[-1]),
        "rate": fit.learning_rate,
        "epochs": len(losses),
    }
    return Fault("too_slow", evidence, remedies.speed_up(facts.experiment))


def _falls_steadily(losses: Array) -> bool:
    steps = -np.diff(losses)
    mean, last = (losses[0] - losses[-1]) / len(steps), steps[-1]
    goes_down = bool((steps[-WINDOW:] > 0).all())
    return goes_down and last >= STEADY_STEP * mean and last >= STEADY_FALL * losses[-1]


def _has_hardly_moved(losses: Array, facts: RunFacts) -> bool:
    fall = losses[0] - losses[-1]
    return 0 <= fall < MIN_FALL * losses[0] and 1 - facts.accuracy >= ERROR_RATE


def _is_stuck(facts: RunFacts) -> bool:
    """Return True if no gradient gets through, so that no learning rate helps."""
    rules = (find_saturated_outputs, find_saturated_hidden_units, find_dead_units)
    return any(rule(facts) is not None for rule in rules)


#: Faults that explain everything else about a run.
RUNAWAY_RULES: Mapping[str, Rule] = {"not_finite": find_not_finite, "diverged": find_divergence}
#: All others, the worst first.
RULES: Mapping[str, Rule] = {
    "below_baseline": find_baseline_accuracy,
    "outside": find_outputs_outside,
    "saturated": find_saturated_outputs,
    "saturated_hidden": find_saturated_hidden_units,
    "dead": find_dead_units,
    "overfitting": find_overfitting,
    "too_slow": find_slow_training,
}


def is_flat(activation: str, outputs: Array) -> NDArray[np.bool_]:
    """Return which rows of outputs come from where the activation is flat.

    Args:
        activation: `"sigmoid"`, `"softmax"` or `"tanh"`.
        outputs: (n, outputs).

    Returns:
        (n,) True where the slope of every output of the row is below `FLAT_SLOPE`.
    """
    return np.all(relative_slope(activation, outputs) < FLAT_SLOPE, axis=-1)
