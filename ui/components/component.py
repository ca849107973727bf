"""How the lab's own pieces, each in a folder of its own, become components of Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st


def register(
    name: str,
    *,
    html: str | None = None,
    colours: Mapping[str, str] | None = None,
    isolate_styles: bool = True,
) -> Any:
    """Makes a component of the script and the style of a folder: once, when its module is imported.

    Args:
        name: The folder's, and that of its files.
        html: What the component holds at first; None for one that shows nothing.
        colours: What the style finds as `--<name>`.
        isolate_styles: Whether the style reaches nothing else on the page, and nothing else it.

    Returns:
        What mounts the component.
    """
    folder = Path(__file__).parent / name
    style = folder / f"{name}.css"
    css = style.read_text(encoding="utf-8") if style.is_file() else None
    if css is not None and colours:
        listed = " ".join(f"--{colour}: {value};" for colour, value in colours.items())
        css = f"{':host' if isolate_styles else f'.nncore-{name}'} {{ {listed} }}\n{css}"
    return st.components.v2.component(
        f"nncore.{name}",
        html=html,
        css=css,
        js=(folder / f"{name}.js").read_text(encoding="utf-8"),
        isolate_styles=isolate_styles,
    )
