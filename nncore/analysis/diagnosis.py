"""What went wrong with a run: each fault has a name, the numbers it rests on, and a remedy.

A rule is a function of a `Case`: what a run left behind, and what its network says to samples that
it was not trained on. It gives a `Finding`, or None where there is no such fault. `RULES` has them
by severity. This file does not know how a finding is worded, and it trains nothing: whether a
remedy helps is seen by running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nncore.analysis.metrics import baseline_accuracy, output_range
from nncore.analysis.units import dead_units
from nncore.checkpoint import Checkpoint
from nncore.data.datasets import Dataset
from nncore.experiment import LEARNING_RATES, Experiment
from nncore.nn.losses import predicted_classes
from nncore.nn.network import Layer, Network

Array: TypeAlias = NDArray[Any]
Settings: TypeAlias = Mapping[str, Any]

#: A loss that ends at this many times its first epoch's has grown: noise does not double a mean
#: over thousands of samples.
GROWN = 2.0
#: Accuracies no further apart than this, half a point, are the same: so far apart are two seeds.
SAME = 0.005
#: An output further than this outside 0..1 is no rounding of a label, and it takes this share of
#: the outputs to say that nothing keeps them inside.
MARGIN, OFTEN_OUTSIDE = 0.1, 0.05
#: A bend is as good as flat where its slope is below this share of its steepest: for a sigmoid from
#: a sum of 4.6 on, for an output of 0.99. That is no fault in right answers, which need not move.
#: So the share is taken of the wrong ones: in networks whose sums are too large it was measured as
#: 0.7 to 1, in healthy ones as 0 to 0.3. With fewer than FEW wrong answers it means nothing.
FLAT, MOST, FEW = 0.04, 0.5, 10
#: Dead units cost something where they are this share of a layer, in a network that errs as often.
SOME_DEAD, ERRS = 0.25, 0.1
#: The held-out loss has risen to this many times its lowest. Prechelt (Early Stopping - But When?,
#: 1998) stops at a "generalization loss" of 1 to 5 per cent; 10 are beyond doubt. Both are means
#: over a tenth of the epochs, at least WINDOW, since single epochs jump.
RISEN, WINDOW = 1.1, 3
#: A loss falls steadily if its last step is at least this share of the mean step so far (where
#: training settles the steps shrink), and by at least this share of what is left.
STEADY, STILL_FALLING = 0.5, 0.01
#: A loss has hardly moved if it fell by less than this share. A rate this many times Keras's own is
#: not too small, whatever the loss does.
MOVED, LARGE = 0.05, 10
#: Samples whose hidden values are looked at, and how many numbers stand for rounding's test set.
WATCHED, GRID = 2000, 1001

_CLASS_ACTIVATIONS = ("sigmoid", "softmax")
_BENT = ("sigmoid", "tanh", "softmax")


@dataclass(frozen=True)
class Finding:
    """A fault.

    Args:
        name: Which, in one word.
        evidence: The numbers on which it rests, by name.
        remedy: Settings for `Experiment.updated`; empty where nothing is left to try.
    """

    name: str
    evidence: Mapping[str, float]
    remedy: Settings


@dataclass(frozen=True, eq=False)
class Case:
    """What the rules look at.

    Args:
        checkpoint: A run with weights.
        x: Samples that the network was not trained on, as for `Network.prepare`.
        y: (n,) their class numbers.
    """

    checkpoint: Checkpoint
    x: Array
    y: Array

    @property
    def experiment(self) -> Experiment:
        """What was done."""
        return self.checkpoint.experiment

    @cached_property
    def network(self) -> Network:
        """The network as the run left it."""
        return Network.of(self.experiment, self.checkpoint.weights)

    @cached_property
    def last(self) -> tuple[Array, Array]:
        """The output layer's weighted sums and activations for all samples, (n, outputs) each."""
        parts = [part for _, part in self.network.in_parts(self.x)]
        sums, outputs = zip(*parts, strict=True)
        return np.concatenate(sums), np.concatenate(outputs)

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """The class that each sample was taken for."""
        return predicted_classes(self.last[1])

    @cached_property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float((self.answers == self.y).mean())

    @cached_property
    def hidden(self) -> list[tuple[Layer, Array]]:
        """The hidden layers, each with its activations for some of the samples."""
        rows = np.reshape(self.x, (self.network.count(self.x), self.network.inputs))
        passed = self.network.forward(rows[:: max(1, len(rows) // WATCHED)])
        return [(layer, a) for layer, (_, a) in zip(self.network.layers, passed, strict=True)][:-1]

    def curve(self, name: str) -> Array:
        """A column of the history, one number an epoch; empty where there is none.

        It ends with the epoch whose weights were kept: what came after is not in them.
        """
        return np.array(self.checkpoint.kept_history.get(name, ()), float)


def diagnose(checkpoint: Checkpoint, x: Array, y: Array) -> tuple[Finding, ...]:
    """What went wrong with a run that is over.

    Args:
        checkpoint: Where it ended: history, weights, failure.
        x: Samples that the network was not trained on, as for `Network.prepare`.
        y: (n,) their class numbers.

    Returns:
        The faults, the worst first; none for a run that has no weights yet. Where the weights ran
        away nothing else is said: what they say by then is a consequence.
    """
    if not checkpoint.weights:
        return ()
    case = Case(checkpoint, x, y)
    ran_away = not_finite(case) or diverged(case)
    if ran_away is not None:
        return (ran_away,)
    found = [finding for rule in RULES if (finding := rule(case)) is not None]
    if len(found) > 1 and found[0].name == "below_baseline":  # the next one is the cause
        found[0] = replace(found[0], remedy=found[1].remedy)
    return tuple(found)


def samples(dataset: Dataset, experiment: Experiment) -> tuple[Array, Array]:
    """What to look at: the test set; for rounding, whose test set is ten numbers, a line of them.

    Args:
        dataset: The data of `experiment`.
        experiment: Its threshold labels the line.

    Returns:
        Samples and class numbers.
    """
    if experiment.data.is_image:
        return dataset.x_test, dataset.y_test
    line = np.linspace(0.0, 1.0, GRID, dtype=np.float32)[:, np.newaxis]
    return line, (line[:, 0] >= experiment.data.threshold).astype(np.int64)


# The rules, the worst fault first.


def not_finite(case: Case) -> Finding | None:
    """The loss or a weight is no number any more.

    Threshold: the engine gave up on the run, or left a weight that is not finite. Reason: float32
    ends at 3.4e38; a step that overshoots makes the next gradient larger, and so the next step.
    """
    checkpoint = case.checkpoint
    finite = all(np.isfinite(array).all() for array in checkpoint.weights)
    if finite and not checkpoint.failure:
        return None
    evidence = {
        "epoch": checkpoint.epoch + 1,
        "batch": checkpoint.step + 1,
        "rate": case.experiment.fit.learning_rate,
    }
    return Finding("not_finite", evidence, smaller_steps(case.experiment))


def diverged(case: Case) -> Finding | None:
    """The loss grew instead of falling.

    Threshold: the last epoch's mean is `GROWN` times the first's or more. Reason: a step against
    the gradient lowers the loss if it is short enough; a loss that grows says that it was not.
    """
    losses = case.curve("loss")
    if len(losses) < 2 or losses[-1] < GROWN * losses[0] or losses[-1] <= 0:
        return None
    evidence = {
        "first": float(losses[0]),
        "last": float(losses[-1]),
        "rate": case.experiment.fit.learning_rate,
    }
    return Finding("diverged", evidence, smaller_steps(case.experiment))


def below_baseline(case: Case) -> Finding | None:
    """The network does no better than always giving the commonest answer.

    Threshold: its accuracy is at most `SAME` above the baseline's. Reason: that much is to be had
    without looking at the sample.
    """
    baseline = baseline_accuracy(case.y)
    if case.accuracy > baseline + SAME or case.accuracy == 1.0:
        return None
    given = np.bincount(case.answers, minlength=len(case.last[1][0]))
    evidence = {
        "accuracy": case.accuracy,
        "baseline": baseline,
        "answers": int(np.count_nonzero(given)),
        "commonest": float(given.max() / len(case.y)),
    }
    return Finding("below_baseline", evidence, next(_usual(case.experiment), {}))


def outside(case: Case) -> Finding | None:
    """Outputs lie outside the labels' range, 0 to 1.

    Threshold: at least `OFTEN_OUTSIDE` of them by more than `MARGIN`. Reason: squared error takes
    an output of 2 for a sure five as badly as one of 0, so the network spends itself on keeping
    right answers from being too right (Bishop, Pattern Recognition, 2006, section 4.1.3).
    """
    _, outputs = case.last
    beyond = (outputs < -MARGIN) | (outputs > 1 + MARGIN)
    if beyond.mean() < OFTEN_OUTSIDE:
        return None
    low, high = output_range(outputs)
    evidence = {"low": low, "high": high, "share": float(beyond.mean())}
    return Finding("outside", evidence, {"model.output_activation": _fitting(case.experiment)})


def saturated(case: Case) -> Finding | None:
    """Sums are so large that the activation is flat where the answer is wrong.

    Threshold: at least `MOST` of the wrong answers come from where the output's slope is below
    `FLAT` of its steepest. Reason: what training can move is proportional to that slope; with
    cross-entropy it cancels out, but an output at its end is still sure of a wrong answer.
    """
    sums, outputs = case.last
    if case.experiment.model.output_activation not in _BENT:
        return None
    wrong = case.answers != case.y
    if wrong.sum() < FEW:
        return None
    share = float(flat(case.experiment.model.output_activation, outputs[wrong]).mean())
    if share < MOST:
        return None
    low, high = output_range(sums)
    evidence = {"share": share, "wrong": int(wrong.sum()), "low": low, "high": high}
    return Finding("saturated", evidence, smaller_sums(case.experiment))


def saturated_hidden(case: Case) -> Finding | None:
    """Hidden units' sums are so large that their sigmoid or tanh is flat.

    Threshold: at least `MOST` of a layer's values lie where the slope is below `FLAT` of its
    steepest. Reason: each layer multiplies the gradient by its slope (Glorot and Bengio, 2010).
    """
    for number, (layer, values) in enumerate(case.hidden, 1):
        if layer.activation not in _BENT:
            continue
        share = float((_slope(layer.activation, values) < FLAT).mean())
        if share >= MOST:
            evidence = {"share": share, "layer": number}
            return Finding("saturated_hidden", evidence, _scaled_or(case, "relu"))
    return None


def dead(case: Case) -> Finding | None:
    """Hidden relu units are off for every sample, so that no gradient reaches them.

    Threshold: a whole layer; or `SOME_DEAD` of one, in a network that errs on `ERRS` or more of
    the samples. Reason: a few dead units cost nothing where the others do their work. With a single
    input that is never negative about half are dead by chance from the start: that is no fault.
    """
    off = dead_units(case.network, case.x)
    shares = [float(units.mean()) for units in off]
    worst = int(np.argmax(shares)) if shares else 0
    erring = 1 - case.accuracy >= ERRS and case.network.inputs > 1
    if not shares or shares[worst] < (SOME_DEAD if erring else 1.0):
        return None
    count, size = int(off[worst].sum()), len(off[worst])
    evidence = {"dead": count, "units": size, "layer": worst + 1}
    return Finding("dead", evidence, _scaled_or(case, "leaky_relu"))


def overfitting(case: Case) -> Finding | None:
    """The held-out loss rises while the training loss goes on falling.

    Threshold: the held-out loss has risen to `RISEN` times its lowest, each of the last epochs lies
    above both that and the training loss, and the training loss has fallen meanwhile. Reason: what
    lowers the one and raises the other has been learnt by heart.
    """
    width = max(WINDOW, len(case.curve("loss")) // 10)
    if len(case.curve("val_loss")) < 2 * width:
        return None
    end = case.curve("val_loss")[-width:].min()
    ours, theirs = (_running_mean(case.curve(name), width) for name in ("loss", "val_loss"))
    best = int(np.argmin(theirs))
    risen = theirs[-1] >= RISEN * theirs[best] and end > max(theirs[best], ours[-1])
    if not (risen and ours[-1] < ours[best]):
        return None
    epoch = best + (width + 1) // 2  # the middle of the window, counted from 1
    lowest, last, training = map(float, (theirs[best], theirs[-1], ours[-1]))
    evidence = {"epoch": epoch, "best": lowest, "last": last, "training": training}
    return Finding("overfitting", evidence, {"fit.epochs": epoch})


def too_slow(case: Case) -> Finding | None:
    """The loss falls steadily to the end, or it has hardly moved at all.

    Threshold: each of the last steps went down, the last one by at least `STEADY` of the mean step
    and `STILL_FALLING` of the loss; or the loss has fallen by less than `MOVED` in all, `ERRS` of
    the answers are wrong, and nothing else explains it. Reason: where training settles the steps
    shrink, so a curve as straight as a ruler has been cut off.
    """
    losses, fit = case.curve("loss"), case.experiment.fit
    large = fit.learning_rate > LARGE * LEARNING_RATES[fit.optimizer]
    finished, early = case.checkpoint.finished, case.checkpoint.stopped_early
    if len(losses) < WINDOW or large or not finished or early:
        return None
    if not (_falls_steadily(losses) or (_hardly_moved(losses, case) and not _stuck(case))):
        return None
    evidence = {
        "first": float(losses[0]),
        "last": float(losses[-1]),
        "rate": case.experiment.fit.learning_rate,
        "epochs": len(losses),
    }
    return Finding("too_slow", evidence, larger_steps(case.experiment))


def _falls_steadily(losses: Array) -> bool:
    steps = -np.diff(losses)
    mean, last = (losses[0] - losses[-1]) / len(steps), steps[-1]
    down = bool((steps[-WINDOW:] > 0).all())
    return down and last >= STEADY * mean and last >= STILL_FALLING * losses[-1]


def _hardly_moved(losses: Array, case: Case) -> bool:
    fallen = losses[0] - losses[-1]
    return 0 <= fallen < MOVED * losses[0] and 1 - case.accuracy >= ERRS


def _stuck(case: Case) -> bool:
    """Whether no gradient gets through, which no learning rate helps."""
    return any(rule(case) is not None for rule in (saturated, saturated_hidden, dead))


Rule: TypeAlias = Callable[[Case], Finding | None]
#: By severity: what the network is worth, what keeps it from learning, what would make it better.
RULES: tuple[Rule, ...] = (
    below_baseline,
    outside,
    saturated,
    saturated_hidden,
    dead,
    overfitting,
    too_slow,
)


# Remedies: one change at a time, so that its effect can be seen.


def smaller_steps(experiment: Experiment) -> Settings:
    """What tames steps that are too long: Keras's own rate, smaller inputs, a tenth of the rate."""
    rate, own = experiment.fit.learning_rate, LEARNING_RATES[experiment.fit.optimizer]
    if rate > own:
        return {"fit.learning_rate": own}
    if _raw(experiment):
        return {"data.scaled": True}
    return {"fit.learning_rate": max(rate / 10, 1e-6)}


def smaller_sums(experiment: Experiment) -> Settings:
    """What brings a flat output back: a loss that pulls there, smaller inputs, shorter steps."""
    if experiment.model.output_activation == "tanh":
        return {"model.output_activation": _fitting(experiment)}
    if experiment.fit.loss == "mean_squared_error":
        return {"fit.loss": _entropy(experiment)}
    return smaller_steps(experiment)


def larger_steps(experiment: Experiment) -> Settings:
    """What hurries a slow run: Keras's own rate; ten times the rate of SGD; more epochs."""
    rate, own = experiment.fit.learning_rate, LEARNING_RATES[experiment.fit.optimizer]
    if rate < own:
        return {"fit.learning_rate": own}
    if experiment.fit.optimizer == "sgd" and rate <= 0.1:
        return {"fit.learning_rate": rate * 10}
    return {"fit.epochs": min(3 * experiment.fit.epochs, 1000)}


def _usual(experiment: Experiment) -> Iterator[Settings]:
    """What sets this experiment apart from one that usually works, the likeliest fault first."""
    if experiment.model.output_activation not in _CLASS_ACTIVATIONS:
        yield {"model.output_activation": _fitting(experiment)}
    if experiment.fit.loss == "mean_squared_error":
        yield {"fit.loss": _entropy(experiment)}
    if _raw(experiment):
        yield {"data.scaled": True}
    if experiment.fit.learning_rate != LEARNING_RATES[experiment.fit.optimizer]:
        yield {"fit.learning_rate": LEARNING_RATES[experiment.fit.optimizer]}
    yield larger_steps(experiment)


def _scaled_or(case: Case, activation: str) -> Settings:
    """What brings units back: smaller inputs, Keras's own rate, another bend."""
    experiment = case.experiment
    if _raw(experiment):
        return {"data.scaled": True}
    own = LEARNING_RATES[experiment.fit.optimizer]
    if experiment.fit.learning_rate > own:
        return {"fit.learning_rate": own}
    return {"model.activation": activation}


def _raw(experiment: Experiment) -> bool:
    """Whether pixels go in from 0 to 255."""
    return experiment.data.is_image and not experiment.data.scaled


def _fitting(experiment: Experiment) -> str:
    """The output activation that goes with the labels."""
    return "sigmoid" if experiment.outputs == 1 else "softmax"


def _entropy(experiment: Experiment) -> str:
    """The cross-entropy that goes with the labels."""
    return "binary_crossentropy" if experiment.outputs == 1 else "categorical_crossentropy"


# Numbers.


def flat(activation: str, outputs: Array) -> NDArray[np.bool_]:
    """Which rows of outputs come from where the activation is as good as flat.

    Args:
        activation: `"sigmoid"`, `"softmax"` or `"tanh"`.
        outputs: (n, outputs); a row is flat where all its outputs are.
    """
    return np.all(_slope(activation, outputs) < FLAT, axis=-1)


def _slope(activation: str, outputs: Array) -> Array:
    """The slope that led to these outputs, as a share of the steepest."""
    return 1 - outputs**2 if activation == "tanh" else 4 * outputs * (1 - outputs)


def _running_mean(curve: Array, width: int) -> Array:
    return np.convolve(curve, np.full(width, 1 / width), "valid")
