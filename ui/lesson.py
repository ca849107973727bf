"""The teaching pieces: a lesson's texts and presets, the glossary, title row and code panel.

Texts live in `lessons/*.toml`, which a teacher can change without touching Python; `lesson_file.py`
reads them. A word that a text marks, as `[[epoch]]`, links to its definition, see `ui/glossary`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.experiment import Experiment
from ui import assignment, lesson_file, questions
from ui.core import resources, state
from ui.lesson_file import LessonError as LessonError
from ui.lesson_file import Table
from ui.questions import Question

FOLDER = lesson_file.FOLDER
_GLOSSARY = "glossary.toml"
#: What a lesson's file may hold.
_TABLES = ("title", "aim", "default", "sample_default", "text", "preset", "question", "rung")


@dataclass(frozen=True)
class Preset:
    """A "what if": settings, the question they ask, and what to expect.

    Args:
        name: What the button says.
        settings: Settings by dotted name that it changes.
        question: What it asks.
        expect: What the tutorial printed, or what the full data give.
        expect_sample: What to expect on the embedded sample; empty where that is no different.
        sample_settings: Settings that replace some of `settings` on the embedded sample.
        group: The title under which it is folded away; empty where it stands in the open.
    """

    name: str
    settings: Mapping[str, Any]
    question: str = ""
    expect: str = ""
    expect_sample: str = ""
    sample_settings: Mapping[str, Any] | None = None
    group: str = ""

    def of(self, embedded: bool) -> Mapping[str, Any]:
        """The settings for the data at hand."""
        return {**self.settings, **((self.sample_settings or {}) if embedded else {})}


@dataclass(frozen=True)
class Lesson:
    """One lesson as its file has it: title, aim, default experiment, texts by name, presets.

    `sample_default` is the default experiment on the embedded sample, where that is another one;
    `table` is the whole file, for what one lesson alone has.
    """

    name: str
    title: str
    aim: str
    default: Experiment
    texts: Mapping[str, str]
    presets: tuple[Preset, ...]
    sample_default: Experiment | None = None
    questions: tuple[Question, ...] = ()
    table: Table = field(default_factory=lambda: Table("", {}, {}), compare=False, repr=False)

    def on_data(self) -> Lesson:
        """The lesson with the default experiment for the data that this lab has."""
        if self.sample_default is None or not resources.dataset(self.default.data).embedded:
            return self
        return replace(self, default=self.sample_default)

    def text(self, name: str, **numbers: object) -> str:
        """A text in Markdown, with `{names}` filled in.

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
    """Reads `lessons/<name>.toml`; again only where it has changed.

    Raises:
        LessonError: If the file is broken: the line that is at fault, and why.
    """
    path = FOLDER / f"{name}.toml"
    return _load(path, lesson_file.stamp(path), lesson_file.stamp(FOLDER / _GLOSSARY))


def term(word: str) -> str:
    """What a word of the field means: one definition for the whole lab.

    Raises:
        LessonError: If the glossary has no such word.
    """
    words = glossary()
    if word not in words:
        raise LessonError(f"lessons/{_GLOSSARY}, line 1: {word!r} is missing.")
    return words[word]


def glossary() -> Mapping[str, str]:
    """The definitions by their words.

    Raises:
        LessonError: If the file is broken.
    """
    path = FOLDER / _GLOSSARY
    return _words(path, lesson_file.stamp(path))


@lru_cache(maxsize=4)
def _words(path: Path, _changed: int) -> Mapping[str, str]:
    table = lesson_file.read(path)
    words = {word: table.text(word) for word in table.values}
    anchors: dict[str, str] = {}
    for word in words:
        other = anchors.setdefault(lesson_file.anchor(word), word)
        if other != word:
            raise table.error(f"{word!r} and {other!r} are too much alike for two words.", word)
    return words


@lru_cache(maxsize=16)
def _load(path: Path, _changed: int, _glossary_changed: int) -> Lesson:
    table = lesson_file.read(path).linked(glossary)
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
        tuple(questions.question(question, default, sample) for question in asked),
        table,
    )
    lesson_file.unique(asked, "questions")
    lesson_file.unique(presets, "presets")
    return lesson


