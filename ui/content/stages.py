"""The stages of *Check your understanding* from `lessons/check.toml`, and those that were passed.

This file knows no page. It decides whether a run passes a stage; the run is measured elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from nncore.data.datasets import Dataset
from nncore.experiment import MAX_LAYERS, Experiment
from ui.components import keep
from ui.components.keep.merging import merge_entries
from ui.components.keep.shapes import Entries, Real, Text
from ui.content import toml_file
from ui.content.lesson import glossary
from ui.content.settings import SETTINGS, word_value
from ui.content.toml_file import Table
from ui.core.wording import count

#: Accuracies by stages' names, by kinds of data.
Passed: TypeAlias = Mapping[str, Mapping[str, float]]

#: Data that a stage may have a target for.
KINDS = ("fashion", "digits", "sample")
#: The most stages that are kept for each kind, and the longest name of a stage.
MOST, LONGEST = 30, 80
_FILE = "check.toml"


@dataclass(frozen=True)
class Stage:
    """One stage.

    Args:
        name: A few words.
        task: The task.
        hint: A hint; empty for none.
        settings: Settings that its button sets; empty for no button.
        hidden_layers: The fewest and the most hidden layers that a run may have.
        require: Settings that a run must have, by dotted name.
        targets: The accuracy that must be exceeded, by kind of data.
    """

    name: str
    task: str
    hint: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    hidden_layers: tuple[int, int] = (0, MAX_LAYERS)
    require: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)

    def objection(self, experiment: Experiment) -> str:
        """Return why a run with these settings does not count, or an empty text if it does."""
        low, high = self.hidden_layers
        layers = len(experiment.model.units)
        if not low <= layers <= high:
            asked = str(low or "none") if low == high else f"{low} to {high}"
            has = count(layers, "hidden layer") if layers else "no hidden layers"
            return f"it has {has}, this stage asks for {asked}"
        settings = experiment.settings()
        for name, asked_for in self.require.items():
            if settings[name] != asked_for:
                has, asked = (word_value(name, value) for value in (settings[name], asked_for))
                return f"its setting {SETTINGS[name].label} is {has}, this stage asks for {asked}"
        return ""

    def passed(self, experiment: Experiment, accuracy: float, kind: str) -> bool:
        """Return True if a finished run passes.

        Args:
            experiment: Its settings.
            accuracy: Its accuracy on the test set.
            kind: One of `KINDS`.
        """
        return not self.objection(experiment) and accuracy > self.targets.get(kind, -1.0)


@dataclass(frozen=True)
class Check:
    """The contents of `lessons/check.toml`; `people` holds the accuracies that humans reach."""

    title: str
    texts: Mapping[str, str]
    stages: tuple[Stage, ...]
    people: Mapping[str, float]


def kind_of(dataset: Dataset) -> str:
    """Return the kind of some data: one of `KINDS`, or the name of another data set."""
    return "sample" if dataset.name == "digits" and dataset.embedded else dataset.name


def load() -> Check:
    """Read the file; an unchanged file is read once.

    Raises:
        LessonError: If it is broken; it names the line and the reason.
    """
    path = toml_file.FOLDER / _FILE
    return read(path, toml_file.stamp(path))


@lru_cache(maxsize=8)
def read(path: Path, _changed: int = 0) -> Check:
    """Read such a file.

    Args:
        path: The file.

    Raises:
        LessonError: If it is broken.
    """
    table = toml_file.read(path).linked(glossary)
    table.only("title", "people", "text", "stage")
    texts = table.table("text")
    return Check(
        table.text("title"),
        {name: texts.text(name) for name in texts.values},
        tuple(_stage(stage) for stage in table.tables("stage")),
        _shares(table.table("people")),
    )


def _stage(table: Table) -> Stage:
    table.only("name", "task", "hint", "settings", "hidden_layers", "require", "targets")
    table.updated(Experiment(), "settings", "require")  # so that a fault has its line
    name = table.text("name")
    if len(name) > LONGEST:
        raise table.error(f"'name' may have {LONGEST} letters. Received: {len(name)}", "name")
    return Stage(
        name,
        table.text("task"),
        table.text("hint", ""),
        table.settings("settings"),
        _layers(table),
        table.settings("require"),
        _shares(table.table("targets")),
    )


def _layers(table: Table) -> tuple[int, int]:
    found = table.values.get("hidden_layers", [0, MAX_LAYERS])
    match found:
        case [int(low), int(high)] if 0 <= low <= high <= MAX_LAYERS:
            return low, high
    said = f"two whole numbers from 0 to {MAX_LAYERS}, the smaller one first"
    raise table.error(f"'hidden_layers' must be {said}. Received: {found!r}", "hidden_layers")


def _shares(table: Table) -> dict[str, float]:
    table.only(*KINDS)
    shares = {name: table.number(name) for name in table.values}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise table.error(f"{name!r} must be from 0 to 1. Received: {share!r}", name)
    return shares


def merged(one: Passed, other: Passed) -> dict[str, dict[str, float]]:
    """Return the stages of both, with the better accuracy where a stage is in both."""
    found = {kind: dict(stages) for kind, stages in one.items()}
    for kind, stages in other.items():
        mine = found.setdefault(kind, {})
        for name, share in stages.items():
            mine[name] = max(share, mine.get(name, 0.0))
    return found


def merge_tabs(base: Passed | None, mine: Passed | None, other: Passed | None) -> Passed | None:
    """Return the stages that two tabs have passed, without those that one of them has forgotten.

    Args:
        base: The stages that both tabs began with.
        mine: Those of this tab.
        other: Those of the other tab.
    """
    both = merge_entries(_flatten(base), _flatten(mine), _flatten(other), max)
    found: dict[str, dict[str, float]] = {}
    for (kind, name), share in both.items():
        found.setdefault(kind, {})[name] = share
    return {kind: dict([*found[kind].items()][-MOST:]) for kind in found} or None


def _flatten(passed: Passed | None) -> dict[tuple[str, str], float]:
    return {
        (kind, name): share
        for kind, stages in (passed or {}).items()
        for name, share in stages.items()
    }


#: The best accuracy with which each stage was passed, by kind of data.
SLOT = keep.Slot[Passed](
    "check.passed",
    Entries(Text(10, "|".join(KINDS)), Entries(Text(LONGEST), Real(0, 1), MOST), len(KINDS)),
    "Stages of *Check your understanding*",
    merge=merge_tabs,
    count=lambda passed: sum(map(len, passed.values())),
)


def newly_passed(
    stages: tuple[Stage, ...], experiment: Experiment, accuracy: float, kind: str
) -> dict[str, dict[str, float]]:
    """Return the stages that a finished run passes.

    Args:
        stages: All stages.
        experiment: The run's settings.
        accuracy: Its accuracy on the test set.
        kind: One of `KINDS`.

    Returns:
        Accuracies by stage and kind of data; empty if it passes no stage.
    """
    mine = {s.name: accuracy for s in stages[:MOST] if s.passed(experiment, accuracy, kind)}
    return {kind: mine} if mine else {}
