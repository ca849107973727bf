"""Buttons that undo and redo strokes on the canvas of `ui.components.pen`, without the server."""

from __future__ import annotations

from ui.components.component import register

#: The width of the two buttons with the gap between them, in pixels.
WIDTH = 84

_component = register("undo", html='<div class="undo"></div>')


def draw(*, key: str) -> None:
    """Draw the buttons; without a canvas on the page both are disabled.

    Args:
        key: The buttons' key.
    """
    _component(key=key, data=[{}], width=WIDTH)
