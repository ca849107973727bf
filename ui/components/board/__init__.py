"""Makes a page large for a projector: text grows with the window, and the class's code most."""

from __future__ import annotations

from ui.components.component import register

_component = register(
    "board",
    html='<div class="nncore-board"></div>',
    isolate_styles=False,  # it styles the whole page
)


def mount() -> None:
    """Put the invisible component on the page: once a page, before the board."""
    _component(key="classroom.size", data=[{}])
