"""What a sweep begins with and what it varies: the page's draft, its link and its widgets.

The draft is the one place where that is held; widgets are views of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.experiment import Experiment, SettingError
from nncore.sweep import AXES, MAX_RUNS, MAX_VALUES, Axis, Sweep, Value, read_value
from ui.content import toml_file
from ui.content.lesson import glossary, load, term
from ui.content.toml_file import Table
from ui.core import catalog, state
from ui.workbench import controls

PAGE = "sweep"
#: Lessons whose settings a sweep can begin with, and where a run on these data can be opened.
LESSONS = tuple(lesson.name for lesson in catalog.LESSONS if lesson.can_sweep)
HOMES: Mapping[str, tuple[str, ...]] = {
    "rounding": ("rounding",),
    "five": ("perceptron",),
    "digits": ("mnist", "perceptron"),
    "fashion": ("mnist",),
}
LABELS: Mapping[str, str] = {
    "units": "Units of each hidden layer",
    "layers": "Hidden layers",
    "activation": "Activation",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "epochs": "Epochs",
}
_TERMS = {"units": "unit", "layers": "hidden layer", "batch_size": "batch", "epochs": "epoch"}
#: The order in which widgets stand, three beside each other.
_ROWS = (
    ("learning_rate", "units", "layers"),
    ("batch_size", "epochs", "activation"),
    ("optimizer", "which", "sample"),
)
RANDOM_RUNS = 20


@dataclass(frozen=True)
class Draft:
    """What the page says, whether it makes a sweep or not.

    Args:
        lesson: The lesson that the base is at home in.
        base: What is varied.
        axes: The settings to vary; without values they stay as they are.
        random: Whether combinations are drawn.
        runs: How many.
        seed: Which.
    """

    lesson: str
    base: Experiment
    axes: tuple[Axis, ...]
    random: bool = False
    runs: int = RANDOM_RUNS
    seed: int = 0

    @cached_property
    def made(self) -> Sweep | SettingError:
        """The sweep, or why it is none."""
        sample, seed = (self.runs, self.seed) if self.random else (0, 0)
        try:
            return Sweep(self.base, self.axes, sample, seed)
        except SettingError as error:
            return error

    def values(self, name: str) -> tuple[Value, ...]:
        """What an axis has."""
        return next((axis.values for axis in self.axes if axis.name == name), ())

    def varied(self, name: str, values: tuple[Value, ...]) -> Draft:
        """The same with other values of an axis; without any it is not varied."""
        others = tuple(axis for axis in self.axes if axis.name != name)
        return replace(self, axes=(*others, Axis(name, values)) if values else others)


@dataclass(frozen=True)
class Texts:
    """The page's file: texts by name, and presets."""

    title: str
    aim: str
    table: Table
    presets: tuple[Preset, ...]

    def text(self, name: str, **numbers: object) -> str:
        """A text in Markdown, with `{names}` filled in.

        Raises:
            ui.lesson.LessonError: If there is none, or it cannot be filled in.
        """
        found = self.table.table("text")
        try:
            return found.text(name).format(**numbers)
        except (KeyError, IndexError, ValueError) as error:
            raise found.error(f"the text {name!r} cannot be filled in: {error}", name) from error


@dataclass(frozen=True)
class Preset:
    """A sweep with a question.

    Args:
        name: What the button says.
        question: What it asks.
        expect: What came out when it was tried.
        lesson: Whose settings it begins with.
        settings: What it changes in them.
        axes: What it varies.
    """

    name: str
    question: str
    expect: str
    lesson: str
    settings: Mapping[str, Any]
    axes: tuple[Axis, ...]

    def draft(self) -> Draft:
        """The sweep on the data that this lab has."""
        default = load(self.lesson).on_data().default
        return Draft(self.lesson, default.updated(self.settings), self.axes)


def texts() -> Texts:
    """Reads `lessons/sweep.toml`.

    Raises:
        ui.lesson.LessonError: If it cannot be used.
    """
    table = toml_file.read(toml_file.FOLDER / "sweep.toml").linked(glossary)
    table.only("title", "aim", "text", "sweep")
    presets = tuple(_preset(preset) for preset in table.tables("sweep"))
    if not presets:
        raise table.error("one [[sweep]] or more is expected: the first is what the page shows.")
    return Texts(table.text("title"), table.text("aim"), table, presets)


def _preset(table: Table) -> Preset:
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
    return Preset(table.text("name"), question, expect, lesson, table.settings("settings"), axes)


# The draft and the link


def draft() -> Draft:
    """What the page says now: from a link that opened it, as it was left, or the first preset."""
    found = _now()
    address = state.address()
    if address and address != state.get(f"{PAGE}.address", None):
        found = _read(address, found)
        carry(found)
    state.put(f"{PAGE}.draft", found)
    return found


