"""Many runs for one question: a grid or a random sample of some settings, compared."""

from ui.core import navigation

row = navigation.guard("sweep")  # before the imports that take long

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.data.datasets import DataUnavailable
from ui.core import resources
from ui.sweep import loaded_sweep, preset_cards, progress, results, settings_form
from ui.sweep.draft import Draft
from ui.sweep.draft_state import open_draft
from ui.sweep.loaded_sweep import LoadedSweep
from ui.sweep.presets import SweepPreset, SweepTexts, read_texts
from ui.sweep.title_row import draw_title_row


def show_page(row: DeltaGenerator, texts: SweepTexts, draft: Draft) -> None:
    draw_title_row(row, texts, draft)
    preset = texts.chosen_preset(draft)
    locked = loaded_sweep.sweep_progress().under_way
    try:
        dataset = resources.dataset(draft.base.data)
    except DataUnavailable as error:
        st.error(str(error), icon=":material/database_off:")
    else:
        loaded = LoadedSweep(draft, draft.sweep, dataset) if draft.sweep else None
        show_sweep(texts, draft, loaded, preset, locked=locked)
    st.header("3 Ask", anchor=False)
    preset_cards.draw_presets(texts.presets, preset, locked=locked)


def show_sweep(
    texts: SweepTexts,
    draft: Draft,
    loaded: LoadedSweep | None,
    preset: SweepPreset | None,
    *,
    locked: bool,
) -> None:
    if loaded is None:
        st.warning(draft.problem, icon=":material/rule_settings:")
    else:
        progress.draw_panel(texts, loaded)
    with st.container(border=True, gap="small"):
        st.header("1 Vary", anchor=False)
        settings_form.draw_settings(texts, draft, locked=locked)
    if loaded is not None:
        dark = st.context.theme.type == "dark"
        results.draw_results(texts, loaded, preset, dark=dark)


show_page(row, read_texts(), open_draft())
