"""A card for each preset of the page: a sweep with a question."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.core.keys import Key
from ui.sweep import draft_state
from ui.sweep.draft import PAGE
from ui.sweep.presets import SweepPreset

PRESET_BUTTON = Key(f"{PAGE}.preset", False)


def draw_presets(
    presets: Sequence[SweepPreset], chosen: SweepPreset | None, *, locked: bool
) -> None:
    """Draw a card for each preset: its button and its question.

    Args:
        presets: All of them.
        chosen: The one that the page shows now, if any; its card says so.
        locked: Whether a sweep is running, so that no other can be chosen.
    """
    for start in range(0, len(presets), 2):  # rows keep their order on a phone
        for column, preset in zip(st.columns(2), presets[start : start + 2], strict=False):
            with column, st.container(border=True, height="stretch"):
                _draw_card(preset, is_chosen=preset == chosen, locked=locked)


def _draw_card(preset: SweepPreset, *, is_chosen: bool, locked: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            preset.name,
            key=PRESET_BUTTON.of(preset.name).name,
            icon=":material/tune:",
            on_click=use_preset,
            args=(preset,),
            disabled=locked,
        )
        if is_chosen:
            st.caption(":material/check: shown above", width="content")
    st.markdown(preset.question)


def use_preset(preset: SweepPreset) -> None:
    """Replace the page's sweep by a preset's, from a callback."""
    draft_state.replace_draft(preset.draft())
    st.toast(f"Set: {preset.name}. Now press Train.", icon=":material/tune:")
