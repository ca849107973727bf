"""The "what if" buttons of a lesson: settings to try, a question, and the answer after the run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nncore.checkpoint import Checkpoint
from nncore.experiment import Experiment
from ui.components import assist
from ui.content.lesson import Preset
from ui.core import page_runs, page_settings
from ui.core.keys import PageKey
from ui.core.wording import listing, number, percent
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_controls import BENCH

PRESET_BUTTON = PageKey("preset", False)


def show_presets(page: LessonPage) -> None:
    """Draw the lesson's presets in their groups."""
    presets = page.lesson.presets
    for group in dict.fromkeys(preset.group for preset in presets):
        members = [preset for preset in presets if preset.group == group]
        is_chosen = any(_settings_of(page, preset) == page.experiment for preset in members)
        with st.expander(group, expanded=is_chosen) if group else st.container():
            _show_rows(page, members)


def _show_rows(page: LessonPage, presets: Sequence[Preset]) -> None:
    for start in range(0, len(presets), 2):  # rows keep their order on a phone
        row = presets[start : start + 2]
        for column, preset in zip(st.columns(2), row, strict=False):
            with column:
                _show_card(page, preset)


def _settings_of(page: LessonPage, preset: Preset) -> Experiment:
    return page.lesson.default.updated(preset.of(page.dataset.embedded))


def _show_card(page: LessonPage, preset: Preset) -> None:
    wanted = _settings_of(page, preset)
    is_fixed = bool(page_settings.list_fixed_changes(page.name, wanted))
    with st.container(border=True):
        st.button(
            preset.name,
            key=PRESET_BUTTON.on(page.name).of(preset.name).name,
            icon=":material/tune:",
            type="primary" if wanted == page.experiment else "secondary",
            on_click=_use,
            args=(page.name, preset, wanted),
            disabled=is_fixed,
            help="It changes a setting that is fixed in your task." if is_fixed else None,
        )
        if preset.question:
            st.markdown(preset.question)
        _show_outcome(page, preset, _finished_run(wanted))


def _show_outcome(page: LessonPage, preset: Preset, result: Checkpoint | None) -> None:
    """Draw what to expect of a preset and what its run gave: only once the learner has run it."""
    on_sample = page.dataset.embedded and preset.expect_sample
    expect = preset.expect_sample if on_sample else preset.expect
    if result is None:
        if expect and not preset.question:
            st.caption("Train it to see what to expect.")
        return
    st.caption(f"{expect}  \n**Your run:** {describe_result(result)}.")


def describe_result(checkpoint: Checkpoint) -> str:
    """Return the last loss and accuracies of a run in words."""
    last = {name: column[-1] for name, column in checkpoint.kept_history.items() if column}
    parts = [f"loss {number(last['loss'])}"] if "loss" in last else []
    names = {"accuracy": "training accuracy", "val_accuracy": "validation accuracy"}
    parts += [f"{words} {percent(last[name])}" for name, words in names.items() if name in last]
    return listing(parts) or "no epoch is complete"


def _finished_run(wanted: Experiment) -> Checkpoint | None:
    """Return the session's newest finished run of these settings."""
    for noted in reversed(page_runs.get_ledger()):
        if noted.experiment == wanted and noted.progress.checkpoint.finished:
            return noted.progress.checkpoint
    return None


def _use(page: str, preset: Preset, wanted: Experiment) -> None:
    page_settings.set_experiment(page, wanted)
    assist.scroll_to(BENCH.on(page).name)
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")
