"""The names in an address: of settings, a task and views, and the defaults that stay out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.core.assignment import PREFIX

VERSION = "2"
#: Every setting's name in an address, by its full name. Names are never reused or renamed.
NAMES: Mapping[str, str] = {
    "data.name": "data",
    "data.samples": "samples",
    "data.scaled": "scaled",
    "data.threshold": "threshold",
    "data.label_noise": "noise",
    "data.seed": "data_seed",
    "model.units": "units",
    "model.activation": "activation",
    "model.output_activation": "output",
    "model.dropout": "dropout",
    "model.l1": "l1",
    "model.l2": "l2",
    "fit.optimizer": "optimizer",
    "fit.learning_rate": "rate",
    "fit.momentum": "momentum",
    "fit.loss": "loss",
    "fit.metric": "metric",
    "fit.epochs": "epochs",
    "fit.batch_size": "batch",
    "fit.validation": "validation",
    "fit.validation_split": "split",
    "fit.augment": "augment",
    "fit.seed": "seed",
    "fit.patience": "patience",
    "fit.schedule": "schedule",
}
FULL_NAMES: Mapping[str, str] = {short: name for name, short in NAMES.items()}
#: What a version 2 address leaves out. It stays as it is when `Experiment()`'s defaults change.
FROZEN: Mapping[str, Any] = {
    "data.name": "digits",
    "data.samples": 0,
    "data.scaled": True,
    "data.threshold": 0.5,
    "data.label_noise": 0.0,
    "data.seed": 0,
    "model.units": (32,),
    "model.activation": "relu",
    "model.output_activation": "softmax",
    "model.dropout": 0.0,
    "model.l1": 0.0,
    "model.l2": 0.0,
    "fit.optimizer": "rmsprop",
    "fit.learning_rate": 0.001,
    "fit.momentum": 0.0,
    "fit.loss": "categorical_crossentropy",
    "fit.metric": "accuracy",
    "fit.epochs": 5,
    "fit.batch_size": 128,
    "fit.validation": "none",
    "fit.validation_split": 0.1,
    "fit.augment": "none",
    "fit.seed": 0,
    "fit.patience": 0,
    "fit.schedule": "none",
}
#: A task's names in an address, by those of links of before.
TASK_NAMES: Mapping[str, str] = {
    f"{PREFIX}instruction": "task",
    f"{PREFIX}target": "target",
    f"{PREFIX}locked": "locked",
    f"{PREFIX}hidden": "hidden",
}
#: What a page shows beside settings and task, such as the tool that is open; read by that page.
VIEW_NAMES = ("chosen", "map", "reader", "tool")
#: Those that belong to the settings they were chosen with: a change of settings ends them.
SETTINGS_VIEWS = ("reader",)
