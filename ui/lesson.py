"""The teaching pieces: a lesson's texts and presets, the glossary, title row and code panel.

Texts live in `lessons/*.toml`, which a teacher can change without touching Python.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from nncore.experiment import Experiment, SettingError
from ui import resources, state

FOLDER = Path(__file__).resolve().parent.parent / "lessons"


class LessonError(ValueError):
    """A lesson's file that cannot be used, in one sentence with the file and the place."""


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
    """

    name: str
    settings: Mapping[str, Any]
    question: str = ""
    expect: str = ""
    expect_sample: str = ""
    sample_settings: Mapping[str, Any] | None = None

    def of(self, embedded: bool) -> Mapping[str, Any]:
        """The settings for the data at hand."""
        return {**self.settings, **((self.sample_settings or {}) if embedded else {})}


@dataclass(frozen=True)
class Lesson:
    """One lesson as its file has it: title, aim, default experiment, texts by name, presets.

    `sample_default` is the default experiment on the embedded sample, where that is another one.
    """

    name: str
    title: str
    aim: str
    default: Experiment
    texts: Mapping[str, str]
    presets: tuple[Preset, ...]
    sample_default: Experiment | None = None

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
            raise LessonError(f"lessons/{self.name}.toml, text {name!r}: {error}") from error


def load(name: str) -> Lesson:
    """Reads `lessons/<name>.toml`; again only where it has changed.

    Raises:
        LessonError: If the file is broken: the line, or the setting, that is at fault.
    """
    path = FOLDER / f"{name}.toml"
    return _load(path, path.stat().st_mtime_ns)


def term(word: str) -> str:
    """What a word of the field means: one definition for the whole lab.

    Raises:
        LessonError: If the glossary has no such word.
    """
    path = FOLDER / "glossary.toml"
    glossary = _toml(path, path.stat().st_mtime_ns)
    if word not in glossary:
        raise LessonError(f"lessons/glossary.toml has no {word!r}")
    return str(glossary[word])


@lru_cache(maxsize=16)
def _toml(path: Path, _changed: int) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonError(f"lessons/{path.name} cannot be read: {error}") from error


@lru_cache(maxsize=16)
def _load(path: Path, changed: int) -> Lesson:
    raw = _toml(path, changed)
    try:
        default = Experiment.from_settings(_settings(raw["default"]))
        sample = raw.get("sample_default")
        return Lesson(
            path.stem,
            raw["title"],
            raw["aim"],
            default,
            raw.get("text", {}),
            tuple(_preset(preset) for preset in raw.get("preset", [])),
            default.updated(_settings(sample)) if sample else None,
        )
    except SettingError as error:
        raise LessonError(f"lessons/{path.name}: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise LessonError(f"lessons/{path.name}: missing or misplaced: {error}") from error


def _preset(raw: Mapping[str, Any]) -> Preset:
    fields = dict(raw)
    fields["settings"] = _settings(fields["settings"])
    if "sample_settings" in fields:
        fields["sample_settings"] = _settings(fields["sample_settings"])
    return Preset(**fields)


def _settings(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as TOML has them, with lists turned into tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}


def open_lesson(name: str) -> tuple[Lesson, Experiment]:
    """Draws a lesson's title row, and says what its settings are.

    Returns:
        The lesson, and the page's experiment: from a link, as it was left, or the lesson's own.
    """
    lesson = load(name).on_data()
    experiment = state.experiment(name, lesson.default)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(lesson.title, anchor=False, width="stretch")
        _buttons(lesson, experiment)
    st.caption(lesson.aim)
    for complaint in state.link_complaints(name):
        st.warning(complaint, icon=":material/link_off:")
    return lesson, experiment


def _buttons(lesson: Lesson, experiment: Experiment) -> None:
    page = lesson.name
    with st.popover("Link", icon=":material/link:", key=f"{page}.link"):
        st.caption("Opens this page with these settings, on any machine that reaches this lab.")
        st.code(state.link(page, experiment), language=None, wrap_lines=True)
    if st.button("Code", icon=":material/code:", key=f"{page}.code"):
        _code(lesson, experiment)
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"{page}.reset",
        on_click=_reset,
        args=(page, lesson.default),
        help="Sets every setting of this lesson back.",
    )


def _reset(page: str, default: Experiment) -> None:
    state.set_experiment(page, default)


@st.dialog("This experiment as a Keras program", width="large")
def _code(lesson: Lesson, experiment: Experiment) -> None:
    program = resources.keras_program(experiment)
    st.caption("It runs by itself: no part of this lab is needed, only TensorFlow and Keras.")
    st.download_button(
        "Download",
        program,
        f"{lesson.name}.py",
        "text/x-python",
        icon=":material/download:",
        on_click="ignore",
        key=f"{lesson.name}.program",
    )
    st.code(program, language="python", height=480)


def presets(lesson: Lesson, embedded: bool) -> None:
    """The lesson's "what if" buttons, each with its question and what to expect."""
    for start in range(0, len(lesson.presets), 2):  # rows keep their order on a phone
        row = lesson.presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column:
                _preset_card(lesson, preset, embedded)


def _preset_card(lesson: Lesson, preset: Preset, embedded: bool) -> None:
    with st.container(border=True):
        st.button(
            preset.name,
            key=f"{lesson.name}.preset.{preset.name}",
            icon=":material/tune:",
            on_click=_use,
            args=(lesson, preset, embedded),
        )
        if preset.question:
            st.markdown(preset.question)
        expect = preset.expect_sample if embedded and preset.expect_sample else preset.expect
        if expect:
            st.caption(expect)


def _use(lesson: Lesson, preset: Preset, embedded: bool) -> None:
    state.set_experiment(lesson.name, lesson.default.updated(preset.of(embedded)))
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")
