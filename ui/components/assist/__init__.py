"""Invisible help on every page: it scrolls, speaks to screen readers, and bears with translations.

A callback asks for a part of the page to be brought into view:

    assist.scroll_to("mnist.bench")  # a container with `key="mnist.bench"`

By itself the component says aloud what the run line shows, politely and not too often. It also
lets the page go on where a browser's translation has wrapped texts in elements of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from ui.components.component import register
from ui.core import state
from ui.core.keys import Key


@dataclass(frozen=True)
class _Request:
    """A part of the page to bring into view.

    Args:
        target: The key of its container; empty for none.
        turn: Number of the request: each is met once.
        only_narrow: Whether it is for narrow screens, such as a phone's, alone.
    """

    target: str = ""
    turn: int = -1
    only_narrow: bool = False


_component = register("assist", isolate_styles=False)  # it styles and watches the whole page
_turns = count()
_REQUEST: Key[_Request] = Key("assist.request", _Request())


def scroll_to(target: str, *, only_narrow: bool = False) -> None:
    """Bring a container into view once the page has run; leave it where all of it can be seen.

    Args:
        target: The container's key.
        only_narrow: Do so only where the page is as narrow as on a phone.
    """
    state.put(_REQUEST, _Request(target, next(_turns), only_narrow))


def mount() -> None:
    """Put the component on the page: once a page, at its end."""
    request = state.get(_REQUEST)
    # In a list: Streamlit would look for data frames among a dictionary's values, with pandas.
    data = {
        "target": request.target.replace(".", "-"),
        "turn": request.turn,
        "onlyNarrow": request.only_narrow,
    }
    _component(key="assist.page", data=[data])
