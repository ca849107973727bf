"""Live pictures that move evenly: from what is shown to what came last, until the next look is due.

A page looks at a run a few times a second. `beat.js` is the clock by which all live pictures play
what came with a look, frame by frame. `replay.js` moves charts and images that Streamlit draws;
other components, such as the network's, join `beat.js` to their script and play by the same clock.
"""

from __future__ import annotations

from ui.components.component import register

#: The clock, to be joined before the script of a component that plays by it.
BEAT = "replay/beat.js"

_component = register("replay", scripts=(BEAT, "replay/replay.js"))


def mount(container: str, *, key: str) -> None:
    """Make the charts and images in a container move evenly.

    Args:
        container: The key of the container, which may be drawn again and again.
        key: The component's key, unique on a page; it is drawn outside the container.
    """
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    _component(key=key, data=[{"container": container.replace(".", "-")}])
