"""Remedies for faults: one changed setting each, so that its effect can be seen.

A remedy is a mapping for `Experiment.updated`. Whether it helps is seen by training with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from nncore.experiment import LEARNING_RATES, Experiment

Settings: TypeAlias = Mapping[str, Any]

_CLASS_ACTIVATIONS = ("sigmoid", "softmax")


def shorten_steps(experiment: Experiment) -> Settings:
    """Return a remedy for steps that are too long.

    First Keras's default learning rate, then scaled inputs, then a tenth of the learning rate.
    """
    rate, default = experiment.fit.learning_rate, LEARNING_RATES[experiment.fit.optimizer]
    if rate > default:
        return {"fit.learning_rate": default}
    if _has_raw_pixels(experiment):
        return {"data.scaled": True}
    return {"fit.learning_rate": max(rate / 10, 1e-6)}


def shrink_sums(experiment: Experiment) -> Settings:
    """Return a remedy for an output whose sums are so large that it is flat.

    First an output and a loss whose gradient does not vanish there, then shorter steps.
    """
    if experiment.model.output_activation == "tanh":
        return {"model.output_activation": matching_output(experiment)}
    if experiment.fit.loss == "mean_squared_error":
        return {"fit.loss": _matching_cross_entropy(experiment)}
    return shorten_steps(experiment)


def speed_up(experiment: Experiment) -> Settings:
    """Return a remedy for training that is too slow.

    First Keras's default learning rate, then ten times the rate of SGD, then more epochs.
    """
    rate, default = experiment.fit.learning_rate, LEARNING_RATES[experiment.fit.optimizer]
    if rate < default:
        return {"fit.learning_rate": default}
    if experiment.fit.optimizer == "sgd" and rate <= 0.1:
        return {"fit.learning_rate": rate * 10}
    return {"fit.epochs": min(3 * experiment.fit.epochs, 1000)}


def make_usual(experiment: Experiment) -> Settings:
    """Return the change that brings an experiment closer to one that usually works.

    The likeliest cause of a network at the baseline comes first.
    """
    if experiment.model.output_activation not in _CLASS_ACTIVATIONS:
        return {"model.output_activation": matching_output(experiment)}
    if experiment.fit.loss == "mean_squared_error":
        return {"fit.loss": _matching_cross_entropy(experiment)}
    if _has_raw_pixels(experiment):
        return {"data.scaled": True}
    default = LEARNING_RATES[experiment.fit.optimizer]
    if experiment.fit.learning_rate != default:
        return {"fit.learning_rate": default}
    return speed_up(experiment)


def revive_units(experiment: Experiment, activation: str) -> Settings:
    """Return a remedy for hidden units that no gradient reaches.

    Args:
        experiment: The experiment with such units.
        activation: The activation to try if inputs and learning rate are as usual.
    """
    if _has_raw_pixels(experiment):
        return {"data.scaled": True}
    default = LEARNING_RATES[experiment.fit.optimizer]
    if experiment.fit.learning_rate > default:
        return {"fit.learning_rate": default}
    return {"model.activation": activation}


def matching_output(experiment: Experiment) -> str:
    """Return the output activation that fits the labels: one output or one for each class."""
    return "sigmoid" if experiment.outputs == 1 else "softmax"


def _matching_cross_entropy(experiment: Experiment) -> str:
    return "binary_crossentropy" if experiment.outputs == 1 else "categorical_crossentropy"


def _has_raw_pixels(experiment: Experiment) -> bool:
    """Return True if the inputs are pixels from 0 to 255."""
    return experiment.data.is_image and not experiment.data.scaled