def _read(address: dict[str, str], default: Draft) -> Draft:
    """What a link says; what it says wrong is told on the page."""
    wanted = address.pop("sweep.lesson", "")
    made = default.made
    start = made if isinstance(made, Sweep) else Sweep(default.base, (Axis("units", (8, 32)),))
    sweep, complaints = Sweep.from_query(address, start)
    homes = HOMES[sweep.base.data.name]
    state.put(f"{PAGE}.complaints", complaints)
    return Draft(
        wanted if wanted in homes else homes[0],
        sweep.base,
        sweep.axes,
        bool(sweep.sample),
        sweep.sample or RANDOM_RUNS,
        sweep.seed,
    )


def query(lesson: str, sweep: Sweep) -> str:
    """The query string that opens the page with this sweep."""
    return f"{sweep.to_query()}&{urlencode({'sweep.lesson': lesson})}"


def carry(draft: Draft) -> None:
    """Has the address say what the page says, so that loading it again finds the sweep."""
    if isinstance(draft.made, Sweep):
        said = dict(parse_qsl(query(draft.lesson, draft.made), keep_blank_values=True))
        state.put(f"{PAGE}.address", said)
        state.set_address(said)


def keep_carried(draft: Draft) -> None:
    """Lets an address that carries a sweep follow its changes."""
    carried: dict[str, str] | None = state.get(f"{PAGE}.address", None)
    if carried is not None:
        carry(draft)


def change(**changes: Any) -> None:
    """Changes the draft, from a callback."""
    state.put(f"{PAGE}.draft", replace(_now(), **changes))


def _now() -> Draft:
    held: Draft | None = state.get(f"{PAGE}.draft", None)
    return texts().presets[0].draft() if held is None else held


# Widgets


def title_row(row: DeltaGenerator, texts: Texts, draft: Draft) -> None:
    """Link and reset, in the row of the page's title."""
    with row:
        if isinstance(draft.made, Sweep):
            with st.popover("Link", icon=":material/link:"):
                st.caption("Opens this page with this sweep, on any machine that reaches this lab.")
                address = state.page_link(PAGE, query(draft.lesson, draft.made))
                st.code(address, language=None, wrap_lines=True)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key=f"{PAGE}.reset",
            on_click=use,
            args=(texts.presets[0],),
            help="Goes back to the sweep that the page began with. No run is lost.",
        )
    st.caption(texts.aim)
    complaints: list[str] = state.get(f"{PAGE}.complaints", [])
    for complaint in complaints:
        st.warning(complaint, icon=":material/link_off:")


def settings(texts: Texts, draft: Draft, *, locked: bool) -> None:
    """What the sweep begins with, and what it varies.

    Args:
        texts: The page's.
        draft: What is shown.
        locked: Whether nothing can be changed now.
    """
    _base(texts, draft, locked)
    for row in _ROWS:
        for column, name in zip(st.columns(3, gap="small"), row, strict=True):
            with column:
                if name == "which":
                    _which(draft, locked)
                elif name == "sample":
                    _sample(draft, locked)
                else:
                    _axis(draft, name, locked)
    if draft.values("optimizer") and not draft.values("learning_rate"):
        st.caption(texts.text("optimizer"))
    if draft.random:
        st.caption(texts.text("random"))


def _base(texts: Texts, draft: Draft, locked: bool) -> None:
    left, middle, right = st.columns(3, gap="small", vertical_alignment="bottom")
    state.put(f"{PAGE}.lesson", draft.lesson)
    left.selectbox(
        "Begin with the settings of",
        LESSONS,
        format_func=lambda name: load(name).title,
        key=f"{PAGE}.lesson",
        on_change=_change_lesson,
        disabled=locked,
    )
    state.put(f"{PAGE}.held_out", held_out(draft.base))
    middle.toggle(
        _share(draft.base),
        key=f"{PAGE}.held_out",
        on_change=_change_held_out,
        disabled=locked,
        help=term("validation"),
    )
    right.button(
        "Take that page's present ones",
        key=f"{PAGE}.take",
        icon=":material/download_2:",
        type="tertiary",
        on_click=_change_lesson,
        disabled=locked or _alike(present_settings(draft.lesson), draft.base),
        help="Settings that you changed on that page since then.",
    )
    st.caption(f"{texts.text('begin')} {told(draft.base)}")


def _share(base: Experiment) -> str:
    if not held_out(base):
        return "Hold out a tenth to choose by"
    return f"Hold out {base.fit.validation_split:.0%} to choose by"


def _alike(one: Experiment, other: Experiment) -> bool:
    """Whether two experiments differ in nothing but what is held out."""
    same = {"fit.validation": "none", "fit.validation_split": 0.1}
    return one.updated(same) == other.updated(same)


def held_out(base: Experiment) -> bool:
    """Whether training samples are held out to choose by."""
    return base.fit.validation in ("last", "first")


