"""The page's texts and presets, as `lessons/sweep.toml` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nncore.sweep import Axis, Sweep
from nncore.validation import SettingError
from ui.content import toml_file
from ui.content.lesson import glossary, load
from ui.content.toml_file import Table
from ui.sweep.draft import LESSONS, Draft


@dataclass(frozen=True)
class SweepPreset:
    """A sweep with a question.

    Args:
        name: Text of its button.
        question: What the sweep should answer.
        expect: The answer, as measured when the preset was written; shown after the runs.
        lesson: Name of the lesson whose settings it starts from.
        settings: Settings that it changes, by dotted name.
        axes: The settings that it varies.
    """

    name: str
    question: str
    expect: str
    lesson: str
    settings: Mapping[str, Any]
    axes: tuple[Axis, ...]

    def draft(self) -> Draft:
        """Return the preset's sweep on the data that this lab has."""
        default = load(self.lesson).on_data().default
        return Draft(self.lesson, default.updated(self.settings), self.axes)


@dataclass(frozen=True)
class SweepTexts:
    """The page's file: texts by name, and presets."""

    aim: str
    table: Table
    presets: tuple[SweepPreset, ...]

    def text(self, name: str, **numbers: object) -> str:
        """Return a text in Markdown, with `{names}` filled in.

        Raises:
            ui.content.toml_file.LessonError: If it is missing or cannot be filled in.
        """
        texts = self.table.table("text")
        try:
            return texts.text(name).format(**numbers)
        except (KeyError, IndexError, ValueError) as error:
            raise texts.error(f"the text {name!r} cannot be filled in: {error}", name) from error

    def chosen_preset(self, draft: Draft) -> SweepPreset | None:
        """Return the preset that makes exactly this draft; None if there is none."""
        return next((preset for preset in self.presets if preset.draft() == draft), None)


def read_texts() -> SweepTexts:
    """Read `lessons/sweep.toml`.

    Raises:
        ui.content.toml_file.LessonError: If the file is not usable.
    """
    table = toml_file.read(toml_file.FOLDER / "sweep.toml").linked(glossary)
    table.only("title", "aim", "text", "sweep")
    table.text("title")  # the navigation reads it; a missing title should be reported here
    presets = tuple(_read_preset(preset) for preset in table.tables("sweep"))
    if not presets:
        raise table.error("at least one [[sweep]] is expected: the page opens with the first.")
    return SweepTexts(table.text("aim"), table, presets)


def _read_preset(table: Table) -> SweepPreset:
    table.only("name", "lesson", "settings", "vary", "question", "expect")
    lesson = table.text("lesson")
    if lesson not in LESSONS:
        listed = ", ".join(LESSONS)
        raise table.error(f"'lesson' must be one of {listed}. Received: {lesson!r}", "lesson")
    base = table.updated(load(lesson).default, "settings")
    vary = table.table("vary")
    axes = tuple(
        Axis(name, tuple(values) if isinstance(values, list) else (values,))
        for name, values in vary.values.items()
    )
    try:
        Sweep(base, axes)
    except SettingError as error:
        raise table.error(str(error), "vary", error.name.removeprefix("sweep.")) from error
    question, expect = table.text("question"), table.text("expect", "")
    return SweepPreset(
        table.text("name"), question, expect, lesson, table.settings("settings"), axes
    )
