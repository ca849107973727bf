"""The prediction in words for what the pen draws just now, in place of the server's.

It is drawn into the card that holds the server's heading and caption, and hides them while
`ui.components.pen` reads live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.components.component import register

_component = register(
    "verdict",
    html='<div class="nncore-verdict" hidden><h2></h2><p></p></div>',
    isolate_styles=False,  # it hides elements of its card
)


def draw(
    words: Mapping[str, str],
    names: Sequence[str],
    *,
    key: str,
    sure: float,
    caption: str | None = None,
) -> None:
    """Draw the live prediction, which is hidden until the pen moves.

    Args:
        words: The sentences by the names that `verdict.js` lists, with places to fill.
        names: The classes' names.
        key: The verdict's key.
        sure: From this probability on one class is named, below it two.
        caption: The line below the prediction where it does not depend on the outputs.
    """
    sent = {"words": dict(words), "names": list(names), "sure": sure, "caption": caption}
    _component(key=key, data=[sent])
