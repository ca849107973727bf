"""Links: a page's settings and a teacher's task in an address, by short names and frozen defaults.

An address of this lab says `v=2` and what differs from version 2's frozen defaults, in short names:

    /mnist?v=2&units=64&epochs=10

Without `v` it starts from the lesson's own settings. Links of before, which name every setting in
full (`fit.epochs=10`), are read for ever. Links come from anybody and through mail programs: what
is damaged on the way is repaired, what others add is ignored, what remains wrong is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from nncore.experiment import Experiment
from ui.core.assignment import PREFIX, Assignment
from ui.core.catalog import find_lesson

#: What a mail program leaves behind an address when it takes the sentence's end for a part of it.
_TRAILING = ".,;:)>]}\"' "
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_ENTITY = "amp;"
VERSION = "2"
#: Every setting's name in an address, by its full name. Names are never reused or renamed.
NAMES: Mapping[str, str] = {
    "data.name": "data",
    "data.samples": "samples",
    "data.scaled": "scaled",
    "data.threshold": "threshold",
    "data.label_noise": "noise",
    "data.seed": "data_seed",
    "data.drawings": "drawings",
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
    "data.drawings": "",
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
    f"{PREFIX}closed": "closed",
}
#: What a page shows beside settings and task, such as the tool that is open; read by that page.
VIEW_NAMES = (
    *("chosen", "map", "picture", "reader", "tool"),
    *("runs.archived", "runs.filter", "runs.lesson", "runs.sort", "runs.starred", "runs.whose"),
)
#: Those that belong to the settings they were chosen with: a change of settings ends them.
SETTINGS_VIEWS = ("reader",)


@dataclass(frozen=True)
class Link:
    """The content of an address.

    Args:
        experiment: The page's settings.
        assignment: A teacher's task; empty where the address has none.
        complaints: A sentence for each thing in the address that could not be used.
    """

    experiment: Experiment
    assignment: Assignment = field(default_factory=Assignment)
    complaints: tuple[str, ...] = ()


def is_own(name: str) -> bool:
    """Return True for names in an address that are the lab's; all others are left alone."""
    name = name.removeprefix(_ENTITY)
    return "." in name or name in {"v", *FULL_NAMES, *TASK_NAMES.values(), *VIEW_NAMES}


def write_link(
    experiment: Experiment, default: Experiment | None, assignment: Assignment | None = None
) -> dict[str, str]:
    """Return the part of an address that opens a page with these settings.

    Args:
        experiment: The settings.
        default: The lesson's own settings: with those and no task the address says nothing. None
            writes a whole address in any case.
        assignment: A teacher's task, if there is one.

    Returns:
        Texts by short name; `Experiment.from_query` and `read_link` read them back.
    """
    task = assignment or Assignment()
    if experiment == default and not task:
        return {}
    settings = experiment.settings()
    changed = {name: value for name, value in settings.items() if value != FROZEN[name]}
    texts = _texts_of(experiment.to_query())
    parts = {"v": VERSION, **{NAMES[name]: texts[name] for name in NAMES if name in changed}}
    for name, text in _texts_of(task.to_query()).items():
        parts[TASK_NAMES[name]] = _shorten(text) if name.endswith(("locked", "hidden")) else text
    return parts


def read_link(query: Mapping[str, str], page: str, default: Experiment) -> Link:
    """Read what an address says of a page.

    Args:
        query: The address's parameters; those of others are ignored.
        page: The lesson's name.
        default: The lesson's own settings.
    """
    version = _version_of(query)
    complaints: list[str] = []
    if version not in ("", VERSION):
        complaints.append("The link was made by a newer version of the lab; parts may be missing.")
    base = Experiment().updated(dict(FROZEN)) if version else default
    texts = _own_texts(query)
    assignment, more = Assignment.from_query(texts)
    complaints += more
    settings = {name: text for name, text in texts.items() if not name.startswith(PREFIX)}
    lesson = find_lesson(page)
    shown = lesson.data if lesson is not None else (base.data.name,)
    if settings.get("data.name", base.data.name) not in shown:
        complaints.append("The link's data belong to another lesson; this lesson's own are used.")
        settings["data.name"] = default.data.name
    experiment, more = Experiment.from_query(settings, base)
    if experiment.data.name not in shown:  # the rest of the link did not go with the page's data
        settings.pop("data.name", None)
        experiment, more = Experiment.from_query(settings, default)
    return Link(experiment, assignment, (*complaints, *more))


def to_full_names(query: Mapping[str, str]) -> dict[str, str]:
    """Return the lab's part of an address by full names, with what its version leaves out.

    Args:
        query: The address's parameters; those of others are left out.
    """
    frozen = _texts_of(Experiment().updated(dict(FROZEN)).to_query()) if _version_of(query) else {}
    return {**frozen, **_own_texts(query)}


def _version_of(query: Mapping[str, str]) -> str:
    return (query.get("v") or query.get(f"{_ENTITY}v") or "").strip(_TRAILING)


def _own_texts(query: Mapping[str, str]) -> dict[str, str]:
    """Return repaired texts by full name, without those of others and without the version."""
    own = {_full_name(name): text for name, text in query.items() if is_own(name)}
    others = ("v", *VIEW_NAMES)
    return {name: _repair(name, text) for name, text in own.items() if name not in others}


def _texts_of(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def _full_name(name: str) -> str:
    """Return a parameter's full name, such as `"fit.epochs"` for `"epochs"` and `"amp;epochs"`."""
    name = name.removeprefix(_ENTITY)
    tasks = {short: full for full, short in TASK_NAMES.items()}
    return FULL_NAMES.get(name) or tasks.get(name) or name


def _repair(name: str, text: str) -> str:
    """Undo what transport does to a value: escapes, a sentence's end, a decimal comma."""
    if name == f"{PREFIX}instruction":
        return text
    text = unquote(text).strip().rstrip(_TRAILING)
    if name in (f"{PREFIX}locked", f"{PREFIX}hidden"):
        return ",".join(_full_name(part) for part in text.split(","))
    if isinstance(FROZEN.get(name), float) and _DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return text


def _shorten(names: str) -> str:
    return ",".join(NAMES.get(name, name) for name in names.split(","))
