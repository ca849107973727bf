"""A lesson from its file: texts, presets and questions; and the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nncore.experiment import Experiment
from ui.components.glossary import anchor
from ui.content import questions, toml_file
from ui.content.questions import Question
from ui.content.toml_file import LessonError, Table
from ui.core import resources

FOLDER = toml_file.FOLDER
_GLOSSARY = "glossary.toml"
#: The table in it with the addresses of Keras's pages.
_LINKS = "links"
#: What a lesson's file may hold.
_TABLES = (
    *("title", "aim", "card", "minutes", "default", "sample_default"),
    *("text", "preset", "question", "rung"),
)


@dataclass(frozen=True)
class Preset:
    """A "what if": settings to try, the question behind them, and the result to expect.

    Args:
        name: The button's label.
        settings: The settings that it changes, by dotted name.
        question: The question to think about before the run.
        expect: The result that the tutorial printed, or that the full data give.
        expect_sample: The result to expect on the embedded sample; empty where it is the same.
        sample_settings: Settings that replace some of `settings` on the embedded sample.
        group: The title of the folded group that holds it; empty for none.
    """

    name: str
    settings: Mapping[str, Any]
    question: str = ""
    expect: str = ""
    expect_sample: str = ""
    sample_settings: Mapping[str, Any] | None = None
    group: str = ""

    def of(self, embedded: bool) -> Mapping[str, Any]:
        """Return the settings for the full data or for the embedded sample."""
        return {**self.settings, **((self.sample_settings or {}) if embedded else {})}


@dataclass(frozen=True)
class Lesson:
    """A lesson's file: title, aim, default experiment, texts by name, presets, questions.

    `sample_default` is the default experiment on the embedded sample, where it differs. `table` is
    the whole file, for tables that only one lesson has. `card` is the lesson's text on the start
    page, and `minutes` is how long the lesson takes.
    """

    name: str
    title: str
    aim: str
    default: Experiment
    texts: Mapping[str, str]
    presets: tuple[Preset, ...]
    sample_default: Experiment | None = None
    questions: tuple[Question, ...] = ()
    card: str = ""
    minutes: int = 0
    table: Table = field(default_factory=lambda: Table("", {}, {}), compare=False, repr=False)

    def on_data(self) -> Lesson:
        """Return the lesson with the default experiment for the data that this lab has."""
        if self.sample_default is None or not resources.dataset(self.default.data).embedded:
            return self
        return replace(self, default=self.sample_default)

    def text(self, name: str, **numbers: object) -> str:
        """Return a text in Markdown, with `{names}` filled in.

        Raises:
            LessonError: If the lesson has no such text, or a name in it has no value.
        """
        try:
            text = self.texts[name]
            return text.format(**numbers) if numbers else text
        except (KeyError, IndexError, ValueError) as error:
            sentence = f"the text {name!r} cannot be filled in: {error}."
            if name not in self.texts:
                sentence = f"the text {name!r} is missing."
            elif isinstance(error, KeyError):
                known = ", ".join(f"{{{number}}}" for number in numbers)
                sentence = f"in the text {name!r} can stand {known}. Received: {{{error.args[0]}}}"
            raise self.table.error(sentence, "text", name) from error


def load(name: str) -> Lesson:
    """Read `lessons/<name>.toml`; an unchanged file is read once.

    Raises:
        LessonError: If the file is broken; it names the line and the reason.
    """
    path = FOLDER / f"{name}.toml"
    return _load(path, toml_file.stamp(path), toml_file.stamp(FOLDER / _GLOSSARY))


def term(word: str) -> str:
    """Return the glossary's definition of a word.

    Raises:
        LessonError: If the glossary has no such word.
    """
    words = glossary()
    if word not in words:
        raise LessonError(f"lessons/{_GLOSSARY}, line 1: {word!r} is missing.")
    return words[word]


def glossary() -> Mapping[str, str]:
    """Return the definitions by word.

    Raises:
        LessonError: If the file is broken.
    """
    path = FOLDER / _GLOSSARY
    return _words(path, toml_file.stamp(path))


def glossary_links() -> Mapping[str, str]:
    """Return the addresses of Keras's own pages by word, for the words that have one.

    Raises:
        LessonError: If the file is broken, or names a word that is not in the glossary.
    """
    table = toml_file.read(FOLDER / _GLOSSARY).table(_LINKS)
    for word in table.values:
        if word not in glossary():
            raise table.error(f"{word!r} is not in the glossary.", word)
    return {word: table.text(word) for word in table.values}


@lru_cache(maxsize=4)
def _words(path: Path, _changed: int) -> Mapping[str, str]:
    table = toml_file.read(path)
    words = {word: table.text(word) for word in table.values if word != _LINKS}
    anchors: dict[str, str] = {}
    for word in words:
        other = anchors.setdefault(anchor(word), word)
        if other != word:
            raise table.error(f"{word!r} and {other!r} are too much alike for two words.", word)
    return words


@lru_cache(maxsize=16)
def _load(path: Path, _changed: int, _glossary_changed: int) -> Lesson:
    table = toml_file.read(path).linked(glossary)
    table.only(*_TABLES)
    default = table.updated(Experiment(), "default")
    sample = table.updated(default, "sample_default") if table.has("sample_default") else None
    texts, asked, presets = table.table("text"), table.tables("question"), table.tables("preset")
    lesson = Lesson(
        path.stem,
        table.text("title"),
        table.text("aim"),
        default,
        {name: texts.text(name) for name in texts.values},
        tuple(_preset(preset, default, sample) for preset in presets),
        sample,
        tuple(questions.read_question(question, default, sample) for question in asked),
        table.text("card", ""),
        int(table.number("minutes", 0)),
        table,
    )
    toml_file.unique(asked, "questions")
    toml_file.unique(presets, "presets")
    return lesson


def _preset(table: Table, default: Experiment, sample: Experiment | None) -> Preset:
    texts = ("name", "group", "question", "expect", "expect_sample")
    table.only(*texts, "settings", "sample_settings")
    for base in filter(None, (default, sample)):
        table.updated(base, "settings", "sample_settings")
    return Preset(
        table.text("name"),
        table.settings("settings"),
        table.text("question", ""),
        table.text("expect", ""),
        table.text("expect_sample", ""),
        table.settings("sample_settings"),
        table.text("group", ""),
    )
