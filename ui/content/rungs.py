"""A ladder of experiments, as data: `[[rung]]` in a lesson's file.

On each rung the learner trains, answers a question, and may then climb to the next rung's settings.
This file reads and checks the rungs; it draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from nncore.experiment import Experiment
from ui.content.lesson import Lesson
from ui.content.toml_file import Table, unique

#: A learner may change these without leaving the rung: more of the same, or other luck.
FREE_SETTINGS = ("fit.seed", "fit.epochs", "data.samples")


@dataclass(frozen=True)
class RungChoice:
    """One of the answers to choose from.

    Args:
        answer: The answer.
        why: Why it is right, or what speaks against it.
        is_right: True for the right one.
    """

    answer: str
    why: str
    is_right: bool = False


@dataclass(frozen=True)
class Rung:
    """A rung, for the data of this lab.

    Args:
        name: A word or two.
        change: The difference to the rung below.
        experiment: The rung's settings.
        look: What to do and what to watch.
        question: The question after the run.
        choices: The answers to choose from; one is right.
        expect: Results with other seeds.
    """

    name: str
    change: str
    experiment: Experiment
    look: str
    question: str
    choices: tuple[RungChoice, ...]
    expect: str = ""

    def fits(self, experiment: Experiment) -> bool:
        """Return True if these are the rung's settings, apart from `FREE_SETTINGS`."""
        own = self.experiment.settings()
        return experiment.updated({name: own[name] for name in FREE_SETTINGS}) == self.experiment


def read_rungs(lesson: Lesson, *, embedded: bool) -> tuple[Rung, ...]:
    """Read the rungs in a lesson's file, the lowest first.

    Args:
        lesson: The lesson.
        embedded: The lab has the embedded sample of the data, so use the texts and settings for it.

    Raises:
        ui.content.toml_file.LessonError: If one of them cannot be used.
    """
    tables = lesson.table.tables("rung")
    rungs = tuple(_read_rung(table, lesson.default, embedded) for table in tables)
    unique(tables, "rungs")
    return rungs


def _read_rung(table: Table, default: Experiment, embedded: bool) -> Rung:
    table.only(
        *("name", "change", "change_sample", "settings", "sample_settings", "look"),
        *("question", "option", "expect", "expect_sample"),
    )
    choices = tuple(_read_choice(option, embedded) for option in table.tables("option"))
    if sum(choice.is_right for choice in choices) != 1:
        raise table.error("One [[rung.option]] must be right = true, and the others not.")
    table.updated(default, "settings", "sample_settings")  # check both, whichever data there are
    return Rung(
        name=table.text("name"),
        change=_read_text(table, "change", embedded),
        experiment=table.updated(default, "settings", *(["sample_settings"] * embedded)),
        look=table.text("look"),
        question=table.text("question"),
        choices=choices,
        expect=_read_text(table, "expect", embedded),
    )


def _read_choice(table: Table, embedded: bool) -> RungChoice:
    table.only("answer", "why", "why_sample", "right")
    return RungChoice(table.text("answer"), _read_text(table, "why", embedded), table.flag("right"))


def _read_text(table: Table, name: str, embedded: bool) -> str:
    """Return a text, or the one that replaces it on the embedded sample."""
    sample = f"{name}_sample"
    return table.text(sample if embedded and table.has(sample) else name, "")
