"""The row of the page's title: the buttons that share or reset the sweep, and its aim."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.core import address, state
from ui.core.keys import Key
from ui.sweep.draft import PAGE, Draft
from ui.sweep.draft_state import COMPLAINTS, replace_draft, to_parameters
from ui.sweep.presets import SweepTexts
from ui.workbench.link_complaints import draw_complaints
from ui.workbench.share import show_link

LINK_POPOVER = Key(f"{PAGE}.link", False)
LINK_FIELD = Key(f"{PAGE}.link.field", None)
RESET_BUTTON = Key(f"{PAGE}.reset", False)


def draw_title_row(row: DeltaGenerator, texts: SweepTexts, draft: Draft) -> None:
    """Draw the link and the reset button beside the page's title, and the aim below it.

    Args:
        row: The row that holds the title.
        texts: The page's texts.
        draft: The draft on the page.
    """
    with row:
        if draft.sweep is not None:
            with st.popover("Share", icon=":material/share:", key=LINK_POPOVER.name):
                st.caption("This link opens this page with this sweep.")
                link = address.build_page_link(PAGE, to_parameters(draft.lesson, draft.sweep))
                show_link(link, key=LINK_FIELD.name)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key=RESET_BUTTON.name,
            on_click=lambda: replace_draft(texts.presets[0].draft()),
            help="Goes back to the page's first sweep. No run is deleted.",
        )
    st.caption(texts.aim)
    draw_complaints(state.get(COMPLAINTS))
