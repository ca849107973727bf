"""Widgets for the draft: what the sweep starts from, which settings it varies, and how many runs.

Widgets only show the draft: each is set from it before it is drawn, and its callback writes the
change back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from nncore.experiment import Experiment
from nncore.sweep import AXES, MAX_RUNS, MAX_VALUES, Axis, Sweep, Value, read_value
from ui.content.lesson import load, term
from ui.content.settings import SWEEP_AXES, word_value
from ui.core import page_settings, state, wording
from ui.core.keys import Key
from ui.sweep.draft import LESSONS, PAGE, Draft, format_value, holds_out
from ui.sweep.draft_state import change_draft, current_draft
from ui.sweep.presets import SweepTexts

LESSON = Key(f"{PAGE}.lesson", LESSONS[0])
HELD_OUT = Key(f"{PAGE}.held_out", False)
COPY_BUTTON = Key(f"{PAGE}.take", False)
#: A family, one for each axis: the values to try, as text.
AXIS = Key[Sequence[str]](f"{PAGE}.axis", ())
RANDOM = Key(f"{PAGE}.random", False)
RUNS = Key[int | None](f"{PAGE}.runs", None)
SEED = Key[int | None](f"{PAGE}.seed", None)
#: Words of the glossary that explain an axis, where they differ from the axis's name.
#: The axes in the order of their widgets; those used most come first.
_AXIS_ORDER = (
    *("learning_rate", "units", "layers"),
    *("batch_size", "epochs", "activation", "optimizer"),
)


def draw_settings(texts: SweepTexts, draft: Draft, *, locked: bool) -> None:
    """Draw the base of the sweep and the settings that it varies, in rows of three.

    Args:
        texts: The page's texts.
        draft: What the widgets show.
        locked: Whether the widgets are disabled because a sweep is running.
    """
    _base(texts, draft, locked)
    fields: list[Callable[[], None]] = [
        *(partial(_axis, draft, name, locked) for name in _AXIS_ORDER),
        partial(_combinations, draft, locked),
        partial(_random_sample, draft, locked),
    ]
    for start in range(0, len(fields), 3):
        row = fields[start : start + 3]
        for column, draw_field in zip(st.columns(3, gap="small"), row, strict=True):
            with column:
                draw_field()
    if draft.values("optimizer") and not draft.values("learning_rate"):
        st.caption(texts.text("optimizer"))
    if draft.random:
        st.caption(texts.text("random"))


def _base(texts: SweepTexts, draft: Draft, locked: bool) -> None:
    left, middle, right = st.columns(3, gap="small", vertical_alignment="bottom")
    lesson = state.bind_widget(LESSON, draft.lesson)
    left.selectbox(
        "Start from the settings of",
        LESSONS,
        format_func=lambda name: load(name).title,
        key=lesson,
        on_change=_change_lesson,
        args=(lesson,),
        disabled=locked,
    )
    held_out = state.bind_widget(HELD_OUT, holds_out(draft.base))
    share = draft.base.fit.validation_split if holds_out(draft.base) else 0.1
    middle.toggle(
        f"Hold out {share:.0%} to compare runs on",
        key=held_out,
        on_change=_change_held_out,
        args=(held_out,),
        disabled=locked,
        help=term("validation"),
    )
    right.button(
        "Copy that page's settings",
        key=COPY_BUTTON.name,
        icon=":material/download_2:",
        type="tertiary",
        on_click=_start_from,
        args=(draft.lesson,),
        disabled=locked or _differ_in_validation_only(current_settings(draft.lesson), draft.base),
        help="Takes over the changes that you made on that page since then.",
    )
    st.caption(f"{texts.text('begin')} {describe(draft.base)}")


def _differ_in_validation_only(one: Experiment, other: Experiment) -> bool:
    same = {"fit.validation": "none", "fit.validation_split": 0.1}
    return one.updated(same) == other.updated(same)


def current_settings(lesson: str) -> Experiment:
    """Return the settings on a lesson's page; the lesson's own before the page was opened."""
    return page_settings.find_experiment(lesson) or load(lesson).on_data().default


def describe(base: Experiment) -> str:
    """Return an experiment in one line: data, layer sizes, optimizer, epochs and batches."""
    model, fit, data = base.model, base.fit, base.data
    layers = "-".join(map(str, base.layer_sizes))
    activation = f", {word_value('model.activation', model.activation)}" if model.units else ""
    samples = f"{data.samples:,} samples · " if data.samples else ""
    epochs, optimizer = (
        wording.count(fit.epochs, "epoch"),
        word_value("fit.optimizer", fit.optimizer),
    )
    return (
        f"{samples}layers {layers}{activation} · {optimizer}, learning rate "
        f"{format_value(fit.learning_rate)} · {epochs}, batch size {fit.batch_size:,}"
    )


def _axis(draft: Draft, name: str, locked: bool) -> None:
    """Draw the values to try for one setting; numbers other than the usual ones can be typed."""
    values = draft.values(name)
    are_words = isinstance(AXES[name][0], str)
    key = state.bind_widget(AXIS.of(name), [format_value(value) for value in values])
    usual = [format_value(value) for value in AXES[name]]
    st.multiselect(
        SWEEP_AXES[name].label,
        [*usual, *(text for text in map(format_value, values) if text not in usual)],
        key=key,
        format_func=SWEEP_AXES[name].word if are_words else str,
        on_change=_change_axis,
        args=(name, key),
        accept_new_options=not are_words and name != "layers",
        max_selections=MAX_VALUES,
        placeholder=f"{_base_value(draft.base, name)}: not varied",
        disabled=locked,
        wrap=True,
        help=term(SWEEP_AXES[name].term),
    )


def _base_value(base: Experiment, name: str) -> str:
    """Return the value of a setting that is not varied."""
    units = base.model.units
    values: Mapping[str, Value] = {
        "units": "-".join(map(str, units)) or "none",
        "layers": len(units),
        "activation": word_value("model.activation", base.model.activation),
        "optimizer": word_value("fit.optimizer", base.fit.optimizer),
        "learning_rate": base.fit.learning_rate,
        "batch_size": base.fit.batch_size,
        "epochs": base.fit.epochs,
    }
    return format_value(values[name])


def _combinations(draft: Draft, locked: bool) -> None:
    """Draw the choice between all combinations and a random sample of them."""
    names = {False: "All", True: "Random sample"}
    key = state.bind_widget(RANDOM, draft.random)
    st.segmented_control(
        "Combinations",
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=_change_random,
        args=(key,),
        required=True,
        width="stretch",
        disabled=locked,
    )


def _random_sample(draft: Draft, locked: bool) -> None:
    """Draw the size and the seed of a random sample."""
    if not draft.random:
        return
    left, right = st.columns(2, gap="small")
    for place, field, key, most in (
        (left, "runs", RUNS, MAX_RUNS),
        (right, "seed", SEED, 2**32 - 1),
    ):
        name = state.bind_widget(key, getattr(draft, field))
        place.number_input(
            field.capitalize(),
            int(key is RUNS),
            most,
            key=name,
            on_change=_change_number,
            args=(field, name),
            disabled=locked,
        )


def _change_axis(name: str, key: str) -> None:
    texts = state.read_bound(key)
    if texts is None:
        return
    values: list[Value] = []
    for text in texts:
        try:
            value = read_value(name, text)
            Sweep(current_draft().base, (Axis(name, (value,)),))  # checks the value's bounds
            values.append(value)
        except ValueError as error:
            st.toast(str(error), icon=":material/error:")
    change_draft(axes=current_draft().with_values(name, tuple(dict.fromkeys(values))).axes)


def _change_lesson(key: str) -> None:
    if (lesson := state.read_bound(key)) is not None:
        _start_from(lesson)


def _start_from(lesson: str) -> None:
    base, keeps_validation = current_settings(lesson), holds_out(current_draft().base)
    if keeps_validation and not holds_out(base):
        base = base.updated({"fit.validation": "last"})
    change_draft(lesson=lesson, base=base)


def _change_held_out(key: str) -> None:
    if (held_out := state.read_bound(key)) is not None:
        validation = "last" if held_out else "none"
        change_draft(base=current_draft().base.updated({"fit.validation": validation}))


def _change_random(key: str) -> None:
    if (random := state.read_bound(key)) is not None:
        change_draft(random=bool(random))


def _change_number(field: str, key: str) -> None:
    if (number := state.read_bound(key)) is not None:
        change_draft(**{field: int(number)})
