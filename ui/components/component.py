"""Register the folders of this room as components of Streamlit."""

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
    """Make a component of a folder's script and style: once, when its module is imported.

    Args:
        name: Name of the folder and of its files.
        html: The component's first content; None for an invisible one.
        colours: Colours that the style uses as `--<name>`.
        isolate_styles: Whether the component lives in a shadow root, apart from the page's styles.

    Returns:
        The function that mounts the component.
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
