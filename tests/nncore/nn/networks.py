"""Experiments, weights and samples for tests, and the same network in Keras."""

from __future__ import annotations

from itertools import product
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from nncore.experiment import (
    ACTIVATIONS,
    LOSSES,
    OUTPUT_ACTIVATIONS,
    DataConfig,
    Experiment,
    FitConfig,
    ModelConfig,
)

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = tuple[Array, ...]


ALL_ACTIVATIONS = sorted({*ACTIVATIONS, *OUTPUT_ACTIVATIONS})
#: Every output activation with every loss that goes with two outputs, and with one.
TWO_OUTPUTS = [("rounding", *pair) for pair in product(OUTPUT_ACTIVATIONS, LOSSES)]
ONE_OUTPUT = [
    ("five", *pair)
    for pair in product(
        ("linear", "sigmoid", "tanh", "relu"), ("mean_squared_error", "binary_crossentropy")
    )
]


def make_experiment(
    data: str = "digits",
    output: str = "softmax",
    loss: str = "categorical_crossentropy",
    **model: Any,
) -> Experiment:
    samples = 10 if data == "rounding" else 0
    metric = "accuracy" if loss.startswith("sparse") else "mean_absolute_error"
    return Experiment(
        DataConfig(data, samples),
        ModelConfig(output_activation=output, **model),
        FitConfig(loss=loss, metric=metric),
    )


def random_weights(experiment: Experiment, seed: int = 0, size: float = 0.5) -> Arrays:
    generator = np.random.default_rng(seed)
    weights = []
    for inputs, units in zip(experiment.layer_sizes, experiment.layer_sizes[1:], strict=False):
        spread = size * min(1.0, 10 / np.sqrt(inputs))
        weights.append(generator.normal(0, spread, (inputs, units)).astype("float32"))
        weights.append(generator.normal(0, 0.5, units).astype("float32"))
    return tuple(weights)


def keras_model(experiment: Experiment, weights: Arrays) -> keras.Model:
    """The same network, built by hand."""
    model = experiment.model
    penalty = keras.regularizers.L1L2(model.l1, model.l2)
    dense = [
        keras.layers.Dense(units, activation=model.activation, kernel_regularizer=penalty)
        for units in model.units
    ]
    last = keras.layers.Dense(
        experiment.outputs, activation=model.output_activation, kernel_regularizer=penalty
    )
    built = keras.Sequential([keras.Input((experiment.inputs,)), *dense, last])
    built.set_weights(list(weights))
    return built


def samples_for(experiment: Experiment, count: int = 12, seed: int = 1) -> tuple[Array, Array]:
    generator = np.random.default_rng(seed)
    x = generator.uniform(0, 1, (count, experiment.inputs)).astype("float32")
    return x, generator.integers(0, max(2, experiment.outputs), count)


def fed(experiment: Experiment, y: Array) -> Array:
    """Labels as the tutorials feed them to Keras."""
    if experiment.outputs == 1:
        return y.astype("float32").reshape(-1, 1)
    sparse = experiment.fit.loss == "sparse_categorical_crossentropy"
    return y if sparse else keras.utils.to_categorical(y, experiment.outputs)