def told(base: Experiment) -> str:
    """An experiment in one line."""
    model, fit, data = base.model, base.fit, base.data
    layers = "-".join(map(str, base.layer_sizes))
    bend = f", {controls.shown(model.activation)}" if model.units else ""
    samples = f"{data.samples:,} " if data.samples else ""
    return (
        f"{samples}{data.name} · {layers}{bend} · {controls.shown(fit.optimizer)} at "
        f"{written(fit.learning_rate)} · {fit.epochs} epochs in batches of {fit.batch_size:,}"
    )


def present_settings(lesson: str) -> Experiment:
    """What a lesson's page says now; the lesson's own settings where it was not opened yet."""
    found: Experiment | None = state.get(f"{lesson}.experiment", None)
    return found or load(lesson).on_data().default


def written(value: Value) -> str:
    """A value as it is shown and typed."""
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else str(value)


def _axis(draft: Draft, name: str, locked: bool) -> None:
    """The values of one setting to vary."""
    key, values = f"{PAGE}.axis.{name}", draft.values(name)
    words = isinstance(AXES[name][0], str)
    fixed = words or name == "layers"
    state.put(key, [written(value) for value in values])
    usual = [written(value) for value in AXES[name]]
    st.multiselect(
        LABELS[name],
        [*usual, *(text for text in map(written, values) if text not in usual)],
        key=key,
        format_func=controls.shown if words else str,
        on_change=_change_axis,
        args=(name,),
        accept_new_options=not fixed,
        max_selections=MAX_VALUES,
        placeholder=f"{_as_it_is(draft.base, name)}: not varied",
        disabled=locked,
        wrap=True,
        help=term(_TERMS.get(name, name.replace("_", " "))),
    )


def _as_it_is(base: Experiment, name: str) -> str:
    """What a setting is where it is not varied."""
    units = base.model.units
    plain: Mapping[str, Value] = {
        "units": "-".join(map(str, units)) or "none",
        "layers": len(units),
        "activation": controls.shown(base.model.activation),
        "optimizer": controls.shown(base.fit.optimizer),
        "learning_rate": base.fit.learning_rate,
        "batch_size": base.fit.batch_size,
        "epochs": base.fit.epochs,
    }
    return written(plain[name])


def _which(draft: Draft, locked: bool) -> None:
    """Whether all combinations are tried or some."""
    names = {False: "All", True: "Some at random"}
    state.put(f"{PAGE}.random", draft.random)
    st.segmented_control(
        "Combinations",
        list(names),
        format_func=names.__getitem__,
        key=f"{PAGE}.random",
        on_change=_change_random,
        required=True,
        width="stretch",
        disabled=locked,
    )


def _sample(draft: Draft, locked: bool) -> None:
    """How many, and which."""
    if not draft.random:
        return
    numbers = (("runs", "Runs", 1, MAX_RUNS), ("seed", "Seed", 0, 2**32 - 1))
    columns = st.columns(2, gap="small")
    for column, (name, label, low, high) in zip(columns, numbers, strict=True):
        key = f"{PAGE}.{name}"
        state.put(key, getattr(draft, name))
        column.number_input(
            label, low, high, key=key, on_change=_change_number, args=(name,), disabled=locked
        )


def _change_axis(name: str) -> None:
    values: list[Value] = []
    typed: list[str] = state.get(f"{PAGE}.axis.{name}", [])
    for text in typed:
        try:
            values.append(read_value(name, text))
            Sweep(_now().base, (Axis(name, (values[-1],)),))
        except ValueError as error:
            values = values[: len(values) - isinstance(error, SettingError)]
            st.toast(str(error), icon=":material/error:")
    kept = _now().varied(name, tuple(dict.fromkeys(values)))
    change(axes=kept.axes)


def _change_lesson() -> None:
    lesson = state.get(f"{PAGE}.lesson", LESSONS[0])
    base, keeps = present_settings(lesson), held_out(_now().base)
    if keeps and not held_out(base):
        base = base.updated({"fit.validation": "last"})
    change(lesson=lesson, base=base)


def _change_held_out() -> None:
    chosen = "last" if state.get(f"{PAGE}.held_out", False) else "none"
    change(base=_now().base.updated({"fit.validation": chosen}))


def _change_random() -> None:
    change(random=bool(state.get(f"{PAGE}.random", False)))


def _change_number(name: str) -> None:
    value = state.get(f"{PAGE}.{name}", None)
    if value is not None:
        change(**{name: int(value)})


def use(preset: Preset) -> None:
    """Puts a preset in place of the draft."""
    state.put(f"{PAGE}.draft", preset.draft())
    state.put(f"{PAGE}.complaints", [])
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")


def presets(texts: Texts, *, locked: bool) -> None:
    """The presets, each with its question."""
    for start in range(0, len(texts.presets), 2):
        row = texts.presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column, st.container(border=True):
                st.button(
                    preset.name,
                    key=f"{PAGE}.preset.{preset.name}",
                    icon=":material/tune:",
                    on_click=use,
                    args=(preset,),
                    disabled=locked,
                )
                st.markdown(preset.question)
                if preset.expect:
                    st.caption(preset.expect)