def _preset(table: Table, default: Experiment, sample: Experiment | None) -> Preset:
    told = ("name", "group", "question", "expect", "expect_sample")
    table.only(*told, "settings", "sample_settings")
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


def open_lesson(name: str, row: DeltaGenerator) -> tuple[Lesson, Experiment]:
    """Draws the buttons of a lesson's title row, and says what its settings are.

    Args:
        name: The lesson's name.
        row: The row that holds its title.

    Returns:
        The lesson, and the page's experiment: from a link, as it was left, or the lesson's own.
    """
    lesson = load(name).on_data()
    experiment = state.experiment(name, lesson.default)
    with row:
        _buttons(lesson, experiment)
    st.caption(lesson.aim)
    assignment.banner(name)
    for complaint in state.link_complaints(name):
        st.warning(complaint, icon=":material/link_off:")
    return lesson, experiment


def _buttons(lesson: Lesson, experiment: Experiment) -> None:
    page = lesson.name
    popover = st.popover("Link", icon=":material/link:", key=f"{page}.link", on_change="rerun")
    if popover.open:
        with popover:
            _link(page, experiment)
    if st.button("Code", icon=":material/code:", key=f"{page}.code"):
        _code(lesson, experiment)
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"{page}.reset",
        on_click=_reset,
        args=(page, lesson.default),
        help="Sets every setting back: to the link's, in a class's task; else to the lesson's own.",
    )


def _link(page: str, experiment: Experiment) -> None:
    st.caption("Opens this page with these settings, on any machine that reaches this lab.")
    st.code(state.link(page, experiment), language=None, wrap_lines=True)
    if not state.assignment(page):  # a class sees its task, and nothing beside it
        assignment.form(page, experiment)


def _reset(page: str, default: Experiment) -> None:
    state.set_experiment(page, state.assigned(page) or default)


@st.dialog("This experiment as a Keras program", width="large")
def _code(lesson: Lesson, experiment: Experiment) -> None:
    program = resources.keras_program(experiment)
    st.caption("It runs by itself: no part of this lab is needed, only TensorFlow and Keras.")
    with st.container(horizontal=True):
        st.download_button(
            "Download",
            program,
            f"{lesson.name}.py",
            "text/x-python",
            icon=":material/download:",
            on_click="ignore",
            key=f"{lesson.name}.program",
        )
        st.download_button(
            "As a notebook",
            lambda: resources.keras_notebook(experiment),
            f"{lesson.name}.ipynb",
            "application/x-ipynb+json",
            icon=":material/download:",
            on_click="ignore",
            key=f"{lesson.name}.notebook",
        )
    st.code(program, language="python", height=480)


def presets(lesson: Lesson, embedded: bool) -> None:
    """The lesson's "what if" buttons, each with its question and what to expect."""
    for group in dict.fromkeys(preset.group for preset in lesson.presets):
        grouped = [preset for preset in lesson.presets if preset.group == group]
        with st.expander(group) if group else st.container():
            _preset_rows(lesson, grouped, embedded)


def _preset_rows(lesson: Lesson, presets: Sequence[Preset], embedded: bool) -> None:
    for start in range(0, len(presets), 2):  # rows keep their order on a phone
        row = presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column:
                _preset_card(lesson, preset, embedded)


def _preset_card(lesson: Lesson, preset: Preset, embedded: bool) -> None:
    wanted = lesson.default.updated(preset.of(embedded))
    fixed = bool(state.fixed_changes(lesson.name, wanted))
    with st.container(border=True):
        st.button(
            preset.name,
            key=f"{lesson.name}.preset.{preset.name}",
            icon=":material/tune:",
            on_click=_use,
            args=(lesson.name, preset, wanted),
            disabled=fixed,
            help="It changes what is fixed in your task." if fixed else None,
        )
        if preset.question:
            st.markdown(preset.question)
        expect = preset.expect_sample if embedded and preset.expect_sample else preset.expect
        if expect:
            st.caption(expect)


def _use(page: str, preset: Preset, wanted: Experiment) -> None:
    state.set_experiment(page, wanted)
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")
