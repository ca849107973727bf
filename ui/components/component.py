"""Register the lab's JavaScript and CSS as components of Streamlit: the one way to do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_ROOM = Path(__file__).parent
_EXPORT = "export default function"
#: The end of each script. Streamlit calls a script once for each of a component's frames, and ends
#: at once what it called for a frame that is no longer the newest. While the script is still on its
#: way, Chromium lets these calls come in any order: every second time the older frame came last,
#: and stayed. So a call waits for a turn of the browser's, and is dropped where it is over by then.
_NEWEST_ONLY = """
export default (() => {
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port1.onmessage = () => waiting.shift()();
  return (component) => {
    let isOver = false;
    let end;
    waiting.push(() => { if (!isOver) end = drawFrame(component); });
    port2.postMessage(null);
    return () => {
      isOver = true;
      end?.();
    };
  };
})();
"""


def register(
    name: str,
    *,
    html: str | None = None,
    colours: Mapping[str, str] | None = None,
    isolate_styles: bool = True,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> Any:
    """Make a component of a folder's script and style: once, when its module is imported.

    Args:
        name: Name of the component; by default also of its folder, its script and its style.
        html: The component's first content; None for an invisible one.
        colours: Colours that the style uses as `--<name>`.
        isolate_styles: Whether the component lives in a shadow root, apart from the page's styles.
        scripts: Paths within this room, joined in order; the parts share what they define.
        styles: Paths within this room, joined in order.

    Returns:
        The function that mounts the component.
    """
    css = _join(styles or [f"{name}/{name}.css"])
    if css and colours:
        listed = " ".join(f"--{colour}: {value};" for colour, value in colours.items())
        css = f"{':host' if isolate_styles else f'.nncore-{name}'} {{ {listed} }}\n{css}"
    return st.components.v2.component(
        f"nncore.{name}",
        html=html,
        css=css or None,
        js=_finish(_join(scripts or [f"{name}/{name}.js"])),
        isolate_styles=isolate_styles,
    )


def _finish(script: str) -> str:
    """Return a script whose default function draws the newest frame only."""
    return script.replace(_EXPORT, "function drawFrame", 1) + _NEWEST_ONLY


def _join(paths: Sequence[str]) -> str:
    """Return the text of some files; a component without a style has no file for it."""
    files = [_ROOM / path for path in paths]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
