"""The small Keras module behind the lab: experiments as values, trained, then read in NumPy.

    from nncore import Experiment, ModelConfig, train

    trained = train(Experiment(model=ModelConfig(units=(64,))))
    trained.history, trained.evaluate(), trained.predict(images), trained.save("digits.keras")

The lab itself trains in slices, in worker processes: `advance(experiment, checkpoint, budget)`
returns the next checkpoint, `Runner` asks for slices, and `Lab` keeps workers and finished models.

Each name is imported from its file on first use, so importing this package is light; TensorFlow
is imported by the first `train` or `advance`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nncore.analysis.diagnosis import diagnose
    from nncore.api import TrainedModel, train
    from nncore.checkpoint import Budget, Checkpoint
    from nncore.data.datasets import Dataset, DataUnavailable, load
    from nncore.digits.preprocess import to_mnist
    from nncore.experiment import DataConfig, Experiment, FitConfig, ModelConfig
    from nncore.export.script import to_script
    from nncore.nn.network import Network
    from nncore.runtime.lab import Lab
    from nncore.runtime.runner import Runner
    from nncore.runtime.store import Store
    from nncore.runtime.tasks import advance
    from nncore.sweep import Sweep
    from nncore.training.in_process import TrainingProgress
    from nncore.validation import SettingError

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
    "TrainedModel",
    "TrainingProgress",
    "advance",
    "diagnose",
    "load",
    "to_mnist",
    "to_script",
    "train",
]

_HOMES = {
    "api": ("TrainedModel", "train"),
    "checkpoint": ("Budget", "Checkpoint"),
    "data.datasets": ("DataUnavailable", "Dataset", "load"),
    "analysis.diagnosis": ("diagnose",),
    "digits.preprocess": ("to_mnist",),
    "experiment": ("DataConfig", "Experiment", "FitConfig", "ModelConfig"),
    "runtime.lab": ("Lab",),
    "nn.network": ("Network",),
    "runtime.runner": ("Runner",),
    "export.script": ("to_script",),
    "runtime.store": ("Store",),
    "sweep": ("Sweep",),
    "runtime.tasks": ("advance",),
    "training.in_process": ("TrainingProgress",),
    "validation": ("SettingError",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nncore.{home}"), name)
    raise AttributeError(f"module 'nncore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
