"""Load the lab's `.keras` files in older versions of Keras, each in an environment for it alone.

    .venv/bin/python scripts/check_keras_versions.py

It needs pip's network and some minutes, so no test runs it. The networks between them use all
layers, optimizers, penalties and schedules of the lab. Older Keras computes with JAX here: it is a
smaller download than TensorFlow, and the file does not depend on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.8.0", "3.10.0", "3.12.0")
#: Changes to the default experiment, by the name of the file.
NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "rounding": {"data.name": "rounding", "data.samples": 100, "fit.optimizer": "adam"},
    "dropout": {"model.units": (32,), "model.dropout": 0.2, "model.l2": 0.001},
    "momentum": {
        "model.units": (30, 10),
        "model.activation": "leaky_relu",
        "model.l1": 0.001,
        "fit.optimizer": "sgd",
        "fit.momentum": 0.9,
        "fit.schedule": "cosine",
    },
    "five": {
        "data.name": "five",
        "model.units": (),
        "model.output_activation": "sigmoid",
        "fit.loss": "binary_crossentropy",
        "fit.schedule": "exponential",
    },
}
#: Run by the older Keras: loads each file and predicts, or fails.
LOADING = """
import sys
import keras, numpy as np
for file in sys.argv[1:]:
    model = keras.models.load_model(file)
    outputs = model.predict(np.zeros((2, *model.input_shape[1:]), "float32"), verbose=0)
    assert np.isfinite(outputs).all(), file
print("Keras", keras.__version__, "loads", len(sys.argv) - 1, "files")
"""


def write_networks(folder: Path) -> Iterator[Path]:
    """Write a `.keras` file for each of `NETWORKS`."""
    sys.path.insert(0, str(ROOT))
    from nncore.experiment import Experiment
    from nncore.training import model

    for name, changes in NETWORKS.items():
        experiment = Experiment().updated(dict(changes))
        path = folder / f"{name}.keras"
        path.write_bytes(model.keras_file(experiment, model.initial_weights(experiment)))
        yield path


def load_with(version: str, folder: Path, files: list[Path]) -> bool:
    """Return True if this version of Keras loads all files; it prints why where it does not."""
    place = folder / version
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", f"keras=={version}", "jax"]
    subprocess.run(install, check=True)
    backend = {"KERAS_BACKEND": "jax", "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run([python, "-c", LOADING, *map(str, files)], env=backend).returncode == 0


def main() -> int:
    """Try every version; return 1 if one of them fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = list(write_networks(folder))
        failed = [version for version in VERSIONS if not load_with(version, folder, files)]
    print(f"Not loaded by Keras {', '.join(failed)}." if failed else "All versions load all files.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
