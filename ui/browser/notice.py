"""One sentence on every page about content of the browser that was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.components import keep
from ui.content.lesson import load
from ui.core import state
from ui.core.catalog import BROWSER
from ui.core.keys import Key
from ui.core.wording import listing, lower_first

#: The faults that the learner has seen on *On this browser*.
_SEEN: Key[Mapping[str, Any]] = Key("browser.seen", {})


def draw_notice(page: str) -> None:
    """Draw the sentence and a link to *On this browser*, until the learner has been there.

    Args:
        page: The name of the page that is shown.
    """
    faults = keep.list_faults()
    if not faults or (page != BROWSER.name and state.get(_SEEN) == faults):
        return
    titles = {slot.name: slot.title for slot in keep.list_slots()}
    listed = [f"{lower_first(titles[name])} ({fault})" for name, fault in faults.items()]
    st.warning(load(BROWSER.name).text("fault", what=listing(listed)), icon=":material/inventory:")
    if page == BROWSER.name:
        state.put(_SEEN, faults)
    else:
        st.page_link(BROWSER.path, label=BROWSER.title, icon=BROWSER.icon)
