"""Build the compiled `keras.Model` of an experiment. Worker side: this file imports Keras."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from nncore.experiment import Experiment

#: The purposes of a seed: each has its own stream of random numbers.
INITIAL, DROPOUT, ORDER, AUGMENT = range(4)


def seed_of(seed: int, purpose: int, index: int = 0) -> int:
    """Return a 31-bit seed for one purpose, independent of those for others.

    Source: NumPy's `SeedSequence`.

    Args:
        seed: `fit.seed`.
        purpose: `INITIAL`, `DROPOUT`, `ORDER` or `AUGMENT`.
        index: The layer, if each has its own.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, index))
    return int(sequence.generate_state(1)[0] >> 1)


def build(experiment: Experiment) -> keras.Model:
    """Build the compiled network of an experiment, with its starting weights.

    Every layer is named; the starting weights follow from `fit.seed` alone.

    Returns:
        A `keras.Sequential` with input (n, inputs) and output (n, outputs).
    """
    model = keras.Sequential([keras.Input((experiment.inputs,), name="input")], name="network")
    for number, units in enumerate(experiment.model.units, start=1):
        model.add(_dense(experiment, units, experiment.model.activation, f"hidden_{number}"))
        if experiment.model.dropout:
            seed = seed_of(experiment.fit.seed, DROPOUT, number)
            model.add(layers.Dropout(experiment.model.dropout, seed=seed, name=f"drop_{number}"))
    final = experiment.model.output_activation
    model.add(_dense(experiment, experiment.outputs, final, "output"))
    model.compile(optimizer(experiment), loss=experiment.fit.loss, metrics=_metrics(experiment))
    model.set_weights(initial_weights(experiment))
    return model


def optimizer(experiment: Experiment) -> keras.optimizers.Optimizer:
    """Return the experiment's optimizer; what is no setting is at Keras's default."""
    fit = experiment.fit
    if fit.optimizer == "sgd":
        return keras.optimizers.SGD(fit.learning_rate, momentum=fit.momentum)
    kinds = {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}
    return kinds[fit.optimizer](fit.learning_rate)


def initial_weights(experiment: Experiment) -> list[NDArray[np.float32]]:
    """Return Glorot-uniform kernels and zero biases; each layer has its own random numbers.

    Source: Glorot and Bengio, 2010; Keras's default for `Dense`.

    Returns:
        `[kernel, bias, kernel, bias, ...]`: (inputs, units) and (units,) float32.
    """
    weights = []
    sizes = experiment.layer_sizes
    for index, shape in enumerate(pairwise(sizes)):
        seed = seed_of(experiment.fit.seed, INITIAL, index)
        kernel = keras.initializers.GlorotUniform(seed=seed)(shape)
        weights += [kernel.numpy(), np.zeros(shape[1], np.float32)]
    return weights


def summary(experiment: Experiment) -> str:
    """Return the text that `model.summary()` prints for the experiment's network."""
    lines: list[str] = []
    build(experiment).summary(line_length=72, print_fn=lines.append)
    return "\n".join(lines)


def keras_file(experiment: Experiment, weights: Sequence[NDArray[Any]]) -> bytes:
    """Return the bytes of a `.keras` file of the experiment's network with these weights.

    Keras 3.8 and newer load it (`scripts/check_keras_versions.py` tries).

    Args:
        experiment: The network's layers, optimizer and loss.
        weights: `(kernel, bias, kernel, bias, ...)` float32.
    """
    model = build(experiment)
    model.set_weights(list(weights))
    model.optimizer.build(model.trainable_variables)  # or Keras cannot load what it saves
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return _without_new_options(path.read_bytes())


#: Options that came after Keras 3.8, which refuses to load a file that names them. Each is None in
#: the lab's networks, and None is what a newer Keras takes where they are missing.
_NEW_OPTIONS = ("quantization_config", "input_axes", "output_axes")


def _without_new_options(content: bytes) -> bytes:
    """Return a `.keras` file without those options that older versions of Keras do not know."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _drop_options(part) if name == "config.json" else part)
    return written.getvalue()


def _drop_options(config: bytes) -> bytes:
    def drop(values: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in values.items() if v is not None or k not in _NEW_OPTIONS}

    return json.dumps(json.loads(config, object_hook=drop)).encode()


#: The terminal codes with which Keras prints part of a message in bold.
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: The mistakes that the tutorials show: the input that has the wrong shape.
MISTAKES = ("train_images", "train_labels", "test_images", "test_labels")


def mistake(experiment: Experiment, name: str) -> str:
    """Make one of the tutorials' mistakes, and return Keras's error message.

    Args:
        experiment: An experiment on images whose loss is `categorical_crossentropy`.
        name: One of `MISTAKES`: images not reshaped, or labels not one-hot, in `fit()` or in
            `evaluate()`.

    Returns:
        The type and message of the exception that Keras raised.

    Raises:
        ValueError: If `name` is none of `MISTAKES`.
        RuntimeError: If Keras accepted the wrong input after all.
    """
    if name not in MISTAKES:
        raise ValueError(f"name must be one of {', '.join(MISTAKES)}. Received: name={name!r}")
    step, wrong_input = name.split("_")
    model = build(experiment)
    is_image = wrong_input == "images"
    x = np.zeros((128, 28, 28) if is_image else (128, 784), np.float32)
    labels = np.zeros(128, np.int64)  # integers: the labels as they come with the data
    y: NDArray[Any] = np.eye(10, dtype=np.float32)[labels] if is_image else labels
    try:
        model.fit(x, y, verbose=0) if step == "train" else model.evaluate(x, y, verbose=0)
    except Exception as error:  # noqa: BLE001 - the learner shall see whatever Keras raises
        return _ANSI.sub("", f"{type(error).__name__}: {error}")
    raise RuntimeError(f"Keras accepted {name} of shape {x.shape} and {y.shape}")


def dropout_counters(model: keras.Model) -> list[keras.Variable]:
    """Return the state variables of dropout's random generators, in the layers' order."""
    drops = [layer for layer in model.layers if isinstance(layer, layers.Dropout)]
    return [layer.seed_generator.state for layer in drops]


def _dense(experiment: Experiment, units: int, activation: str, name: str) -> layers.Dense:
    l1, l2 = experiment.model.l1, experiment.model.l2
    penalty = keras.regularizers.L1L2(l1, l2) if l1 or l2 else None
    return layers.Dense(units, activation=activation, kernel_regularizer=penalty, name=name)


def _metrics(experiment: Experiment) -> list[str]:
    return list(dict.fromkeys(("accuracy", experiment.fit.metric)))
