"""The small Keras module behind the lab: experiments as values, trained in slices, read in NumPy.

    from nncore import Budget, Checkpoint, Experiment, advance, load

    experiment = Experiment()
    start = Checkpoint(experiment, load(experiment.data).fingerprint)
    done = advance(experiment, start, Budget())

Each name is fetched from its file when it is first asked for: to import this package is light, and
TensorFlow comes with the first call of `advance`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nncore.analysis.diagnosis import diagnose
    from nncore.checkpoint import Budget, Checkpoint
    from nncore.data.datasets import Dataset, DataUnavailable, load
    from nncore.digits.preprocess import to_mnist
    from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig, SettingError
    from nncore.export.script import to_script
    from nncore.nn.network import Network
    from nncore.runtime.lab import Lab
    from nncore.runtime.runner import Runner
    from nncore.runtime.store import Store
    from nncore.runtime.tasks import advance
    from nncore.sweep import Sweep

__all__ = [
    "Budget",
    "Checkpoint",
    "DataConfig",
    "DataUnavailable",
    "Dataset",
    "Experiment",
    "FitConfig",
    "Lab",
    "ModelConfig",
    "Network",
    "Runner",
    "SettingError",
    "Store",
    "Sweep",
    "advance",
    "diagnose",
    "load",
    "to_mnist",
    "to_script",
]

_HOMES = {
    "checkpoint": ("Budget", "Checkpoint"),
    "data.datasets": ("DataUnavailable", "Dataset", "load"),
    "analysis.diagnosis": ("diagnose",),
    "digits.preprocess": ("to_mnist",),
    "experiment": ("DataConfig", "Experiment", "FitConfig", "ModelConfig", "SettingError"),
    "runtime.lab": ("Lab",),
    "nn.network": ("Network",),
    "runtime.runner": ("Runner",),
    "export.script": ("to_script",),
    "runtime.store": ("Store",),
    "sweep": ("Sweep",),
    "runtime.tasks": ("advance",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nncore.{home}"), name)
    raise AttributeError(f"module 'nncore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
