"""Pasted pictures go into a file uploader: what Ctrl+V brings is uploaded like a chosen file."""

from __future__ import annotations

from ui.components.component import register

_component = register("paste")


def mount(uploader: str) -> None:
    """Let the page's paste event fill a file uploader, as long as the calling part is drawn.

    Args:
        uploader: The uploader's key. It has to take several files.
    """
    _component(key=f"{uploader}.paste", data=[{"class": f"st-key-{uploader.replace('.', '-')}"}])
